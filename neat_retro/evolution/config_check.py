"""Knows which lines of a config do not fit the variables of a game, and which of them take a byte for a position."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from neat_retro.agent.expressions import Expression, parse_expression
from neat_retro.agent.fitness import NamedTerm, parse_terms
from neat_retro.agent.furthest import Furthest
from neat_retro.agent.terms import Change, Gain
from neat_retro.agent.variables import declare, derive
from neat_retro.errors import ExperimentError, did_you_mean
from neat_retro.experiment import Experiment
from neat_retro.game.integration import Variable
from neat_retro.game.json_source import Finding

_SECTION = re.compile(r"\s*\[(.+?)\]")
_KEY = re.compile(r"([^\s#;=:\[][^=:]*?)\s*[=:]")


@dataclass(frozen=True)
class Config:
    """An experiment, and the file that a person wrote it in."""

    experiment: Experiment
    path: Path

    def line_of(self, section: str, key: str) -> int | None:
        """Return the line of a key, else of its section, if the file has it."""
        inside, heading = "", None
        for number, line in enumerate(self.path.read_text(encoding="utf-8-sig").splitlines(), 1):
            if found := _SECTION.match(line):
                inside = found[1]
                heading = number if inside == section else heading
            elif inside == section and (found := _KEY.match(line)) and found[1] == key:
                return number
        return heading

    def finding(self, section: str, key: str, error: ExperimentError) -> Finding:
        """Return an error of the experiment's as one in a line of the file."""
        what, _, cure = str(error).partition("\n  ")
        for place in (self.experiment.line(section, key), self.experiment.place(section, key)):
            what = what.removeprefix(place)
        given = re.sub(r"^ = .*?: (?!when)", "", what) if what.startswith(" = ") else what.lstrip(":, ")
        return Finding("error", self.path, self.line_of(section, key), f"[{section}] {key}: {given}", cure)


@dataclass(frozen=True)
class Position:
    """A fitness term that takes one byte for a position: it loses its place where the byte wraps."""

    term: str
    kind: str
    variable: str


def wrong_lines(config: Config, names: Sequence[str], states: Sequence[str]) -> list[Finding]:
    """Return an error for every line that names a variable or a start state that the game does not have."""
    found = []
    for section, key, parse in (*_definitions(config, names), *_lines(config.experiment, names)):
        try:
            parse()
        except ExperimentError as error:
            found.append(config.finding(section, key, error))
    for state in config.experiment.game.states:
        if state not in states:
            what = f"[Game] states: the game has no start state {state!r}.{did_you_mean(state, states)}"
            cure = f"It has {', '.join(states) or 'none'}."
            found.append(Finding("error", config.path, config.line_of("Game", "states"), what, cure))
    return found


def byte_positions(experiment: Experiment, variables: Sequence[Variable]) -> tuple[Position, ...]:
    """Return the terms that take a single byte for a position. The experiment's lines are known to be right."""
    names = [variable.name for variable in variables]
    bytes_ = {v.name for v in variables if v.width == 1 and v.type[-2] in "ui" and v.mask is None}
    derived = derive(experiment.variables, names, experiment.source)
    known = (*names, *derived)
    terms = parse_terms(
        experiment.fitness, lambda where: lambda text: parse_expression(text, known, where), experiment.source
    )
    found = []
    for named in terms:
        expression = _position(named)
        read = set() if expression is None else _read_in_the_end(expression, derived)
        if len(read) == 1 and read <= bytes_:
            kind = experiment.fitness[named.name].split()[0]
            found.append(Position(named.name, kind, next(iter(read))))
    return tuple(found)


def _position(named: NamedTerm) -> Expression | None:
    """Return what a term pays the way of, where a wrap would be taken for a way; None where it would not."""
    term = named.term
    if isinstance(term, Furthest):
        return None if term.wrap else term.position
    return term.expressions[0] if isinstance(term, Change | Gain) else None


def _read_in_the_end(expression: Expression, derived: dict[str, Expression]) -> set[str]:
    """Return the game's own variables that an expression hangs on."""
    read = set(expression.names)
    for name in reversed(list(derived)):
        if name in read:
            read = (read - {name}) | derived[name].names
    return read


Line = tuple[str, str, Callable[[], object]]  # section, key, and what raises ExperimentError where it is wrong


def _definitions(config: Config, names: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of [Variables]; each may use those above it, be they right or wrong."""
    experiment, above = config.experiment, list(names)
    for name, text in experiment.variables.items():
        known = tuple(above)
        where = experiment.line("Variables", name)

        def parse(name: str = name, text: str = text, known: tuple[str, ...] = known, where: str = where) -> object:
            declare({name: text}, known, experiment.source)
            return parse_expression(text, known, where)

        yield "Variables", name, parse
        above.append(name)


def _lines(experiment: Experiment, names: Sequence[str]) -> Iterator[Line]:
    """Yield every other line that names variables."""
    known = (*names, *experiment.variables)

    def expression(section: str, key: str, text: str) -> Line:
        return section, key, lambda: parse_expression(text, known, experiment.line(section, key))

    def term(name: str, line: str) -> Line:
        return (
            "Fitness",
            name,
            lambda: parse_terms(
                {name: line},
                lambda where: lambda text: parse_expression(text, known, where),
                experiment.source,
                lambda name: experiment.line("Fitness", name),
            ),
        )

    for name, line in experiment.fitness.items():
        yield term(name, line)
    episode = experiment.episode
    for key, text in (("goal", episode.goal), ("life_lost", episode.life_lost), ("done", episode.done)):
        if text and not (key == "done" and text in ("scenario", "none")):
            yield expression("Episode", key, text)
    for text in experiment.observation.variables:
        yield expression("Observation", "variables", text)
