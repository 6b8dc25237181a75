"""The promise: from pad two the game looks and plays as it would for player one, and every slip in it is named."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

from neat_retro.agent.sides import Counterpart, OtherSide, Sides, parse_sides
from neat_retro.errors import ExperimentError
from neat_retro.experiment import Draft

BUTTONS = ("B", "LEFT", None, "RIGHT", "A")
B, LEFT, RIGHT, A = 1, 2, 8, 16
VARIABLES = ("health", "enemy_health", "x", "enemy_x", "shot", "enemy_shot", "ball", "timer")


def sides(swap: str = "", mirror: str = "", buttons: tuple[str | None, ...] = BUTTONS) -> Sides:
    text = f"[Versus]\nswap = {swap}\nmirror = {mirror}\n"
    return parse_sides(Draft.from_text(text, "file.cfg").experiment(), VARIABLES, buttons)


class FakeView:
    """A game that stands still."""

    def __init__(self, **values: int) -> None:
        self.values: Mapping[str, int] = values
        self.picture = np.random.default_rng(0).integers(0, 256, (4, 7, 3), np.uint8)

    def lookup(self, name: str) -> int:
        return self.values[name]

    def screen(self) -> npt.NDArray[np.uint8]:
        return self.picture

    def ram(self) -> npt.NDArray[np.uint8]:
        return np.zeros(1, np.uint8)


def test_variables_change_places_positions_are_counted_from_the_other_end_and_the_rest_stays() -> None:
    here = FakeView(health=100, enemy_health=7, x=30, enemy_x=200, shot=0, enemy_shot=210, ball=10, timer=55)
    there = OtherSide(here, sides("health enemy_health", "x enemy_x 255, shot enemy_shot 255 except 0, ball 100"))
    seen = {name: there.lookup(name) for name in VARIABLES}
    assert seen == {
        "health": 7,
        "enemy_health": 100,
        "x": 55,
        "enemy_x": 225,
        "shot": 45,
        "enemy_shot": 0,
        "ball": 90,
        "timer": 55,
    }


def test_the_other_side_of_the_other_side_is_this_side() -> None:
    turn = sides("health enemy_health", "x enemy_x 255, shot enemy_shot 255 except 0, ball 100")
    here = FakeView(health=100, enemy_health=7, x=30, enemy_x=200, shot=0, enemy_shot=210, ball=10, timer=55)
    back = OtherSide(OtherSide(here, turn), turn)
    assert {name: back.lookup(name) for name in VARIABLES} == here.values
    assert np.array_equal(back.screen(), here.screen())
    for mask in range(32):
        assert turn.turned(turn.turned(mask)) == mask


def test_the_picture_is_flipped_left_to_right_only() -> None:
    here = FakeView()
    there = OtherSide(here, sides()).screen()
    assert np.array_equal(there, np.stack([here.picture[:, 6 - column] for column in range(7)], axis=1))
    assert there.flags.c_contiguous and there.dtype == np.uint8


@pytest.mark.parametrize(
    ("mask", "turned"),
    [(0, 0), (LEFT, RIGHT), (RIGHT, LEFT), (LEFT | A, RIGHT | A), (B | RIGHT, B | LEFT), (LEFT | RIGHT, LEFT | RIGHT)],
)
def test_left_and_right_are_exchanged_and_nothing_else(mask: int, turned: int) -> None:
    assert sides().turned(mask) == turned


def test_a_console_without_left_and_right_turns_nothing() -> None:
    assert [sides(buttons=("A", "B", "UP", "DOWN")).turned(mask) for mask in range(16)] == list(range(16))


def test_memory_is_not_shown_from_the_other_side() -> None:
    with pytest.raises(ExperimentError, match="kind = variables"):
        OtherSide(FakeView(), sides()).ram()


def test_negative_numbers_mirror_a_speed() -> None:
    assert sides(mirror="x enemy_x 0").counterparts["x"] == Counterpart("enemy_x", 0)
    assert sides(mirror="x enemy_x -1 except -1").counterparts["enemy_x"] == Counterpart("x", -1, -1)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("swap", "health", "'health' should be two variables"),
        ("swap", "health enemy_health x", "should be two variables: health enemy_health"),
        ("swap", "health enemy_helth", "no variable 'enemy_helth' in the game's memory. Did you mean 'enemy_health'?"),
        ("swap", "health enemy_health, shot health", "health is named twice"),
        ("swap", "health health", "health is named twice"),
        ("mirror", "x enemy_x", "then the sum of a position and its mirror image"),
        ("mirror", "255", "one or two variables, then the sum"),
        ("mirror", "x enemy_x ball 255", "one or two variables, then the sum"),
        ("mirror", "x enemy_x 255 except", "one or two variables, then the sum"),
        ("mirror", "y 255", "no variable 'y'"),
        ("mirror", "x enemy_x 255, x 255", "x is named twice"),
    ],
)
def test_slips_are_named_with_their_cure(key: str, text: str, words: str) -> None:
    with pytest.raises(ExperimentError) as refused:
        sides(**{key: text})
    assert str(refused.value).startswith(f"file.cfg, [Versus] {key}")
    assert words in str(refused.value)


def test_a_variable_is_swapped_or_mirrored_but_not_both() -> None:
    with pytest.raises(ExperimentError, match=r"\[Versus\] mirror: x is named twice"):
        sides("x enemy_x", "x enemy_x 255")
