"""Novelty: how far from others an episode ended. Where progress leads into a dead end, it leads out of it.

The mean distance to the nearest behaviours of the population and of an archive, after Lehman & Stanley (2011),
Evolutionary Computation 19(2), doi:10.1162/EVCO_a_00025, whose behaviour in a maze is where a robot ends as well. Here
the archive takes every behaviour, and novelty is bred for beside fitness, not instead of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Archive:
    """The behaviours of all generations so far, (n, n_values) in ascending order; of equal ones as many as count."""

    behaviours: Floats = field(default_factory=lambda: np.empty((0, 0)))

    def with_generation(self, behaviours: Floats, neighbours: int) -> Archive:
        """Return the archive with a generation's behaviours, (n_genomes, n_values).

        Of equal ones `neighbours` and one more are kept: the others would be nobody's nearest.
        """
        all_of_them = np.concatenate((self.behaviours.reshape(-1, behaviours.shape[1]), behaviours))
        distinct, counts = np.unique(all_of_them, axis=0, return_counts=True)
        return Archive(np.repeat(distinct, np.minimum(counts, neighbours + 1), axis=0))

    def novelty(self, behaviours: Floats, neighbours: int) -> list[float]:
        """Return each behaviour's mean distance to its nearest others; all of `behaviours` are in the archive."""
        return [self._novelty(behaviour, neighbours) for behaviour in behaviours.tolist()]

    def _novelty(self, behaviour: Sequence[float], neighbours: int) -> float:
        squares = np.zeros(len(self.behaviours))
        for column, value in zip(self.behaviours.T, behaviour, strict=True):
            squares += (column - value) ** 2
        few = np.partition(squares, min(neighbours, len(squares) - 1))[: neighbours + 1]
        nearest = np.sqrt(np.sort(few)[1:])  # the first is itself
        return math.fsum(nearest) / len(nearest) if len(nearest) else 0.0
