"""Imprinting: a new hidden node that fires at what a network saw shortly before its episode ended.

A random link changes what a network does all along its way, and one in a thousand helps at the place where the way
ends. A node whose weights are what was seen there fires there, and nearly nowhere else: the way up to the place stays,
and whether its new output helps is known after one episode. A resource-allocating network adds its units so (Platt
1991, Neural Computation 3(2), doi:10.1162/neco.1991.3.2.213: one centred at an input that it answers badly), and
imprinted weights are set so (Qi, Brown & Lowe 2018, CVPR, doi:10.1109/CVPR.2018.00610: to one example).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# The inputs at the last decisions of each episode that had any, (n, n_inputs) float32.
Seen = tuple[npt.NDArray[np.float32], ...]

INPUTS = 12  # of which one node sees its moment
SLOPE = 4.0  # of the node's sum over how alike a picture is; neat-python's sigmoid multiplies by five
ALIKE = (0.7, 0.9)  # the node fires from so much on; its own moment is 1
OUTPUT_WEIGHT = 6.0  # larger than what usually decides between actions


def imprint(seen: npt.NDArray[np.float32], generator: np.random.Generator) -> tuple[Integers, Floats, float]:
    """Return a node that fires at one of the moments `seen`: its inputs' places (n,), their weights (n,), its bias.

    The more an input stands out from the mean of all, the likelier it is among the node's.
    """
    moment = seen[generator.integers(len(seen))].astype(np.float64)
    unlike = moment - moment.mean()
    chance = unlike**2
    count = min(INPUTS, int(np.count_nonzero(chance)))
    if not count:
        return np.empty(0, np.int64), np.empty(0), -SLOPE
    place = np.sort(generator.choice(len(moment), count, replace=False, p=chance / chance.sum()))
    weight = SLOPE * unlike[place] / float(unlike[place] @ unlike[place])
    bias = SLOPE * (1.0 - float(generator.uniform(*ALIKE))) - float(weight @ moment[place])
    return place, weight, bias
