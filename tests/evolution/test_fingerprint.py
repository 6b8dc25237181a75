"""population_sha256 is the documented canonical form, and nothing about a gene escapes it."""

from __future__ import annotations

import copy
import hashlib
import random
import struct
from collections.abc import Callable

import neat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neat.genes import DefaultConnectionGene, DefaultNodeGene

from neat_retro.evolution.fingerprint import population_sha256

NUMBERS = st.floats(allow_nan=False, width=64)
WORDS = st.sampled_from(["sigmoid", "tanh", "relu"])


def node(key: int, bias: float, response: float, time_constant: float, activation: str, aggregation: str):
    gene = DefaultNodeGene(key)
    gene.bias, gene.response, gene.time_constant = bias, response, time_constant
    gene.activation, gene.aggregation = activation, aggregation
    return gene


def connection(ends: tuple[int, int], innovation: int, weight: float, enabled: bool):
    gene = DefaultConnectionGene(ends, innovation=innovation)
    gene.weight, gene.enabled = weight, enabled
    return gene


@st.composite
def genomes(draw: st.DrawFn):
    genome = neat.DefaultGenome(draw(st.integers(0, 2**40)))
    genome.fitness = draw(NUMBERS)
    for key in draw(st.lists(st.integers(0, 50), unique=True, max_size=5)):
        genome.nodes[key] = node(key, draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), draw(WORDS), draw(WORDS))
    ends = st.tuples(st.integers(-9, 50), st.integers(0, 50))
    for key in draw(st.lists(ends, unique=True, max_size=8)):
        genome.connections[key] = connection(key, draw(st.integers(1, 2**40)), draw(NUMBERS), draw(st.booleans()))
    return genome


POPULATIONS = st.lists(genomes(), min_size=1, max_size=4, unique_by=lambda genome: genome.key)


def canonical(population) -> bytes:
    """The form that the module's docstring tells, written a second time."""
    text = b""
    for genome in sorted(population, key=lambda g: g.key):
        text += struct.pack("<q", genome.key) + struct.pack("<d", genome.fitness)
        text += struct.pack("<q", len(genome.nodes))
        for key in sorted(genome.nodes):
            gene = genome.nodes[key]
            text += struct.pack("<q", key) + struct.pack("<3d", gene.bias, gene.response, gene.time_constant)
            text += gene.activation.encode("utf-8") + b"\x00" + gene.aggregation.encode("utf-8") + b"\x00"
        ends = sorted(genome.connections)
        genes = [genome.connections[key] for key in ends]
        text += struct.pack("<q", len(genes))
        text += b"".join(struct.pack("<q", key[0]) for key in ends)
        text += b"".join(struct.pack("<q", key[1]) for key in ends)
        text += b"".join(struct.pack("<q", gene.innovation) for gene in genes)
        text += b"".join(struct.pack("<d", gene.weight) for gene in genes)
        text += b"".join(struct.pack("<B", gene.enabled) for gene in genes)
    return text


@settings(max_examples=60, deadline=None)
@given(POPULATIONS)
def test_the_hash_is_that_of_the_documented_form(population):
    assert population_sha256(population) == hashlib.sha256(canonical(population)).hexdigest()


@settings(max_examples=40, deadline=None)
@given(POPULATIONS, st.integers(0, 1000))
def test_the_order_in_which_genes_and_genomes_are_stored_does_not_matter(population, seed):
    shuffled = copy.deepcopy(population)
    generator = random.Random(seed)
    generator.shuffle(shuffled)
    for genome in shuffled:
        for part in ("nodes", "connections"):
            items = list(getattr(genome, part).items())
            generator.shuffle(items)
            setattr(genome, part, dict(items))
    assert population_sha256(iter(shuffled)) == population_sha256(population)


def population():
    genome = neat.DefaultGenome(7)
    genome.fitness = 2.5
    genome.nodes = {0: node(0, 0.1, 1.0, 1.0, "sigmoid", "sum"), 3: node(3, 0.2, 1.0, 1.0, "tanh", "max")}
    genome.connections = {(-1, 3): connection((-1, 3), 4, 0.5, True), (3, 0): connection((3, 0), 5, -0.5, False)}
    return [genome]


def changed(part: str, key: object, name: str, value: object) -> Callable[[neat.DefaultGenome], None]:
    return lambda genome: setattr(getattr(genome, part)[key], name, value)


CHANGES: dict[str, Callable[[neat.DefaultGenome], None]] = {
    "key": lambda genome: setattr(genome, "key", 8),
    "fitness": lambda genome: setattr(genome, "fitness", 2.5000000000000004),
    "bias": changed("nodes", 3, "bias", 0.20000000000000004),
    "response": changed("nodes", 0, "response", 1.1),
    "time_constant": changed("nodes", 0, "time_constant", 1.1),
    "activation": changed("nodes", 0, "activation", "relu"),
    "aggregation": changed("nodes", 3, "aggregation", "min"),
    "weight": changed("connections", (3, 0), "weight", -0.25),
    "enabled": changed("connections", (3, 0), "enabled", True),
    "innovation": changed("connections", (-1, 3), "innovation", 6),
    "node's key": lambda genome: genome.nodes.__setitem__(4, genome.nodes.pop(3)),
    "missing node": lambda genome: genome.nodes.pop(3),
    "missing connection": lambda genome: genome.connections.pop((3, 0)),
    "input": lambda genome: move(genome, (-1, 3), (-2, 3)),
    "output": lambda genome: move(genome, (-1, 3), (-1, 0)),
}


def move(genome: neat.DefaultGenome, ends: tuple[int, int], to: tuple[int, int]) -> None:
    old = genome.connections.pop(ends)
    genome.connections[to] = connection(to, old.innovation, old.weight, old.enabled)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_attribute_changes_the_hash(name: str):
    other = population()
    CHANGES[name](other[0])
    assert population_sha256(other) != population_sha256(population())


def test_genes_of_older_versions_count_as_documented():
    old, new = population(), population()
    for gene in old[0].connections.values():
        del gene.innovation
    for gene in new[0].connections.values():
        gene.innovation = -1
    for gene in old[0].nodes.values():
        del gene.time_constant
    assert population_sha256(old) == population_sha256(new)
