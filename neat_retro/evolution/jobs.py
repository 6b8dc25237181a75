"""What crosses the border between the main process and its workers: values, and nothing alive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Perturbation, Start, episode_seed
from neat_retro.agent.match import MatchResult
from neat_retro.agent.observation import GameShape
from neat_retro.agent.players import Agent
from neat_retro.experiment import Experiment


@dataclass(frozen=True)
class GameFacts:
    """What a game turned out to be when it was opened: found once, by one worker."""

    game: str
    shape: GameShape
    variables: tuple[str, ...]
    rom_sha1: str
    frame_rate: float


@dataclass(frozen=True)
class Opening:
    """The first thing that a worker is told: what to open. `pads` players hold a pad each."""

    experiment: Experiment
    pads: int


@dataclass(frozen=True)
class Rehearsal:
    """Asks a worker whether its game can be relied on; see determinism.py."""


@dataclass(frozen=True)
class Job:
    """Episodes to be played by the same agents, one per pad.

    `traced` asks for trajectory hashes as well, `observed` for what the first agent was given.

    `key` is a genome's, or -1 where nobody of the population plays. `expected_frames` decides in which order jobs are
    handed out, and nothing else.
    """

    key: int
    agents: tuple[Agent, ...]
    episodes: tuple[EpisodeSpec, ...]
    traced: bool = False
    observed: bool = False
    expected_frames: float = 0.0

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"Genome {self.key}" if self.key >= 0 else "An agent that plays at random"


@dataclass(frozen=True)
class JobResult:
    """A job's results, in the order of its episodes.

    `trajectories` has a SHA-256 each where it was traced, `observations` (n_decisions, n_inputs) where it was observed.

    `emulated` is how many frames the emulator played for it: fewer than `frames` where results were at hand.
    """

    key: int
    episodes: tuple[EpisodeResult, ...]
    emulated: int
    trajectories: tuple[str, ...] = ()
    observations: tuple[npt.NDArray[np.float32], ...] = ()

    @property
    def specs(self) -> tuple[EpisodeSpec, ...]:
        """What was played."""
        return tuple(episode.spec for episode in self.episodes)

    @property
    def frames(self) -> int:
        """Frames demanded: those that its episodes last, and the waiting before play."""
        return demanded_frames(self.episodes)


@dataclass(frozen=True)
class Contestant:
    """A player of a match, as it crosses process borders: its rules are those of its own experiment."""

    agent: Agent
    experiment: Experiment


@dataclass(frozen=True)
class MatchJob:
    """A match to be played between two contestants, pad one's first."""

    key: int
    contestants: tuple[Contestant, Contestant]
    spec: EpisodeSpec

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"Game {self.key}"


@dataclass(frozen=True)
class MatchJobResult:
    """A match that was played."""

    key: int
    match: MatchResult


def demanded_frames(episodes: Iterable[EpisodeResult]) -> int:
    """Return how many frames episodes take to play: the first after the start state, waiting, play."""
    return sum(1 + episode.waited + episode.frames for episode in episodes)


def training_episodes(experiment: Experiment, generation: int = 0) -> tuple[EpisodeSpec, ...]:
    """Return the episodes that every genome of a generation plays: each state, `episodes` times."""
    section = experiment.episode
    perturbation = Perturbation.of(section)
    first = generation // section.redraw * section.episodes if section.redraw else 0
    return tuple(
        EpisodeSpec(Start(state), episode_seed(experiment.seed, state, number), perturbation)
        for state in experiment.game.states
        for number in range(first, first + section.episodes)
    )
