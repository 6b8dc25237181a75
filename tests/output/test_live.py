"""`neat-retro integration watch`, in a process: without a terminal, in one, in a window, and played by keyboard."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from neat_retro.evolution.champion import Champion
from neat_retro.output.live import Tally

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Xvfb shows windows on Linux")
WATCH = (sys.executable, "-m", "neat_retro", "integration", "watch", "NeatRunner-Nes")
TIMEOUT_S = 300

# A key that goes down in whatever window is there, and stays down.
PRESS_RIGHT = """
from ctypes import POINTER, byref, c_uint
from pyglet.libs.x11 import xlib

display = xlib.XOpenDisplay(None)
root, parent, children, count = xlib.Window(), xlib.Window(), POINTER(xlib.Window)(), c_uint()
xlib.XQueryTree(
    display, xlib.XDefaultRootWindow(display), byref(root), byref(parent), byref(children), byref(count)
)
XK_RIGHT = 0xFF53
for window in children[: count.value]:
    event = xlib.XEvent()
    event.xkey.type = xlib.KeyPress
    event.xkey.display = display
    event.xkey.window = window
    event.xkey.root = root
    event.xkey.same_screen = True
    event.xkey.keycode = xlib.XKeysymToKeycode(display, XK_RIGHT)
    xlib.XSendEvent(display, window, True, xlib.KeyPressMask, byref(event))
xlib.XCloseDisplay(display)
"""


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)


def test_a_tally_remembers_the_range_and_the_changes() -> None:
    tally = Tally()
    for x, lives in ((3, 2), (5, 2), (-1, 2)):
        tally.observe({"x": x, "lives": lives})
    assert (tally.frames, tally.now) == (3, {"x": -1, "lives": 2})
    assert (tally.least, tally.most) == ({"x": -1, "lives": 2}, {"x": 5, "lives": 2})
    assert tally.changes == {"x": 2, "lives": 0}


@pytest.mark.usefixtures("no_display")
def test_lines_are_printed_where_there_is_no_terminal(tmp_path: Path) -> None:
    command = [*WATCH, "--frames", "150"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    assert told.stderr == ""
    lines = told.stdout.splitlines()
    assert lines[0] == "NeatRunner-Nes, Level1-1"
    assert [line[:12] for line in lines if line.startswith("frame")] == ["frame     60", "frame    120", "frame    150"]
    assert "time 198" in told.stdout  # a unit is 24 frames
    assert "lives 2" in lines[1]
    assert all(len(line) < 80 for line in lines)
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    assert again.stdout == told.stdout


@pytest.mark.usefixtures("no_display")
def test_a_champion_is_watched_and_its_variables_are_those_of_its_run(tmp_path: Path, champion: Champion) -> None:
    champion.save(tmp_path / "champion.pkl")
    command = [*WATCH, "--champion", "champion.pkl", "--frames", "60"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    assert "\nframe     60  coins 0, levelHi 0, levelLo 0, lives 2, score 0, " in told.stdout
    refused = subprocess.run([*command, "--keyboard"], cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert refused.returncode == 2
    assert "--champion plays from its own state" in refused.stderr


@pytest.mark.usefixtures("no_display")
def test_a_terminal_has_a_table() -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "80", "TERM": "xterm-256color"}
    command = [*WATCH, "--frames", "24"]
    with subprocess.Popen(command, env=environment, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        told = b""
        try:
            while part := os.read(ours, 65536):
                told += part
        except OSError:
            pass  # how a terminal says that the other end is closed
    os.close(ours)
    assert process.returncode == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told.decode())
    for heading in ("variable", "now", "least", "most", "changes", "xscrollLo", "frame 24"):
        assert heading in text


@pytest.mark.usefixtures("no_display")
def test_an_interrupt_ends_it_well(tmp_path: Path) -> None:
    with subprocess.Popen(WATCH, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "NeatRunner-Nes, Level1-1. Ctrl-C ends it.\n"
        assert process.stdout.readline().startswith("frame     60  ")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")


def test_the_window_shows_the_game(x_server: Any, tmp_path: Path) -> None:
    command = [*WATCH, "--frames", "240"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=x_server.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        colours = 0
        while process.poll() is None:
            pixels = x_server.screenshot().reshape(-1, 3)
            colours = max(colours, len({tuple(pixel) for pixel in pixels[::7].tolist()}))
            time.sleep(0.2)
        assert process.stdout is not None
        output = process.stdout.read()
    assert process.returncode == 0, output
    assert colours > 8
    assert "frame    240" in output


def test_the_keyboard_plays_in_the_window(x_server: Any, tmp_path: Path) -> None:
    command = [*WATCH, "--keyboard", "--frames", "600"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=x_server.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        before = ""
        while not re.search(r"^frame ", before, re.MULTILINE):  # a second without a key
            line = process.stdout.readline()
            assert line, before
            before += line
        x_server.run(PRESS_RIGHT)
        after = process.stdout.read()
    output = before + after
    assert process.returncode == 0, output
    assert "Buttons and keys: B Z, SELECT TAB, START ENTER, UP UP, DOWN DOWN, LEFT LEFT, RIGHT RIGHT, A X" in output
    positions = [int(x) for x in re.findall(r"xscrollLo\s+(\d+)", output)]
    assert positions[0] == 0
    assert max(positions) > 20


@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--keyboard",), 1, "No display here (the variable DISPLAY is not set). The keyboard plays in a window: "),
        (("--keyboard", "--no-window"), 2, "--keyboard plays in the window"),
        (("--state", "Level9"), 1, "has no start state 'Level9'"),
        (("--champion", "nothing.pkl"), 1, "nothing.pkl"),
    ],
)
def test_what_cannot_be_watched_is_said(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    told = subprocess.run([*WATCH, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert told.returncode == code
    assert words in told.stderr
    assert "Traceback" not in told.stderr
