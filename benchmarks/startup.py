"""How long it takes from `neat-retro train` to its first generation, beside what the imports alone take.

Everything is warm: compiled kernels, byte code and the disk's cache. The command and a bare import of the libraries it
cannot do without take turns, each in a process of its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Result

IMPORTS = "import stable_retro, neat, cv2, numba"
STARTED = "starting with generation 0"


def rows() -> Iterator[Result]:
    """With one worker and with two."""
    for workers in (1, 2):
        yield started(workers)


def started(workers: int, rounds: int = 9) -> Result:
    """Return the median seconds from the command to the line that says that generation 0 is under way."""
    seconds_to_start(workers)  # warms what is cached
    commands, imports = [], []
    for _ in range(rounds):
        commands.append(seconds_to_start(workers))
        imports.append(seconds_to_import())
    median, bare = statistics.median(commands), statistics.median(imports)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(commands, imports, strict=True))
    detail = f"{rounds} runs, {min(commands):.2f} to {max(commands):.2f} s; {ratio:.2f}x `{IMPORTS}`, {bare:.2f} s"
    return Result(f"{workers} worker{'s' if workers > 1 else ''}", median, detail)


def seconds_to_start(workers: int, *more: str) -> float:
    """Run the shipped default, with `more` options, until its first generation is under way; then end it."""
    options = ["--generations", "1", "--seed", "1", "--workers", str(workers), *more]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "neat_retro", "train", *options, "--run-dir", str(Path(folder) / "run")]
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            found = any(STARTED in line for line in process.stdout)
            seconds = time.perf_counter() - began
            process.terminate()
            process.stdout.read()
        if not found:
            raise RuntimeError(f"{' '.join(command)} never said {STARTED!r}")
    return seconds


def seconds_to_import() -> float:
    """Return the seconds of a process that only imports."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    return time.perf_counter() - began
