"""How `train --watch` shows each generation's best while training goes on: in a process of its own.

The run only ever leaves the newest best in a mailbox. The watching process opens window and emulator, asks
for the newest whenever it has shown one, and ends with its window, its run or its first failure.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from neat_retro.agent.episode import EpisodeSpec, play_episode
from neat_retro.agent.players import Agent
from neat_retro.errors import MissingExtraError
from neat_retro.evolution.reporter import Best, Reporter, RunEnd, RunStart
from neat_retro.evolution.run_folder import GenerationRecord
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Experiment
from neat_retro.output.window import GameWindow, require_display

_OPENING_TIMEOUT_S = 60
_STAY_S = 0.05


class WatchReporter(Reporter):
    """Replays each generation's best in a window. A best that comes while another plays waits; the newest wins.

    Closing the window ends the watching and nothing else. close() takes the window away; so does the end of
    the run, and of this process.
    """

    def __init__(self) -> None:
        """Start the watching process. Raises MissingExtraError where it cannot open a window."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_watch, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        problem = _first_word(ours)
        if problem:
            self._process.terminate()
            self._process.join()
            raise MissingExtraError(problem)
        self._experiment: Experiment | None = None
        self._mailbox = _Mailbox()
        # A thread, because a pipe takes 64 KB and a network may be larger: sending can block, training may not.
        threading.Thread(target=_deliver, args=(ours, self._mailbox), daemon=True).start()

    def run_started(self, start: RunStart) -> None:
        self._experiment = start.experiment

    def generation_done(self, record: GenerationRecord, best: Best) -> None:
        if self._experiment is not None:
            title = f"{self._experiment.game.game}: generation {best.generation}, fitness {best.fitness:g}"
            self._mailbox.put(_Replay(self._experiment, best.agent, best.episodes[0].spec, title))

    def run_ended(self, end: RunEnd) -> None:
        self.close()

    def run_failed(self, error: BaseException) -> None:
        self.close()

    def close(self) -> None:
        """End the watching."""
        self._mailbox.close()
        self._process.terminate()
        self._process.join()


@dataclass(frozen=True)
class _Replay:
    experiment: Experiment
    agent: Agent
    spec: EpisodeSpec
    title: str


class _Mailbox:
    """Holds one replay at most: a newer one takes its place."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: _Replay | None = None
        self._closed = False

    def put(self, replay: _Replay) -> None:
        with self._changed:
            self._newest = replay
            self._changed.notify()

    def take(self) -> _Replay | None:
        """Wait for a replay and take it out; None once the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._newest is not None)
            replay, self._newest = self._newest, None
            return None if self._closed else replay

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()


def _first_word(connection: Connection) -> str:
    """Return what keeps the watching process from opening a window, or an empty string."""
    try:
        if connection.poll(_OPENING_TIMEOUT_S):
            return str(connection.recv())
    except (EOFError, OSError):
        return "The window's process died while it opened the display. Train without --watch."
    return f"No window could be opened within {_OPENING_TIMEOUT_S} seconds. Train without --watch."


def _deliver(connection: Connection, mailbox: _Mailbox) -> None:
    """Answer each request of the watching process with the newest replay, until either side ends."""
    with connection:
        try:
            while True:
                connection.recv()
                replay = mailbox.take()
                if replay is None:
                    return
                connection.send(replay)
        except (EOFError, OSError):
            return  # the window was closed


def _watch(connection: Connection) -> None:
    """Show what comes; the entry point of the watching process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the main process decides
    os.nice(10)  # the workers come first
    try:
        require_display(instead="Train without --watch.")
    except MissingExtraError as error:
        connection.send(str(error))
        return
    try:
        connection.send("")
        _show_replays(connection)
    except (_WindowClosedError, EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        print(f"The watching stopped, the run goes on: {type(error).__name__}: {error}", file=sys.stderr)


class _WindowClosedError(Exception):
    """The user has seen enough."""


def _show_replays(connection: Connection) -> None:
    replay = _next_replay(connection, lambda: True)
    with Stage(replay.experiment) as stage:
        emulator, rules = stage.emulator, stage.rules
        with GameWindow(replay.title, stage.shape.screen, frame_rate=emulator.frame_rate) as window:

            def show() -> None:
                if not window.show(emulator.screen()):
                    raise _WindowClosedError
                if connection.poll():  # nothing was asked for yet: this is the end of the run, an EOFError
                    connection.recv()

            while True:
                play_episode(emulator, (replay.agent,), replay.spec, rules, show)
                replay = _next_replay(connection, window.stay)
                window.rename(replay.title)


def _next_replay(connection: Connection, stay: Callable[[], bool]) -> _Replay:
    """Ask for the newest replay and wait for it, the window answering meanwhile."""
    connection.send("next")
    while not connection.poll(_STAY_S):
        if not stay():
            raise _WindowClosedError
    replay = connection.recv()
    assert isinstance(replay, _Replay)
    return replay
