"""The variables of one game as an experiment names them: read from RAM, and derived by arithmetic."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from neat_retro.agent.expressions import Expression, Moment, parse_expression
from neat_retro.errors import ExperimentError


@dataclass(frozen=True)
class Variables:
    """Which RAM variables an episode reads at each frame, and what is derived from them, in order."""

    read_names: tuple[str, ...]
    derived: tuple[tuple[str, Expression], ...]

    def read(self, lookup: Callable[[str], int], previous: Moment | None) -> Moment:
        """Return the moment after `previous`; None makes it the first, whose start is itself."""
        now: dict[str, float] = {name: lookup(name) for name in self.read_names}
        moment = Moment(now, previous.now, previous.start) if previous else Moment(now, now, now)
        for name, expression in self.derived:
            now[name] = float(expression(moment))
        return moment


def declare(definitions: Mapping[str, str], game_variables: Iterable[str], source: str) -> tuple[str, ...]:
    """Return every name that expressions may use. Raises ExperimentError for a name that is taken or no name."""
    known = tuple(game_variables)
    for name in definitions:
        where = f"{source}, [Variables]"
        if name in known:
            raise ExperimentError(f"{where}: {name} is a variable of the game already. Choose another name.")
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ExperimentError(f"{where}: {name!r} is not a name. Use letters, digits and _.")
    return (*known, *definitions)


def derive(definitions: Mapping[str, str], game_variables: Iterable[str], source: str) -> dict[str, Expression]:
    """Parse [Variables]. Each definition may use the game's variables and the definitions above it."""
    declare(definitions, game_variables, source)
    known = list(game_variables)
    parsed = {}
    for name, text in definitions.items():
        parsed[name] = parse_expression(text, known, f"{source}, [Variables] {name}")
        known.append(name)
    return parsed


def needed(derived: Mapping[str, Expression], used: Iterable[Expression]) -> Variables:
    """Return the variables that `used` expressions need, and no others: each costs a look-up a frame."""
    wanted = {name for expression in used for name in expression.names}
    for name in reversed(list(derived)):
        if name in wanted:
            wanted |= derived[name].names
    return Variables(
        read_names=tuple(sorted(wanted - derived.keys())),
        derived=tuple((name, expression) for name, expression in derived.items() if name in wanted),
    )
