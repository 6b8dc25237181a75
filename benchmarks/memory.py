"""Whether a worker's memory grows with the frames it plays."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from benchmarks.populations import experiment_of, jobs_of, opened
from benchmarks.table import Result
from neat_retro.evolution.evaluators import WorkerPool

GAME = "NeatRunner-Nes"


def growth() -> Iterator[Result]:
    """With reuse and sharing as shipped, whose cache must stay within its bound, and without."""
    yield compare("as shipped", savings=True)
    yield compare("without reuse and sharing", savings=False)


def compare(variant: str, savings: bool, early: int = 1_000, late: int = 100_000, population: int = 500) -> Result:
    """Return a worker's resident memory after `late` frames over that after `early` frames.

    Frames are those demanded: with sharing a genome that comes round again is not emulated.
    """
    experiment = experiment_of(GAME, {"NEAT.pop_size": population}, savings=savings)
    with opened(experiment) as (stage, config):
        jobs, experiment = jobs_of(config, experiment), stage.experiment
    marks = [early, late // 2, late]  # the middle one tells a cache that filled up from a leak
    seen: list[tuple[int, float]] = []
    frames = 0
    with WorkerPool(experiment, 1) as pool:
        for job in cycle(jobs):
            frames += pool.play([job])[0].frames
            while len(seen) < len(marks) and frames >= marks[len(seen)]:
                seen.append((frames, resident_mb(pool)))
            if len(seen) == len(marks):
                break
    told = ", ".join(f"{megabytes:.1f} MB after {played:,} frames" for played, megabytes in seen)
    return Result(variant, seen[-1][1] / seen[0][1], told)


def resident_mb(pool: WorkerPool) -> float:
    """The resident memory of a pool's one worker, in MB."""
    [worker] = pool._workers
    pid = str(worker.process.pid)
    statm = Path("/proc", pid, "statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    shown = subprocess.run(["ps", "-o", "rss=", "-p", pid], check=True, capture_output=True)  # macOS
    return int(shown.stdout) / 1024
