"""Knows the arithmetic of neat-python's networks, operation by operation, in a form numba can compile.

Every function repeats what CPython does for neat-python's own expressions: the same operations on the same
float64 values in the same order, so that the results agree bit for bit. Numba compiles without fastmath and
LLVM fuses no multiply-add by itself. Without numba the same functions run interpreted, with equal results;
`float()` around what is read from an array costs nothing compiled and keeps NumPy scalars, with their
warnings, out of the interpreted arithmetic.

In two places this is total where neat-python is not, because a population should outlive a wild genome:

- Where `square` and `cube` overflow the result is an infinity; neat-python raises OverflowError.
- A median of terms among which there is a NaN is NaN; `list.sort` leaves their order, and so neat-python's
  result, to chance.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import platformdirs

try:
    from numba import config, njit
except ImportError:
    njit = None  # type: ignore[assignment]
else:
    # Beside the code, where numba keeps it else, machine code would outlive an uninstalled package and hide the next.
    if not config.CACHE_DIR:  # type: ignore[attr-defined]
        config.CACHE_DIR = str(platformdirs.user_cache_path("neat-retro"))  # type: ignore[attr-defined]

IS_COMPILED = njit is not None

Floats = npt.NDArray[np.float64]
Offsets = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]  # unsigned: numba then omits the test for a negative index, 15 % of the time
Codes = npt.NDArray[np.int8]
Function = TypeVar("Function", bound=Callable[..., Any])

(
    SIGMOID, TANH, SIN, GAUSS, RELU, ELU, LELU, SELU, SOFTPLUS,
    IDENTITY, CLAMPED, INV, LOG, EXP, ABS, HAT, SQUARE, CUBE,
) = range(18)  # fmt: skip
PRODUCT, SUM, MAX, MIN, MAXABS, MEDIAN, MEAN = range(7)

ACTIVATIONS = {
    "sigmoid": SIGMOID, "tanh": TANH, "sin": SIN, "gauss": GAUSS, "relu": RELU, "elu": ELU,
    "lelu": LELU, "selu": SELU, "softplus": SOFTPLUS, "identity": IDENTITY, "clamped": CLAMPED, "inv": INV,
    "log": LOG, "exp": EXP, "abs": ABS, "hat": HAT, "square": SQUARE, "cube": CUBE,
}  # fmt: skip
AGGREGATIONS = {
    "product": PRODUCT, "sum": SUM, "max": MAX, "min": MIN, "maxabs": MAXABS, "median": MEDIAN, "mean": MEAN,
}  # fmt: skip

# The largest floats whose square and cube are still finite.
SQUARE_LIMIT = 1.3407807929942596e154
CUBE_LIMIT = 5.643803094122361e102
SELU_LAMBDA = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


def compiled(function: Function) -> Function:
    """Compile with numba, keeping the machine code on disk if any folder for it can be written."""
    if njit is None:
        return function
    try:
        return cast(Function, njit(cache=True)(function))
    except RuntimeError:  # numba: "no locator available", neither the user's cache nor __pycache__ is writable
        return cast(Function, njit(function))


@compiled
def clamp(z: float, limit: float) -> float:
    """`max(-limit, min(limit, z))` as Python compares: a NaN becomes `limit`."""
    if z < limit:
        return z if z > -limit else -limit
    return limit


@compiled
def power(z: float, exponent: float) -> float:
    """`z ** exponent` through the C library, as CPython does it, for a finite `z`.

    LLVM turns `pow(z, 2.0)` into `z * z`, which is another float for about one value in a thousand. Adding
    a zero that depends on `z` hides the constant from it.
    """
    return math.pow(z, exponent + 0.0 * z)


@compiled
def activate(activation: int, z: float) -> float:
    """Apply one of ACTIVATIONS, given by its code; any float in, even a NaN, and never an error."""
    if activation == SIGMOID:
        return 1.0 / (1.0 + math.exp(-clamp(5.0 * z, 60.0)))
    if activation == TANH:
        return math.tanh(clamp(2.5 * z, 60.0))
    if activation == SIN:
        return math.sin(clamp(5.0 * z, 60.0))
    if activation == GAUSS:
        return math.exp(-5.0 * power(clamp(z, 3.4), 2.0))
    if activation == RELU:
        return z if z > 0.0 else 0.0
    if activation == ELU:
        return z if z > 0.0 else math.exp(z) - 1.0
    if activation == LELU:
        return z if z > 0.0 else 0.005 * z
    if activation == SELU:
        return SELU_LAMBDA * z if z > 0.0 else SELU_LAMBDA * SELU_ALPHA * (math.exp(z) - 1.0)
    if activation == SOFTPLUS:
        return 0.2 * math.log(1.0 + math.exp(clamp(5.0 * z, 60.0)))
    if activation == CLAMPED:
        return clamp(z, 1.0)
    if activation == INV:
        return 0.0 if z == 0.0 else 1.0 / z
    if activation == LOG:
        return math.log(z if z > 1e-7 else 1e-7)
    if activation == EXP:
        return math.exp(clamp(z, 60.0))
    if activation == ABS:
        return abs(z)
    if activation == HAT:
        return 1.0 - abs(z) if 1.0 - abs(z) > 0.0 else 0.0
    if activation == SQUARE:
        return z * z if abs(z) > SQUARE_LIMIT else power(z, 2.0)
    if activation == CUBE:
        return z * z * z if abs(z) > CUBE_LIMIT else power(z, 3.0)
    return z


@compiled
def term(values: Floats, source: Places, weight: Floats, link: int) -> float:
    """What one link carries: its source's value times its weight."""
    return float(values[source[link]]) * float(weight[link])


