"""How a worker process is started: early, so that what it imports and what the main process imports come in together.

This file is quick to import, too; a worker learns what it will play when it is handed an Opening.
"""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from neat_retro.evolution.interrupts import held_back


@dataclass
class WorkerProcess:
    """A worker, seen from the main process. `busy_with` is the place of the job that it plays."""

    process: BaseProcess
    connection: Connection
    busy_with: int | None = None


def cores() -> int:
    """Return how many processes can run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_worker() -> WorkerProcess:
    """Start a process that gets ready to play and waits. It ends with the process that started it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_become_worker, args=(theirs,), daemon=True)
    resource_tracker.ensure_running()  # else start() would run it, and unblock SIGINT again on its way
    with held_back():  # Ctrl-C reaches the whole process group, and a worker is not ready to ignore it
        process.start()
    theirs.close()
    return WorkerProcess(process, ours)


def _become_worker(connection: Connection) -> None:
    from neat_retro.evolution.worker import work

    work(connection)
