"""Imprinting: a new hidden node that fires at what a network saw shortly before its episode ended, and not before.

A random link changes what a network does all along its way, and one in a thousand helps at the place where the way
ends. A node that tells what was seen there from all that was seen on the way leaves the way as it is, and whether what
it does helps is known after one episode. A resource-allocating network adds its units so (Platt 1991, Neural
Computation 3(2), doi:10.1162/neco.1991.3.2.213: one centred at an input that it answers badly), and imprinted weights
are set so (Qi, Brown & Lowe 2018, CVPR, doi:10.1109/CVPR.2018.00610: to what was seen). What tells the two apart is
Fisher's linear discriminant (1936, Annals of Eugenics 7(2), doi:10.1111/j.1469-1809.1936.tb02137.x), with a ridge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neat_retro.agent.episode import Ending
from neat_retro.agent.kernels import compiled

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LAST = 20  # decisions before the end, at one of which a node begins to fire: a second or so, at one every four frames
LONGEST = 16  # decisions for which it is to fire, as far as they were seen: a jump is held for so long
INPUTS = 24  # of which a node sees its moments
DRAWS = 6  # of inputs, to find some by which the moments differ from all before
RIDGE = 0.01  # in squares of an input: differences below a tenth say little
ROUNDING = 1e-10  # the least ridge, as a share of all that varies, with which rounding leaves a factor
APART = 0.05  # of how alike what is seen is: differs from all before by so much
NEARLY = 0.97  # a node for moments that look like some before fires at what is so much alike
BETWEEN = (0.3, 0.7)  # where the threshold lies, between what was seen before and the node's own moments
CLEAR = 0.4  # a node's sum is beyond this, below and above: 0.12 and 0.88 after neat-python's sigmoid
OUTPUT_WEIGHT = 6.0  # larger than what usually decides between actions


@dataclass(frozen=True, eq=False)
class Way:
    """What a genome saw in an episode, and what it made of it, a row a decision.

    `inputs` are the network's, (n_decisions, n_inputs) float32; `chosen` says which outputs had their way,
    (n_decisions, n_outputs) bool. The last `idle` decisions were a stall, for which it was ended; 0 without one.
    """

    inputs: npt.NDArray[np.float32]
    chosen: npt.NDArray[np.bool_]
    ending: Ending
    idle: int = 0

    def late(self, last: int) -> int:
        """How many decisions up to the end might have been better ones: a stall and `last` before it; all of a way that
        ran out of time, and for a `last` of 0."""
        if self.ending == "goal":
            return 0
        return min(last + self.idle, len(self.inputs)) if last and self.ending != "frame_limit" else len(self.inputs)

    def sound(self, last: int) -> npt.NDArray[np.float32]:
        """What was seen while nothing was wrong: all of a way to the goal, (n, n_inputs)."""
        late = self.late(last)
        return self.inputs[: max(0, len(self.inputs) - late - LONGEST)] if late else self.inputs


@dataclass(frozen=True, eq=False)
class Imprint:
    """A node to be added: its inputs (n,), their weights (n,), its bias; the output it turns, and with what weight."""

    place: Integers
    weight: Floats
    bias: float
    output: int
    output_weight: float


def imprint(way: Way, others: Sequence[Way], last: int, generator: np.random.Generator) -> Imprint | None:
    """Return a node that fires from one of a way's `last` moments on, and turns an output there.

    None where all is flat, the same all the time, or beyond what a float holds.

    The node is silent before, and on all that was sound of the `others` of the same genome. An output that had its way
    at that moment is held back, any other is driven. The more an input stands out at the node's moments from the mean
    of all, the likelier it is among the node's. Every sum is from left to right or exact: the same on any processor.
    """
    first = len(way.inputs) - 1 - int(generator.integers(way.late(last)))
    moments = way.inputs[first : first + 1 + int(generator.integers(LONGEST))].astype(np.float64)
    output = int(generator.integers(way.chosen.shape[1]))
    before = np.concatenate((way.inputs[:first], *(other.sound(last) for other in others))).astype(np.float64)
    if not (np.isfinite(moments).all() and np.isfinite(before).all()):
        return None
    mean = _mean(moments)
    chance = (mean - math.fsum(mean) / len(mean)) ** 2
    if not chance.any():
        return None
    chance /= math.fsum(chance)
    if not (before != mean).any():  # nothing was, or nothing else: a flat picture of the same brightness stands for it
        before = np.full((1, len(mean)), math.fsum(mean) / len(mean))
    node = _told_apart(before, moments, chance, generator)
    if node.highest <= 0.0:  # the moments are, on average, what was seen before
        return None
    threshold = node.lowest + (node.highest - node.lowest) * float(generator.uniform(*BETWEEN))
    slope = CLEAR / min(node.highest - threshold, threshold - node.lowest)
    output_weight = -OUTPUT_WEIGHT if way.chosen[first, output] else OUTPUT_WEIGHT
    return Imprint(node.place, slope * node.weight, -slope * (threshold + node.origin), output, output_weight)


@dataclass(frozen=True, eq=False)
class _Discriminant:
    """Some inputs, (n,), and weights that tell two kinds of moments apart by how alike each is: a sum less `origin`.

    How alike is 0 for the mean of those `before`, and 1 for the mean of the node's `own`.
    """

    place: Integers
    weight: Floats
    origin: float
    before: Floats
    own: Floats

    @property
    def gap(self) -> float:
        """How far all of the node's own moments are beyond all before."""
        return float(self.own.min() - self.before.max())

    @property
    def highest(self) -> float:
        """How alike a moment must be for the node to fire, at most: all of its own are, where that tells them apart."""
        return float(self.own.min() if self.gap >= APART else self.own.max())

    @property
    def lowest(self) -> float:
        """How alike a moment may be without the node firing, at least."""
        return min(float(self.before.max()), NEARLY * self.highest)


