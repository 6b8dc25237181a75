"""Windows are opened on a virtual X server, whose own picture of the display is compared."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from neat_retro.errors import MissingExtraError
from neat_retro.output.watch import WatchReporter
from neat_retro.output.window import GameWindow, has_display, require_display

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Xvfb shows windows on Linux")

TIMEOUT_S = 20
NO_DISPLAY = "No display here (the variable DISPLAY is not set). "
VIDEO = "Instead of a window, write a video:  neat-retro replay CHAMPION --video FILE.mp4"

# A picture that tells left from right, top from bottom, red from blue, and blurred from sharp.
TEST_PICTURE = """
import numpy as np
screen = np.zeros((60, 80, 3), np.uint8)
screen[:30] = 250, 20, 10
screen[30:] = 10, 20, 250
screen[:15, :40] = 0, 200, 0
screen[::2, 70:] = 255
"""

SHOW = (
    TEST_PICTURE
    + """
import time
from neat_retro.output.window import GameWindow, has_display
assert has_display()
shape = SHAPE
with GameWindow("test", (60, 80), frame_rate=60) as window:
    started = time.perf_counter()
    for _ in range(31):
        assert window.show(screen[: shape[0], : shape[1]])
    assert time.perf_counter() - started >= 30 / 60
    print("shown", flush=True)
    input()
    assert not window.show(screen)
    assert not window.stay()
"""
)

PLAY = """
from neat_retro.agent.episode import EpisodeSpec, Start, play_episode
from neat_retro.agent.players import RandomAgent
from neat_retro.evolution.resolve import settle
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Draft
from neat_retro.output.window import play_in_window

draft = Draft.from_text('''
[Game]
game = Airstriker-Genesis
[Actions]
kind = argmax
combos = nothing, LEFT, RIGHT, B
[Fitness]
score = gain score
[Episode]
max_frames = 1200
''', "airstriker.cfg")
draft.fill_neat_keys()
spec = EpisodeSpec(Start("Level1"), seed=1)
with Stage(settle(draft.experiment())) as stage:
    alone = play_episode(stage.emulator, (RandomAgent(),), spec, stage.rules)
    print("playing", flush=True)
    shown = play_in_window(stage, (RandomAgent(),), spec, "Airstriker")
assert shown == alone and shown.frames == 1200
print("same", flush=True)
"""

# What a window manager does when a window's close button is pressed.
CLOSE = """
from ctypes import POINTER, byref, c_uint, pointer
from pyglet.libs.x11 import xlib

display = xlib.XOpenDisplay(None)
root, parent, children, count = xlib.Window(), xlib.Window(), POINTER(xlib.Window)(), c_uint()
xlib.XQueryTree(
    display, xlib.XDefaultRootWindow(display), byref(root), byref(parent), byref(children), byref(count)
)
for window in children[: count.value]:
    event = xlib.XEvent()
    event.xclient.type = xlib.ClientMessage
    event.xclient.window = window
    event.xclient.message_type = xlib.XInternAtom(display, b"WM_PROTOCOLS", False)
    event.xclient.format = 32
    event.xclient.data.l[0] = xlib.XInternAtom(display, b"WM_DELETE_WINDOW", False)
    xlib.XSendEvent(display, window, False, 0, pointer(event))
xlib.XCloseDisplay(display)
"""


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)


@contextmanager
def running(code: str, server: Any) -> Iterator[subprocess.Popen[str]]:
    """Run Python code on the server's display; it must end well once the block is left."""
    command = [sys.executable, "-W", "error", "-W", "ignore:Bitwise inversion:DeprecationWarning", "-c", code]
    with subprocess.Popen(
        command, env=server.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
            process.communicate("\n", timeout=TIMEOUT_S)
        finally:
            process.kill()
    assert process.returncode == 0


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def expected_display(visible: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    display = np.zeros((480, 640, 3), np.uint8)
    display[: visible.shape[0], : visible.shape[1]] = visible
    return display


def wait_for_display(server: Any, expected: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the display once it is as expected, or as it is when time is up."""
    deadline = time.monotonic() + 5
    while not np.array_equal(server.screenshot(), expected) and time.monotonic() < deadline:
        time.sleep(0.05)
    return server.screenshot()


@pytest.mark.parametrize(
    ("shape", "factors"),
    [pytest.param((60, 80), (3, 3), id="same shape"), pytest.param((30, 40), (6, 6), id="smaller screen")],
)
def test_a_window_shows_the_screen_pixel_by_pixel_until_it_is_closed(
    x_server: Any, shape: tuple[int, int], factors: tuple[int, int]
) -> None:
    scope: dict[str, npt.NDArray[np.uint8]] = {}
    exec(TEST_PICTURE, scope)
    screen = scope["screen"][: shape[0], : shape[1]]
    expected = expected_display(screen.repeat(factors[0], axis=0).repeat(factors[1], axis=1))
    with running(SHOW.replace("SHAPE", repr(shape)), x_server) as process:
        assert read_line(process) == "shown"
        np.testing.assert_array_equal(wait_for_display(x_server, expected), expected)
        x_server.run(CLOSE)


def test_a_window_is_no_larger_than_the_display(x_server: Any) -> None:
    code = (
        "import numpy as np\n"
        "from neat_retro.output.window import GameWindow\n"
        "with GameWindow('test', (200, 300)) as window:\n"
        "    window.show(np.full((200, 300, 3), 255, np.uint8))\n"
        "    print('shown', flush=True)\n"
        "    input()\n"
    )
    expected = expected_display(np.full((400, 600, 3), 255, np.uint8))
    with running(code, x_server) as process:
        assert read_line(process) == "shown"
        np.testing.assert_array_equal(wait_for_display(x_server, expected), expected)


def test_an_episode_goes_on_as_ever_when_its_window_is_closed(x_server: Any) -> None:
    with running(PLAY, x_server) as process:
        assert read_line(process) == "playing"
        deadline = time.monotonic() + 10
        while not x_server.screenshot().any() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert x_server.screenshot().any()
        started = time.monotonic()
        x_server.run(CLOSE)
        assert read_line(process) == "same"
        assert time.monotonic() - started < 1200 / 60 / 2  # the rest was not played at the console's speed


@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize(
    ("opens", "way_out"),
    [
        (require_display, VIDEO),
        (lambda: GameWindow("test", (224, 320)), VIDEO),
        (WatchReporter, "Train without --watch."),
    ],
)
def test_a_missing_display_is_said_with_the_way_out(opens: object, way_out: str) -> None:
    assert callable(opens)
    with pytest.raises(MissingExtraError) as error:
        opens()
    assert str(error.value) == NO_DISPLAY + way_out
    assert not has_display()


def test_missing_pyglet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyglet", None)
    with pytest.raises(MissingExtraError, match=r'A window needs pyglet.*pip install "neat-retro\[window\]"'):
        GameWindow("test", (224, 320))
