"""The mended share-out of a generation among species."""

from __future__ import annotations

from typing import Any

import neat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.evolution.reproduction import DefaultReproduction


def adjust(kind: type, spawned: list[int], size: int, least: int) -> list[int]:
    reproduction = kind.__new__(kind)
    return list(kind._adjust_spawn_exact(reproduction, list(spawned), size, least))


@st.composite
def shares(draw: Any) -> tuple[list[int], int, int]:
    least = draw(st.integers(1, 3))
    spawned = draw(st.lists(st.integers(least, 15), min_size=1, max_size=12))
    size = draw(st.integers(len(spawned) * least, 12 * 15))
    return spawned, size, least


@given(shares())
def test_every_population_that_can_be_shared_out_is(share: tuple[list[int], int, int]) -> None:
    spawned, size, least = share
    adjusted = adjust(DefaultReproduction, spawned, size, least)
    assert sum(adjusted) == size
    assert min(adjusted) >= least


@given(shares())
def test_where_neat_python_finds_a_share_it_is_kept(share: tuple[list[int], int, int]) -> None:
    try:
        expected = adjust(neat.DefaultReproduction, *share)
    except RuntimeError:
        return
    assert adjust(DefaultReproduction, *share) == expected


def test_a_share_that_neat_python_gives_up_on() -> None:
    share = ([2, 2, 9, 11, 7, 11, 11, 2, 4], 36, 2)
    with pytest.raises(RuntimeError, match="Internal error"):
        adjust(neat.DefaultReproduction, *share)
    assert adjust(DefaultReproduction, *share) == [2, 2, 5, 6, 3, 7, 7, 2, 2]


def test_more_species_than_fit_are_still_refused() -> None:
    with pytest.raises(RuntimeError, match="min_species_size"):
        adjust(DefaultReproduction, [3, 3, 3], 5, 2)
