"""The genome in arrays is neat-python's genome: same genes, same distance, same pickle, same network, same hash."""

from __future__ import annotations

import copy
import pickle
import pickletools
import random
from types import SimpleNamespace

import neat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neat.genes import DefaultConnectionGene, DefaultNodeGene

from neat_retro import safe_pickle
from neat_retro.agent.network import compile_genome
from neat_retro.evolution.fingerprint import population_sha256
from neat_retro.evolution.genome import DefaultGenome

NUMBERS = st.floats(-30, 30)
ENDS = st.tuples(st.integers(-4, 6), st.integers(0, 6))


@st.composite
def plain_genomes(draw: st.DrawFn) -> neat.DefaultGenome:
    """A genome of neat-python's: outputs 0 and 1, hidden nodes 2 to 6, connections in any order."""
    genome = neat.DefaultGenome(draw(st.integers(1, 2**40)))
    genome.fitness = draw(st.one_of(st.none(), NUMBERS))
    for key in [0, 1, *draw(st.lists(st.integers(2, 6), unique=True))]:
        node = genome.nodes[key] = DefaultNodeGene(key)
        node.bias, node.response, node.time_constant = draw(NUMBERS), draw(NUMBERS), draw(NUMBERS)
        node.activation = draw(st.sampled_from(["sigmoid", "tanh"]))
        node.aggregation = draw(st.sampled_from(["sum", "max"]))
    for key in draw(st.lists(ENDS, unique=True, max_size=20)):
        gene = genome.connections[key] = DefaultConnectionGene(key, innovation=draw(st.integers(1, 2**40)))
        gene.weight, gene.enabled = draw(NUMBERS), draw(st.booleans())
    return genome


def genes_of(genome) -> dict[str, object]:
    """All that a genome is, by value, connections in ascending order of their keys."""
    connections = {key: vars(genome.connections[key]) for key in sorted(genome.connections)}
    nodes = {key: vars(node) for key, node in genome.nodes.items()}
    return {"key": genome.key, "fitness": genome.fitness, "nodes": nodes, "connections": connections}


def ours(genome: neat.DefaultGenome) -> DefaultGenome:
    return DefaultGenome.from_neat(copy.deepcopy(genome))


@settings(deadline=None)
@given(plain_genomes())
def test_the_genes_are_those_it_was_made_from(plain):
    genome = ours(plain)
    assert genes_of(genome) == genes_of(plain)
    assert genome.size() == plain.size()
    assert list(genome.connections) == sorted(plain.connections)
    assert len(genome.connections) == len(plain.connections)
    assert [vars(gene) for gene in genome.connections.values()] == [
        vars(plain.connections[key]) for key in sorted(plain.connections)
    ]
    assert str(genome) == str(plain)


@settings(deadline=None)
@given(plain_genomes(), plain_genomes(), st.floats(0, 3), st.floats(0, 3))
def test_the_distance_is_neat_pythons(first, second, disjoint, weight):
    config = SimpleNamespace(compatibility_disjoint_coefficient=disjoint, compatibility_weight_coefficient=weight)
    expected = first.distance(second, config)
    assert ours(first).distance(ours(second), config) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_the_distance_of_two_genomes_without_genes_is_none():
    config = SimpleNamespace(compatibility_disjoint_coefficient=1.0, compatibility_weight_coefficient=0.5)
    assert DefaultGenome(1).distance(DefaultGenome(2), config) == 0.0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@settings(max_examples=20, deadline=None)
@given(plain=plain_genomes())
def test_its_pickle_is_a_genome_of_neat_pythons_own(protocol, plain):
    payload = pickle.dumps(ours(plain), protocol)
    for loaded in (pickle.loads(payload), safe_pickle.loads(payload, "winner.pkl")):
        assert type(loaded) is neat.DefaultGenome
        assert genes_of(loaded) == genes_of(plain)
        assert all(type(key[0]) is int for key in loaded.connections)
        assert {type(gene.weight) for gene in loaded.connections.values()} <= {float}
        assert {type(gene.enabled) for gene in loaded.connections.values()} <= {bool}
    assert not any("neat_retro" in str(argument) for _, argument, _ in pickletools.genops(payload))


def test_what_a_user_hangs_on_a_genome_is_pickled_with_it():
    genome = DefaultGenome(1)
    genome.remark = "mine"
    assert pickle.loads(pickle.dumps(genome)).remark == "mine"


