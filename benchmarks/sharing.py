"""What is gained by not emulating the same thing twice: the same run with reuse and sharing, and without.

Both runs are real ones, `neat_retro.train` with one worker, and every generation's population must come out the same.
The raw loop takes its turn after every generation, in this process, while the worker waits.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import neat_retro
from benchmarks.populations import experiment_of, opened
from benchmarks.raw import RawLoop
from benchmarks.table import Result
from neat_retro.agent.episode import EpisodeResult
from neat_retro.evolution.jobs import JobResult
from neat_retro.evolution.reporter import Best, Reporter, RunStart
from neat_retro.evolution.run_folder import GenerationRecord
from neat_retro.experiment import Experiment

GAME = "NeatRunner-Nes"
RAW_EVERY = 4  # of so many genomes one is played by the raw loop too


@dataclass
class Watch(Reporter):
    """Takes the time from the first generation's start to the last one's end, the raw loop's turns left out."""

    raw: RawLoop | None = None
    records: list[GenerationRecord] = field(default_factory=list)
    seconds: float = 0.0
    _since: float = 0.0
    _played: list[EpisodeResult] = field(default_factory=list)

    def run_started(self, start: RunStart) -> None:
        self._since = time.perf_counter()

    def genome_done(self, done: int, population: int, result: JobResult) -> None:
        if done % RAW_EVERY == 0:
            self._played += result.episodes

    def generation_done(self, record: GenerationRecord, best: Best) -> None:
        self.seconds += time.perf_counter() - self._since
        self.records.append(record)
        if self.raw is not None:
            for episode in self._played:
                self.raw.replay(episode)
        self._played.clear()
        self._since = time.perf_counter()

    @property
    def demanded(self) -> int:
        """The frames that the genomes asked for."""
        return sum(record.frames for record in self.records)

    @property
    def emulated(self) -> int:
        """The frames that the emulator played for them."""
        return sum(record.emulated for record in self.records)


@dataclass(frozen=True)
class Comparison:
    """Frames demanded a second over the raw loop's, and frames emulated over frames demanded."""

    rate: float
    emulated: float
    detail: str


@cache
def compare(game: str = GAME, population: int = 100, generations: int = 10, max_frames: int = 0) -> Comparison:
    """Train with the savings and without; raises ValueError if a generation is not the same in both.

    `max_frames` 0 leaves the shipped limit.
    """
    settings = {"NEAT.pop_size": population, "Run.generations": generations, "Run.stop_when_solved": False}
    settings |= {"Episode.max_frames": max_frames} if max_frames else {}
    saving = experiment_of(game, settings, savings=True)
    with opened(saving) as (stage, _):
        saved = _train(saving, Watch(RawLoop(stage.emulator, stage.rules)))
    plain = _train(experiment_of(game, settings), Watch())
    for a, b in zip(saved.records, plain.records, strict=True):
        if (a.population_sha256, a.best_fitness, a.frames) != (b.population_sha256, b.best_fitness, b.frames):
            raise ValueError(f"generation {a.generation} is another one with reuse and sharing than without")
    if plain.emulated != plain.demanded:
        raise ValueError("with the switches off every demanded frame should be emulated")
    assert saved.raw is not None
    rate = saved.demanded / saved.seconds / saved.raw.rate
    faster = plain.seconds / saved.seconds
    return Comparison(
        rate,
        saved.emulated / saved.demanded,
        f"{generations} generations of {population}, {saved.demanded:,} frames demanded, {saved.emulated:,} emulated,"
        f" the same populations in {1 / faster:.0%} of the time without",
    )


def _train(experiment: Experiment, watch: Watch) -> Watch:
    with tempfile.TemporaryDirectory() as folder:
        neat_retro.train(experiment, Path(folder) / "run", workers=1, reporter=watch)
    return watch


def demanded() -> Iterator[Result]:
    """Frames demanded a second, over the raw loop's frames a second."""
    compared = compare()
    yield Result(GAME, compared.rate, compared.detail)


def emulated() -> Iterator[Result]:
    """Frames emulated over frames demanded."""
    compared = compare()
    yield Result(GAME, compared.emulated, compared.detail)
