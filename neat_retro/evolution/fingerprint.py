"""`population_sha256`: one hash over every genome's genes and fitness, however genomes are stored.

The canonical form, all numbers little-endian: for each genome in ascending order of its key

    key int64, fitness float64
    number of nodes int64; per node, in ascending order of its key:
        key int64; bias, response, time_constant float64; activation and aggregation as UTF-8, each followed
        by a zero byte
    number of connections int64; then five columns over the connections in ascending (input, output) order:
        inputs int64, outputs int64, innovations int64, weights float64, enabled uint8

A gene without an innovation number (pickled before neat-python 1.0) has -1.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from neat_retro.evolution.genome import DefaultGenome
from neat_retro.evolution.links import Links


def population_sha256(genomes: Iterable[Any]) -> str:
    """Return the hash of neat-python genomes, which all have a fitness, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for genome in sorted(genomes, key=lambda g: int(g.key)):
        digest.update(struct.pack("<qd", genome.key, genome.fitness))
        digest.update(_nodes(genome))
        for column in _connections(genome):
            digest.update(column)
    return digest.hexdigest()


def _nodes(genome: Any) -> bytes:
    parts = [struct.pack("<q", len(genome.nodes))]
    for key, node in sorted(genome.nodes.items()):
        time_constant = getattr(node, "time_constant", 1.0)
        parts.append(struct.pack("<qddd", key, node.bias, node.response, time_constant))
        parts.append(f"{node.activation}\0{node.aggregation}\0".encode())
    return b"".join(parts)


def _connections(genome: Any) -> Iterator[Any]:
    links = genome.links if isinstance(genome, DefaultGenome) else Links.from_genes(genome.connections.values())
    yield struct.pack("<q", len(links))
    for column in (links.inputs, links.outputs, links.innovation):
        yield column.astype("<i8", copy=False)
    yield links.weight.astype("<f8", copy=False)
    yield links.enabled.view(np.uint8)
