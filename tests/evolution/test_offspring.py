"""A population that descends from a champion: it starts with the champion, and its new genes are new."""

from __future__ import annotations

import copy
import dataclasses
import random
from pathlib import Path

import pytest

import neat_retro
from neat_retro.errors import ChampionError
from neat_retro.evolution.offspring import descend
from neat_retro.evolution.resolve import neat_config


@pytest.fixture(autouse=True)
def own_random():
    state = random.getstate()
    random.seed(1)
    yield
    random.setstate(state)


@pytest.fixture
def config(champion):
    return neat_config(champion.experiment)


def test_the_champion_reaches_its_fitness_in_generation_0(small, champion, left, tmp_path: Path):
    end = neat_retro.train(small(Run__generations=3, Run__seed=8), tmp_path / "run", workers=2, ancestor=champion)
    first = left.arrays(tmp_path / "run", 0)
    assert first["key"].tolist() == list(range(1, 11))
    assert first["fitness"][0] == end.champion.fitness == champion.fitness
    assert (first["nodes"][0], first["connections"][0]) == champion.genome.size()
    assert (first["parents"] == -1).all()
    assert len({line["population_sha256"] for line in left.history(tmp_path / "run")}) == 3


def test_a_run_from_a_champion_resumes_as_it_would_have_gone_on(small, champion, left, tmp_path: Path):
    for folder, generations in (("whole", 3), ("parts", 1)):
        experiment = small(Run__generations=generations, Run__seed=8, Episode__max_frames=16)
        neat_retro.train(experiment, tmp_path / folder, workers=1, ancestor=champion)
    neat_retro.resume(tmp_path / "parts", generations=3, workers=1)
    assert left.history(tmp_path / "parts") == left.history(tmp_path / "whole")
    left.assert_same_generations(tmp_path / "parts", tmp_path / "whole")


def test_the_first_genome_is_the_champion_and_the_others_are_mutants(champion, config, left):
    before = left.genome(champion.genome)
    population = descend(champion, config)
    genomes = population.population
    assert list(genomes) == list(range(1, config.pop_size + 1))
    assert left.genome(genomes[1]) == before | {"key": 1, "fitness": None}
    for key in range(2, config.pop_size + 1):
        mutant = left.genome(genomes[key])
        assert mutant["key"] == key
        assert mutant["fitness"] is None
        assert (mutant["nodes"], mutant["connections"]) != (before["nodes"], before["connections"])
    assert left.genome(champion.genome) == before
    assert sorted(population.species.genome_to_species) == list(genomes)


def evolve(population, generations: int):
    def evaluate(genomes, _config):
        for key, genome in genomes:
            genome.fitness = float(key % 7)

    for _ in range(generations):
        yield from population.population.values()
        population.run(evaluate, 1)


def test_innovations_stay_unique_and_new_ones_exceed_the_ancestors(champion, config):
    old = {gene.innovation: key for key, gene in champion.genome.connections.items()}
    old_nodes = set(champion.genome.nodes)
    ends_of: dict[int, tuple[int, int]] = dict(old)
    newer = set()
    for genome in evolve(descend(champion, config), 8):
        numbers = [gene.innovation for gene in genome.connections.values()]
        assert len(set(numbers)) == len(numbers)
        for key, gene in genome.connections.items():
            assert ends_of.setdefault(gene.innovation, key) == key
            newer |= {gene.innovation} - set(old)
        assert all(key in old_nodes or key > max(old_nodes) for key in genome.nodes)
    assert len(newer) > 10
    assert min(newer) > max(old)


def without_innovations(champion, left_with: int):
    genome = copy.deepcopy(champion.genome)
    for gene in list(genome.connections.values())[left_with:]:
        del gene.innovation
    return dataclasses.replace(champion, genome=genome)


@pytest.mark.parametrize("left_with", [0, 2])
def test_connections_of_older_versions_are_numbered(left_with: int, champion, config):
    old = without_innovations(champion, left_with)
    population = descend(old, config)
    numbers = [gene.innovation for gene in population.population[1].connections.values()]
    assert len(set(numbers)) == len(numbers) == len(champion.genome.connections)
    kept = [gene.innovation for gene in list(champion.genome.connections.values())[:left_with]]
    assert numbers[:left_with] == kept
    tracker = population.reproduction.innovation_tracker
    assert tracker is config.genome_config.innovation_tracker
    assert tracker.get_innovation_number(-1, 10**6) > max(numbers)
    assert not hasattr(list(old.genome.connections.values())[-1], "innovation")
    assert sum(1 for _ in evolve(population, 3)) == 3 * config.pop_size


def test_a_champion_of_another_size_is_refused_before_anything_is_written(small, champion, tmp_path: Path):
    with pytest.raises(ChampionError) as caught:
        neat_retro.train(small(Observation__downscale=32), tmp_path / "run", workers=1, ancestor=champion)
    assert "has 16 inputs and 6 outputs; this experiment has 49 and 6" in str(caught.value)
    assert "Use the champion's own [Observation] and [Actions]" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_recurrent_champion_is_refused_where_networks_are_feed_forward(champion, config):
    keys = dict(champion.experiment.neat["DefaultGenome"]) | {"feed_forward": "False"}
    neat_sections = {**champion.experiment.neat, "DefaultGenome": keys}
    recurrent = dataclasses.replace(champion, experiment=dataclasses.replace(champion.experiment, neat=neat_sections))
    config.genome_config.feed_forward = True
    with pytest.raises(ChampionError, match="recurrent"):
        descend(recurrent, config)