def _told_apart(before: Floats, moments: Floats, chance: Floats, generator: np.random.Generator) -> _Discriminant:
    """Draw inputs by their chance until some tell `moments` from `before`; return the best of those drawn."""
    count = min(INPUTS, int(np.count_nonzero(chance)))
    tried: list[_Discriminant] = []
    while len(tried) < DRAWS and (not tried or tried[-1].gap < APART):
        place = np.sort(generator.choice(len(chance), count, replace=False, p=chance))
        tried.append(
            _discriminant(place, np.ascontiguousarray(before[:, place]), np.ascontiguousarray(moments[:, place]))
        )
    return max(tried, key=lambda each: each.gap)


def _discriminant(place: Integers, before: Floats, moments: Floats) -> _Discriminant:
    """Return Fisher's discriminant of (n_before, n) and (n_moments, n)."""
    centre = _mean(before)
    difference = _mean(moments) - centre
    scatter = _scatter(before) + _scatter(moments)
    ridge = max(RIDGE, ROUNDING * math.fsum(np.diag(scatter)))
    weight = _solved(scatter + ridge * np.eye(len(difference)), difference)
    weight /= max(math.fsum(weight * difference), 1e-12)
    origin = float(_along(centre[None], weight)[0])
    return _Discriminant(place, weight, origin, _along(before - centre, weight), _along(moments - centre, weight))


@compiled
def _mean(rows: Floats) -> Floats:
    """The mean row, summed from the first to the last."""
    total = np.zeros(rows.shape[1])
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            total[column] += rows[row, column]
    mean: Floats = total / rows.shape[0]
    return mean


@compiled
def _along(rows: Floats, weight: Floats) -> Floats:
    """Each row's sum of products with the weights, from left to right."""
    sums = np.zeros(rows.shape[0])
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            sums[row] += rows[row, column] * weight[column]
    return sums


@compiled
def _scatter(rows: Floats) -> Floats:
    """The covariance of the rows' columns, (n, n)."""
    mean = _mean(rows)
    scatter = np.zeros((rows.shape[1], rows.shape[1]))
    for row in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            for j in range(i + 1):
                scatter[i, j] += (rows[row, i] - mean[i]) * (rows[row, j] - mean[j])
    for i in range(rows.shape[1]):
        for j in range(i + 1):
            scatter[i, j] /= rows.shape[0]
            scatter[j, i] = scatter[i, j]
    return scatter


@compiled
def _solved(matrix: Floats, right: Floats) -> Floats:
    """Solve matrix @ x = right for a positive definite matrix, by its Cholesky factor."""
    size = len(right)
    factor = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i, j]
            for k in range(j):
                rest -= factor[i, k] * factor[j, k]
            factor[i, j] = math.sqrt(rest) if i == j else rest / factor[j, j]
    x = right.copy()
    for i in range(size):
        for k in range(i):
            x[i] -= factor[i, k] * x[k]
        x[i] /= factor[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            x[i] -= factor[k, i] * x[k]
        x[i] /= factor[i, i]
    return x
