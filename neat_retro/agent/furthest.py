"""Ground gained: the one fitness term with a memory of places."""

from __future__ import annotations

from typing import NamedTuple

from neat_retro.agent.expressions import Moment
from neat_retro.agent.terms import Parse, number, split_clauses


class Furthest:
    """`furthest E [by LEVEL] [wrap N] [jump N]`: ground gained, in E's units, never paid twice.

    Pays what E rises above its highest value so far, from the value at the start of play. With `by LEVEL`
    each value of the expression LEVEL (a level's number) has its own highest. A change of more than `jump`
    (default 64) in one frame is no walk but a jump - a death, a warp, a new level: it pays nothing, and ground
    already paid for stays paid. A jump is believed when the next frame agrees: one frame of garbage changes nothing.

    `wrap N` is for a counter that wraps at N (256 for one byte). Where such a counter jumps to cannot be known,
    so a jump counts as a return to where the level began.
    """

    def __init__(self, arguments: str, parse: Parse) -> None:
        clauses = split_clauses(arguments, ("by", "wrap", "jump"))
        self.position = parse(clauses[""])
        self.level = parse(clauses["by"]) if "by" in clauses else None
        self.wrap = _positive("wrap", clauses["wrap"]) if "wrap" in clauses else 0.0
        self.jump = _positive("jump", clauses.get("jump", "64"))
        if self.wrap and self.jump >= self.wrap / 2:
            raise ValueError(f"jump {self.jump:g} must be less than half of wrap {self.wrap:g}")
        self.expressions = (self.position, *((self.level,) if self.level else ()))

    def start(self) -> FurthestState:
        return FurthestState(self)


def _positive(keyword: str, text: str) -> float:
    value = number(text)
    if value <= 0.0:
        raise ValueError(f"{keyword} {text} must be more than 0")
    return value


class _Place(NamedTuple):
    """What the variables say: a level's number, and a position that may wrap and jump."""

    level: float
    x: float


class _Arrival(NamedTuple):
    """A jump to new heights that is not yet confirmed by walking on from there; `highest` is the one before."""

    highest: float | None
    value: float


class FurthestState:
    """Where one episode is and has been. `reached` is the start position plus all ground paid for."""

    def __init__(self, term: Furthest) -> None:
        self.term = term
        self.value = 0.0
        self._start = 0.0
        self._place: _Place | None = None
        self._unbelieved: _Place | None = None
        self._arrival: _Arrival | None = None
        # Positions are without wraps; with `wrap` they begin, in each level, at its first E, and are its own.
        self._position = 0.0
        self._entries: dict[float, float] = {}
        self._highest: dict[float, float] = {}

    @property
    def progress(self) -> float | None:
        return self.value

    @property
    def reached(self) -> float:
        return self._start + self.value

    def update(self, moment: Moment) -> None:
        place = _Place(float(self.term.level(moment)) if self.term.level else 0.0, float(self.term.position(moment)))
        if place == self._place and self._unbelieved is None and self._arrival is None:
            return  # most frames of most episodes
        if self._place is None:
            self._start = place.x
            self._move_to(place)
            self._arrival = None  # the start is no jump: what is paid from here on stays paid
        elif self._unbelieved is not None and self._agrees(self._unbelieved, place):
            self._jump_to(self._unbelieved)
            self._walk_to(place)
        elif self._is_step(self._place, place):
            self._walk_to(place)
        else:
            self._unbelieved = place

    def _agrees(self, unbelieved: _Place, place: _Place) -> bool:
        """Whether this place is a step from the one not believed, and further from the one before that."""
        assert self._place is not None
        if not self._is_step(unbelieved, place):
            return False
        back = abs(self._step(self._place, place))
        return not self._is_step(self._place, place) or abs(self._step(unbelieved, place)) < back

    def _is_step(self, before: _Place, now: _Place) -> bool:
        return before.level == now.level and abs(self._step(before, now)) <= self.term.jump

    def _step(self, before: _Place, now: _Place) -> float:
        step, wrap = now.x - before.x, self.term.wrap
        return (step + wrap / 2) % wrap - wrap / 2 if wrap else step

    def _jump_to(self, place: _Place) -> None:
        assert self._place is not None
        if place.level == self._place.level:
            self._forget_arrival()
        self._move_to(place)

    def _forget_arrival(self) -> None:
        """Take back a jump that was followed by another, and the few steps between them.

        It was garbage, or the level's number changed some frames before the position did.
        """
        assert self._place is not None
        if self._arrival is None:
            return
        self.value = self._arrival.value
        if self._arrival.highest is None:
            del self._highest[self._place.level]
        else:
            self._highest[self._place.level] = self._arrival.highest

    def _move_to(self, place: _Place) -> None:
        """Be somewhere without having walked there."""
        entry = self._entries.setdefault(place.level, place.x)
        self._position = entry if self.term.wrap else place.x
        highest = self._highest.get(place.level)
        self._arrival = None
        if highest is None or self._position > highest:
            self._arrival = _Arrival(highest, self.value)
            self._highest[place.level] = self._position
        self._place, self._unbelieved = place, None

    def _walk_to(self, place: _Place) -> None:
        assert self._place is not None
        self._position += self._step(self._place, place)
        gained = self._position - self._highest[place.level]
        if gained > 0.0:
            self._highest[place.level] = self._position
            self.value += gained
        if self._arrival is not None and self.value - self._arrival.value > self.term.jump:
            self._arrival = None
        self._place, self._unbelieved = place, None
