"""Knows where in a JSON file each value stands, and which keys it has twice: what Python's json forgets."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from neat_retro.errors import IntegrationError, did_you_mean

Severity = Literal["error", "warning", "hint"]
Place = tuple[str | int, ...]  # the keys and indices that lead to a value

# A string, a sign, or a number, true, false, null. The text is known to be JSON when it is taken apart.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


@dataclass(frozen=True)
class Finding:
    """Something wrong with an integration, and its cure.

    An error cannot be used; a warning can, but hardly as it was meant; a hint may well be right. `line` counts from 1.
    """

    severity: Severity
    path: Path | None
    line: int | None
    what: str
    cure: str = ""

    def __str__(self) -> str:
        """Return the whole of it, as an error message says it."""
        where = "" if self.path is None else f"{self.path}, line {self.line}: " if self.line else f"{self.path}: "
        return f"{where}{self.what}" + (f"\n  {self.cure}" if self.cure else "")


@dataclass(frozen=True)
class Source:
    """A JSON file that holds an object."""

    path: Path
    text: str
    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a file. Raises IntegrationError, with line and column of what is no JSON."""
        try:
            text = path.read_text(encoding="utf-8-sig")
            content = json.loads(text, parse_constant=_refuse_constant)
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
            raise IntegrationError(f"{path}, line 1: holds a {kind_of(content)}, not an object. Begin with {{.")
        return cls(path, text, content)

    def line_of(self, *place: str | int) -> int | None:
        """Return the line of a key or of a list's element, else of the nearest thing around it that there is."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place)

    def finding(self, severity: Severity, place: Place, what: str, cure: str = "") -> Finding:
        """Return what is wrong at a place of this file."""
        return Finding(severity, self.path, self.line_of(*place), what, cure)

    def unknown_keys(self, place: Place, keys: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Finding]:
        """Yield a warning for each key that nobody reads."""
        for key in keys:
            if key not in known:
                what = f"{json.dumps(key)} is no key that is read here.{did_you_mean(key, known)}"
                yield self.finding("warning", (*place, key), what, f"There are {', '.join(known)}.")

    def schema_key(self) -> Iterator[Finding]:
        """Yield what is wrong with `$schema`, by which a file tells an editor its schema."""
        if not isinstance(self.content.get("$schema", ""), str):
            yield self.finding("warning", ("$schema",), '"$schema" is no text.', "It names a schema's file or address.")

    def no_object(self, place: Place, what: str, value: object) -> Finding:
        """Return the error that a value should be an object."""
        return self.finding("error", place, f"{what} is a {kind_of(value)}, not an object.", "Write it as {...}.")

    def repeated_keys(self) -> Iterator[Finding]:
        """Yield a warning for each key that its object has twice: only the last one counts."""
        for (*around, key), line, first in self._entries:
            if first is None:
                continue
            inside = f" in {json.dumps(around[-1])}" if around else ""
            what = f"{json.dumps(key)} is given twice{inside}, first in line {first}. The last one counts."
            yield Finding("warning", self.path, line, what, "Remove one of the two, or rename it.")

    @functools.cached_property
    def _lines(self) -> dict[Place, int]:
        return {place: line for place, line, _ in self._entries}

    @functools.cached_property
    def _entries(self) -> list[tuple[Place, int, int | None]]:
        return list(_entries(self.text))


def raise_first_error(findings: Iterable[Finding]) -> None:
    """Raise IntegrationError for the first error, if there is one."""
    for finding in findings:
        if finding.severity == "error":
            raise IntegrationError(str(finding))


def is_texts(value: object) -> bool:
    """Tell whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def kind_of(value: object) -> str:
    """Return what a value is, in the words of a person."""
    names = {dict: "object", list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return names.get(type(value), "null")


def whole_number(value: object) -> int | None:
    """Return a whole number, which JSON may write as 1.0, or None where it is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON's")


def _entries(text: str) -> Iterator[tuple[Place, int, int | None]]:
    """Yield each key and each element of a list, in the order of the text, with its line.

    The third is the line where the same object had the same key before, if it had.
    """
    around: list[str | int] = []  # the key or index that each open bracket stands at
    keys: list[dict[str, int] | None] = []  # the keys of each open object; a list has none
    awaits_key = awaits_element = False
    line, seen = 1, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        line, seen = line + text.count("\n", seen, match.start()), match.start()
        own = keys[-1] if keys else None
        if awaits_key and own is not None and token != "}":
            key = around[-1] = json.loads(token)
            yield tuple(around), line, own.get(key)
            own.setdefault(key, line)
        elif awaits_element and token != "]":
            around[-1] = int(around[-1]) + 1
            yield tuple(around), line, None
        awaits_key = awaits_element = False
        if token in ("{", "["):
            around.append(-1)
            keys.append({} if token == "{" else None)
        elif token in ("}", "]"):
            around.pop()
            keys.pop()
        if token in ("{", "[", ","):
            awaits_key = keys[-1] is not None
            awaits_element = not awaits_key
