"""Knows in which order jobs are handed out: the longest expected first, so that no worker ends long after the others.

Graham (1969), SIAM Journal on Applied Mathematics 17(2), doi:10.1137/0117039: in that order, and with expectations
that come true, the last worker ends at most a third later than it must.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence


def longest_first(expected: Sequence[float]) -> list[int]:
    """Return the places of the numbers, greatest first; equal ones keep their order."""
    return sorted(range(len(expected)), key=lambda place: -expected[place])


def expected_frames(
    key: int, parents: Mapping[int, tuple[int, ...]], played: Mapping[int, int], unknown: float
) -> float:
    """Return how long a genome is expected to play.

    `played` are the frames of the generation before, by key: its own if it was there, else the mean of its
    parents', else `unknown`.
    """
    if key in played:
        return played[key]
    known = [played[parent] for parent in parents.get(key, ()) if parent in played]
    return statistics.fmean(known) if known else unknown
