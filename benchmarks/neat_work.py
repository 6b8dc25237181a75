"""What a generation spends on everything but play: NEAT's own work, the checkpoint and the history.

The real calls are wrapped with timers while a real run goes on. They take turns with the workers, nothing overlaps, so
their sum over the run's wall time is the share.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import neat_retro
from benchmarks.populations import experiment_of, opened
from benchmarks.table import Result
from neat_retro.evolution import generations
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.reporter import Reporter, RunEnd, RunStart
from neat_retro.evolution.run_folder import RunFolder

GAME = "NeatRunner-Nes"
PLAY = "play"


@dataclass
class Timers:
    """Seconds by the name of what was called; a call within a timed call counts for the outer one only."""

    seconds: dict[str, float] = field(default_factory=dict)
    _inside: bool = False

    def wrap(self, owner: Any, attribute: str, name: str) -> contextlib.AbstractContextManager[Any]:
        """Time every call of `owner.attribute` while the context lasts."""
        return mock.patch.object(owner, attribute, self._timed(getattr(owner, attribute), name))

    def _timed(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            if self._inside:
                return function(*arguments, **named)
            self._inside = True
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self._inside = False
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

        return timed


@dataclass
class Wall(Reporter):
    """The wall time from the first generation's start to the run's end; `timers` begin with it."""

    timers: Timers
    seconds: float = 0.0
    _began: float = 0.0

    def run_started(self, start: RunStart) -> None:
        self.timers.seconds.clear()
        self._began = time.perf_counter()

    def run_ended(self, end: RunEnd) -> None:
        self.seconds = time.perf_counter() - self._began


def share_of_wall(population: int = 150, length: int = 5, workers: int = 2, max_frames: int = 0) -> Iterator[Result]:
    """The timed calls' percentage of a default run of `length` generations; `max_frames` 0 is the shipped limit."""
    settings = {"NEAT.pop_size": population, "Run.generations": length, "Run.stop_when_solved": False}
    settings |= {"Episode.max_frames": max_frames} if max_frames else {}
    experiment = experiment_of(GAME, settings, savings=True)
    with opened(experiment) as (_, config):
        reproduction, species_set = config.reproduction_type, config.species_set_type
    wall = Wall(Timers())
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        for owner, attribute, name in (
            (reproduction, "reproduce", "reproduction"),
            (species_set, "speciate", "speciation"),
            (generations, "save_checkpoint", "checkpoint"),
            (RunFolder, "keep_checkpoints", "checkpoint"),
            (generations, "generation_arrays", "history"),
            (generations, "population_sha256", "history"),
            (RunFolder, "write_generation", "history"),
            (RunFolder, "write_history", "history"),
            (WorkerPool, "play", PLAY),
        ):
            stack.enter_context(wall.timers.wrap(owner, attribute, name))
        neat_retro.train(experiment, Path(folder) / "run", workers=workers, reporter=wall)
    shares = {name: 100 * seconds / wall.seconds for name, seconds in wall.timers.seconds.items()}
    played = shares.pop(PLAY)
    told = ", ".join(f"{name} {share:.2g} %" for name, share in shares.items())
    rest = 100 - played - sum(shares.values())
    detail = f"{told}; beside these and play {rest:.2g} %; {length} generations, {wall.seconds / length:.1f} s each"
    yield Result(GAME, sum(shares.values()), detail)
