"""What each added worker process adds: the same jobs for one worker and for several, in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import neat_retro.api
from benchmarks.populations import experiment_of, jobs_of, opened
from benchmarks.table import Result
from neat_retro.agent.episode import EpisodeResult
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job

GAME = "NeatRunner-Nes"


def added() -> Iterator[Result]:
    """With two workers, and with as many as this machine has cores."""
    for workers in sorted({2, neat_retro.api.cores()} - {1}):
        yield compare(workers)


def compare(workers: int, population: int = 100, max_frames: int = 1200, rounds: int = 3) -> Result:
    """Play one generation by one worker and by several; return the rate each added one adds, over one's.

    Raises ValueError if the results differ.
    """
    experiment = experiment_of(GAME, {"NEAT.pop_size": population, "Episode.max_frames": max_frames})
    with opened(experiment) as (stage, config):
        jobs, experiment = jobs_of(config, experiment), stage.experiment
    ratios = []
    with WorkerPool(experiment, 1) as one, WorkerPool(experiment, workers) as several:
        if _episodes(one, jobs) != _episodes(several, jobs):  # this also starts every worker, which then compiles
            raise ValueError("several workers give other results than one")
        for _ in range(rounds):
            alone, together = _seconds(one, jobs), _seconds(several, jobs)
            ratios.append((alone / together - 1) / (workers - 1))
    detail = f"{rounds} rounds of {population} genomes, {min(ratios):.3f} to {max(ratios):.3f}"
    return Result(f"{workers} workers", statistics.median(ratios), detail)


def _episodes(pool: WorkerPool, jobs: list[Job]) -> list[tuple[EpisodeResult, ...]]:
    return [result.episodes for result in pool.play(jobs)]


def _seconds(pool: WorkerPool, jobs: list[Job]) -> float:
    began = time.perf_counter()
    pool.play(jobs)
    return time.perf_counter() - began
