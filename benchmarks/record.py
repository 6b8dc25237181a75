"""What was measured, when and where: a line a row in a JSONL file, and the table of docs/performance.md from it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from benchmarks.table import ROWS, Result, Row

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PACKAGES = ("stable-retro", "neat-python", "numpy", "numba", "opencv-python-headless")


@dataclass(frozen=True)
class Circumstances:
    """When and how something was measured. `place` is the machine, its Python and the libraries; `date` is UTC."""

    date: str
    commit: str
    place: str
    command: str

    @classmethod
    def now(cls, command: str) -> Circumstances:
        """Return those of a measurement that begins now."""
        date = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M")
        return Circumstances(date, _commit(), _place(), command)


@dataclass(frozen=True)
class Record(Circumstances):
    """One row as it was measured."""

    row: str
    results: tuple[Result, ...]

    @classmethod
    def of(cls, row: Row, results: Sequence[Result], command: str) -> Record:
        """Return what was measured just now."""
        return cls(**vars(Circumstances.now(command)), row=row.name, results=tuple(results))

    @classmethod
    def from_json(cls, line: str) -> Record:
        fields = json.loads(line)
        return cls(**fields | {"results": tuple(Result(**result) for result in fields["results"])})


def read_records(path: Path) -> dict[str, Record]:
    """Return the newest record of each row; none where there is no file yet."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {record.row: record for record in map(Record.from_json, lines)}


def append_record(path: Path, record: Record) -> None:
    """Write a record behind those that are there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(record)) + "\n")


def line(row: Row, result: Result) -> str:
    """Return a result as one line of text."""
    goals = f"must {row.text(row.must)}" + (f", aim {row.text(row.aim)}" if row.aim is not None else "")
    judged = f" ({goals}: {row.reached(result.value)})" if row.must is not None else ""
    return f"{row.name:<17} {result.variant:<20} {row.text(result.value):>8}{judged}  {result.detail}"


def as_markdown(records: Mapping[str, Record]) -> str:
    """Return the rows that were measured as a Markdown table, and below it where and when that was."""
    lines = ["| row | measured against | | reached | must | aim | how |", "|---|---|---|---|---|---|---|"]
    for row in ROWS:
        for number, result in enumerate(records[row.name].results if row.name in records else ()):
            named = f"**{row.name}**: {row.what} | {row.against}" if number == 0 else " | "
            goals = f"{row.text(row.must)} | {row.text(row.aim)}"
            lines.append(f"| {named} | {result.variant} | {row.text(result.value)} | {goals} | {result.detail} |")
    lines.append("")
    settings: dict[tuple[str, str, str], list[Record]] = {}
    for row in ROWS:
        if row.name in records:
            record = records[row.name]
            settings.setdefault((record.place, record.commit, record.command), []).append(record)
    for (place, commit, command), measured in settings.items():
        dates = sorted(record.date for record in measured)
        span = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
        names = "All rows" if len(settings) == 1 else ", ".join(record.row for record in measured)
        lines.append(f"- {names}: {span} UTC, commit {commit}, `{command}`; {place}.")
    return "\n".join(lines)


def write_into(path: Path, text: str) -> None:
    """Replace what stands between the two marker comments of a Markdown file. Raises ValueError without them."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} lacks {BEGIN} or {END}: nowhere to write the table")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _commit() -> str:
    """The commit that is checked out, with a + where the package or the benchmarks differ from it."""
    root = Path(__file__).parent.parent

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "neat_retro", "benchmarks", "neat-configs", "integrations")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _place() -> str:
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, {python}, {libraries}"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for text in path.read_text().splitlines():
            if text.startswith("model name"):
                return text.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
