"""The kinds of fitness term: what a line of [Fitness] can say, and how it adds up over an episode."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from neat_retro.agent.expressions import Expression, Moment

Parse = Callable[[str], Expression]


class FitnessTerm(Protocol):
    """One kind of fitness. Terms are shared by all episodes; what an episode adds up is in the TermState."""

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """What the term reads, so that only variables somebody needs are looked up."""
        ...

    def start(self) -> TermState:
        """Return the state of one episode."""
        ...


class TermState(Protocol):
    """One term over one episode. `progress` is what a stall is judged by; None where it cannot stall."""

    @property
    def value(self) -> float: ...

    @property
    def progress(self) -> float | None: ...

    def update(self, moment: Moment) -> None:
        """Take in the next frame. The first moment is the start of play."""
        ...


class SteppedTerm(ABC):
    """A term that adds a number each frame, worked out from a reading of this frame and of the one before."""

    expressions: tuple[Expression, ...] = ()
    can_stall = True

    @abstractmethod
    def reading(self, moment: Moment) -> Any:
        """Return what the next step compares with."""

    @abstractmethod
    def step(self, before: Any, now: Any) -> float:
        """Return what this frame adds."""

    def start(self) -> SteppedState:
        return SteppedState(self)


class SteppedState:
    """The sum of one episode's steps."""

    def __init__(self, term: SteppedTerm) -> None:
        self.value = 0.0
        self._term = term
        self._before: Any = None
        self._started = False

    @property
    def progress(self) -> float | None:
        return self.value if self._term.can_stall else None

    def update(self, moment: Moment) -> None:
        now = self._term.reading(moment)
        if self._started:
            self.value += self._term.step(self._before, now)
        self._before = now
        self._started = True


class Change(SteppedTerm):
    """`change E`: E at the end minus E at the start of play."""

    def __init__(self, arguments: str, parse: Parse) -> None:
        self._expression = parse(arguments)
        self.expressions = (self._expression,)

    def reading(self, moment: Moment) -> float:
        return float(self._expression(moment))

    def step(self, before: float, now: float) -> float:
        return now - before


class Gain(Change):
    """`gain E`: the sum of E's increases from frame to frame; losses and resets take nothing away."""

    def step(self, before: float, now: float) -> float:
        return max(0.0, now - before)


class HealthGap(SteppedTerm):
    """`health_gap OWN OPPONENT`: damage dealt minus damage taken, in points of health.

    Health that rises is a new round and counts for nobody. Street Fighter II writes 0xFF at a knock-out
    (255, or -1 or 65535 where the variable is signed or two bytes wide): that is 0 health.
    """

    def __init__(self, arguments: str, parse: Parse) -> None:
        names = arguments.split()
        if len(names) != 2:
            raise ValueError("name two variables: health_gap OWN OPPONENT")
        self._own, self._opponent = parse(names[0]), parse(names[1])
        self.expressions = (self._own, self._opponent)

    def reading(self, moment: Moment) -> tuple[float, float]:
        return _health(self._own(moment)), _health(self._opponent(moment))

    def step(self, before: tuple[float, float], now: tuple[float, float]) -> float:
        taken = max(0.0, before[0] - now[0])
        dealt = max(0.0, before[1] - now[1])
        return dealt - taken


def _health(value: float) -> float:
    return 0.0 if value < 0 or value in (0xFF, 0xFFFF) else float(value)


class Bonus(SteppedTerm):
    """`bonus N when CONDITION`: N each time the condition comes true; true at the start pays nothing."""

    sign = 1.0

    def __init__(self, arguments: str, parse: Parse) -> None:
        clauses = split_clauses(arguments, ("when",))
        if "when" not in clauses:
            raise ValueError("say when: N when CONDITION")
        self._amount = self.sign * number(clauses[""])
        self._condition = parse(clauses["when"])
        self.expressions = (self._condition,)

    def reading(self, moment: Moment) -> bool:
        return bool(self._condition(moment))

    def step(self, before: bool, now: bool) -> float:
        return self._amount if now and not before else 0.0


class Penalty(Bonus):
    """`penalty N when CONDITION`: -N each time the condition comes true."""

    sign = -1.0


class PerFrame(SteppedTerm):
    """`per_frame N`: N for every frame played. It never counts as progress."""

    can_stall = False

    def __init__(self, arguments: str, parse: Parse) -> None:
        self._amount = number(arguments)

    def reading(self, moment: Moment) -> None:
        return None

    def step(self, before: None, now: None) -> float:
        return self._amount


class ScenarioReward(SteppedTerm):
    """`scenario_reward`: the reward of the game's scenario.json, its scripts included."""

    def __init__(self, arguments: str, parse: Parse) -> None:
        if arguments:
            raise ValueError("it takes no arguments but `times N`")

    def reading(self, moment: Moment) -> float:
        return moment.scenario_reward

    def step(self, before: float, now: float) -> float:
        return now


def split_clauses(text: str, keywords: tuple[str, ...]) -> dict[str, str]:
    """Split `a by b wrap 256` at the keywords, outside parentheses; the text before the first is under ''."""
    pieces = list(_pieces(text, keywords))
    clauses: dict[str, str] = {}
    for keyword, piece in pieces:
        if keyword in clauses:
            raise ValueError(f"{keyword!r} is given twice")
        if not piece and keyword:
            raise ValueError(f"something is missing after {keyword!r}")
        clauses[keyword] = piece
    return clauses


def _pieces(text: str, keywords: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    keyword, begin = "", 0
    for match in re.finditer(rf"\b({'|'.join(keywords)})\b", text):
        before = text[: match.start()]
        if before.count("(") == before.count(")"):
            yield keyword, text[begin : match.start()].strip()
            keyword, begin = match[1], match.end()
    yield keyword, text[begin:].strip()


def number(text: str) -> float:
    """Return a finite number. Raises ValueError, in words, where the text is none."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} should be a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{text!r} should be a finite number")
    return value
