"""Knows whether a game repeats itself: the same buttons from the same start, the same screens, memory and fitness.

It is looked at before a run's first generation, for a moment, and again with each new champion, for whole episodes.
"""

from __future__ import annotations

import dataclasses

from neat_retro.agent.episode import EpisodeSpec, Start, episode_seed
from neat_retro.agent.players import RandomAgent
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.experiment import Experiment

MOST_STATES = 3
MOST_FRAMES = 120  # of an episode
FRAMES_IN_ALL = 160  # of the episodes together; they are played three times over, in about 0.1 s

NOT_REPEATED = (
    "This game does not repeat itself: the same buttons from the same start led elsewhere. So every genome is played"
    " in every generation, though it be unchanged ([Episode] reuse is off), and the same seed will not give the same"
    " run again."
)


def repeats_itself(pool: WorkerPool, experiment: Experiment) -> bool:
    """Play short random episodes, something else, then the episodes once more, and say whether they are the same.

    Leaves the pool to play by `experiment`. Raises ExperimentError where its rules cannot be kept.
    """
    states = experiment.game.states[:MOST_STATES]
    frames = min(MOST_FRAMES, FRAMES_IN_ALL // len(states), experiment.episode.max_frames)
    pool.use(dataclasses.replace(experiment, episode=dataclasses.replace(experiment.episode, max_frames=frames)))
    first, _, again = (pool.play([_random_job(states, number)])[0] for number in (0, 1, 0))
    pool.use(experiment)
    return same_play(first, again)


def same_play(one: JobResult, other: JobResult) -> bool:
    """Say whether two results are of the same play: episodes, decisions included, and trajectories where both have."""
    traced = one.trajectories and other.trajectories
    return one.episodes == other.episodes and (not traced or one.trajectories == other.trajectories)


def _random_job(states: tuple[str, ...], number: int) -> Job:
    """Return a traced job of random play; each `number` presses other buttons."""
    episodes = tuple(EpisodeSpec(Start(state), episode_seed(0, state, number)) for state in states)
    return Job(-1, (RandomAgent(),), episodes, traced=True)
