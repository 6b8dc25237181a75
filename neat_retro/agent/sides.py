"""The two sides of a game for two: how pad two sees and plays it as if it were player one.

A network that was trained as player one finds its own health where the game keeps player one's, its opponent to
the right, and walks there with RIGHT. [Versus] says which variables change places between the players and which
positions are seen from the other end; pictures are flipped, and LEFT and RIGHT change places.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from neat_retro.agent.actions import Buttons
from neat_retro.agent.observation import Bytes, Scene
from neat_retro.errors import ExperimentError, did_you_mean
from neat_retro.experiment import Experiment

# `x enemy_x 255` or `ball_x 255 except 0`
_MIRROR = re.compile(r"([^\W\d]\w*(?:\s+[^\W\d]\w*)?)\s+(-?\d+)(?:\s+except\s+(-?\d+))?")


class View(Scene, Protocol):
    """A game as one player sees it."""

    def lookup(self, name: str) -> int:
        """Return a variable's value now."""
        ...


@dataclass(frozen=True)
class Counterpart:
    """What a variable is for the other player: `of`, or, where there is an axis, `axis` minus `of`.

    `absent` is a value that stands for no position, and is the same from both sides.
    """

    of: str
    axis: int | None = None
    absent: int | None = None

    def seen(self, value: int) -> int:
        """Return what the other player sees where `of` has this value."""
        return value if self.axis is None or value == self.absent else self.axis - value


@dataclass(frozen=True)
class Sides:
    """How one player's view becomes the other's; what is not named is the same for both."""

    counterparts: Mapping[str, Counterpart]
    left: int
    right: int

    def turned(self, mask: int) -> int:
        """Return a mask with LEFT and RIGHT exchanged."""
        kept = mask & ~(self.left | self.right)
        return kept | (self.right if mask & self.left else 0) | (self.left if mask & self.right else 0)


@dataclass(frozen=True)
class OtherSide:
    """A game as player two sees it, in the words of player one."""

    game: View
    sides: Sides

    def lookup(self, name: str) -> int:
        counterpart = self.sides.counterparts.get(name)
        if counterpart is None:
            return self.game.lookup(name)
        return counterpart.seen(self.game.lookup(counterpart.of))

    def screen(self) -> Bytes:
        return np.ascontiguousarray(self.game.screen()[:, ::-1])

    def ram(self) -> Bytes:
        raise ExperimentError(
            "Bytes of memory cannot be seen from the other side. Train with [Observation] kind = variables."
        )


def parse_sides(experiment: Experiment, variables: Collection[str], buttons: Buttons) -> Sides:
    """Parse [Versus] swap and mirror for a game with these RAM variables. Raises ExperimentError."""
    parser = _Parser(variables)
    for text in experiment.versus.swap:
        parser.swap(text, experiment.line("Versus", "swap"))
    for text in experiment.versus.mirror:
        parser.mirror(text, experiment.line("Versus", "mirror"))
    left, right = (1 << buttons.index(name) if name in buttons else 0 for name in ("LEFT", "RIGHT"))
    return Sides(parser.counterparts, left, right)


class _Parser:
    def __init__(self, variables: Collection[str]) -> None:
        self.counterparts: dict[str, Counterpart] = {}
        self._variables = variables

    def swap(self, text: str, where: str) -> None:
        names = text.split()
        if len(names) != 2:
            raise ExperimentError(f"{where}: {text!r} should be two variables: health enemy_health")
        self._pair(names, where)

    def mirror(self, text: str, where: str) -> None:
        match = _MIRROR.fullmatch(text)
        if match is None:
            raise ExperimentError(
                f"{where}: {text!r} should be one or two variables, then the sum of a position and its mirror image,\n"
                "  then perhaps the value that stands for no position: x enemy_x 255, shot_x enemy_shot_x 255 except 0"
            )
        names, axis, absent = match.groups()
        self._pair(names.split(), where, int(axis), None if absent is None else int(absent))

    def _pair(self, names: Sequence[str], where: str, axis: int | None = None, absent: int | None = None) -> None:
        for name, other in zip(names, reversed(names), strict=True):
            if name not in self._variables:
                listed = ", ".join(sorted(self._variables)) or "none"
                hint = did_you_mean(name, self._variables)
                raise ExperimentError(
                    f"{where}: no variable {name!r} in the game's memory.{hint}\n  Variables of this game: {listed}"
                )
            if name in self.counterparts:
                raise ExperimentError(f"{where}: {name} is named twice. A variable has one counterpart.")
            self.counterparts[name] = Counterpart(other, axis, absent)
