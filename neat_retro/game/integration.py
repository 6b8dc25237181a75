"""Knows what data.json, scenario.json and metadata.json must look like, and says where one does not."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from neat_retro.errors import IntegrationError

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


@dataclass(frozen=True)
class Scenario:
    """What a scenario.json asks for. Variables are those its done conditions and rewards name, nodes included.

    `crop` is x, y, width, height in pixels of the console's screen, or None for all of it. `done` is the done
    condition as an expression such as `lives == 0 or timer < 1`; None where it says more than one can: scripts,
    nested conditions, changes from frame to frame.
    """

    path: Path
    variables: tuple[str, ...]
    scripts: tuple[str, ...]
    crop: tuple[int, int, int, int] | None
    done: str | None


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
    source = _Source.read(path)
    if "info" not in source.content:
        source.refuse('it has no "info".', None, 'Variables go in {"info": {"x": {"address": 0, "type": "|u1"}}}.')
    variables = source.mapping(source.content["info"], '"info"', "info")
    return tuple(_variable(source, name, entry) for name, entry in variables.items())


def load_scenario(path: Path) -> Scenario:
    """Return what a scenario.json asks for.

    Raises IntegrationError, naming file and line, for malformed JSON and parts of the wrong kind.
    """
    source = _Source.read(path)
    names: dict[str, None] = {}
    for part in ("done", "reward"):
        _collect_variables(source, source.content.get(part, {}), part, names)
    rewards = source.content.get("rewards", [])
    if not isinstance(rewards, list):
        source.refuse('"rewards" is not a list.', "rewards", "It holds one reward object a player.")
    for reward in rewards:
        _collect_variables(source, reward, "rewards", names)
    scripts = source.content.get("scripts", [])
    if not (isinstance(scripts, list) and all(isinstance(script, str) for script in scripts)):
        source.refuse('"scripts" is not a list of file names.', "scripts", 'Write "scripts": ["script.lua"].')
    return Scenario(path, tuple(names), tuple(scripts), _crop(source), None if scripts else _done(source.content))


def load_metadata(path: Path) -> Metadata:
    """Return what a metadata.json says. Raises IntegrationError as `load_variables` does."""
    source = _Source.read(path)
    default = source.content.get("default_state")
    if default is not None and not isinstance(default, str):
        source.refuse('"default_state" is not a name.', "default_state", 'Write "default_state": "Level1".')
    per_players = source.content.get("default_player_state", [])
    if not (isinstance(per_players, list) and all(isinstance(state, str) for state in per_players)):
        source.refuse(
            '"default_player_state" is not a list of names.',
            "default_player_state",
            "It holds one state a number of players, the first for one player.",
        )
    verified = source.content.get("verified")
    if verified is not None and not isinstance(verified, bool):
        source.refuse('"verified" is neither true nor false.', "verified", 'Write "verified": false, without quotes.')
    return Metadata(default, tuple(per_players), verified, _sources(source))


def _sources(source: _Source) -> tuple[str, ...]:
    named = source.content.get("source", [])
    listed = [named] if isinstance(named, str) else named
    if not (isinstance(listed, list) and all(isinstance(place, str) for place in listed)):
        source.refuse('"source" is neither a text nor a list of texts.', "source", 'Write "source": "https://...".')
    return tuple(listed)


@dataclass(frozen=True)
class _Source:
    """A JSON file with its text, so that a problem can be given a line."""

    path: Path
    text: str
    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> _Source:
        try:
            text = path.read_text(encoding="utf-8-sig")
            content = json.loads(text)
        except OSError as error:
            raise IntegrationError(f"{path}: cannot be read: {error.strerror or error}.") from error
        except UnicodeDecodeError as error:
            raise IntegrationError(f"{path}: not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
        except json.JSONDecodeError as error:
            raise IntegrationError(
                f"{path}, line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}.\n"
                "  Look for a missing or superfluous comma, quote or brace just before that place."
            ) from error
        except (RecursionError, ValueError) as error:
            raise IntegrationError(f"{path}: not usable JSON: {error}.") from error
        if not isinstance(content, dict):
            raise IntegrationError(f"{path}, line 1: holds a {_kind(content)}, not an object. Begin with {{.")
        return cls(path, text, content)

    def line_of(self, key: str, after: str | None = None) -> int | None:
        """Return the line of the first `"key":` behind the first `"after":`, if there is one."""
        start = 0
        if after is not None and (found := self._find(after, 0)):
            start = found.end()
        found = self._find(key, start)
        return self.text.count("\n", 0, found.start()) + 1 if found else None

    def _find(self, key: str, start: int) -> re.Match[str] | None:
        return re.compile(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:").search(self.text, start)

    def refuse(self, what: str, at: str | int | None, cure: str) -> NoReturn:
        """Raise IntegrationError; `at` is a line, or a key to find the line of."""
        line = self.line_of(at) if isinstance(at, str) else at
        where = f"{self.path}, line {line}" if line else f"{self.path}"
        raise IntegrationError(f"{where}: {what}\n  {cure}")

    def mapping(self, value: object, what: str, at: str | int | None) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.refuse(f"{what} is a {_kind(value)}, not an object.", at, "Write it as {...}.")
        return value


def _kind(value: object) -> str:
    names = {list: "list", str: "text", bool: "truth value", int: "number", float: "number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _variable(source: _Source, name: str, entry: object) -> Variable:
    line = source.line_of(name, after="info")
    fields = source.mapping(entry, f"variable {name!r}", line)
    address, type_, mask = fields.get("address"), fields.get("type"), fields.get("mask")
    if type(address) is not int or address < 0:
        source.refuse(
            f"variable {name!r}: address = {json.dumps(address)}, which is no whole number from 0.",
            line,
            "JSON has no hexadecimal: write 16711680 for 0xFF0000, without quotes.",
        )
    if not (isinstance(type_, str) and _TYPE.fullmatch(type_)):
        source.refuse(f"variable {name!r}: type = {json.dumps(type_)} is unknown.", line, _TYPE_HELP)
    if mask is not None and type(mask) is not int:
        source.refuse(f"variable {name!r}: mask = {json.dumps(mask)}, which is no integer.", line, "Write 15 for 0x0F.")
    return Variable(name, address, type_, mask, line)


def _collect_variables(source: _Source, part: object, key: str, names: dict[str, None]) -> None:
    """Add the variables that a done condition or reward names, its nodes' too, to `names` (an ordered set)."""
    fields = source.mapping(part, f'"{key}"', key)
    line = source.line_of("variables", after=key)
    for name, entry in source.mapping(fields.get("variables", {}), f'"variables" of "{key}"', line).items():
        source.mapping(entry, f'variable {name!r} of "{key}"', source.line_of(name, after=key))
        names[name] = None
    nodes = source.mapping(fields.get("nodes", {}), f'"nodes" of "{key}"', source.line_of("nodes", after=key))
    for node_key, node in nodes.items():
        _collect_variables(source, node, node_key, names)


