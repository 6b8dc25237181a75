"""Genomes in arrays are born, crossed and mutated with the distributions of neat-python's own.

Both kinds do the same with the same config, thousands of times, and how often each thing happens is compared. The
seeds are fixed, so a test that passes passes always.
"""

from __future__ import annotations

import configparser
import copy
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any

import neat
import numpy as np
import pytest
from neat.genes import DefaultConnectionGene, DefaultNodeGene
from neat.graphs import creates_cycle
from neat.innovation import InnovationTracker

from neat_retro.evolution.genome import DefaultGenome
from neat_retro.experiment.neat_keys import DEFAULTS

BOTH = (neat.DefaultGenome, DefaultGenome)
MOST_SIGMAS = 5.0  # that two frequencies may lie apart: once in two million comparisons
SHAPES = pytest.mark.parametrize("feed_forward", [True, False], ids=["feed-forward", "recurrent"])


@pytest.fixture(autouse=True)
def own_random():
    state = random.getstate()
    random.seed(5)
    yield
    random.setstate(state)


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that gives neat-python's genome config, with 4 inputs and 2 outputs, and keys changed."""

    def genome_config(**keys: object) -> Any:
        sections = {name: dict(section) for name, section in DEFAULTS.items()}
        sections["DefaultGenome"] |= {"num_inputs": "4", "num_outputs": "2"}
        sections["DefaultGenome"] |= {key: str(value) for key, value in keys.items()}
        parser = configparser.ConfigParser()
        parser.read_dict(sections)
        with (tmp_path / "neat.cfg").open("w") as file:
            parser.write(file)
        kinds = (DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation)
        config = neat.Config(*kinds, str(tmp_path / "neat.cfg")).genome_config
        config.innovation_tracker = InnovationTracker()
        return config

    return genome_config


# --- how samples are compared


def assert_as_often(ours: Iterable[Hashable], theirs: Iterable[Hashable]) -> None:
    """Assert that two samples of the same size have every value about as often."""
    one, two = Counter(ours), Counter(theirs)
    size = one.total()
    assert size == two.total() > 0
    for value in one | two:
        share = (one[value] + two[value]) / (2 * size)
        sigma = math.sqrt(2 * share * (1 - share) / size)
        assert abs(one[value] - two[value]) / size <= MOST_SIGMAS * sigma, (value, one[value], two[value], size)


def assert_alike(ours: Iterable[float], theirs: Iterable[float]) -> None:
    """Assert by Kolmogorov and Smirnov's test that two samples are of one distribution."""
    one, two = np.sort(list(ours)), np.sort(list(theirs))
    points = np.concatenate([one, two])
    shares = [np.searchsorted(sample, points, side="right") / len(sample) for sample in (one, two)]
    apart = np.abs(shares[0] - shares[1]).max()
    assert apart <= 2.0 * math.sqrt((len(one) + len(two)) / (len(one) * len(two))), apart


def test_the_comparisons_tell_what_differs_from_what_does_not():
    chance = np.random.default_rng(1)
    assert_alike(chance.normal(0, 1, 5000), chance.normal(0, 1, 5000))
    assert_as_often(chance.integers(0, 3, 5000).tolist(), chance.integers(0, 3, 5000).tolist())
    with pytest.raises(AssertionError):
        assert_alike(chance.normal(0, 1, 5000), chance.normal(0, 1.3, 5000))
    with pytest.raises(AssertionError):
        assert_as_often(chance.binomial(1, 0.75, 5000).tolist(), chance.binomial(1, 0.66, 5000).tolist())


# --- genomes


def plain_genome(links: dict[tuple[int, int], int], disabled=(), hidden=(), **weights) -> neat.DefaultGenome:
    """A genome of neat-python's with links {key: innovation}, and fitness 1."""
    genome = neat.DefaultGenome(1)
    genome.fitness = 1.0
    for key in (0, 1, *hidden):
        node = genome.nodes[key] = DefaultNodeGene(key)
        node.bias, node.response, node.time_constant = 0.5, 1.0, 1.0
        node.activation, node.aggregation = "sigmoid", "sum"
    for key, innovation in links.items():
        gene = genome.connections[key] = DefaultConnectionGene(key, innovation=innovation)
        gene.weight, gene.enabled = 0.25, key not in disabled
    return genome


def as_kind(kind: type, genome: neat.DefaultGenome) -> Any:
    copied = copy.deepcopy(genome)
    return copied if kind is neat.DefaultGenome else DefaultGenome.from_neat(copied)