@settings(deadline=None)
@given(plain_genomes())
def test_a_deep_copy_is_of_its_own_kind_and_independent(plain):
    genome = ours(plain)
    copied = copy.deepcopy(genome)
    assert type(copied) is DefaultGenome
    assert genes_of(copied) == genes_of(genome)
    copied.nodes[0].bias += 1.0
    assert genes_of(genome) == genes_of(plain)


@settings(deadline=None)
@given(st.lists(plain_genomes(), min_size=1, max_size=4, unique_by=lambda genome: genome.key))
def test_the_population_hash_is_that_of_the_plain_genomes(population):
    for genome in population:
        genome.fitness = 1.5
    assert population_sha256(map(ours, population)) == population_sha256(population)


@pytest.mark.parametrize("feed_forward", [True, False], ids=["feed-forward", "recurrent"])
@settings(deadline=None)
@given(plain=plain_genomes())
def test_the_network_is_that_of_the_genome_it_pickles_to_bit_for_bit(feed_forward, plain):
    for source, target in list(plain.connections):
        if (source >= 0 and source not in plain.nodes) or target not in plain.nodes:
            del plain.connections[source, target]
    genome = ours(plain)
    config = SimpleNamespace(input_keys=[-1, -2, -3, -4], output_keys=[0, 1], feed_forward=feed_forward)
    network, its = compile_genome(genome, config), compile_genome(pickle.loads(pickle.dumps(genome)), config)
    for name, value in vars(its).items():
        np.testing.assert_array_equal(getattr(network, name), value, err_msg=name, strict=True)


def test_the_connections_are_a_view_to_read_only():
    genome = DefaultGenome.from_neat(pickle.loads(pickle.dumps(small_genome())))
    view = genome.connections
    assert (-1, 0) in view
    assert (-1, 2) not in view
    for odd in (5, "ab", (1,), None, (2**70, 0)):
        assert odd not in view
    with pytest.raises(KeyError, match=r"\(-1, 2\)"):
        view[-1, 2]
    with pytest.raises(TypeError):
        view[-1, 0] = view[-1, 0]
    with pytest.raises(AttributeError):
        genome.connections = {}
    view[-1, 0].weight = 9.0
    assert genome.connections[-1, 0].weight == 0.5


def small_genome() -> neat.DefaultGenome:
    genome = neat.DefaultGenome(1)
    gene = genome.connections[-1, 0] = DefaultConnectionGene((-1, 0), innovation=1)
    gene.weight, gene.enabled = 0.5, True
    return genome


@pytest.mark.parametrize("key", [(2**31, 0), (-(2**31), 0), (0, 2**31), (0, -1)])
def test_connections_between_impossible_keys_are_refused(key):
    genome = small_genome()
    gene = genome.connections.pop((-1, 0))
    gene.key = key
    genome.connections[key] = gene
    with pytest.raises(ValueError, match="a connection between keys that no node has"):
        DefaultGenome.from_neat(genome)


def test_the_tools_of_neat_python_read_it():
    chance = random.Random(3)
    plain = neat.DefaultGenome(4)
    for key in (0, 1, 5):
        node = plain.nodes[key] = DefaultNodeGene(key)
        node.bias, node.response, node.time_constant = chance.gauss(0, 1), 1.0, 1.0
        node.activation, node.aggregation = "tanh", "sum"
    for number, key in enumerate([(-1, 0), (-1, 1), (-2, 0), (-2, 5), (5, 1)], start=1):
        gene = plain.connections[key] = DefaultConnectionGene(key, innovation=number)
        gene.weight, gene.enabled = chance.gauss(0, 1), True
    functions = SimpleNamespace(get={"tanh": np.tanh, "sum": sum}.__getitem__)
    genome_config = SimpleNamespace(
        input_keys=[-1, -2], output_keys=[0, 1], activation_defs=functions, aggregation_function_defs=functions
    )
    network = neat.nn.FeedForwardNetwork.create(ours(plain), SimpleNamespace(genome_config=genome_config))
    expected = neat.nn.FeedForwardNetwork.create(plain, SimpleNamespace(genome_config=genome_config))
    assert network.activate([0.3, -0.7]) == expected.activate([0.3, -0.7])
    assert genes_of(ours(plain).get_pruned_copy(genome_config)) == genes_of(plain.get_pruned_copy(genome_config))
