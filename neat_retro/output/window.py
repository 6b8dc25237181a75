"""How a game is shown in a window: pyglet, opened only when it is asked for, at the console's own speed."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from neat_retro.errors import MissingExtraError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from neat_retro.agent.episode import EpisodeResult, EpisodeSpec
    from neat_retro.agent.players import Agent
    from neat_retro.evolution.worker import Stage

    Screen = npt.NDArray[np.uint8]

# A window that lags by more (it was dragged, the machine slept) goes on from now instead of racing to catch up.
_LONGEST_LAG_S = 0.25
_INSTEAD = "Instead of a window, write a video:  neat-retro replay CHAMPION --video FILE.mp4"


class GameWindow:
    """A window that shows frames one after another; a context manager, or close() it.

    The user closes it by its button or by Escape. One thread only: pyglet answers the window system there.
    """

    def __init__(self, title: str, size: tuple[int, int], scale: int = 3, frame_rate: float = 60.0) -> None:
        """Open a window for screens of `size`, (height, width), at `frame_rate` frames a second.

        `scale` is how many pixels a console's pixel gets either way, less where the display is too small.

        Raises MissingExtraError without pyglet, a display or OpenGL.
        """
        height, width = size
        self._frame_seconds = 1 / frame_rate
        self._due = 0.0
        self._window, self._pyglet = _open(title, width, height, scale)
        self._texture: Any = None
        self.is_open = True
        self._window.push_handlers(on_close=self._close_asked)
        self._keys = self._pyglet.window.key.KeyStateHandler()
        self._window.push_handlers(self._keys)

    def __enter__(self) -> GameWindow:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take the window away. Frames shown after that are not seen."""
        self.is_open = False
        if self._window is not None:
            self._window.close()
            self._window = None

    def show(self, screen: Screen) -> bool:
        """Show a frame, (height, width, 3) uint8 RGB, when its time has come; False once the window is closed.

        A frame of another shape fills the window as well.
        """
        if not self.is_open:
            return False
        self._upload(screen)
        self._wait()
        return self.stay()

    def stay(self) -> bool:
        """Answer the window system and draw the last frame again; False once the window is closed."""
        if self.is_open:
            self._window.switch_to()
            self._window.dispatch_events()
        if not self.is_open:
            self.close()
            return False
        if self._texture is not None:
            self._texture.blit(0, 0, width=self._window.width, height=self._window.height)
            self._window.flip()
        return True

    def is_held(self, key: str) -> bool:
        """Tell whether a key, in pyglet's words (`Z`, `ENTER`, `LEFT`), is down, as of the last frame shown."""
        return bool(self._keys[getattr(self._pyglet.window.key, key)])

    def rename(self, title: str) -> None:
        """Change the title."""
        if self.is_open:
            self._window.set_caption(title)

    def _close_asked(self) -> bool:
        """Remember it, and keep pyglet from closing the window in the middle of its own event."""
        self.is_open = False
        return True

    def _upload(self, screen: Screen) -> None:
        height, width, _ = screen.shape
        gl, image = self._pyglet.gl, self._pyglet.image
        self._window.switch_to()
        if self._texture is None or (self._texture.width, self._texture.height) != (width, height):
            self._texture = image.Texture.create(
                width, height, min_filter=gl.GL_NEAREST, mag_filter=gl.GL_NEAREST, rectangle=True
            )
        upside_down = screen[::-1].tobytes()  # OpenGL's first row is the lowest
        self._texture.blit_into(image.ImageData(width, height, "RGB", upside_down), 0, 0, 0)

    def _wait(self) -> None:
        """Sleep until this frame is due. Due times are counted, not slept, so that errors do not add up."""
        now = time.perf_counter()
        if now - self._due > _LONGEST_LAG_S:  # as at the first frame
            self._due = now
        time.sleep(max(0.0, self._due - now))
        self._due += self._frame_seconds


def play_in_window(stage: Stage, agents: Sequence[Agent], spec: EpisodeSpec, title: str) -> EpisodeResult:
    """Play an episode, an agent per pad, in a window at the console's speed.

    Where the user closes the window, the rest is played unseen and at once. Raises MissingExtraError.
    """
    from neat_retro.agent.episode import play_episode  # opening a window, all that the doctor tries, needs none of it

    emulator, rules = stage.emulator, stage.rules
    emulator.reset(spec.start.state)
    height, width, _ = emulator.screen().shape
    with GameWindow(title, (height, width), frame_rate=emulator.frame_rate) as window:
        return play_episode(emulator, agents, spec, rules, lambda: _look(window, stage))


def has_display() -> bool:
    """Whether a window can be opened here: found out by opening one that is never seen."""
    try:
        require_display()
    except MissingExtraError:
        return False
    return True


def require_display(instead: str = _INSTEAD) -> None:
    """Raise MissingExtraError, which says `instead` as its cure, where no window can be opened.

    This process keeps its connection to the display.
    """
    window, _ = _open("", 1, 1, 1, visible=False, instead=instead)
    window.close()


def _look(window: GameWindow, stage: Stage) -> None:
    if window.is_open:
        window.show(stage.emulator.screen())


def _open(
    title: str, width: int, height: int, scale: int, visible: bool = True, instead: str = _INSTEAD
) -> tuple[Any, Any]:
    """Return a pyglet window and pyglet."""
    try:
        import pyglet
    except ImportError as error:
        raise MissingExtraError(
            f'A window needs pyglet, which is not here ({error}). Install it:  pip install "neat-retro[window]"'
        ) from error
    pyglet.options["shadow_window"] = False  # else the import below opens a window of its own
    try:
        import pyglet.gl
        import pyglet.image
        import pyglet.window

        display = pyglet.canvas.get_display().get_default_screen()
        fitting = min(scale, display.width // width, display.height // height)
        size = {"width": width * max(1, fitting), "height": height * max(1, fitting)}
        # vsync would add the monitor's rhythm to the console's
        return pyglet.window.Window(caption=title, vsync=False, visible=visible, **size), pyglet
    except Exception as error:  # pyglet's errors for a missing display, GL library or context share no base
        reason = str(error) or type(error).__name__
        if 'to "None"' in reason:  # pyglet's words, whatever the variable says
            name = os.environ.get("DISPLAY")
            reason = f"nothing answers at DISPLAY={name}" if name else "the variable DISPLAY is not set"
        raise MissingExtraError(f"No display here ({reason}). {instead}") from error
