"""What one check found, and how it stands on a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from neat_retro.errors import NeatRetroError

Status = Literal["ok", "missing", "problem"]
_INDENT = " " * 11  # two spaces, the status in eight columns, a space
# How our errors name a command: "No ROM for X. Import your own copy:  neat-retro roms import FOLDER".
_COMMAND = re.compile(r"^(?P<before>.*[.?] )?(?P<cure>[^.?]*:)  (?P<command>(?:neat-retro|pip) .*)$")


@dataclass(frozen=True)
class Finding:
    """One line of the report. `missing` is what training can do without, `problem` what it cannot.

    `cure` says in words what to do, `command` is what to type; either may be empty.
    """

    status: Status
    text: str
    cure: str = ""
    command: str = ""

    @classmethod
    def of_error(cls, error: NeatRetroError) -> Finding:
        """Return an error as a problem, with the command that it names as such."""
        text, cure, command = [], "", ""
        for line in str(error).splitlines():
            named = _COMMAND.match(line)
            if named and not command:
                cure, command = named["cure"].strip(), named["command"]
                line = (named["before"] or "").rstrip()
            text += [line] if line else []
        return cls("problem", "\n".join(text) or cure, cure if text else "", command)

    def lines(self, width: int = 80) -> list[str]:
        """Return the finding, its status first, in lines of at most `width` characters; a command is not broken."""
        lines = _wrapped(self.text, width) + _wrapped(self.cure, width)
        lines[0] = f"  {self.status:<8} {lines[0].lstrip()}"
        return lines + ([f"{_INDENT}{self.command}"] if self.command else [])


def is_ready(findings: Iterable[Finding]) -> bool:
    """Whether training can begin."""
    return all(finding.status != "problem" for finding in findings)


def commands_of(findings: Iterable[Finding]) -> list[str]:
    """Return the commands against the problems, each once, in their order."""
    return list(dict.fromkeys(f.command for f in findings if f.status == "problem" and f.command))


def guarded(check: Callable[[], Iterable[Finding]], packages_are_sound: bool = True) -> Iterator[Finding]:
    """Yield what a check finds; where it fails, that is one finding more, and the next check goes on.

    A package that cannot be imported is a problem of its own, if it was not told already.
    """
    try:
        yield from check()
    except NeatRetroError as error:
        yield Finding.of_error(error)
    except ImportError as error:
        yield Finding("problem" if packages_are_sound else "missing", f"not looked at: {error}")
    except Exception as error:  # a doctor that falls ill is of no use: whatever it is, the other checks go on
        yield Finding("problem", f"{type(error).__name__}: {error}")


def _wrapped(text: str, width: int) -> list[str]:
    """Break lines between words; `key = value` counts as one."""
    lines = []
    for line in text.splitlines():
        joined = line.strip().replace(" = ", "\xa0=\xa0")
        broken = textwrap.wrap(joined, width, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
        lines += [part.replace("\xa0", " ") for part in broken]
    return lines
