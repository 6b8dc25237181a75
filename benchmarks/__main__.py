"""`python -m benchmarks [ROW ...]`: measure every row, or those named, and print each with its goals.

A row that is measured goes to a JSONL file at once, and is not measured again by the next call (`--again` does).
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.record import Record, append_record, as_markdown, line, read_records, write_into
from benchmarks.table import ROWS, Row
from benchmarks.words import check_names, ended

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "build" / "benchmarks.jsonl"
DOCUMENT = ROOT / "docs" / "performance.md"


def main(words: Sequence[str]) -> int:
    """Measure what `words` ask for; return 1 where a row failed or fell short of what it must reach."""
    parser = _parser()
    options = parser.parse_args(words)
    check_names(parser, "row", options.rows, [row.name for row in ROWS])
    rows = [row for row in ROWS if not options.rows or row.name in options.rows]
    if options.list:
        for row in rows:
            print(f"{row.name:<17} {row.what}, against {row.against}")
        return 0
    done = read_records(options.results)
    command = shlex.join(["python", "-m", "benchmarks", *options.rows, *(["--again"] if options.again else [])])
    failed = []
    for row in rows:
        if options.again or row.name not in done:
            try:
                done[row.name] = _measure(row, command)
            except Exception as error:  # the other rows can still be measured
                print(f"{row.name:<17} failed: {type(error).__name__}: {error}", flush=True)
                failed.append(row.name)
                continue
            append_record(options.results, done[row.name])
        else:
            for result in done[row.name].results:
                print(f"{line(row, result)} [{done[row.name].date}]", flush=True)
    if options.write:
        write_into(DOCUMENT, as_markdown(done))
        print(f"wrote {DOCUMENT}")
    measured = [(row, result) for row in rows if row.name in done for result in done[row.name].results]
    return int(bool(failed) or any(row.reached(result.value) == "below" for row, result in measured))


def _measure(row: Row, command: str) -> Record:
    results = []
    for result in row.measure():
        print(line(row, result), flush=True)
        results.append(result)
    return Record.of(row, results, command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="the rows to measure, all if left out")
    parser.add_argument("--list", action="store_true", help="name the rows and measure nothing")
    parser.add_argument("--write", action="store_true", help="write what is measured into docs/performance.md")
    parser.add_argument("--again", action="store_true", help="measure rows anew that the results file has")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help=f"default {RESULTS}")
    return parser


if __name__ == "__main__":
    sys.exit(ended(main))