# stable-retro's comparisons; those without a reference compare with 0.
_COMPARISONS = {
    "zero": "==", "nonzero": "!=", "negative": "<", "positive": ">", "equal": "==", "not-equal": "!=",
    "less-than": "<", "greater-than": ">", "less-or-equal": "<=", "greater-or-equal": ">=",
}  # fmt: skip


def _done(content: Mapping[str, Any]) -> str | None:
    done = content.get("done", {})
    tests = [_comparison(name, test) for name, test in done.get("variables", {}).items()]
    known = [test for test in tests if test is not None]
    if not tests or len(known) < len(tests) or done.keys() - {"variables", "condition"}:
        return None
    joint = {"any": " or ", "all": " and "}.get(done.get("condition", "any"))
    return None if joint is None else joint.join(known)


def _comparison(name: str, test: Mapping[str, Any]) -> str | None:
    operator, reference = _COMPARISONS.get(str(test.get("op"))), test.get("reference", 0)
    if not name.isidentifier() or keyword.iskeyword(name) or type(reference) is not int or operator is None:
        return None
    if test.keys() - {"op", "reference", "measurement"} or test.get("measurement", "absolute") != "absolute":
        return None
    return f"{name} {operator} {reference}"


def _crop(source: _Source) -> tuple[int, int, int, int] | None:
    crop = source.content.get("crop")
    if crop is None:
        return None
    if not (isinstance(crop, list) and len(crop) == 4 and all(type(side) is int for side in crop)):
        source.refuse('"crop" is not four whole numbers.', "crop", 'Write "crop": [x, y, width, height].')
    x, y, width, height = crop
    return x, y, width, height
