"""What is measured is kept, goes on where it was stopped, and is written where docs/performance.md has its place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import __main__ as command
from benchmarks import record
from benchmarks.table import Result, Row

FAST = Row("fast", "one thing", "another", 2, 3, "fake:fast", "x")
SMALL = Row("small", "a share", "the whole", 5, 2, "fake:small", "%", lower_is_better=True)


class Fake(ModuleType):
    """A module of measurements that counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__("benchmarks.fake")
        self.asked: list[str] = []
        self.broken = False

    def fast(self) -> Iterator[Result]:
        self.asked.append("fast")
        yield Result("A", 2.5, "so")
        yield Result("B", 3.25, "and so")

    def small(self) -> Iterator[Result]:
        self.asked.append("small")
        if self.broken:
            raise ValueError("the sides part")
        yield Result("A", 1.5)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    module = Fake()
    monkeypatch.setitem(sys.modules, "benchmarks.fake", module)
    monkeypatch.setattr(command, "ROWS", (FAST, SMALL))
    monkeypatch.setattr(record, "ROWS", (FAST, SMALL))
    return module


@pytest.mark.parametrize(
    ("row", "value", "reached"),
    [(FAST, 1.99, "below"), (FAST, 2, "must"), (FAST, 3, "aim"), (SMALL, 5.1, "below"), (SMALL, 2, "aim")],
)
def test_what_a_value_reaches(row: Row, value: float, reached: str) -> None:
    assert row.reached(value) == reached


def test_a_second_call_goes_on_where_the_first_was_stopped(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "new" / "results.jsonl"
    fake.broken = True
    assert command.main(["--results", str(results)]) == 1
    assert "small             failed: ValueError: the sides part" in capsys.readouterr().out
    fake.broken = False
    assert command.main(["--results", str(results)]) == 0
    assert fake.asked == ["fast", "small", "small"]
    assert "2.5x (must 2x, aim 3x: must)  so" in capsys.readouterr().out
    assert command.main(["fast", "--again", "--results", str(results)]) == 0
    assert fake.asked == ["fast", "small", "small", "fast"]


def test_a_row_below_its_goal_is_told_by_the_exit_code(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "fast", lambda: iter([Result("A", 1.0)]))
    assert command.main(["fast", "--results", str(tmp_path / "results.jsonl")]) == 1


def test_an_unknown_row_is_named(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["fats"])
    assert "no row 'fats'. Did you mean 'fast'? Rows: fast, small" in capsys.readouterr().err
    assert fake.asked == []


def test_the_table_is_written_between_its_markers(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, results = tmp_path / "performance.md", tmp_path / "results.jsonl"
    document.write_text(f"before\n{record.BEGIN}\nold\n{record.END}\nafter\n")
    monkeypatch.setattr(command, "DOCUMENT", document)
    command.main(["--write", "--results", str(results)])
    once = document.read_text()
    assert "| **fast**: one thing | another | A | 2.5x | 2x | 3x | so |\n|  |  | B | 3.25x | 2x | 3x | and so |" in once
    assert "| **small**: a share | the whole | A | 1.5 % | 5 % | 2 % |  |" in once
    assert once.startswith(f"before\n{record.BEGIN}\n") and once.endswith(f"\n{record.END}\nafter\n")
    assert "old" not in once and "stable-retro 1" in once and "`python -m benchmarks`;" in once
    command.main(["--write", "--results", str(results)])
    assert document.read_text() == once


def test_a_document_without_markers_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"{record.END} {record.BEGIN}")
    with pytest.raises(ValueError, match="nowhere to write"):
        record.write_into(document, "new")
    assert document.read_text() == f"{record.END} {record.BEGIN}"


def test_performance_md_has_the_place_and_names_every_row() -> None:
    text = command.DOCUMENT.read_text()
    begin, end = text.index(record.BEGIN), text.index(record.END)
    assert begin < end
    for row in record.ROWS:
        assert f"`{row.name}`" in text[:begin], row.name
