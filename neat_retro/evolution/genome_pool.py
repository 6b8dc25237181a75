"""Knows how genomes lie in a checkpoint: nodes as neat-python's genes, connections as columns of bytes, little-endian.

code, innovation    int64, as in Links; columns that genomes share are written once
weight              float64
enabled             a bit each, the first one highest
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neat_retro.evolution.genome import DefaultGenome
from neat_retro.evolution.links import Integers, Links


class GenomePool:
    """Genomes to be written, each packed once: a species' representative is mostly a member as well."""

    def __init__(self) -> None:
        self.packed: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}  # by id
        self._columns: dict[int, bytes] = {}  # by id: genomes share columns, and pickle writes an object once

    def place(self, genome: DefaultGenome) -> int:
        """Pack a genome, unless it is, and return where it stands."""
        if id(genome) not in self._places:
            self._places[id(genome)] = len(self.packed)
            self.packed.append(self._pack(genome))
        return self._places[id(genome)]

    def _pack(self, genome: DefaultGenome) -> dict[str, Any]:
        links = genome.links
        return {
            "key": genome.key,
            "fitness": genome.fitness,
            "nodes": genome.nodes,
            "code": self._shared(links.code),
            "innovation": self._shared(links.innovation),
            "weight": links.weight.astype("<f8", copy=False).tobytes(),
            "enabled": np.packbits(links.enabled).tobytes(),
        }

    def _shared(self, column: Integers) -> bytes:
        if id(column) not in self._columns:
            self._columns[id(column)] = column.astype("<i8", copy=False).tobytes()
        return self._columns[id(column)]


def unpack_genomes(stored: list[dict[str, Any]]) -> list[DefaultGenome]:
    """Return the genomes of a pool, in its order. Raises KeyError, TypeError or ValueError for what is none."""
    # Columns are copied out of the bytes: numba would compile its kernels once more for arrays that are read-only.
    columns: dict[int, Integers] = {}  # by the bytes' id: what was shared is shared again

    def shared(raw: bytes) -> Integers:
        if id(raw) not in columns:
            columns[id(raw)] = np.frombuffer(raw, "<i8").astype(np.int64)
        return columns[id(raw)]

    genomes = []
    for packed in stored:
        genome = DefaultGenome(packed["key"])
        genome.nodes, genome.fitness = packed["nodes"], packed["fitness"]
        weight = np.frombuffer(packed["weight"], "<f8").astype(np.float64)
        bits = np.unpackbits(np.frombuffer(packed["enabled"], np.uint8))
        if not 0 <= len(bits) - len(weight) < 8 or not isinstance(packed["nodes"], dict):
            raise ValueError(f"genome {genome.key}")
        enabled = bits[: len(weight)].astype(np.bool_)
        genome.links = Links(shared(packed["code"]), shared(packed["innovation"]), weight, enabled)
        genome.links.check()
        genomes.append(genome)
    return genomes
