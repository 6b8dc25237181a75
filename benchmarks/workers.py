"""What each added worker process adds: the same jobs for one worker and for several, in turns.

Cores share their memory and their power, so even bare `em.step()` loops side by side may each be slower than one alone.
Those take their turns as well: what they add is the most that this machine gives.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.populations import experiment_of, jobs_of, opened
from benchmarks.table import Result
from neat_retro import api
from neat_retro.agent.episode import EpisodeResult
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job
from neat_retro.game.emulator import Emulator

GAME = "NeatRunner-Nes"


def added() -> Iterator[Result]:
    """With two workers, and with as many as this machine has cores."""
    for workers in sorted({2, api.cores()} - {1}):
        yield compare(workers)


def compare(
    workers: int, population: int = 100, max_frames: int = 1200, rounds: int = 5, bare_frames: int = 5_000
) -> Result:
    """Play one generation by one worker and by several; return the rate each added one adds, over one's.

    Raises ValueError if the results differ.
    """
    experiment = experiment_of(GAME, {"NEAT.pop_size": population, "Episode.max_frames": max_frames})
    with opened(experiment) as (stage, config):
        jobs, experiment = jobs_of(config, experiment), stage.experiment
    ratios, bare = [], []
    with (
        WorkerPool(experiment, 1) as one,
        WorkerPool(experiment, workers) as several,
        _bare_loops(workers, experiment.game.states[0]) as loops,
    ):
        if _episodes(one, jobs) != _episodes(several, jobs):  # this also starts every worker, which then compiles
            raise ValueError("several workers give other results than one")
        for _ in range(rounds):
            alone, together = _seconds(one, jobs), _seconds(several, jobs)
            ratios.append((alone / together - 1) / (workers - 1))
            single, parallel = _step(loops[:1], bare_frames), _step(loops, bare_frames)
            bare.append((sum(single[0] / seconds for seconds in parallel) - 1) / (workers - 1))
    detail = f"{rounds} rounds of {population} genomes, {min(ratios):.3f} to {max(ratios):.3f}"
    limit = f"of bare `em.step()` loops each added one adds {statistics.median(bare):.3f}"
    return Result(f"{workers} workers", statistics.median(ratios), f"{detail}; {limit}")


def _episodes(pool: WorkerPool, jobs: list[Job]) -> list[tuple[EpisodeResult, ...]]:
    return [result.episodes for result in pool.play(jobs)]


def _seconds(pool: WorkerPool, jobs: list[Job]) -> float:
    began = time.perf_counter()
    pool.play(jobs)
    return time.perf_counter() - began


@contextlib.contextmanager
def _bare_loops(processes: int, state: str) -> Iterator[list[Connection]]:
    """Processes with an emulator each that wait to be told how many frames to step."""
    context = multiprocessing.get_context("spawn")
    started = []
    try:
        connections = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_bare_loop, args=(theirs, state), daemon=True)
            process.start()
            started.append(process)
            connections.append(ours)
        yield connections
    finally:
        for process in started:
            process.terminate()
            process.join()


def _bare_loop(connection: Connection, state: str) -> None:
    with Emulator(GAME) as emulator:
        em: Any = emulator._em
        while True:
            frames = connection.recv()
            emulator.reset(state)
            began = time.perf_counter()
            for _ in range(frames):
                em.step()
            connection.send(time.perf_counter() - began)


def _step(loops: Sequence[Connection], frames: int) -> list[float]:
    """Have loops step so many frames at the same time; return the seconds that each of them took."""
    for loop in loops:
        loop.send(frames)
    return [loop.recv() for loop in loops]
