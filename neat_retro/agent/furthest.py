"""Ground gained: the one fitness term with a memory of places."""

from __future__ import annotations

from neat_retro.agent.expressions import Moment
from neat_retro.agent.terms import Parse, number, split_clauses


class Furthest:
    """`furthest E [by LEVEL] [wrap N] [jump N]`: ground gained, in E's units, never paid twice.

    Pays what E rises above its highest value so far, from the value at the start of play. With `by LEVEL`
    each value of the expression LEVEL (a level's number) has its own highest. A step of more than `jump`
    (default 64) in one frame is no walk but a jump - a death, a warp, a new level, a frame of garbage:
    it pays nothing, and ground already paid for stays paid. `wrap N` is for a counter that wraps at N
    (256 for one byte); there a jump cannot be told from a wrap and counts as a return to where the level began.
    """

    def __init__(self, arguments: str, parse: Parse) -> None:
        clauses = split_clauses(arguments, ("by", "wrap", "jump"))
        self.position = parse(clauses[""])
        self.level = parse(clauses["by"]) if "by" in clauses else None
        self.wrap = number(clauses["wrap"]) if "wrap" in clauses else 0.0
        self.jump = number(clauses.get("jump", "64"))
        if self.wrap and self.jump >= self.wrap / 2:
            raise ValueError(f"jump {self.jump:g} must be less than half of wrap {self.wrap:g}")
        self.expressions = (self.position, *((self.level,) if self.level else ()))

    def start(self) -> FurthestState:
        return FurthestState(self)


class FurthestState:
    """Where one episode is and has been. `reached` is the start position plus all ground paid for."""

    def __init__(self, term: Furthest) -> None:
        self.term = term
        self.value = 0.0
        self.progress: float | None = 0.0
        self.reached = 0.0
        self._previous: float | None = None
        self._position = 0.0
        self._level = 0.0
        self._highest: dict[float, float] = {}
        self._entry = 0.0
        self._paid_here = 0.0
        self._new_level = False
        self._before_jump: float | None = None

    def update(self, moment: Moment) -> None:
        x = float(self.term.position(moment))
        level = float(self.term.level(moment)) if self.term.level else 0.0
        if self._previous is None:
            self._enter(level, x)
            self.reached = x
        else:
            self._follow(x, level)
        self._previous = x
        self.progress = self.value

    def _follow(self, x: float, level: float) -> None:
        assert self._previous is not None
        step = x - self._previous
        wrap = self.term.wrap
        if wrap:
            step = (step + wrap / 2) % wrap - wrap / 2
        jumped = abs(step) > self.term.jump
        if level != self._level:
            self._enter(level, self._position + step if wrap and not jumped else x)
        elif jumped and wrap:
            self._position = self._entry
        elif jumped:
            self._jump(x)
        else:
            self._position += step
            self._pay()

    def _enter(self, level: float, x: float) -> None:
        self._level = level
        self._position = self._entry = x
        self._paid_here = 0.0
        self._before_jump = None
        self._new_level = level not in self._highest and bool(self._highest)
        self._highest.setdefault(level, x)

    def _jump(self, x: float) -> None:
        """Move without walking: forwards pays nothing, backwards forgets nothing."""
        self._position = x
        highest = self._highest[self._level]
        if x > highest:
            self._before_jump = highest
            self._highest[self._level] = x
        elif self._before_jump is not None and x <= self._before_jump + self.term.jump:
            # The jump forwards was a frame of garbage: nothing was walked there.
            self._highest[self._level] = self._before_jump
            self._before_jump = None
        elif self._new_level and self._paid_here <= self.term.jump:
            # The level's number changed before the position did: what was walked since was the old level's.
            self.value -= self._paid_here
            self._enter_again(x)

    def _enter_again(self, x: float) -> None:
        del self._highest[self._level]
        self._enter(self._level, x)

    def _pay(self) -> None:
        gained = self._position - self._highest[self._level]
        if gained > 0.0:
            self._highest[self._level] = self._position
            self._before_jump = None
            self._paid_here += gained
            self.value += gained
            self.reached += gained
