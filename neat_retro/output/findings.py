"""How a report on an integration is told in a terminal, and how an editor finds the schemas."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

from neat_retro.evolution.inspection import Report
from neat_retro.game.integration import SCHEMAS
from neat_retro.game.json_source import Finding


def report_lines(report: Report) -> Iterator[str]:
    """Yield the lines of a report, no wider than the terminal where words allow it."""
    width = shutil.get_terminal_size().columns
    for finding in report.findings:
        yield from _finding_lines(finding, width)
        yield ""
    if report.checked:
        yield from _wrapped("Checked: the files, " + "; ".join(report.checked) + ".", width, indent=2)
    for reason in report.unchecked:
        first, *rest = _paragraphs(reason)
        yield from _wrapped(f"Not checked: {first}", width, indent=2)
        for line in rest:
            yield from _wrapped(line, width, "  ", 2)
    yield _verdict(report)


def _finding_lines(finding: Finding, width: int) -> Iterator[str]:
    where = "" if finding.path is None else f" {_near(finding.path)}"
    yield f"{finding.severity}:{where}" + (f", line {finding.line}" if finding.line else "")
    for line in _paragraphs(finding.what):
        yield from _wrapped(line, width, "  ", 2)
    for line in _paragraphs(finding.cure):
        yield from _wrapped(line, width, "    ", 4)


def _paragraphs(text: str) -> list[str]:
    """Return a text's paragraphs: sentences that were broken to fit an error message flow, a command stands alone."""
    paragraphs = [""]
    for line in text.split("\n"):
        lead, colon, command = line.strip().partition(":  neat-retro ")
        paragraphs[-1] = f"{paragraphs[-1]} {lead}{colon[:1]}".strip()
        if colon:
            paragraphs += [f"neat-retro {command}", ""]
        elif lead.endswith((".", ":", "?")):
            paragraphs.append("")
    return [paragraph for paragraph in paragraphs if paragraph]


def _wrapped(text: str, width: int, begin: str = "", indent: int = 0) -> list[str]:
    if text.startswith("neat-retro "):
        return [begin + text]  # for copying
    return textwrap.wrap(
        text,
        width,
        initial_indent=begin,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _near(path: Path) -> Path:
    """Return a path as it is seen from the folder that a person is in, if it lies below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _verdict(report: Report) -> str:
    counts = [(report.count(severity), severity) for severity in ("error", "warning", "hint")]
    told = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)
    if report.count("error"):
        return f"{report.game}: {told}."
    if report.count("warning"):
        return f"{report.game}: no errors, {told}."
    far = " as far as it was checked" if report.unchecked else ""
    return f"{report.game}: all is well{far}{', ' + told if told else ''}."


def schema_lines() -> Iterator[str]:
    """Yield how editors are pointed at the schemas, for pasting."""
    yield "For VS Code, in settings.json; other editors take the same files:"
    entries = [{"fileMatch": [f"/integrations/*/{name}.json"], "url": path.as_uri()} for name, path in SCHEMAS.items()]
    yield json.dumps({"json.schemas": entries}, indent=2)
    yield 'Or in a file itself, as its first key:  "$schema": "file:///..."'
