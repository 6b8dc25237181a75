"""Knows whether a game repeats itself: the same buttons from the same start, the same screens, memory and fitness."""

from __future__ import annotations

import dataclasses
import hashlib
import random
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from neat_retro.agent.actions import ActionSet
from neat_retro.agent.episode import EpisodeSpec, Start
from neat_retro.agent.players import Floats, Player
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.experiment import Experiment

FRAMES = 120  # of an episode, two seconds of play: many levels stand still in their first half second

NOT_REPEATED = (
    "This game does not repeat itself: the same buttons from the same start led elsewhere. So every genome is played"
    " from its start to its end in every generation ([Episode] reuse and share are off), and the same seed will not"
    " give the same run again."
)
NOT_RESTORED = (
    "This game does not go on from a savestate as it went on before. So every genome is emulated from its start"
    " ([Episode] share is off); the run is the same, only slower."
)


class Playing(Protocol):
    """What a rehearsal needs of a Stage."""

    experiment: Experiment

    def use(self, experiment: Experiment) -> None:
        """Play the jobs that follow by these rules."""
        ...

    def play(self, job: Job) -> JobResult:
        """Play a job's episodes."""
        ...


@dataclass(frozen=True)
class Found:
    """What a rehearsal found. `repeats`: from its start; `restores`: from within, as `[Episode] share` goes on."""

    repeats: bool
    restores: bool


def rehearse(stage: Playing) -> Found:
    """Play a short random episode in several ways and compare.

    Two agents press the same buttons at first. Each plays with its trajectory traced, thus emulated whole, and then
    as genomes do, the second one from where it leaves the first; at last the first is traced again. That is 0.1 to
    0.3 s of emulation.
    """
    experiment = stage.experiment
    frames = min(FRAMES, experiment.episode.max_frames)
    stage.use(dataclasses.replace(experiment, episode=dataclasses.replace(experiment.episode, max_frames=frames)))
    decisions = -(-frames // experiment.episode.frame_skip)
    one, other = (_Wanderer(number, changes_at=decisions // 2) for number in (1, 2))
    episode = EpisodeSpec(Start(experiment.game.states[0]))

    def play(agent: _Wanderer, traced: bool) -> JobResult:
        return stage.play(Job(-1, (agent,), (episode,), traced))

    first, fork = play(one, traced=True), play(other, traced=True)
    first_shared, fork_shared = play(one, traced=False), play(other, traced=False)
    again = play(one, traced=True)
    stage.use(experiment)
    return Found(same_play(first, again), same_play(first, first_shared) and same_play(fork, fork_shared))


def same_play(one: JobResult, other: JobResult) -> bool:
    """Say whether two results are of the same play: episodes, decisions included, and trajectories where both have."""
    traced = one.trajectories and other.trajectories
    return one.episodes == other.episodes and (not traced or one.trajectories == other.trajectories)


@dataclass(frozen=True)
class _Wanderer:
    """Presses at random, but each decision hangs on all that was seen: decisions tell if anything looked different.

    Before decision `changes_at` all of them press alike.
    """

    number: int
    changes_at: int

    def start(self, seed: int, actions: ActionSet) -> Player:
        return _Walk(self, actions)


class _Walk:
    def __init__(self, wanderer: _Wanderer, actions: ActionSet) -> None:
        self._left = wanderer.changes_at
        self._number = wanderer.number
        self._actions = actions
        self._seen = hashlib.sha256()

    def decide(self, inputs: Floats) -> int:
        self._seen.update(inputs.tobytes())
        if self._left == 0:
            self._seen.update(bytes([self._number]))
        self._left -= 1
        rng = random.Random(self._seen.digest())
        return self._actions.decode(np.array([rng.random() for _ in range(self._actions.size)]))
