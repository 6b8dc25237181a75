"""Fitness: the terms of an experiment and how each grows over an episode.

A line of [Fitness] is `NAME = kind arguments`. Terms see every frame of play (not only decisions), and an
episode's fitness is the sum of its terms. The kinds:

    furthest E [by LEVEL] [wrap N] [jump N]   ground gained; see Furthest
    change E                                  E at the end minus E at the start
    gain E                                    the sum of E's increases: coins, score, rings
    health_gap OWN OPPONENT                   damage dealt minus damage taken
    bonus N when CONDITION                    N each time the condition comes true
    penalty N when CONDITION                  -N each time the condition comes true
    per_frame N                               N for every frame played
    scenario_reward                           the reward of the game's scenario.json

`times N` at the end multiplies any of them. `package.module:Name` as a kind is a class of your own: it is
called as Name(arguments, parse), where `parse` makes an Expression of a text, and is a FitnessTerm.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from neat_retro.agent.furthest import Furthest
from neat_retro.agent.terms import (
    Bonus,
    Change,
    FitnessTerm,
    Gain,
    HealthGap,
    Parse,
    Penalty,
    PerFrame,
    ScenarioReward,
    number,
    split_clauses,
)
from neat_retro.errors import ExperimentError, did_you_mean


@dataclass(frozen=True)
class NamedTerm:
    """A line of [Fitness]: the author's name for the term, the term, and its weight (`times N`)."""

    name: str
    term: FitnessTerm
    weight: float


FITNESS_KINDS: Mapping[str, Callable[[str, Parse], FitnessTerm]] = {
    "furthest": Furthest,
    "change": Change,
    "gain": Gain,
    "health_gap": HealthGap,
    "bonus": Bonus,
    "penalty": Penalty,
    "per_frame": PerFrame,
    "scenario_reward": ScenarioReward,
}


def parse_terms(
    lines: Mapping[str, str],
    parse_at: Callable[[str], Parse],
    source: str,
    line_place: Callable[[str], str] | None = None,
) -> tuple[NamedTerm, ...]:
    """Parse [Fitness]. `parse_at(where)` gives the expression parser whose errors begin with `where`.

    `line_place` says of a term's name where its line was given: in `source`, if it is left out.

    Raises ExperimentError for an unknown kind, a bad argument or an empty section.
    """
    if not lines:
        raise ExperimentError(
            f"{source} has no [Fitness]. Say what is good, one line a term, for example:\n"
            "  [Fitness]\n  score = gain score"
        )
    place = line_place or (lambda name: f"{source}, [Fitness] {name}")
    return tuple(_parse_term(name, line, parse_at, place(name)) for name, line in lines.items())


def _parse_term(name: str, line: str, parse_at: Callable[[str], Parse], where: str) -> NamedTerm:
    if not name.isidentifier() or name.lower() == "fitness":
        taken = "the name of the sum" if name.lower() == "fitness" else "not a name"
        raise ExperimentError(f"{where}: {name!r} is {taken}. Choose another name, of letters, digits and _.")
    kind, arguments = [*line.split(maxsplit=1), "", ""][:2]
    make = FITNESS_KINDS.get(kind) or _from_outside(kind, where)
    try:
        clauses = split_clauses(arguments, ("times",))
        weight = number(clauses.get("times", "1"))
        return NamedTerm(name, make(clauses[""], parse_at(where)), weight)
    except ValueError as error:
        raise ExperimentError(f"{where} = {line}: {error}") from error
    except (TypeError, AttributeError) as error:
        raise ExperimentError(f"{where} = {line}: {kind} is no fitness term: {error}") from error


def _from_outside(kind: str, where: str) -> Callable[[str, Parse], FitnessTerm]:
    if ":" not in kind:
        listed = ", ".join(FITNESS_KINDS)
        raise ExperimentError(
            f"{where}: no kind of fitness {kind!r}.{did_you_mean(kind, FITNESS_KINDS)}\n"
            f"  Kinds: {listed}, or package.module:Name of your own"
        )
    return load_extension(kind, where)


def load_extension(name: str, where: str) -> Callable[..., FitnessTerm]:
    """Import `package.module:Name`. Raises ExperimentError where there is no such thing."""
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # the module is the user's: whatever it raises while it is imported
        raise ExperimentError(f"{where}: cannot import {name}: {error}") from error
    if not callable(found):
        raise ExperimentError(f"{where}: {name} is no class. It is called as Name(arguments, parse).")
    return found  # type: ignore[no-any-return]
