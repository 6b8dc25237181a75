"""Knows what can be wrong with a game's files without playing it: each by itself, and whether they fit together."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from neat_retro.errors import IntegrationError, MissingRomError, did_you_mean
from neat_retro.game import catalog
from neat_retro.game.integration import Metadata, Variable, read_metadata, read_variables
from neat_retro.game.json_source import Finding, Source
from neat_retro.game.roms.installed import rom_sha1
from neat_retro.game.scenario import Scenario, read_scenario

Read = TypeVar("Read")

_LARGEST_STATE = 64 * 2**20  # bytes, unpacked
_MAKE_STATE = "Make one:  neat-retro integration state {game} {state} --press BUTTONS"


@dataclass
class Files:
    """What a game's files say, and what is wrong with them. None stands for a file that cannot be used.

    `names` are the variables of data.json, those that are not usable among them. `states` can be unpacked.
    `unchecked` says what could not be looked at, and why.
    """

    game: str
    data: Path | None = None
    variables: tuple[Variable, ...] | None = None
    names: tuple[str, ...] = ()
    scenario: Scenario | None = None
    states: tuple[str, ...] = ()
    rom: Path | None = None
    findings: list[Finding] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # the files that the game cannot be opened with

    @property
    def scenario_holds(self) -> bool:
        """Whether stable-retro can look every variable of the scenario up."""
        scenario = self.scenario
        return scenario is not None and (bool(scenario.scripts) or {*self.names}.issuperset(scenario.variables))


def check_files(game: str, scenario: str = "scenario") -> Files:
    """Check every file of the game with this folder name by itself, and whether they fit together."""
    files = Files(game)
    _check_data(files)
    _check_scenario(files, f"{scenario}.json")
    _check_rom(files)
    _check_states(files)
    _check_metadata(files)
    return files


def _read(files: Files, path: Path, read: Callable[[Source], tuple[Read, tuple[Finding, ...]]]) -> Read | None:
    """Read a file and keep what is wrong with it; None where nothing of it can be used."""
    try:
        source = Source.read(path)
    except IntegrationError as error:
        what, _, cure = str(error).removeprefix(str(path)).lstrip(":, ").partition("\n  ")
        place, _, rest = what.partition(": ")
        line = int(place.split()[1].rstrip(",")) if place.startswith("line ") else None
        column = place.partition(", ")[2]
        told = what if line is None else f"{column}: {rest}" if column else rest
        files.findings.append(Finding("error", path, line, told, cure))
        return None
    content, findings = read(source)
    files.findings += [*source.repeated_keys(), *findings]
    return content


def _check_data(files: Files) -> None:
    path = files.data = catalog.find_file(files.game, "data.json")
    if path is None:
        cure = 'Write one beside the states: {"info": {"x": {"address": 0, "type": "|u1"}}}.'
        files.findings.append(Finding("error", None, None, f"{files.game} has no data.json.", cure))
        files.broken.append("data.json")
        return
    before = len(files.findings)

    def read(source: Source) -> tuple[tuple[Variable, ...], tuple[Finding, ...]]:
        info = source.content.get("info")
        files.names = tuple(info) if isinstance(info, dict) else ()
        return read_variables(source)

    files.variables = _read(files, path, read)
    if any(finding.severity == "error" for finding in files.findings[before:]):
        files.broken.append("data.json")
    files.findings += _byte_orders(files, path)


def _byte_orders(files: Files, path: Path) -> Iterator[Finding]:
    """Yield a warning for numbers of several bytes in the order that the console's processor does not use."""
    console = catalog.console(files.game)
    types = catalog.consoles().get(console, {}).get("types", ())
    usual = {type_[0] for type_ in types if type_[1] in "ui" and type_[2] != "1"}
    for variable in files.variables or ():
        order, kind = variable.type[0], variable.type[-2]
        if usual and variable.width > 1 and kind in "ui" and order in "<>" and order not in usual:
            other = variable.type.replace(order, min(usual))
            what = f"variable {variable.name!r}: type = {variable.type!r}, but a {console} keeps numbers the other way."
            cure = f'Write "{other}", unless this game is an exception.'
            yield Finding("warning", path, variable.line, what, cure)


