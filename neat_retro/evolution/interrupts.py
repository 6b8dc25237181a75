"""Ctrl-C: held back where it would leave something half-done, and heeded once.

An impatient second one must not stop what the first one saves.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def interrupted_once() -> Iterator[None]:
    """Let the first SIGINT or SIGTERM through to whoever handles it, and none after it, until the end.

    Outside the main thread, where signals do not arrive, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    heed_one_interrupt()
    try:
        yield
    finally:
        for number, handler in handlers.items():
            spent = isinstance(handler, _Once) and handler.spent
            signal.signal(number, signal.SIG_IGN if spent else handler)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Let a signal that comes meanwhile wait for the end. A process that is started meanwhile does not see SIGINT.

    Blocking alone would not do: the kernel may hand a signal to another thread, and Python then runs its handler
    in the main one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    came: list[int] = []
    for number, handler in handlers.items():
        if callable(handler):
            signal.signal(number, lambda each, _: came.append(each))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def heed_one_interrupt() -> None:
    """Ignore SIGINT and SIGTERM once one of them has come. A signal that is ignored already stays ignored."""
    for number in SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, _Once(handler))


class _Once:
    """A signal handler that hands the first signal on and ignores all that follow, to the end of the process."""

    def __init__(self, handler: Callable[[int, FrameType | None], object]) -> None:
        self.spent = False
        self._handler = handler

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.spent = True
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        self._handler(number, frame)
