"""Decides what of a run is spared the emulator: reuse and sharing, for as long as the game proves to allow them.

What a run computes never hangs on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from neat_retro.evolution.determinism import NOT_REPEATED, NOT_RESTORED, same_play
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.evolution.reuse import ReusingEvaluator
from neat_retro.experiment import Experiment


class SavingEvaluator:
    """An Evaluator that has jobs played by worker processes, and spares them what it may."""

    def __init__(self, pool: WorkerPool, experiment: Experiment) -> None:
        """Have the game rehearsed from now on, if it is to be relied on. The pool uses `experiment` already."""
        self._pool = pool
        self._experiment = experiment
        self._reusing: ReusingEvaluator | None = None
        self._trusted = True
        self._saves = experiment.episode.reuse or experiment.episode.share
        if self._saves:
            pool.rehearse()

    def play(self, jobs: Sequence[Job], on_result: Callable[[JobResult], None] | None = None) -> list[JobResult]:
        """Return the results in the order of `jobs`."""
        return (self._reusing or self._pool).play(jobs, on_result)

    def begin(self) -> list[str]:
        """Wait for the rehearsal, save what it allows, and return what is to be told."""
        if not self._saves:
            return []
        found = self._pool.rehearsed()
        if not found.repeats:
            return self._save_nothing()
        if self._experiment.episode.reuse:
            self._reusing = ReusingEvaluator(self._pool)
        if not found.restores:
            self._play_whole()
            return [NOT_RESTORED]
        return []

    def compare(self, result: JobResult, replay: JobResult) -> list[str]:
        """Trust the game no longer where a job's replay, emulated whole, differs; return what is to be told, once."""
        return self._save_nothing() if self._trusted and not same_play(result, replay) else []

    def _save_nothing(self) -> list[str]:
        self._trusted = False
        self._reusing = None
        self._play_whole()
        return [NOT_REPEATED]

    def _play_whole(self) -> None:
        episode = dataclasses.replace(self._experiment.episode, share=False)
        self._pool.use(dataclasses.replace(self._experiment, episode=episode))