def born(kind: type, config: Any, count: int) -> list[Any]:
    config.innovation_tracker = InnovationTracker()
    config.node_indexer = None
    genomes = []
    for key in range(count):
        genome = kind(key)
        config.node_indexer = itertools.count(config.num_outputs)
        genome.configure_new(config)
        genomes.append(genome)
    return genomes


def crossed(kind: type, config: Any, first: neat.DefaultGenome, second: neat.DefaultGenome, count: int) -> list[Any]:
    parents = [as_kind(kind, parent) for parent in (first, second)]
    children = [kind(key) for key in range(count)]
    for child in children:
        child.configure_crossover(*parents, config)
    return children


def mutants(kind: type, config: Any, parent: neat.DefaultGenome, count: int) -> list[Any]:
    genomes = [as_kind(kind, parent) for _ in range(count)]
    for genome in genomes:
        config.innovation_tracker = InnovationTracker(start_number=100)
        config.node_indexer = itertools.count(50)
        genome.mutate(config)
    return genomes


# --- birth

KINDS = [
    "unconnected", "fs_neat", "fs_neat_nohidden", "fs_neat_hidden", "full", "full_nodirect", "full_direct",
    "partial 0.4", "partial_nodirect 0.4", "partial_direct 0.4", "partial_direct 1.0", "partial_nodirect 0.0",
]  # fmt: skip


@SHAPES
@pytest.mark.parametrize("num_hidden", [0, 2])
@pytest.mark.parametrize("initial_connection", KINDS)
def test_genomes_are_born_with_neat_pythons_connections(
    configured, initial_connection, num_hidden, feed_forward, capfd
):
    config = configured(initial_connection=initial_connection, num_hidden=num_hidden, feed_forward=feed_forward)
    theirs, ours = (born(kind, config, 400) for kind in BOTH)
    assert {tuple(genome.nodes) for genome in ours} == {tuple(genome.nodes) for genome in theirs}
    assert {len(genome.connections) for genome in ours} == {len(genome.connections) for genome in theirs}
    possible = {key for genome in theirs + ours for key in genome.connections}
    for key in possible:
        assert_as_often(
            (key in genome.connections for genome in ours), (key in genome.connections for genome in theirs)
        )
    if "partial" not in initial_connection and "fs" not in initial_connection:
        assert numbers(ours[0]) == numbers(theirs[0])
    given = {pair for genome in ours for pair in numbers(genome).items()}
    assert sorted(number for _, number in given) == list(range(1, len(possible) + 1))
    assert len(given) == len(possible)


def numbers(genome: Any) -> dict[tuple[int, int], int]:
    return {key: gene.innovation for key, gene in genome.connections.items()}


WEIGHTS = [
    {},
    {"weight_init_mean": 0.3, "weight_init_stdev": 2.0, "weight_max_value": 1.5, "weight_min_value": -0.5},
    {"weight_init_type": "uniform", "weight_init_mean": -1.0},
    {"weight_init_type": "Uniform", "weight_init_stdev": 3.0, "weight_max_value": 1.5, "weight_min_value": -0.5},
    {"weight_init_type": "normal", "weight_init_stdev": 0.0},
]
STATES = ["True", "False", "random", "none", "on"]


@pytest.mark.parametrize("keys", WEIGHTS)
def test_weights_are_born_with_neat_pythons_distribution(configured, keys):
    config = configured(initial_connection="full_direct", **keys)
    theirs, ours = ([gene.weight for g in born(kind, config, 500) for gene in g.connections.values()] for kind in BOTH)
    assert_alike(ours, theirs)
    if keys.get("weight_init_stdev") != 0.0:
        assert len(set(ours)) > 100


@pytest.mark.parametrize("default", STATES)
def test_connections_are_born_enabled_as_often_as_neat_pythons(configured, default):
    config = configured(initial_connection="full_direct", enabled_default=default)
    theirs, ours = ([gene.enabled for g in born(kind, config, 400) for gene in g.connections.values()] for kind in BOTH)
    assert_as_often(ours, theirs)


def test_an_unknown_weight_init_type_is_refused_as_by_neat_python(configured):
    config = configured(initial_connection="full_direct", weight_init_type="cauchy")
    for kind in BOTH:
        with pytest.raises(RuntimeError, match=r"^Unknown init_type 'cauchy' for weight_init_type$"):
            kind(1).configure_new(config)


# --- crossover


def parents() -> tuple[neat.DefaultGenome, neat.DefaultGenome]:
    """Two parents with every case: each pair of states, genes of either alone, and one of another innovation."""
    common = {(-1, 0): 1, (-1, 1): 2, (-2, 0): 3, (-2, 1): 4}
    first = plain_genome({**common, (-3, 0): 5, (-3, 1): 6, (-4, 0): 7}, disabled=[(-1, 1), (-2, 1), (-3, 0)])
    second = plain_genome({**common, (-3, 1): 8, (-4, 1): 9}, disabled=[(-2, 0), (-2, 1), (-3, 1)])
    for gene in second.connections.values():
        gene.weight = -0.75
    first.nodes[5] = copy.deepcopy(first.nodes[0])
    second.nodes[6] = copy.deepcopy(first.nodes[0])
    for node in second.nodes.values():
        node.bias, node.response, node.time_constant = -0.5, 2.0, 3.0
        node.activation, node.aggregation = "tanh", "max"
    return first, second


@SHAPES
@pytest.mark.parametrize(("fitness", "structure_of"), [((2.0, 1.0), 0), ((1.0, 2.0), 1), ((1.0, 1.0), 1)])
def test_a_child_inherits_as_neat_pythons_does(configured, feed_forward, fitness, structure_of):
    config = configured(feed_forward=feed_forward)
    both = parents()
    for parent, value in zip(both, fitness, strict=True):
        parent.fitness = value
    theirs, ours = (crossed(kind, config, *both, count=3000) for kind in BOTH)
    fitter = both[structure_of]
    for child in ours:
        assert numbers(child) == numbers(fitter)
        assert list(child.nodes) == list(fitter.nodes)
    for key in fitter.connections:
        outcomes = [
            [(g.weight, g.enabled) for g in (c.connections[key] for c in children)] for children in (ours, theirs)
        ]
        assert_as_often(*outcomes)
    for key in fitter.nodes:
        nodes = [[tuple(sorted(vars(child.nodes[key]).items())) for child in children] for children in (ours, theirs)]
        assert_as_often(*nodes)


def test_what_is_disabled_in_a_parent_is_disabled_in_three_of_four_children_at_least(configured):
    children = crossed(DefaultGenome, configured(), *parents(), count=20000)

    def share(key):
        return np.mean([child.connections[key].enabled for child in children])

    assert share((-1, 0)) == 1.0
    assert share((-2, 1)) == 0.0
    for key in ((-1, 1), (-2, 0)):  # half inherit it enabled, and of these a quarter keeps it so
        assert share(key) == pytest.approx(0.125, abs=0.012)


def test_children_of_one_parent_are_as_many_as_asked_for_and_its_copies(configured):
    first, second = parents()
    first.fitness, second.fitness = 1.0, 2.0  # the fitter one would give the structure
    copies = {}
    for share in (0.0, 0.75, 1.0):
        children = crossed(DefaultGenome, configured(mutate_only_prob=share), first, second, count=2000)
        alone = [child for child in children if numbers(child) == numbers(first)]
        for child in alone:
            assert {key: vars(node) for key, node in child.nodes.items()} == {
                k: vars(n) for k, n in first.nodes.items()
            }
        assert all(
            (gene.weight, gene.enabled) == (first.connections[key].weight, first.connections[key].enabled)
            for child in alone
            for key, gene in child.connections.items()
            if first.connections[key].enabled
        )
        copies[share] = len(alone) / len(children)
    assert (copies[0.0], copies[1.0]) == (0.0, 1.0)
    assert copies[0.75] == pytest.approx(0.75, abs=0.05)


def test_parents_are_left_as_they_were_and_nodes_are_not_shared(configured):
    first, second = (DefaultGenome.from_neat(parent) for parent in parents())
    before = [copy.deepcopy(parent) for parent in (first, second)]
    for key in range(20):
        child = DefaultGenome(key)
        child.configure_crossover(first, second, configured())
        child.mutate(configured(node_add_prob=1.0, conn_add_prob=1.0, node_delete_prob=1.0, conn_delete_prob=1.0))
    for parent, original in zip((first, second), before, strict=True):
        assert str(parent) == str(original)


def test_of_a_parent_with_cycles_a_feed_forward_child_keeps_what_neat_pythons_does(configured):
    config = configured(feed_forward=True)
    chance = random.Random(2)
    nodes = [0, 1, 5, 6, 7]
    for _ in range(60):
        keys = chance.sample([(i, o) for i in [-1, -2, *nodes] for o in nodes], 12)
        parent = plain_genome(dict(zip(keys, itertools.count(1), strict=False)), hidden=(5, 6, 7))
        theirs, ours = (crossed(kind, config, parent, parent, count=1)[0] for kind in BOTH)
        assert numbers(ours) == numbers(theirs)


