"""How long a generation takes over the least that it could, were its work cut to measure: workers idle at its end.

With two workers it is measured, as wall time. With more it is simulated: the jobs of a real run, each as long as its
frames, handed out in the order in which that run handed them out.
"""

from __future__ import annotations

import heapq
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import neat_retro
from benchmarks.populations import experiment_of
from benchmarks.table import Result
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.evolution.schedule import longest_first

GAME = "NeatRunner-Nes"
SIMULATED = ((150, 16), (500, 16), (500, 64))  # genomes, workers


@dataclass
class Generation:
    """The jobs that workers played. `ends` are seconds after the first job was handed out, by its key, as they came."""

    jobs: Sequence[Job]
    results: Sequence[JobResult]
    ends: Mapping[int, float]

    @property
    def order(self) -> list[int]:
        """The places of the jobs in the order in which they were handed out."""
        return longest_first([job.expected_frames for job in self.jobs])

    def seconds(self, workers: int) -> list[float]:
        """Return how long each job took: from when a worker became free for it to its result."""
        freed = [0.0] * workers + sorted(self.ends.values())
        starts = {self.jobs[place].key: freed[turn] for turn, place in enumerate(self.order)}
        return [end - starts[key] for key, end in self.ends.items()]

    def over_least(self, workers: int) -> tuple[float, float]:
        """Return the seconds that it took so many workers, and the fewest in which they could have done it."""
        return max(self.ends.values()), least_time(self.seconds(workers), workers)


@dataclass
class Recorder:
    """Keeps what the pool of a run plays."""

    generations: list[Generation] = field(default_factory=list)

    def recording(self, play: Callable[..., list[JobResult]]) -> Callable[..., list[JobResult]]:
        """Return `play` with an ear on it; champions' replays, single jobs, and parents' are passed over."""

        def recorded(pool: WorkerPool, jobs: Sequence[Job], on_result: Any = None) -> list[JobResult]:
            began, ends = time.perf_counter(), {}

            def hear(result: JobResult) -> None:
                ends[result.key] = time.perf_counter() - began
                if on_result:
                    on_result(result)

            results = play(pool, jobs, hear)
            if len(jobs) > 1 and not jobs[0].observed:
                self.generations.append(Generation(jobs, results, ends))
            return results

        return recorded


def rows() -> Iterator[Result]:
    """Measured with two workers, simulated with 16 and 64.

    Where frames are shared, two jobs of three take milliseconds and nobody knows which: few are left to share out.
    """
    yield measured(share=False)
    yield measured()
    yield measured(population=150, length=6)
    for population, workers in SIMULATED:
        yield simulated(population, workers)


def measured(
    population: int = 30, length: int = 20, workers: int = 2, max_frames: int = 0, share: bool = True
) -> Result:
    """Train a shipped config and compare when its workers ended; `max_frames` 0 is the shipped limit."""
    settings = {"Episode.share": share} | ({"Episode.max_frames": max_frames} if max_frames else {})
    played = record(population, length, workers, settings)[1:]
    times = [generation.over_least(workers) for generation in played]
    taken, least = (sum(column) for column in zip(*times, strict=True))
    jobs = sum(len(generation.jobs) for generation in played) / len(played)
    worst = max(time / bound for time, bound in times)
    detail = f"{len(played)} generations, wall time, {jobs:.0f} genomes played in each; the worst {worst:.2f}"
    variant = f"{population} genomes, {workers} workers{'' if share else ', no sharing'}"
    return Result(variant, taken / least, detail)


def simulated(population: int, workers: int, length: int = 5, max_frames: int = 0) -> Result:
    """Record a run without sharing, so that a job takes as long as its frames, and play it by so many workers."""
    settings = {"Episode.share": False} | ({"Episode.max_frames": max_frames} if max_frames else {})
    taken = least = known = 0.0
    for generation in record(population, length, 2, settings)[1:]:
        lengths = [float(result.frames) for result in generation.results]
        taken += makespan(lengths, generation.order, workers)
        known += makespan(lengths, longest_first(lengths), workers)
        least += least_time(lengths, workers)
    detail = f"simulated over {length - 1} generations; were lengths known beforehand, {known / least:.3f}"
    return Result(f"{population} genomes, {workers} workers", taken / least, detail)


def makespan(lengths: Sequence[float], order: Sequence[int], workers: int) -> float:
    """Return when the last worker ends, if each takes the next job in `order` as soon as it is free."""
    free = [0.0] * workers
    for place in order:
        heapq.heapreplace(free, free[0] + lengths[place])
    return max(free)


def least_time(lengths: Sequence[float], workers: int) -> float:
    """Return the lower bound of any schedule: the work shared evenly, or the longest job."""
    return max(sum(lengths) / workers, max(lengths))


def record(population: int, length: int, workers: int, settings: Mapping[str, object]) -> list[Generation]:
    """Train for `length` generations, everything else as shipped, and return what was played."""
    sizes = {"NEAT.pop_size": population, "Run.generations": length, "Run.stop_when_solved": False}
    recorder = Recorder()
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(WorkerPool, "play", recorder.recording(WorkerPool.play)),
    ):
        experiment = experiment_of(GAME, {**sizes, **settings}, savings=True)
        neat_retro.train(experiment, Path(folder) / "run", workers=workers)
    return recorder.generations
