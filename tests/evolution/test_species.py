"""The promise: species are neat-python's own, unless a number of them is asked for; then there are about so many."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path

import neat
import pytest

import neat_retro
from neat_retro.errors import ExperimentError
from neat_retro.evolution.random_state import GlobalRandom, seed_random
from neat_retro.evolution.resolve import fit, neat_config, settle
from neat_retro.evolution.species import DefaultSpeciesSet
from neat_retro.evolution.worker import Stage

TARGET = {"DefaultSpeciesSet__target_species": 4, "DefaultSpeciesSet__compatibility_threshold": 9}


@pytest.fixture(scope="module")
def experiment(small):
    settled = settle(small(NEAT__pop_size=60))
    with Stage(settled) as stage:
        return fit(settled, stage.facts())[0]


def population(experiment) -> neat.Population:
    with GlobalRandom(seed_random(5)).swapped():
        return neat.Population(neat_config(experiment))


def test_without_a_target_they_are_those_of_neat_python(experiment):
    ours = population(experiment)
    theirs = neat.DefaultSpeciesSet(ours.config.species_set_config, neat.reporting.ReporterSet())
    theirs.speciate(ours.config, ours.population, 0)
    assert isinstance(ours.species, DefaultSpeciesSet)
    assert ours.species.genome_to_species == theirs.genome_to_species
    assert len(set(theirs.genome_to_species.values())) > 1


@pytest.mark.parametrize("start", [0.01, 0.5, 1.0, 5.0, 20.0])
def test_the_threshold_is_the_least_that_gives_no_more_than_asked_for(experiment, start):
    grown = population(experiment)
    config = copy.deepcopy(grown.config)
    config.species_set_config.compatibility_threshold = start
    config.species_set_config.target_species = 4
    found = DefaultSpeciesSet(config.species_set_config, neat.reporting.ReporterSet())
    for generation in range(4):  # twenty steps at a time
        found.species, found.genome_to_species = {}, {}
        found.speciate(config, grown.population, generation)
    assert 1 <= len(found.species) <= 4
    below = DefaultSpeciesSet(copy.copy(config.species_set_config), neat.reporting.ReporterSet())
    below.species_set_config.target_species = 0
    below.species_set_config.compatibility_threshold *= 0.9
    below.speciate(config, grown.population, 0)
    assert len(below.species) > 4


def test_a_run_keeps_to_it_and_is_the_same_when_resumed(small, left, tmp_path: Path):
    settings = TARGET | {"NEAT__pop_size": 20}
    neat_retro.train(small(**settings), tmp_path / "whole", workers=2)
    neat_retro.train(small(**settings, Run__generations=5), tmp_path / "parts", workers=1)
    neat_retro.resume(tmp_path / "parts", generations=11, workers=1)
    history = left.history(tmp_path / "whole")
    assert left.history(tmp_path / "parts") == history
    species = [line["species"] for line in history]
    assert max(species) == 4
    assert sum(species) / len(species) > 2.5


def test_the_elites_of_a_small_population_leave_half_of_it_to_children(small, left, tmp_path: Path):
    crowded = {"NEAT__pop_size": 8, "DefaultReproduction__elitism": 2, "Run__generations": 6}
    neat_retro.train(small(**TARGET | crowded), tmp_path / "run", workers=1)
    assert max(line["species"] for line in left.history(tmp_path / "run")) == 2
    keys = [set(left.arrays(tmp_path / "run", generation)["key"]) for generation in range(6)]
    assert all(len(now - before) >= 4 for before, now in itertools.pairwise(keys))


def test_a_target_is_a_whole_number(small):
    with pytest.raises(ExperimentError, match="target_species = few should be a whole number"):
        small(DefaultSpeciesSet__target_species="few")
