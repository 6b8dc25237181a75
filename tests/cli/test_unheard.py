"""What is printed may go nowhere, a full disk or a reader that has left: a run is still a run."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TRAIN = ("train", "--game", "Airstriker-Genesis", "--population", "4", "--max-frames", "30", "--seed", "5")
RUN = ("--workers", "1", "--run-dir", "run")


@pytest.fixture(params=["closed", "full disk", "no reader", "no reader after a line"])
def sink(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A shell's words that lead stdout to where it fails, and what is said of it."""
    yield {
        "closed": (">&-", ""),
        "full disk": ("> /dev/full", "No space left on device"),
        "no reader": ("| true", "Broken pipe"),
        "no reader after a line": ("| head -1", "Broken pipe"),
    }[request.param]


def shell(folder: Path, *arguments: str, sink: str) -> subprocess.CompletedProcess[str]:
    """Run `neat-retro ARGUMENTS SINK`; the exit code is that of neat-retro."""
    command = f'set -o pipefail; "{sys.executable}" -m neat_retro {" ".join(arguments)} {sink}'
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def status(folder: Path) -> dict[str, str]:
    found = json.loads((folder / "run" / "status.json").read_text())
    assert isinstance(found, dict)
    return found


def test_a_run_goes_on_without_its_words(sink: tuple[str, str], tmp_path: Path) -> None:
    where, problem = sink
    told = f"neat-retro: Cannot print any more ({problem}); the run goes on.\n" if problem else ""
    result = shell(tmp_path, *TRAIN, "--generations", "3", *RUN, sink=where)
    assert result.stderr == told
    assert result.returncode == 0
    assert status(tmp_path) == {"state": "finished", "reason": "all 3 generations were evaluated"}
    result = shell(tmp_path, "resume", "run", "--generations", "5", "--workers", "1", sink=where)
    assert result.stderr == told
    assert result.returncode == 0
    assert len((tmp_path / "run" / "history.jsonl").read_text().splitlines()) == 5


def test_an_error_of_a_run_without_words_keeps_its_exit_code(tmp_path: Path) -> None:
    crowded = ("--set", "DefaultSpeciesSet.compatibility_threshold=0.01", "--population", "12")
    result = shell(tmp_path, *TRAIN, *crowded, *RUN, sink="> /dev/full")
    assert result.returncode == 1
    assert "split into" in result.stderr
    assert "Traceback" not in result.stderr
    assert status(tmp_path)["state"] == "failed"


@pytest.mark.parametrize("command", ["games", "--help", "train --help", "--version"])
def test_a_list_that_cannot_be_printed_is_a_failure_in_words(command: str, tmp_path: Path) -> None:
    result = shell(tmp_path, command, sink="> /dev/full")
    assert result.stderr == "neat-retro: Cannot print: No space left on device.\n"
    assert result.returncode == 1
    assert shell(tmp_path, command, sink="| true").stderr == ""


SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"


@pytest.mark.skipif(sys.platform != "linux", reason="reads a terminal to its end as Linux has it")
@pytest.mark.parametrize(("threshold", "code"), [("0.01", 1), ("3", 0)])
def test_a_terminal_has_its_cursor_back_however_a_run_ends(threshold: str, code: int, tmp_path: Path) -> None:
    arguments = (*TRAIN, "--generations", "2", "--population", "12", *RUN)
    command = [sys.executable, "-m", "neat_retro", *arguments, "--set"]
    command.append(f"DefaultSpeciesSet.compatibility_threshold={threshold}")
    ours, theirs = os.openpty()
    with subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # EIO: nobody has the terminal any more
            while part := os.read(ours, 65536):
                shown += part
    os.close(ours)
    assert process.returncode == code
    assert shown.count(HIDE_CURSOR) >= 1
    assert shown.rfind(SHOW_CURSOR) > shown.rfind(HIDE_CURSOR)
