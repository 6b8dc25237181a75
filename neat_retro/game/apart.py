"""How a single question is put to an emulator: in a process of its own, which opens the game, answers and ends.

A ROM that kills its core then costs an answer, not the program, and the main process stays free of emulators.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from neat_retro.errors import NeatRetroError

Answer = TypeVar("Answer")


def run_apart(function: Callable[..., Answer], *arguments: Any, died: str) -> Answer:
    """Return `function(*arguments)` from a spawned process; function, arguments and answer are pickled.

    Raises what the function raises, if a NeatRetroError; `died` is said where the process ends without an answer.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs, function, arguments), daemon=True)
    process.start()
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


def _answer(connection: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the main process decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = function(*arguments)
    except NeatRetroError as error:
        answer = error
    connection.send(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
