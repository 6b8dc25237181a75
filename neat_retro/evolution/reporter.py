"""What a run tells while it goes on. Reporters listen; nothing they do changes the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from neat_retro.agent.episode import EpisodeResult
from neat_retro.agent.players import Agent
from neat_retro.evolution.champion import Champion
from neat_retro.evolution.jobs import JobResult
from neat_retro.evolution.run_folder import GenerationRecord
from neat_retro.experiment import Experiment


@dataclass(frozen=True)
class RunStart:
    """What a run is, told once. `first_generation` is not 0 where it was resumed.

    `notes` are sentences for a person: what its folder had lost, and whether its game can be relied on.
    """

    experiment: Experiment
    folder: Path
    workers: int
    first_generation: int
    population: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Best:
    """The best genome of one generation: what it is and what it did."""

    generation: int
    key: int
    fitness: float
    agent: Agent
    episodes: tuple[EpisodeResult, ...]


@dataclass(frozen=True)
class RunEnd:
    """How a run ended. `reason` is a sentence for a person; `finished` is False where it was interrupted."""

    reason: str
    finished: bool
    folder: Path
    champion: Champion | None


class Reporter:
    """Hears of a run; each method does nothing until a reporter overrides it."""

    def run_started(self, start: RunStart) -> None:
        """The first generation is about to be evaluated."""

    def genome_done(self, done: int, population: int, result: JobResult) -> None:
        """A genome's episodes came back."""

    def generation_done(self, record: GenerationRecord, best: Best) -> None:
        """A generation is evaluated and saved."""

    def champion_found(self, champion: Champion) -> None:
        """A genome did better than every one before it."""

    def noted(self, note: str) -> None:
        """Something came up that a person should know; a sentence."""

    def run_ended(self, end: RunEnd) -> None:
        """Nothing more will come."""

    def run_failed(self, error: BaseException) -> None:
        """Nothing more will come: `error` is raised next."""


class Reporters(Reporter):
    """Several reporters as one."""

    def __init__(self, *reporters: Reporter) -> None:
        self._all = reporters

    def run_started(self, start: RunStart) -> None:
        for reporter in self._all:
            reporter.run_started(start)

    def genome_done(self, done: int, population: int, result: JobResult) -> None:
        for reporter in self._all:
            reporter.genome_done(done, population, result)

    def generation_done(self, record: GenerationRecord, best: Best) -> None:
        for reporter in self._all:
            reporter.generation_done(record, best)

    def champion_found(self, champion: Champion) -> None:
        for reporter in self._all:
            reporter.champion_found(champion)

    def noted(self, note: str) -> None:
        for reporter in self._all:
            reporter.noted(note)

    def run_ended(self, end: RunEnd) -> None:
        for reporter in self._all:
            reporter.run_ended(end)

    def run_failed(self, error: BaseException) -> None:
        for reporter in self._all:
            reporter.run_failed(error)
