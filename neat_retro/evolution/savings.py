"""Decides what of a run is spared the emulator: reuse and sharing, for as long as the game proves to allow them.

What a run computes never hangs on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from neat_retro.evolution.determinism import NOT_REPEATED, NOT_RESTORED, Stages, rehearse, same_play
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.evolution.reuse import ReusingEvaluator
from neat_retro.experiment import Experiment


class SavingEvaluator:
    """An Evaluator that has jobs played by worker processes, and spares them what it may."""

    def __init__(self, stages: Stages, experiment: Experiment) -> None:
        self._stages = stages
        self._experiment = experiment
        self._reusing: ReusingEvaluator | None = None
        self._trusted = True

    def play(self, jobs: Sequence[Job], on_result: Callable[[JobResult], None] | None = None) -> list[JobResult]:
        """Return the results in the order of `jobs`."""
        return (self._reusing or self._stages).play(jobs, on_result)

    def begin(self) -> list[str]:
        """Look for a moment how far the game can be relied on, save accordingly, and return what is to be told."""
        wanted = self._experiment.episode
        if not (wanted.reuse or wanted.share):
            return []
        found = rehearse(self._stages, self._experiment)
        if not found.repeats:
            return self._save_nothing()
        if wanted.reuse:
            self._reusing = ReusingEvaluator(self._stages)
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
        self._stages.use(dataclasses.replace(self._experiment, episode=episode))
