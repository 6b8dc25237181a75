"""A champion beside agents that know nothing, on the same perturbed starts: the numbers and their intervals."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neat_retro.agent.episode import ENDINGS, Ending, EpisodeResult, EpisodeSpec, Perturbation, Start, episode_seed
from neat_retro.agent.players import Agent, IdleAgent, RandomAgent
from neat_retro.errors import UsageError
from neat_retro.evolution.champion import Champion, champion_agent
from neat_retro.evolution.evaluators import Evaluator
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.jobs import Job
from neat_retro.experiment import MOST_NOOPS, MOST_STICKY

RESAMPLES = 10_000
MOST_DRAWN = 10_000_000  # numbers
MOST_EPISODES = 10_000
CHAMPION = "champion"
# The columns of the card: as the game starts, later starts, unsteady hands, and both.
CARD_PERTURBATIONS = (
    Perturbation(),
    Perturbation(noops=30),
    Perturbation(sticky=0.1),
    Perturbation(sticky=0.25),
    Perturbation(noops=30, sticky=0.25),
)


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
    """Some episodes of one agent, summed up. `furthest_x` and `goal` are None where the game has no such thing."""

    agent: str
    states: tuple[str, ...]
    perturbation: Perturbation
    episodes: int
    fitness: Interval
    furthest_x: Interval | None
    goal: Interval | None
    frames: Interval
    endings: Mapping[Ending, int]


@dataclass(frozen=True)
class Plan:
    """What an evaluation plays: every start state so many times, each episode with its own seed.

    None of them is an episode of training. `card` asks for the cells of the card as well.
    """

    states: tuple[str, ...]
    episodes: int
    perturbation: Perturbation
    seed: int = 0
    card: bool = False

    def __post_init__(self) -> None:
        """Raise UsageError for a number out of its range."""
        for name, number, least, most in (
            ("episodes", self.episodes, 1, MOST_EPISODES),
            ("noops", self.perturbation.noops, 0, MOST_NOOPS),
            ("sticky", self.perturbation.sticky, 0, MOST_STICKY),
        ):
            if not number >= least:  # which a nan is not, either
                raise UsageError(f"{name} = {number} should be at least {least}.")
            if number > most:
                raise UsageError(f"{name} = {number} should be at most {most}.")

    def specs(self) -> tuple[EpisodeSpec, ...]:
        """Return the starts that every agent plays."""
        return tuple(spec for state in self.states for spec in self._from(state, self.perturbation))

    def cells(self) -> list[tuple[EpisodeSpec, ...]]:
        """Return the starts of each of the card's cells, state by state. Where nothing is drawn, one says it all."""
        columns = CARD_PERTURBATIONS if self.card else ()
        cells = [self._from(state, perturbation) for state in self.states for perturbation in columns]
        return [cell if cell[0].perturbation != Perturbation() else cell[:1] for cell in cells]

    def _from(self, state: str, perturbation: Perturbation) -> tuple[EpisodeSpec, ...]:
        seeds = (episode_seed(self.seed, f"evaluation of {state}", number) for number in range(self.episodes))
        return tuple(EpisodeSpec(Start(state), seed, perturbation) for seed in seeds)


@dataclass(frozen=True)
class Evaluation:
    """What came of a plan: a row an agent, a row an agent and state, and the champion's rows of the card."""

    champion: Champion
    plan: Plan
    agents: tuple[Row, ...]
    by_state: tuple[Row, ...]
    card: tuple[Row, ...]


