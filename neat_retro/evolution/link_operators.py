"""Knows how connections are drawn, inherited, mutated and compared: neat-python's operators on whole columns.

Each has the distribution of neat-python 2.0's (its genome.py, genes.py and attributes.py), gene by gene. A
generator's numbers are drawn in the same amounts whether or not genomes share columns, so that a population
that was saved and restored goes on as one that was not. Without numba the kernels run interpreted, with equal
results; compiled, they have no branches that depend on what was drawn, for mispredicting those takes most of
the time. A choice between two weights is therefore one between their bits.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import numpy.typing as npt
from neat.graphs import creates_cycle

from neat_retro.agent.kernels import compiled
from neat_retro.evolution.links import Bools, Floats, Integers, Key, Links

Bytes = npt.NDArray[np.uint8]

_START = np.uint64(0)  # an unsigned place spares the test for a negative one, a quarter of the time


def own_generator() -> np.random.Generator:
    """Return a generator seeded with one number of Python's global one, as all of neat-python's randomness is."""
    return np.random.Generator(np.random.PCG64(random.getrandbits(64)))


def initial_weights(config: Any, count: int, generator: np.random.Generator) -> Floats:
    """Draw weights of new connections, (count,). Raises RuntimeError for an unknown weight_init_type, as neat does."""
    kind = config.weight_init_type.lower()
    low, high = config.weight_min_value, config.weight_max_value
    mean, deviation = config.weight_init_mean, config.weight_init_stdev
    if "gauss" in kind or "normal" in kind:
        return np.asarray(np.clip(mean + deviation * generator.standard_normal(count), low, high))
    if "uniform" in kind:
        low, high = max(low, mean - 2 * deviation), min(high, mean + 2 * deviation)
        return np.asarray(low + (high - low) * generator.random(count))
    raise RuntimeError(f"Unknown init_type {config.weight_init_type!r} for weight_init_type")


def initial_enabled(config: Any, count: int, generator: np.random.Generator) -> Bools:
    """Draw whether new connections are enabled, (count,)."""
    default = config.enabled_default.lower()
    if default in ("random", "none"):
        return generator.random(count) < 0.5
    return np.full(count, default in ("1", "on", "yes", "true"))


def inherited(fitter: Links, other: Links) -> Links:
    """Cross connections over: those that match are mixed, the others are the fitter parent's.

    Connections match that have the same ends and the same innovation number.
    """
    drawn = np.frombuffer(random.randbytes(len(fitter)), np.uint8)
    weight, enabled = fitter.weight.copy(), fitter.enabled.copy()
    _inherit(
        drawn, fitter.code, fitter.innovation, fitter.weight, fitter.enabled,
        other.code, other.innovation, other.weight, other.enabled, weight, enabled,
    )  # fmt: skip
    return Links(fitter.code, fitter.innovation, weight, enabled)


@compiled
def _inherit(
    drawn: Bytes,
    code: Integers,
    innovation: Integers,
    weight: Floats,
    enabled: Bools,
    other_code: Integers,
    other_innovation: Integers,
    other_weight: Floats,
    other_enabled: Bools,
    child_weight: Floats,
    child_enabled: Bools,
) -> None:
    """Mix what matches into the child, which is given as the fitter parent's copy.

    `drawn` has four fair bits for each connection: whose weight, whose state, and two for a chance of 3/4.
    """
    mine, its, child = weight.view(np.int64), other_weight.view(np.int64), child_weight.view(np.int64)
    i, j, n, m = _START, _START, np.uint64(len(code)), np.uint64(len(other_code))
    while i < n and j < m:
        if code[i] != other_code[j]:
            before = code[i] < other_code[j]
            i += np.uint64(before)
            j += np.uint64(not before)
            continue
        if innovation[i] == other_innovation[j]:
            child[i] = mine[i] ^ ((mine[i] ^ its[j]) & -np.int64(drawn[i] & 1))
            both = enabled[i] & other_enabled[j]
            state = enabled[i] ^ ((enabled[i] ^ other_enabled[j]) & ((drawn[i] & 2) != 0))
            # What is disabled in either parent is disabled with a chance of 3/4.
            child_enabled[i] = state & (both | ((drawn[i] & 12) == 0))
        i += np.uint64(1)
        j += np.uint64(1)


def without_cycles(links: Links) -> Links:
    """Leave out each connection that closes a cycle with those of lower innovation numbers.

    neat-python asks this of each gene that a child inherits; a child has no others than its fitter parent, so
    it matters to parents alone that were not bred with feed_forward.
    """
    if not _has_cycle(links.inner()):
        return links
    first = len(links) - len(links.inner())
    kept = np.ones(len(links), np.bool_)
    taken: list[Key] = []
    for place in first + np.argsort(links.innovation[first:]):
        if creates_cycle(taken, links.key(place)):
            kept[place] = False
        else:
            taken.append(links.key(place))
    return links.only(kept)


def _has_cycle(pairs: list[Key]) -> bool:
    while pairs:
        fed = {target for _, target in pairs}
        rest = [pair for pair in pairs if pair[0] in fed]
        if len(rest) == len(pairs):
            return True
        pairs = rest
    return False


def mutated(links: Links, config: Any, generator: np.random.Generator) -> Links:
    """Perturb or replace weights, and enable or disable, each connection by itself."""
    for_weight, for_state = generator.random(len(links)), generator.random(len(links))
    perturbed = int(np.count_nonzero(for_weight < config.weight_mutate_rate))
    noise = generator.standard_normal(perturbed + 1)
    rates = config.enabled_mutate_rate + np.array([config.enabled_rate_to_true_add, config.enabled_rate_to_false_add])
    weight, enabled, replaced = links.weight.copy(), links.enabled.copy(), np.empty(len(links) + 1, np.int64)
    count = _mutate(
        weight, enabled, replaced, for_weight, for_state,
        config.weight_mutate_rate, config.weight_mutate_rate + config.weight_replace_rate,
        noise, config.weight_mutate_power, config.weight_min_value, config.weight_max_value, rates,
    )  # fmt: skip
    weight[replaced[:count]] = initial_weights(config, count, generator)
    return Links(links.code, links.innovation, weight, enabled)


@compiled
def _mutate(
    weight: Floats,
    enabled: Bools,
    replaced: Integers,
    for_weight: Floats,
    for_state: Floats,
    perturb_below: float,
    replace_below: float,
    noise: Floats,
    power: float,
    low: float,
    high: float,
    redraw_below: Floats,
) -> int:
    """Mutate weights and states in place, but for weights that are to be replaced.

    Where those are is written to `replaced`, their number returned. `noise` has a number for each weight that is
    perturbed and one more; `redraw_below` is the rate at which a disabled, and an enabled, connection is redrawn.
    """
    bits = weight.view(np.int64)
    n_perturbed, n_replaced = _START, _START
    for i in range(len(weight)):
        perturb = for_weight[i] < perturb_below
        before = bits[i]
        weight[i] = max(min(weight[i] + power * noise[n_perturbed], high), low)
        bits[i] = before ^ ((before ^ bits[i]) & -np.int64(perturb))
        n_perturbed += np.uint64(perturb)
        replaced[n_replaced] = i
        n_replaced += np.uint64((not perturb) & (for_weight[i] < replace_below))
        below = redraw_below[np.uint8(enabled[i])]
        # Half of those that are redrawn become enabled.
        enabled[i] = (for_state[i] < 0.5 * below) | (enabled[i] & (for_state[i] >= below))
    return int(n_replaced)


def links_distance(links: Links, other: Links, config: Any) -> float:
    """Return the connections' part of neat-python's genetic distance."""
    longest = max(len(links), len(other))
    if not longest:
        return 0.0
    differences, matching = _compare(links.code, links.weight, links.enabled, other.code, other.weight, other.enabled)
    disjoint = len(links) + len(other) - 2 * matching
    total = config.compatibility_weight_coefficient * differences + config.compatibility_disjoint_coefficient * disjoint
    return float(total) / longest


@compiled
def _compare(
    code: Integers,
    weight: Floats,
    enabled: Bools,
    other_code: Integers,
    other_weight: Floats,
    other_enabled: Bools,
) -> tuple[float, int]:
    """How much matching connections differ in all, and how many there are.

    Always one sum from left to right: a shortcut for shared columns could round otherwise.
    """
    i, j, n, m = _START, _START, np.uint64(len(code)), np.uint64(len(other_code))
    matching = 0
    total = 0.0
    while i < n and j < m:
        if code[i] != other_code[j]:
            before = code[i] < other_code[j]
            i += np.uint64(before)
            j += np.uint64(not before)
            continue
        total += abs(weight[i] - other_weight[j]) + np.float64(enabled[i] ^ other_enabled[j])
        matching += 1
        i += np.uint64(1)
        j += np.uint64(1)
    return total, matching
