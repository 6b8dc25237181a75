"""`--watch` and `--window`, from the command line, on a virtual X server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Xvfb shows windows on Linux")
TRAIN = ("train", "--game", "Airstriker-Genesis", "--seed", "2", "--population", "6", "--generations", "4")
TRAIN = (*TRAIN, "--max-frames", "240", "--workers", "1")
# Every frame emulated: else the run is over before a window can open.
TRAIN = (*TRAIN, "--set", "Episode.reuse=False", "--set", "Episode.share=False")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "neat_retro", *arguments]


def hashes(run: Path) -> list[str]:
    lines = (run / "history.jsonl").read_text().splitlines()
    return [json.loads(line)["population_sha256"] for line in lines]


def test_watching_shows_the_game_and_changes_nothing(x_server: Any, tmp_path: Path) -> None:
    alone = subprocess.run(command(*TRAIN, "--run-dir", "alone"), cwd=tmp_path, capture_output=True, timeout=120)
    assert alone.returncode == 0
    watching = command(*TRAIN, "--run-dir", "watched", "--watch")
    with subprocess.Popen(
        watching, cwd=tmp_path, env=x_server.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        colours = most_colours_seen(x_server, process)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert colours > 8
    assert hashes(tmp_path / "watched") == hashes(tmp_path / "alone")


def most_colours_seen(x_server: Any, process: subprocess.Popen[str]) -> int:
    most = 0
    while process.poll() is None:
        pixels = x_server.screenshot().reshape(-1, 3)
        most = max(most, len({tuple(pixel) for pixel in pixels[::7].tolist()}))
        time.sleep(0.2)
    return most


def test_without_a_display_watching_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    result = subprocess.run(command(*TRAIN, "--watch"), cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stderr == ("neat-retro: No display here (the variable DISPLAY is not set). Train without --watch.\n")
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []
