"""Imprinting: a new hidden node that fires at what a network saw shortly before its episode ended, and not before.

A random link changes what a network does all along its way, and one in a thousand helps at the place where the way
ends. A node whose weights are what was seen there, and whose bias is such that it was silent on the way, leaves the way
as it is, and whether its new output helps is known after one episode. A resource-allocating network adds its units so
(Platt 1991, Neural Computation 3(2), doi:10.1162/neco.1991.3.2.213: one centred at an input that it answers badly), and
imprinted weights are set so (Qi, Brown & Lowe 2018, CVPR, doi:10.1109/CVPR.2018.00610: to one example).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# The inputs at the decisions of each episode, (n_decisions, n_inputs) float32.
Seen = tuple[npt.NDArray[np.float32], ...]

LAST = 20  # decisions before the end of which one is imprinted: a second or so, at one every four frames
GAP = 6  # decisions just before that one, which look much the same, and at which the node may fire as well
INPUTS = 12  # of which a node sees its moment
ALIKE = (0.5, 0.97)  # how alike what is seen must be for a node to fire: at least, at most; its own moment is 1
DRAWS = 6  # of inputs, to find some by which the moment differs from all before
SLOPE = 4.0  # of a node's sum over how alike a moment is; neat-python's sigmoid multiplies by five
OWN = 0.4  # a node's sum at its own moment is no less: 0.88 after the sigmoid
OUTPUT_WEIGHT = 6.0  # larger than what usually decides between actions


def imprint(seen: npt.NDArray[np.float32], generator: np.random.Generator) -> tuple[Integers, Floats, float]:
    """Return a node that fires at one of the last moments `seen`: its inputs (n,), their weights (n,), its bias.

    `seen` is an episode's, (n_decisions, n_inputs). The more an input stands out at that moment from the mean of all,
    the likelier it is among the node's. Every sum is exact or from left to right: the same on any processor.
    """
    when = len(seen) - 1 - int(generator.integers(min(LAST, len(seen))))
    moment = seen[when].astype(np.float64)
    unlike = moment - math.fsum(moment) / len(moment)
    chance = unlike**2
    count = min(INPUTS, int(np.count_nonzero(chance)))
    if not count:
        return np.empty(0, np.int64), np.empty(0), -SLOPE
    chance /= math.fsum(chance)
    for _ in range(DRAWS):
        place = np.sort(generator.choice(len(moment), count, replace=False, p=chance))
        weight = unlike[place] / math.fsum(unlike[place] ** 2)
        before = _alike(seen[: max(0, when - GAP)], moment, place, weight)
        least = max(ALIKE[0], before)
        if least < ALIKE[1]:
            break
    threshold = float(generator.uniform(min(least, ALIKE[1]), ALIKE[1]))
    slope = max(SLOPE, OWN / (1.0 - threshold))
    return place, slope * weight, slope * (1.0 - threshold) - slope * math.fsum(weight * moment[place])


def _alike(seen: npt.NDArray[np.float32], moment: Floats, place: Integers, weight: Floats) -> float:
    """Return how alike the moment, which is 1 itself, the most alike of those `seen` is."""
    total = np.ones(len(seen))
    for each, factor in zip(place, weight, strict=True):
        total += (seen[:, each] - moment[each]) * factor
    return float(total.max(initial=0.0))
