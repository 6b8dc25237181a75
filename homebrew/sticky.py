"""Chance that repeats itself: drawn anew at each decision, random presses cancel out and lead nowhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TypeVar

STICK = 0.25  # the chance that a decision repeats the last one: Machado et al. (2018), doi:10.1613/jair.5699

Decision = TypeVar("Decision")


def sticky_draws(
    rng: random.Random, draw: Callable[[], Decision], last: Decision | None = None, stick: float = STICK
) -> Iterator[Decision]:
    """Yield what `draw` returns, or else, with the chance `stick`, once more what came last.

    Without a `last` decision to go on from, the first is always drawn.
    """
    while True:
        if last is None or rng.random() >= stick:
            last = draw()
        yield last