@compiled
def plain_sum(values: Floats, source: Places, weight: Floats, start: int, stop: int) -> float:
    """`sum()` of floats up to Python 3.11: from left to right."""
    total = 0.0
    for link in range(start, stop):
        total += term(values, source, weight, link)
    return total


@compiled
def compensated_sum(values: Floats, source: Places, weight: Floats, start: int, stop: int) -> float:
    """`sum()` of floats from Python 3.12 on: what each addition loses is added up apart and added at the end.

    A correction that is not finite is dropped, as in CPython, so that an overflow stays an infinity.
    Neumaier (1974), ZAMM 54, doi:10.1002/zamm.19740540106.
    """
    total = 0.0
    lost = 0.0
    for link in range(start, stop):
        x = term(values, source, weight, link)
        rounded = total + x
        if abs(total) >= abs(x):
            lost += (total - rounded) + x
        else:
            lost += (x - rounded) + total
        total = rounded
    return total + lost if lost != 0.0 and math.isfinite(lost) else total


python_sum = compensated_sum if sys.version_info >= (3, 12) else plain_sum


@compiled
def product(values: Floats, source: Places, weight: Floats, start: int, stop: int) -> float:
    """The terms multiplied from left to right; 1 for no term."""
    result = 1.0
    for link in range(start, stop):
        result *= term(values, source, weight, link)
    return result


@compiled
def extreme(aggregation: int, values: Floats, source: Places, weight: Floats, start: int, stop: int) -> float:
    """The first of the greatest, least or (MAXABS) farthest from zero of at least one term."""
    best = term(values, source, weight, start)
    for link in range(start + 1, stop):
        x = term(values, source, weight, link)
        if aggregation == MAX:
            better = x > best
        elif aggregation == MIN:
            better = x < best
        else:
            better = abs(x) > abs(best)
        if better:
            best = x
    return best


@compiled
def median(values: Floats, source: Places, weight: Floats, start: int, stop: int) -> float:
    """The middle of at least three terms, or the mean of the middle two; NaN if one is NaN."""
    count = stop - start
    terms = np.empty(count)
    for k in range(count):
        terms[k] = term(values, source, weight, start + k)
        if math.isnan(terms[k]):
            return math.nan
    # A stable sort, like Python's: which of 0.0 and -0.0 is in the middle shows in the result's sign.
    order = np.argsort(terms, kind="mergesort")
    upper = float(terms[order[count // 2]])
    if count % 2 == 1:
        return upper
    return (float(terms[order[count // 2 - 1]]) + upper) / 2.0


@compiled
def aggregate(aggregation: int, values: Floats, source: Places, weight: Floats, start: int, stop: int) -> float:
    """Combine the links `start` to `stop` by one of AGGREGATIONS, given by its code."""
    if aggregation == SUM:
        return python_sum(values, source, weight, start, stop)
    if aggregation == PRODUCT:
        return product(values, source, weight, start, stop)
    if start == stop:
        return 0.0
    if aggregation == MEAN or (aggregation == MEDIAN and stop - start <= 2):
        return python_sum(values, source, weight, start, stop) / (stop - start)
    if aggregation == MEDIAN:
        return median(values, source, weight, start, stop)
    return extreme(aggregation, values, source, weight, start, stop)


@compiled
def evaluate_node(
    n: int,
    values: Floats,
    link_start: Offsets,
    source: Places,
    weight: Floats,
    activation: Codes,
    aggregation: Codes,
    bias: Floats,
    response: Floats,
) -> float:
    """The new value of the n-th evaluated node: activation(bias + response * aggregation(terms))."""
    start, stop = int(link_start[n]), int(link_start[n + 1])
    combined = aggregate(aggregation[n], values, source, weight, start, stop)
    return activate(activation[n], float(bias[n]) + float(response[n]) * combined)


@compiled
def evaluate_feed_forward(
    values: Floats,
    node: Places,
    link_start: Offsets,
    source: Places,
    weight: Floats,
    activation: Codes,
    aggregation: Codes,
    bias: Floats,
    response: Floats,
) -> None:
    """Update `values` in place, each node seeing the new values of those before it."""
    for n in range(len(node)):
        values[node[n]] = evaluate_node(n, values, link_start, source, weight, activation, aggregation, bias, response)


@compiled
def evaluate_recurrent(
    values: Floats,
    node: Places,
    link_start: Offsets,
    source: Places,
    weight: Floats,
    activation: Codes,
    aggregation: Codes,
    bias: Floats,
    response: Floats,
) -> None:
    """Update `values` in place, each node seeing only inputs and the values of the step before."""
    fresh = np.empty(len(node))
    for n in range(len(node)):
        fresh[n] = evaluate_node(n, values, link_start, source, weight, activation, aggregation, bias, response)
    for n in range(len(node)):
        values[node[n]] = fresh[n]
