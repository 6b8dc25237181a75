"""A checkpoint holds everything, and writing one changes nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import pickle
import pickletools
import random
from pathlib import Path

import neat
import pytest
from neat.genes import DefaultNodeGene

from neat_retro import safe_pickle
from neat_retro.errors import CorruptPickleError
from neat_retro.evolution.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from neat_retro.evolution.fingerprint import population_sha256
from neat_retro.evolution.genome import DefaultGenome
from neat_retro.evolution.random_state import seed_random
from neat_retro.evolution.resolve import neat_config, settle


@pytest.fixture
def config(small):
    return lambda: neat_config(settle(small(DefaultGenome__num_inputs=3, DefaultGenome__num_outputs=2)))


def fitness_of(genome) -> float:
    """A fitness without a game: any function of the genes will do."""
    return sum(gene.weight for gene in genome.connections.values()) - len(genome.nodes)


class Trail(neat.reporting.BaseReporter):
    """Notes the hash of every generation."""

    def __init__(self) -> None:
        self.hashes: list[str] = []

    def post_evaluate(self, config, population, species, best_genome):
        self.hashes.append(population_sha256(population.values()))


def evolve(population: neat.Population, generations: int) -> list[str]:
    trail = Trail()
    population.add_reporter(trail)

    def evaluate(genomes, _config):
        for _, genome in genomes:
            genome.fitness = fitness_of(genome)

    with contextlib.suppress(neat.CompleteExtinctionException):
        population.run(evaluate, generations)
    population.remove_reporter(trail)
    return trail.hashes


@pytest.fixture
def own_random():
    state = random.getstate()
    random.seed(1)
    yield
    random.setstate(state)


def test_a_population_that_was_saved_twice_a_generation_evolves_as_one_that_was_not(config, own_random, tmp_path):
    start = random.getstate()
    alone = evolve(neat.Population(config()), 12)

    random.setstate(start)
    saved, population = [], neat.Population(config())
    for number in range(12):
        for name in "ab":
            save_checkpoint(tmp_path / name, Checkpoint(number, "", population, random.getstate(), None))
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
        saved += evolve(population, 1)
    assert saved == alone
    assert len(set(alone)) == 12


def test_a_restored_population_evolves_as_the_one_that_was_saved(config, own_random, tmp_path):
    population = neat.Population(config())
    evolve(population, 4)
    assert population.config.genome_config.node_indexer is not None  # nodes were added, and are counted
    path = tmp_path / "0004.pkl"
    save_checkpoint(path, Checkpoint(4, "text", population, random.getstate(), 1.5))
    went_on = evolve(population, 6)

    restored = load_checkpoint(path, config())
    assert (restored.generation, restored.experiment, restored.best_fitness) == (4, "text", 1.5)
    assert restored.population.generation == 4
    random.setstate(restored.random_state)
    assert evolve(restored.population, 6) == went_on


def test_a_restored_checkpoint_saves_to_the_same_bytes(config, own_random, tmp_path):
    population = neat.Population(config())
    evolve(population, 5)
    reproduction = population.reproduction
    reproduction.ancestors = {key: reproduction.ancestors.get(key, ()) for key in population.population}
    first, second = tmp_path / "first", tmp_path / "second"
    save_checkpoint(first, Checkpoint(5, "text", population, random.getstate(), None))
    save_checkpoint(second, load_checkpoint(first, config()))
    assert as_values(pickle.loads(first.read_bytes())) == as_values(pickle.loads(second.read_bytes()))


def as_values(part):
    """Replace node genes by their attributes: genes have no equality of their own."""
    if isinstance(part, dict):
        return {key: as_values(value) for key, value in part.items()}
    if isinstance(part, list):
        return [as_values(value) for value in part]
    return vars(part) if isinstance(part, DefaultNodeGene) else part


def test_counters_go_on_where_they_were(config, own_random, tmp_path):
    population = neat.Population(config())
    evolve(population, 3)
    path = tmp_path / "checkpoint"
    save_checkpoint(path, Checkpoint(3, "", population, random.getstate(), None))
    restored = load_checkpoint(path, config()).population
    for counters in (
        lambda p: p.reproduction.genome_indexer,
        lambda p: p.species.indexer,
        lambda p: p.config.genome_config.node_indexer,
    ):
        assert next(counters(restored)) == next(counters(population))
    tracker = restored.reproduction.innovation_tracker
    assert tracker.global_counter == population.reproduction.innovation_tracker.global_counter
    assert restored.config.genome_config.innovation_tracker is tracker
    newest = max(g.innovation for genome in restored.population.values() for g in genome.connections.values())
    assert tracker.get_innovation_number(-1, 10**6) > newest


def test_a_checkpoint_holds_neither_config_nor_anything_of_ours(config, own_random, tmp_path):
    path = tmp_path / "checkpoint"
    save_checkpoint(path, Checkpoint(0, "", neat.Population(config()), seed_random(1), None))
    modules = {argument for _, argument, _ in pickletools.genops(path.read_bytes()) if isinstance(argument, str)}
    assert {text for text in modules if text.startswith(("neat", "stable"))} == {"neat.genes"}


def test_seed_random_leaves_the_global_generator_alone():
    before = random.getstate()
    assert seed_random(7) == random.Random(7).getstate()
    assert random.getstate() == before


def test_a_checkpoint_that_lacks_a_part_is_corrupt(config, own_random, tmp_path):
    path = tmp_path / "0001.pkl"
    save_checkpoint(path, Checkpoint(0, "", neat.Population(config()), seed_random(1), None))
    whole = pickle.loads(path.read_bytes())
    for missing in whole.keys() - {"archive", "curriculum", "compatibility_threshold"}:  # older ones lack these
        path.write_bytes(pickle.dumps({key: value for key, value in whole.items() if key != missing}))
        with pytest.raises(CorruptPickleError, match=r"0001.pkl is no checkpoint that this neat-retro reads"):
            load_checkpoint(path, config())


def test_a_representative_is_the_member_it_was_or_kept_apart(config, own_random, tmp_path):
    population = neat.Population(config())
    evolve(population, 3)
    species = list(population.species.species.values())
    gone = DefaultGenome(999)
    gone.configure_new(population.config.genome_config)
    species[0].representative = gone
    path = tmp_path / "checkpoint"
    save_checkpoint(path, Checkpoint(3, "", population, random.getstate(), None))
    restored = load_checkpoint(path, config()).population
    for before in species:
        after = restored.species.species[before.key]
        assert str(after.representative) == str(before.representative)
        assert list(after.members) == list(before.members)
        assert all(genome is restored.population[key] for key, genome in after.members.items())
        if before is not species[0]:
            assert after.representative is restored.population[before.representative.key]
    assert 999 not in restored.population


def test_columns_that_genomes_share_are_written_once_and_shared_again(config, own_random, tmp_path):
    population = neat.Population(config())
    first, *_ = genomes = list(population.population.values())
    for genome in genomes:
        genome.links = dataclasses.replace(first.links, weight=genome.links.weight)
    path = tmp_path / "checkpoint"
    save_checkpoint(path, Checkpoint(0, "", population, random.getstate(), None))
    assert path.read_bytes().count(first.links.code.tobytes()) == 1
    restored = load_checkpoint(path, config()).population.population
    assert len({id(genome.links.code) for genome in restored.values()}) == 1
    assert [str(genome) for genome in restored.values()] == [str(genome) for genome in genomes]


OLD = Path(__file__).parent / "checkpoint-of-format-1.pkl"  # written by neat-retro 0.1.0, before genomes were arrays


def test_a_checkpoint_of_format_1_gives_the_genes_it_was_saved_with(config, own_random):
    saved = safe_pickle.load(OLD)
    restored = load_checkpoint(OLD, config())
    assert (restored.generation, restored.experiment, restored.best_fitness) == (4, "text", 1.5)
    population = restored.population
    assert list(population.population) == list(saved["genomes"])
    for key, genome in saved["genomes"].items():
        ours = population.population[key]
        assert type(ours) is DefaultGenome
        assert str(ours) == str(genome)
    for packed in saved["species"]:
        species = population.species.species[packed["key"]]
        assert list(species.members) == packed["members"]
        assert species.representative is population.population[packed["representative"].key]
    random.setstate(restored.random_state)
    assert len(set(evolve(population, 3))) == 3


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        ("weight", lambda raw: raw[:-8]),
        ("weight", lambda raw: raw[:-3]),
        ("code", lambda raw: raw + raw[-8:]),
        ("code", lambda raw: raw[8:16] + raw[:8] + raw[16:]),
        ("innovation", lambda raw: raw[:-8]),
        ("innovation", lambda raw: None),
        ("enabled", lambda raw: b""),
        ("enabled", lambda raw: raw + b"\0" * 8),
        ("nodes", lambda nodes: 5),
    ],
)
def test_damaged_columns_are_told(config, own_random, tmp_path, name, damaged):
    path = tmp_path / "0001.pkl"
    save_checkpoint(path, Checkpoint(0, "", neat.Population(config()), seed_random(1), None))
    content = pickle.loads(path.read_bytes())
    content["stored"][2][name] = damaged(content["stored"][2][name])
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(CorruptPickleError, match=r"0001.pkl is no checkpoint that this neat-retro reads"):
        load_checkpoint(path, config())


def test_a_genome_that_is_not_stored_is_told(config, own_random, tmp_path):
    path = tmp_path / "0001.pkl"
    save_checkpoint(path, Checkpoint(0, "", neat.Population(config()), seed_random(1), None))
    content = pickle.loads(path.read_bytes())
    content["genomes"][0] = 77
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(CorruptPickleError, match=r"0001.pkl is no checkpoint .* IndexError"):
        load_checkpoint(path, config())
