"""What plays nothing starts at once: no compiler, no picture library, no array library is imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "numba", "cv2", "stable_retro", "gymnasium", "matplotlib", "av", "pyglet"}
RUN = """
import sys
from neat_retro.cli.app import app
from neat_retro.errors import NeatRetroError
try:
    app(sys.argv[1:], prog_name="neat-retro")
except (NeatRetroError, SystemExit) as end:
    print(type(end).__name__, getattr(end, "code", ""))
print(*sorted(sys.modules))
"""


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [
        ("--help", "SystemExit 0"),
        ("integration find --help", "SystemExit 0"),
        ("games", "SystemExit 0"),
        ("roms list", "SystemExit 0"),
        ("train --game Nope", "UnknownGameError"),
        ("train --set Episode.frame_skip=two", "ExperimentError"),
        ("resume run --generations 0", "UsageError"),
        ("replay x.pkl --video a.avi", "UsageError"),
        ("runs", "UsageError"),
    ],
)
def test_what_plays_nothing_imports_nothing_heavy(tmp_path: Path, arguments: str, ending: str) -> None:
    command = [sys.executable, "-c", RUN, *arguments.split()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    *_, ended, modules = done.stdout.splitlines()
    assert ended.strip() == ending
    assert not HEAVY & {*modules.split()}