def _check_scenario(files: Files, name: str) -> None:
    path = catalog.find_file(files.game, name)
    if path is None:
        cure = "Write one beside data.json; {} pays nothing and is never done."
        files.findings.append(Finding("error", None, None, f"{files.game} has no {name}.", cure))
        files.broken.append(name)
        return
    before = len(files.findings)
    files.scenario = _read(files, path, read_scenario)
    if any(finding.severity == "error" for finding in files.findings[before:]):
        files.broken.append(name)
    if files.scenario is None:
        return
    for script in files.scenario.scripts:
        if not (path.parent / script).is_file():
            what = f"its script {script!r} is not there."
            files.findings.append(Finding("error", path, None, what, f"Put it into {path.parent}."))
    if files.scenario.scripts or files.variables is None:
        return  # scripts have variables of their own
    for variable in files.scenario.variables:
        if variable not in files.names:
            what = f"{variable!r} is no variable of data.json.{did_you_mean(variable, files.names)}"
            cure = f"data.json has {', '.join(files.names) or 'none'}."
            files.findings.append(Finding("error", path, files.scenario.lines.get(variable), what, cure))


def _check_rom(files: Files) -> None:
    try:
        files.rom = catalog.rom_path(files.game)
    except MissingRomError as error:
        what, _, rest = str(error).partition(" Import")
        files.unchecked.append(f"whatever must be played: {what[0].lower()}{what[1:]}\n  Import{rest}")
        return
    sha1, expected = rom_sha1(files.rom), catalog.expected_sha1s(files.game)
    if expected and sha1 not in expected:
        what = f"this ROM is not the one that the integration was made for: its SHA-1 is {sha1}."
        cure = f"Expected: {' or '.join(expected)}. Another region or revision: addresses and states may not fit."
        files.findings.append(Finding("warning", files.rom, None, what, cure))


def _check_states(files: Files) -> None:
    sound = []
    for state in catalog.states(files.game):
        path = catalog.state_path(files.game, state)
        reason = _why_no_state(path)
        if reason is None:
            sound.append(state)
            continue
        cure = _MAKE_STATE.format(game=catalog.short_name(files.game), state=state)
        files.findings.append(Finding("error", path, None, f"this is no start state: {reason}.", cure))
    files.states = tuple(sound)
    if not catalog.states(files.game):
        cure = _MAKE_STATE.format(game=catalog.short_name(files.game), state="Level1")
        files.findings.append(Finding("error", None, None, f"{files.game} has no start state.", cure))


def _why_no_state(path: Path) -> str | None:
    """Return what keeps a gzipped state from being unpacked."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(path.read_bytes(), _LARGEST_STATE)
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    except zlib.error:
        return "it is not a gzip file"
    if not unpacker.eof:
        return f"it is larger than {_LARGEST_STATE >> 20} MiB" if unpacker.unconsumed_tail else "it is cut off"
    return None if content else "it is empty"


def _check_metadata(files: Files) -> None:
    path = catalog.find_file(files.game, "metadata.json")
    if path is None:
        if catalog.default_state(files.game) is None:
            cure = 'Write {"default_state": "NAME"}, or name states in a config.'
            files.findings.append(Finding("warning", None, None, f"{files.game} has no metadata.json.", cure))
        return
    lines: dict[str, int | None] = {}

    def read(source: Source) -> tuple[Metadata, tuple[Finding, ...]]:
        lines.update({key: source.line_of(key) for key in ("default_state", "default_player_state")})
        return read_metadata(source)

    metadata = _read(files, path, read)
    if metadata is None:
        return
    known = catalog.states(files.game)
    named = [("default_state", metadata.default_state), *(("default_player_state", s) for s in metadata.per_players)]
    for key, state in named:
        if state and state not in known:
            what = f"{key}: there is no start state {state!r}.{did_you_mean(state, known)}"
            cure = f"There are {_listed(known)}." if known else "There is none at all."
            files.findings.append(Finding("error", path, lines.get(key), what, cure))
    if not any(state for _, state in named) and catalog.default_state(files.game) is None:
        what, cure = "it names no default_state.", 'Write "default_state": "NAME", or name states in a config.'
        files.findings.append(Finding("warning", path, None, what, cure))


def _listed(names: Iterable[str], most: int = 8) -> str:
    shown = list(names)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
