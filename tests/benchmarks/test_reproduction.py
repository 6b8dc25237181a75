"""The measurement of breeding, run small: both kinds are bred, and neat-python's is neat-python's."""

from __future__ import annotations

import math

import neat
import pytest

from benchmarks import reproduction
from neat_retro.evolution.genome import DefaultGenome

NETWORK = {"num_inputs": "30", "num_outputs": "3", "initial_connection": "partial_direct 0.5"}


def test_every_size_is_compared_recurrent_and_feed_forward() -> None:
    results = list(reproduction.rows((5, 6), NETWORK))
    assert [result.variant for result in results] == [
        "recurrent, population 5",
        "feed-forward, population 5",
        "recurrent, population 6",
        "feed-forward, population 6",
    ]
    assert all(math.isfinite(result.value) and result.value > 0 for result in results)
    assert "(measured), 46 connections" in results[0].detail  # half of 90 and 3 loops
    assert "(extrapolated), 45 connections" in results[1].detail


@pytest.mark.parametrize("kind", [DefaultGenome, neat.DefaultGenome])
def test_a_population_is_bred_as_neat_python_breeds_it(kind: type) -> None:
    population = reproduction._population(kind, 8, False, NETWORK)
    assert reproduction._bred(population) > 0
    assert {type(genome) for genome in population.population.values()} == {kind}
    assert len(population.population) == 8
    assert max(population.population) > 8
    assert sum(len(species.members) for species in population.species.species.values()) == 8


def test_what_else_a_generation_does_is_timed() -> None:
    assert {"compile", "hash", "save"} == {
        name for name, took in reproduction.other_work(6, NETWORK).items() if took > 0
    }
