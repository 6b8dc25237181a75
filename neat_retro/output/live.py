"""How a game's variables are watched while it is played: a table in a terminal, lines elsewhere, and a window."""

from __future__ import annotations

import random
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table

from neat_retro.agent.episode import play_episode
from neat_retro.evolution.champion import Champion, champion_agent
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator
from neat_retro.output.replay import open_stage
from neat_retro.output.window import GameWindow, has_display, require_display

_FRAMES_PER_LINE = 60
_FRAMES_PER_TABLE = 4
_HELD_FRAMES = 8
_NOT_DRAWN = ("START", "SELECT", "MODE", "RUN", "PAUSE")
_NO_KEYBOARD = "The keyboard plays in a window: leave --keyboard out, and a random agent plays."


@dataclass
class Tally:
    """What the variables were so far: now, least, most, and how often each changed."""

    frames: int = 0
    now: dict[str, int] = field(default_factory=dict)
    least: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)

    def observe(self, values: dict[str, int]) -> None:
        """Take in a frame."""
        self.frames += 1
        for name, value in values.items():
            self.changes[name] = self.changes.get(name, 0) + (value != self.now.get(name, value))
            self.least[name] = min(value, self.least.get(name, value))
            self.most[name] = max(value, self.most.get(name, value))
        self.now = values

    def table(self) -> Table:
        """Return it for a terminal."""
        table = Table(caption=f"frame {self.frames:,}")
        table.add_column("variable", overflow="fold")
        for heading in ("now", "least", "most", "changes"):
            table.add_column(heading, justify="right")
        for name, value in self.now.items():
            table.add_row(name, *(f"{n}" for n in (value, self.least[name], self.most[name], self.changes[name])))
        return table


def watch_variables(
    game: str,
    state: str,
    champion: Champion | None = None,
    keyboard: bool = False,
    window: bool = True,
    frames: int | None = None,
    console: Console | None = None,
) -> Tally:
    """Play the game from a start state, again and again, and show its variables; a window as well where one opens.

    The champion plays, or the keyboard, or else random buttons. Ends after `frames`, with the window, or with an
    interrupt. Raises GameError, ChampionError, and MissingExtraError where the keyboard has no window.
    """
    if keyboard:
        require_display(_NO_KEYBOARD)
    with ExitStack() as stack:
        play: Callable[[_Viewer], None]
        if champion is not None:
            stage = stack.enter_context(open_stage(champion, game))
            emulator = stage.emulator
            agents, spec = (champion_agent(champion),), champion.episodes[0].spec
            play = lambda viewer: _ignore(play_episode(emulator, agents, spec, stage.rules, viewer.see))  # noqa: E731
        else:
            emulator = stack.enter_context(Emulator(game))
            play = lambda viewer: _play(emulator, state, viewer, keyboard)  # noqa: E731
        emulator.reset(state)
        viewer = _Viewer(emulator, frames, console or Console(), stack, window and (keyboard or has_display()))
        try:
            while True:
                play(viewer)
        except (_SeenEnoughError, KeyboardInterrupt):
            return viewer.tally


def key_help(game: str) -> str:
    """Return which key is which button, as a line."""
    keys = catalog.consoles()[catalog.console(game)]["keybinds"]
    pairs = [f"{button} {key}" for button, key in zip(catalog.buttons(game), keys, strict=False) if button and key]
    return ", ".join(pairs)


class _SeenEnoughError(Exception):
    """The frames are over, or the window was closed."""


class _Viewer:
    """Shows each frame wherever it is to be shown, at the console's speed if a person looks on."""

    def __init__(
        self, emulator: Emulator, frames: int | None, console: Console, stack: ExitStack, windowed: bool
    ) -> None:
        self.tally = Tally()
        self._emulator, self._frames, self._console = emulator, frames, console
        self._shown: dict[str, int] = {}
        self._due = time.perf_counter()
        self.window: GameWindow | None = None
        if windowed:
            height, width, _ = emulator.screen().shape
            title = catalog.short_name(emulator.game)
            self.window = stack.enter_context(GameWindow(title, (height, width), frame_rate=emulator.frame_rate))
        self._live: Live | None = None
        if console.is_terminal:
            self._live = stack.enter_context(Live(console=console, auto_refresh=False))

    def see(self) -> None:
        """Take in the frame that was played. Raises _SeenEnoughError after the last."""
        self.tally.observe(self._emulator.variables())
        last = self.tally.frames == self._frames
        if self._live is not None:
            if last or self.tally.frames % _FRAMES_PER_TABLE == 0:
                self._live.update(self.tally.table(), refresh=True)
        elif last or self.tally.frames % _FRAMES_PER_LINE == 0:
            self._print_changes()
        if self.window is not None:
            if not self.window.show(self._emulator.screen()):
                raise _SeenEnoughError
        elif self._live is not None:
            self._due = max(self._due + 1 / self._emulator.frame_rate, time.perf_counter() - 0.25)
            time.sleep(max(0.0, self._due - time.perf_counter()))
        if last:
            raise _SeenEnoughError

    def _print_changes(self) -> None:
        now = self.tally.now
        changed = [f"{name} {value}" for name, value in now.items() if self._shown.get(name) != value]
        self._shown = now
        text = f"frame {self.tally.frames:>6}  {', '.join(changed) or 'nothing changed'}"
        print("\n".join(textwrap.wrap(text, 79, subsequent_indent=" " * 14)), file=self._console.file, flush=True)


def _ignore(_: object) -> None:
    """Drop what an episode came to."""


def _play(emulator: Emulator, state: str, viewer: _Viewer, keyboard: bool) -> None:
    """Play one episode, until the scenario is done."""
    window = viewer.window
    masks = _drawn(emulator) if not keyboard or window is None else _typed(emulator, window)
    emulator.reset(state)
    for mask in masks:
        emulator.step((mask,))
        viewer.see()
        if emulator.scenario()[1]:
            return


def _drawn(emulator: Emulator) -> Iterator[int]:
    rng = random.Random(0)
    bits = [1 << bit for bit, name in enumerate(emulator.buttons) if name and name not in _NOT_DRAWN]
    while True:
        mask = sum(bit for bit in bits if rng.random() < 0.3)
        yield from [mask] * _HELD_FRAMES


def _typed(emulator: Emulator, window: GameWindow) -> Iterator[int]:
    keys = catalog.consoles()[catalog.console(emulator.game)]["keybinds"]
    while True:
        yield sum(1 << bit for bit, key in enumerate(keys) if key and window.is_held(key))