# --- mutation of values

RATES = [
    {},
    {"weight_mutate_rate": 0.3, "weight_replace_rate": 0.5, "weight_init_mean": 2.0, "enabled_mutate_rate": 0.4},
    {"weight_mutate_rate": 0.0, "weight_replace_rate": 0.6, "weight_init_type": "uniform", "enabled_mutate_rate": 0.0},
    {"weight_mutate_rate": 1.0, "weight_mutate_power": 3.0, "weight_max_value": 1.0, "weight_min_value": -2.0},
    {"weight_mutate_rate": 0.9, "weight_replace_rate": 0.9, "enabled_rate_to_true_add": 0.5},
    {"enabled_mutate_rate": 0.1, "enabled_rate_to_false_add": 0.3, "enabled_rate_to_true_add": -0.2},
    {"weight_max_value": 0.1, "weight_mutate_rate": 0.5},
]
NO_STRUCTURE = {"node_add_prob": 0, "node_delete_prob": 0, "conn_add_prob": 0, "conn_delete_prob": 0}


@pytest.mark.parametrize("keys", RATES)
def test_connections_mutate_with_neat_pythons_distribution(configured, keys):
    config = configured(**NO_STRUCTURE, **keys)
    links = {(i, o): 1 - i * 2 - o for i in range(-4, 0) for o in (0, 1)}
    parent = plain_genome(links, disabled=list(links)[:4])
    theirs, ours = (mutants(kind, config, parent, 1500) for kind in BOTH)
    for keys_of_a_state in (list(links)[:4], list(links)[4:]):
        genes = [[genome.connections[key] for genome in kind for key in keys_of_a_state] for kind in (ours, theirs)]
        assert_alike(*([gene.weight for gene in sample] for sample in genes))
        assert_as_often(*([gene.weight == 0.25 for gene in sample] for sample in genes))
        assert_as_often(
            *([gene.weight in (config.weight_max_value, config.weight_min_value) for gene in s] for s in genes)
        )
        assert_as_often(*([(gene.weight == 0.25, gene.enabled) for gene in sample] for sample in genes))


NODES = {
    "bias_mutate_rate": 0.4, "bias_replace_rate": 0.2, "response_replace_rate": 0.5, "response_init_stdev": 1.0,
    "time_constant_mutate_rate": 0.3, "time_constant_mutate_power": 0.4,
    "activation_mutate_rate": 0.6, "activation_options": "sigmoid tanh relu",
    "aggregation_mutate_rate": 0.2, "aggregation_options": "sum max",
}  # fmt: skip


@pytest.mark.parametrize("keys", [{}, NODES])
def test_nodes_mutate_with_neat_pythons_distribution(configured, keys):
    config = configured(**NO_STRUCTURE, **keys)
    nodes = [
        [
            node
            for genome in mutants(kind, config, plain_genome({}, hidden=(7,)), 1500)
            for node in genome.nodes.values()
        ]
        for kind in BOTH
    ]
    for name in ("bias", "response", "time_constant"):
        assert_alike(*([getattr(node, name) for node in sample] for sample in nodes))
    assert_as_often(*([(node.activation, node.aggregation, node.bias == 0.5) for node in s] for s in nodes))


def test_neighbours_and_attributes_mutate_independently(configured):
    config = configured(**NO_STRUCTURE, weight_mutate_rate=0.5, weight_replace_rate=0.0, enabled_mutate_rate=1.0)
    links = {(i, o): 1 - i * 2 - o for i in range(-4, 0) for o in (0, 1)}
    genomes = mutants(DefaultGenome, config, plain_genome(links), 4000)
    changed = np.array([[gene.weight != 0.25 for gene in genome.connections.values()] for genome in genomes])
    moved = np.array([[gene.weight - 0.25 for gene in genome.connections.values()] for genome in genomes])
    switched = np.array([[gene.enabled for gene in genome.connections.values()] for genome in genomes])
    columns = np.concatenate([changed, moved, switched], axis=1)
    correlations = np.corrcoef(columns.T) - np.eye(columns.shape[1])
    n = len(links)
    correlations[:n, n : 2 * n] = correlations[n : 2 * n, :n] = 0.0  # a weight that moved is a weight that changed
    assert np.abs(correlations).max() < MOST_SIGMAS / math.sqrt(len(genomes))


# --- mutation of structure

