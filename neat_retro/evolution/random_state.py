"""neat-python's random numbers, which it draws from Python's global generator, kept apart from everybody else's."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

# Where a generator stands, as random.getstate() tells it.
RandomState = tuple[Any, ...]


def seed_random(seed: int) -> RandomState:
    """Return the state of a generator seeded with `seed`, leaving the global one alone."""
    return random.Random(seed).getstate()


class GlobalRandom:
    """Lends the global generator to neat-python and gives it back as it was."""

    def __init__(self, state: RandomState) -> None:
        self.state = state

    @contextlib.contextmanager
    def swapped(self) -> Iterator[None]:
        """Exchange `state` with the global generator's, and back at the end.

        Within one `swapped` neat-python draws; a second one within that gives a reporter its own numbers again.
        """
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        outside = random.getstate()
        random.setstate(self.state)
        self.state = outside