def evaluate(champion: Champion, plan: Plan, evaluator: Evaluator) -> Evaluation:
    """Play the champion, the random agent and the do-nothing agent from the same starts, and sum them up."""
    agents: dict[str, Agent] = {
        CHAMPION: champion_agent(champion),
        "random agent": RandomAgent(),
        "do nothing": IdleAgent(),
    }
    specs, cells = plan.specs(), plan.cells()
    wanted = [(name, spec) for name in agents for spec in specs]
    wanted += [(CHAMPION, spec) for cell in cells for spec in cell]
    each = list(dict.fromkeys(wanted))  # a cell of the card may be what is played anyway
    numbers = {name: number for number, name in enumerate(agents)}
    results = evaluator.play([Job(numbers[name], (agents[name],), (spec,)) for name, spec in each])
    played = {asked: result.episodes[0] for asked, result in zip(each, results, strict=True)}
    has_goal = bool(champion.experiment.episode.goal)

    def row(agent: str, specs: Iterable[EpisodeSpec]) -> Row:
        return summarise(agent, [played[agent, spec] for spec in specs], has_goal)

    return Evaluation(
        champion=champion,
        plan=plan,
        agents=tuple(row(name, specs) for name in agents),
        by_state=tuple(
            row(name, (spec for spec in specs if spec.start.state == state)) for name in agents for state in plan.states
        ),
        card=tuple(row(CHAMPION, cell) for cell in cells),
    )


def summarise(agent: str, episodes: Sequence[EpisodeResult], has_goal: bool) -> Row:
    """Return the row of one agent's episodes, which are all perturbed alike."""
    positions = [e.furthest_x for e in episodes if e.furthest_x is not None]
    endings = Counter(e.ending for e in episodes)
    return Row(
        agent=agent,
        states=tuple(dict.fromkeys(e.spec.start.state for e in episodes)),
        perturbation=episodes[0].spec.perturbation,
        episodes=len(episodes),
        fitness=mean_interval([e.fitness for e in episodes]),
        furthest_x=mean_interval(positions) if positions else None,
        goal=proportion_interval(endings["goal"], len(episodes)) if has_goal else None,
        frames=mean_interval([float(e.frames) for e in episodes]),
        endings={ending: endings[ending] for ending in ENDINGS},
    )


def write_json(evaluation: Evaluation, path: Path) -> None:
    """Write an evaluation as JSON, whole or not at all. Raises RunError where the file cannot be written.

        champion      game, rom_sha1, generation, and states: those it was trained on
        settings      states, episodes (of each agent from each state), noops, sticky, seed
        agents        a row an agent, over all states
        by_state      a row an agent and state
        card          a row a cell of the card, all the champion's, state by state; empty without a card

    A row:

        agent         `champion`, `random agent` or `do nothing`
        states        where its episodes start
        perturbation  noops, sticky
        episodes      how many
        fitness, furthest_x, goal, frames
                      mean, low, high: a mean with its 95 % interval; goal is the share of the episodes that reached
                      it. furthest_x and goal are null where the game has no such thing
        endings       how many episodes ended as goal, life_lost, done, stalled, frame_limit
    """
    champion, plan = evaluation.champion, evaluation.plan
    content = {
        "champion": {
            "game": champion.game,
            "rom_sha1": champion.rom_sha1,
            "generation": champion.generation,
            "states": champion.experiment.game.states,
        },
        "settings": {
            "states": plan.states,
            "episodes": plan.episodes,
            **dataclasses.asdict(plan.perturbation),
            "seed": plan.seed,
        },
        "agents": [dataclasses.asdict(row) for row in evaluation.agents],
        "by_state": [dataclasses.asdict(row) for row in evaluation.by_state],
        "card": [dataclasses.asdict(row) for row in evaluation.card],
    }
    write_atomically(path, json.dumps(content, indent=1) + "\n")


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean and its 95 % percentile bootstrap interval, the same for the same values.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13, doi:10.1201/9780429246593.
    """
    sample = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(0)
    some = max(1, MOST_DRAWN // sample.size)  # resamples at a time: all of them would fill the memory
    counts = (min(some, RESAMPLES - done) for done in range(0, RESAMPLES, some))
    means = [sample[rng.integers(0, sample.size, (count, sample.size))].mean(axis=1) for count in counts]
    low, high = np.quantile(np.concatenate(means), (0.025, 0.975))
    return Interval(float(sample.mean()), float(low), float(high))


def proportion_interval(successes: int, trials: int) -> Interval:
    """Return a proportion with its 95 % interval (Wilson 1927, JASA 22(158), doi:10.2307/2276774)."""
    z = 1.959963984540054
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return Interval(p, max(0.0, centre - half), min(1.0, centre + half))
