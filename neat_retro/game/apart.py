"""How a single question is put to an emulator: in a process of its own, which opens the game, answers and ends.

A ROM that kills its core then costs an answer, not the program, and the main process stays free of emulators.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from neat_retro.errors import NeatRetroError

Answer = TypeVar("Answer")


def run_apart(function: Callable[..., Answer], *arguments: Any, died: str) -> Answer:
    """Return `function(*arguments)` from a spawned process; function, arguments and answer are pickled.

    Raises what the function raises, if a NeatRetroError; `died` is said where the process ends without an answer, or
    of any other error.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs, function, arguments, died), daemon=True)
    resource_tracker.ensure_running()  # else start() would run it, and unblock SIGINT again on its way
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:  # Ctrl-C reaches the whole group: the process, which never sees it, leaves it to the main one
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    theirs.close()
    try:
        answer = ours.recv()
    except (EOFError, OSError):
        raise NeatRetroError(died) from None
    finally:
        process.terminate()
        process.join()
        ours.close()
    if isinstance(answer, NeatRetroError):
        raise answer
    return answer  # type: ignore[no-any-return]


def _answer(connection: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], died: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = function(*arguments)
    except NeatRetroError as error:
        answer = error
    except Exception as error:
        answer = NeatRetroError(f"{died}\n  {type(error).__name__}: {error}")
    connection.send(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