STRUCTURES = {
    "as by default": {},
    "often": {"node_add_prob": 0.6, "node_delete_prob": 0.5, "conn_add_prob": 0.7, "conn_delete_prob": 0.4},
    "one at a time": {"single_structural_mutation": True},
    "one at a time, often": {
        "single_structural_mutation": True, "node_add_prob": 0.9, "node_delete_prob": 0.8, "conn_add_prob": 0.7,
        "conn_delete_prob": 0.6,
    },
    "one at a time, seldom": {
        "single_structural_mutation": True, "node_add_prob": 0.1, "node_delete_prob": 0.05, "conn_add_prob": 0.1,
        "conn_delete_prob": 0.15,
    },
    "surer": {"structural_mutation_surer": True, "node_add_prob": 0.6, "conn_add_prob": 1.0},
    "not surer": {"structural_mutation_surer": False, "single_structural_mutation": True, "conn_add_prob": 0.5},
}  # fmt: skip
STILL = {
    "weight_mutate_rate": 0, "weight_replace_rate": 0, "enabled_mutate_rate": 0, "bias_mutate_rate": 0,
    "bias_replace_rate": 0, "weight_init_stdev": 0, "weight_init_mean": 7,
}  # fmt: skip
PARENTS = {
    "hidden nodes": plain_genome(
        {(-1, 0): 1, (-1, 5): 2, (5, 0): 3, (5, 6): 4, (6, 1): 5}, disabled=[(-1, 0), (5, 6)], hidden=(5, 6)
    ),
    "no connection": plain_genome({}),
    "outputs only": plain_genome({(-1, 0): 1, (-2, 1): 2}, disabled=[(-2, 1)]),
}


def structure(genome: Any) -> Hashable:
    links = sorted((key, gene.innovation, gene.weight, gene.enabled) for key, gene in genome.connections.items())
    return tuple(sorted((key, node.bias) for key, node in genome.nodes.items())), tuple(links)


@SHAPES
@pytest.mark.parametrize("keys", STRUCTURES.values(), ids=STRUCTURES)
@pytest.mark.parametrize("parent", PARENTS.values(), ids=PARENTS)
def test_structures_come_about_as_often_as_in_neat_python(configured, parent, keys, feed_forward):
    config = configured(feed_forward=feed_forward, **STILL, **keys)
    theirs, ours = (mutants(kind, config, parent, 1500) for kind in BOTH)
    assert_as_often(map(structure, ours), map(structure, theirs))
    sizes = [[(genome.size(), len(genome.connections)) for genome in kind] for kind in (ours, theirs)]
    assert_as_often(*sizes)


def test_structures_that_come_about_once_each_are_neat_pythons_too(configured):
    """Rare structures are many: the common ones above could hide one that neat-python never makes."""
    config = configured(feed_forward=True, **STILL, **STRUCTURES["one at a time, often"])
    theirs, ours = ({structure(g) for g in mutants(kind, config, PARENTS["hidden nodes"], 6000)} for kind in BOTH)
    assert ours == theirs


def test_the_same_mutation_in_a_generation_has_one_number_and_in_the_next_another(configured):
    config = configured(conn_add_prob=1.0, node_add_prob=0, node_delete_prob=0, conn_delete_prob=0)
    numbered: dict[tuple[int, int], set[int]] = {}
    for _ in range(200):
        genome = DefaultGenome.from_neat(plain_genome({}))
        genome.mutate(config)
        for key, number in numbers(genome).items():
            numbered.setdefault(key, set()).add(number)
    assert {len(found) for found in numbered.values()} == {1}
    assert sorted(number for [number] in numbered.values()) == list(range(1, 9))
    config.innovation_tracker.reset_generation()
    genome = DefaultGenome.from_neat(plain_genome({}))
    genome.mutate_add_connection(config)
    assert list(numbers(genome).values()) == [9]


def test_feed_forward_genomes_never_get_a_cycle(configured):
    often = {"node_add_prob": 0.5, "conn_add_prob": 1.0, "node_delete_prob": 0.05, "conn_delete_prob": 0.1}
    config = configured(feed_forward=True, num_hidden=2, initial_connection="full_direct", **often)
    genomes = born(DefaultGenome, config, 6)
    config.node_indexer = itertools.count(10)
    for generation in range(25):
        for genome in genomes:
            genome.fitness = random.random()
        children = [DefaultGenome(key) for key in range(6)]
        for child in children:
            child.configure_crossover(*random.sample(genomes, 2), config)
            child.mutate(config)
            keys = list(child.connections)
            assert not any(creates_cycle([other for other in keys if other != key], key) for key in keys), generation
        genomes = children
    assert max(len(genome.nodes) for genome in genomes) > 8
