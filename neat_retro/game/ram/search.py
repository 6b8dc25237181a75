"""Searches a game's memory for a kind of value by how it behaves, and puts what was chosen into data.json."""

from __future__ import annotations

import json
import keyword
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neat_retro.errors import IntegrationError, UsageError, did_you_mean
from neat_retro.game import catalog
from neat_retro.game.apart import run_apart
from neat_retro.game.emulator import Emulator
from neat_retro.game.files import write_whole
from neat_retro.game.integration import load_variables
from neat_retro.game.ram import KINDS
from neat_retro.game.ram.candidates import Candidate
from neat_retro.game.ram.counters import find_health, find_lives
from neat_retro.game.ram.positions import find_positions
from neat_retro.game.ram.probes import COUNTER_SCRIPTS, POSITION_SCRIPTS, Recording, Script, record
from neat_retro.game.ram.timers import find_timers

_MOST_SHOWN = 8
_LEAST_SCORE = 0.05


@dataclass(frozen=True)
class Search:
    """What is played to find a kind of value, and who ranks what was seen."""

    scripts: tuple[Script, ...]
    rank: Callable[[Recording], tuple[Candidate, ...]]


_SEARCHES = (
    Search(POSITION_SCRIPTS, find_positions),
    Search(COUNTER_SCRIPTS, find_lives),
    Search(COUNTER_SCRIPTS, find_timers),
    Search(COUNTER_SCRIPTS, find_health),
)
SEARCHES = dict(zip(KINDS, _SEARCHES, strict=True))


@dataclass(frozen=True)
class Found:
    """What behaves as was asked, best first, in plays from `state`; `answers` is as in `Recording`."""

    candidates: tuple[Candidate, ...]
    state: str
    answers: bool


@dataclass(frozen=True)
class Written:
    """What was added to a data.json, and the value in terms of it, as a config's [Variables] takes it."""

    path: Path
    names: tuple[str, ...]
    expression: str


def search(game: str, kind: str, state: str | None = None) -> Found:
    """Play from the start state, the game's own if none is named, and return what behaves as `kind`.

    Opens the game in a process of its own. What data.json says is not looked at. Raises UsageError, GameError.
    """
    if kind not in SEARCHES:
        raise UsageError(f"No search for {kind!r}.{did_you_mean(kind, SEARCHES)} There is {', '.join(SEARCHES)}.")
    folder_name = catalog.resolve_game(game)
    catalog.rom_path(folder_name)
    start = start_state(folder_name, state)
    died = f"The emulator died while {folder_name} was searched. Is its ROM intact?"
    return run_apart(_search, folder_name, kind, start, died=died)


def start_state(game: str, state: str | None) -> str:
    """Return the start state that is meant: the one named, the default, or the first. Raises UnknownStateError."""
    known = catalog.states(game)
    chosen = state or catalog.default_state(game) or (known[0] if known else None)
    if chosen is None:
        raise IntegrationError(
            f"{game} has no start state. Make one:\n"
            f'  neat-retro integration state {catalog.short_name(game)} Start --press "wait 120, START 5, wait 60"'
        )
    catalog.state_path(game, chosen)
    return chosen


def check_name(game: str, name: str) -> None:
    """Raise UsageError for a name that no variable can have, IntegrationError for one that the game has already."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"--write {name}: a variable's name has letters, digits and _, such as x or lives.")
    taken = {name, f"{name}Hi", f"{name}Lo"}.intersection(catalog.variables(game))
    if taken:
        path = catalog.find_file(catalog.resolve_game(game), "data.json")
        raise IntegrationError(f"{path} has a variable {min(taken)!r} already. Choose another name, or remove it.")


def write_choice(game: str, name: str, candidate: Candidate) -> Written:
    """Add the candidate to the game's data.json as `name`, or as `nameHi` and `nameLo` where it has two parts.

    What else the file says stays, in its order. A file that came with neat-retro or stable-retro is copied to the
    user's folder first. Raises as `check_name`, and IntegrationError where the file cannot be read or written.
    """
    check_name(game, name)
    folder_name = catalog.resolve_game(game)
    present = catalog.find_file(folder_name, "data.json")
    content: dict[str, Any] = {"info": {}}
    if present is not None:
        load_variables(present)  # says in words what is wrong with it
        content = json.loads(present.read_text(encoding="utf-8-sig"))
    parts = candidate.place.parts
    names = (name,) if len(parts) == 1 else (f"{name}Hi", f"{name}Lo")
    for part_name, part in zip(names, parts, strict=True):
        content["info"][part_name] = {"address": part.address, "type": part.type}
    target = present
    if target is None or catalog.is_shipped(target):
        target = catalog.user_folder() / "integrations" / folder_name / "data.json"
    write_whole(target, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())
    return Written(target, names, candidate.place.expression(names))


def _search(game: str, kind: str, state: str) -> Found:
    sought = SEARCHES[kind]
    with Emulator(game) as emulator:
        recording = record(emulator, catalog.console(game), state, sought.scripts)
    ranked: Sequence[Candidate] = sought.rank(recording)
    shown = tuple(candidate for candidate in ranked[:_MOST_SHOWN] if candidate.score >= _LEAST_SCORE)
    return Found(shown, state, recording.answers)
