"""A champion beside agents that know nothing, on the same perturbed starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Perturbation, Start, episode_seed
from neat_retro.agent.players import Agent, IdleAgent, RandomAgent
from neat_retro.errors import UsageError
from neat_retro.evolution.champion import Champion, champion_agent
from neat_retro.evolution.evaluators import Evaluator
from neat_retro.evolution.jobs import Job
from neat_retro.experiment import MOST_NOOPS

RESAMPLES = 10_000
MOST_EPISODES = 10_000


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_short(self.mean)} [{_short(self.low)}, {_short(self.high)}]"

    def percent(self) -> str:
        """Return a proportion and its interval in whole percents."""
        return f"{self.mean:.0%} [{self.low:.0%}, {self.high:.0%}]"


def _short(value: float) -> str:
    """Return a number as a table has room for it: from 100 on as a whole one."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.4g}"


@dataclass(frozen=True)
class Row:
    """One agent's episodes, summed up. `furthest_x` and `goal` are None where the game has no such thing."""

    agent: str
    episodes: int
    fitness: Interval
    furthest_x: Interval | None
    goal: Interval | None
    frames: Interval


def evaluation_episodes(states: Sequence[str], episodes: int, noops: int, seed: int) -> tuple[EpisodeSpec, ...]:
    """Return the starts of an evaluation: every state, so many times, each waiting 0 to `noops` frames.

    Raises UsageError for no episodes, fewer than 0 noops, or too many of either.
    """
    for name, number, least, most in (("episodes", episodes, 1, MOST_EPISODES), ("noops", noops, 0, MOST_NOOPS)):
        if number < least:
            raise UsageError(f"{name} = {number} should be at least {least}.")
        if number > most:
            raise UsageError(f"{name} = {number} should be at most {most}.")
    return tuple(
        EpisodeSpec(Start(state), episode_seed(seed, f"evaluation of {state}", number), Perturbation(noops))
        for state in states
        for number in range(episodes)
    )


def evaluate(champion: Champion, specs: Sequence[EpisodeSpec], evaluator: Evaluator) -> list[Row]:
    """Play the champion, the random agent and the do-nothing agent from the same starts, and sum each up."""
    agents: dict[str, Agent] = {
        "champion": champion_agent(champion),
        "random agent": RandomAgent(),
        "do nothing": IdleAgent(),
    }
    jobs = [Job(number, (agent,), (spec,)) for number, agent in enumerate(agents.values()) for spec in specs]
    results = evaluator.play(jobs)
    has_goal = bool(champion.experiment.episode.goal)
    played = {name: [r.episodes[0] for r in results if r.key == number] for number, name in enumerate(agents)}
    return [summarise(name, episodes, has_goal) for name, episodes in played.items()]


def summarise(agent: str, episodes: Sequence[EpisodeResult], has_goal: bool) -> Row:
    """Return the row of one agent's episodes."""
    positions = [e.furthest_x for e in episodes if e.furthest_x is not None]
    reached = sum(e.ending == "goal" for e in episodes)
    return Row(
        agent=agent,
        episodes=len(episodes),
        fitness=mean_interval([e.fitness for e in episodes]),
        furthest_x=mean_interval(positions) if positions else None,
        goal=proportion_interval(reached, len(episodes)) if has_goal else None,
        frames=mean_interval([float(e.frames) for e in episodes]),
    )


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean and its 95 % percentile bootstrap interval, the same for the same values.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13, doi:10.1201/9780429246593.
    """
    sample = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(0).integers(0, sample.size, (RESAMPLES, sample.size))
    low, high = np.quantile(sample[drawn].mean(axis=1), (0.025, 0.975))
    return Interval(float(sample.mean()), float(low), float(high))


def proportion_interval(successes: int, trials: int) -> Interval:
    """Return a proportion with its 95 % interval (Wilson 1927, JASA 22(158), doi:10.2307/2276774)."""
    z = 1.959963984540054
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return Interval(p, max(0.0, centre - half), min(1.0, centre + half))
