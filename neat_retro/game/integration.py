"""Knows what data.json and metadata.json must look like, and says where one does not.

Each file is read to its end, whatever is wrong with it: `read_...` returns all that was found; `load_...` raises the
first error. `schemas/` says the same to an editor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neat_retro.game.json_source import Finding, Place, Source, is_texts, raise_first_error, whole_number
from neat_retro.game.scenario import Scenario, load_scenario, read_scenario

__all__ = [
    "SCHEMAS",
    "Metadata",
    "Scenario",
    "Variable",
    "load_metadata",
    "load_scenario",
    "load_variables",
    "read_metadata",
    "read_scenario",
    "read_variables",
]

# What an editor checks these files by.
SCHEMAS = {name: Path(__file__).parent / f"schemas/{name}.schema.json" for name in ("data", "scenario", "metadata")}
# stable-retro's own notation: byte order (two signs: between words, within a word), kind, width in bytes.
_TYPE = re.compile(r"(\||[<>=]{1,2})[iudn][1-8]")
_TYPE_HELP = (
    "A type is a byte order (| < > =), a kind (u unsigned, i signed, d packed BCD, n a digit a byte) and a width in\n"
    '  bytes (1 to 8), such as "|u1", ">u2" (Genesis) or "<u2" (SNES, Game Boy).'
)


@dataclass(frozen=True)
class Variable:
    """One value in the console's memory; `address` and `mask` as in data.json, `line` counted from 1."""

    name: str
    address: int
    type: str
    mask: int | None = None
    line: int | None = None

    @property
    def width(self) -> int:
        """How many bytes it takes."""
        return int(self.type[-1])


@dataclass(frozen=True)
class Metadata:
    """What a metadata.json says: start states, `per_players[n - 1]` for n players, and how far it can be trusted.

    `verified` is whether the integration was run with its ROM, None where nobody says; `sources` are the places that
    its addresses come from. These two keys are ours; stable-retro passes over them.
    """

    default_state: str | None = None
    per_players: tuple[str, ...] = ()
    verified: bool | None = None
    sources: tuple[str, ...] = ()

    def state_for(self, players: int) -> str | None:
        """Return the default start state for this number of players, as stable-retro would choose it."""
        return self.per_players[players - 1] if players <= len(self.per_players) else self.default_state


def load_variables(path: Path) -> tuple[Variable, ...]:
    """Return the variables of a data.json, in the file's order.

    Raises IntegrationError, naming file and line, for malformed JSON, no `info`, an address that is no
    integer, or an unknown type.
    """
    variables, findings = read_variables(Source.read(path))
    raise_first_error(findings)
    return variables


def load_metadata(path: Path) -> Metadata:
    """Return what a metadata.json says. Raises IntegrationError as `load_variables` does."""
    metadata, findings = read_metadata(Source.read(path))
    raise_first_error(findings)
    return metadata


def read_variables(source: Source) -> tuple[tuple[Variable, ...], tuple[Finding, ...]]:
    """Return the usable variables of a data.json and everything that is wrong with its form."""
    content = source.content
    if "info" not in content:
        cure = 'Variables go in {"info": {"x": {"address": 0, "type": "|u1"}}}.'
        return (), (Finding("error", source.path, None, 'it has no "info".', cure),)
    findings = list(source.unknown_keys((), content, ("info", "$schema")))
    findings += source.schema_key()
    if not isinstance(content["info"], dict):
        return (), (*findings, source.no_object(("info",), '"info"', content["info"]))
    variables = []
    for name, entry in content["info"].items():
        wrong = list(_wrong_in_variable(source, name, entry))
        findings += wrong
        if not any(finding.severity == "error" for finding in wrong):
            variables.append(_variable(source, name, entry))
    return tuple(variables), tuple(findings)


def _variable(source: Source, name: str, entry: Mapping[str, Any]) -> Variable:
    mask = whole_number(entry.get("mask"))
    return Variable(name, whole_number(entry["address"]) or 0, entry["type"], mask, source.line_of("info", name))


def _wrong_in_variable(source: Source, name: str, entry: object) -> Iterator[Finding]:
    place: Place = ("info", name)
    if not isinstance(entry, dict):
        yield source.no_object(place, f"variable {name!r}", entry)
        return
    address, type_ = entry.get("address"), entry.get("type")
    whole = whole_number(address)
    if whole is None or whole < 0:
        yield source.finding(
            "error",
            (*place, "address"),
            f"variable {name!r}: address = {json.dumps(address)}, which is no whole number from 0.",
            _decimal(address),
        )
    if not (isinstance(type_, str) and _TYPE.fullmatch(type_)):
        what = f"variable {name!r}: type = {json.dumps(type_)} is unknown."
        yield source.finding("error", (*place, "type"), what, _TYPE_HELP)
    if "mask" in entry and whole_number(entry["mask"]) is None:
        what = f"variable {name!r}: mask = {json.dumps(entry['mask'])}, which is no integer."
        yield source.finding("error", (*place, "mask"), what, "Write 15 for 0x0F.")
    yield from source.unknown_keys(place, entry, ("address", "type", "mask"))


def _decimal(address: object) -> str:
    """Return how an address is written that was written otherwise, as "0xFF00"."""
    word = address if isinstance(address, str) and re.fullmatch("0[xX][0-9a-fA-F]{1,16}|[0-9]{1,16}", address) else None
    number = 0xFF0000 if word is None else int(word, 16 if "x" in word.lower() else 10)
    return f"JSON has no hexadecimal: write {number} for {word or '0xFF0000'}, without quotes."


def read_metadata(source: Source) -> tuple[Metadata, tuple[Finding, ...]]:
    """Return what a metadata.json says and everything that is wrong with its form."""
    content = source.content
    state, states = content.get("default_state"), content.get("default_player_state", [])
    verified, named = content.get("verified"), content.get("source", [])
    sources = [named] if isinstance(named, str) else named
    sound = {
        "default_state": state is None or isinstance(state, str),
        "default_player_state": is_texts(states),
        "verified": verified is None or isinstance(verified, bool),
        "source": is_texts(sources),
    }
    wrong = [source.finding("error", (key,), *_METADATA_HELP[key]) for key in sound if not sound[key]]
    found = Metadata(
        state if sound["default_state"] else None,
        tuple(states) if sound["default_player_state"] else (),
        verified if sound["verified"] else None,
        tuple(sources) if sound["source"] else (),
    )
    return found, (*source.schema_key(), *wrong)


_METADATA_HELP = {
    "default_state": ('"default_state" is not a name.', 'Write "default_state": "Level1".'),
    "default_player_state": (
        '"default_player_state" is not a list of names.',
        "It holds one state a number of players, the first for one player.",
    ),
    "verified": ('"verified" is neither true nor false.', 'Write "verified": false, without quotes.'),
    "source": ('"source" is neither a text nor a list of texts.', 'Write "source": "https://...".'),
}
