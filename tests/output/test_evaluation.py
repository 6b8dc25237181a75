"""A champion is compared on the same starts, and the intervals are those of the books."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import neat
import numpy as np
import pytest

import neat_retro
from neat_retro.agent.episode import (
    ENDINGS,
    EpisodeResult,
    EpisodeSpec,
    Perturbation,
    Start,
    episode_seed,
    play_episode,
)
from neat_retro.agent.players import Agent, IdleAgent, RandomAgent
from neat_retro.errors import UsageError
from neat_retro.evolution import resolve
from neat_retro.evolution.champion import Champion, champion_agent
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, JobResult, training_episodes
from neat_retro.evolution.worker import Stage
from neat_retro.output import evaluation as evaluation_module
from neat_retro.output.evaluation import (
    CARD_PERTURBATIONS,
    Evaluation,
    Interval,
    Plan,
    evaluate,
    mean_interval,
    proportion_interval,
    summarise,
    write_json,
)


class StageEvaluator:
    """Plays jobs in this process and remembers them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.jobs: list[Job] = []

    def play(self, jobs: Sequence[Job], on_result: Callable[[JobResult], None] | None = None) -> list[JobResult]:
        self.jobs += jobs
        return [self.stage.play(job) for job in jobs]


def test_all_agents_play_the_same_starts_and_each_row_is_its_own(nesplat: Path) -> None:
    champion = runner(nesplat)
    plan = Plan(("Level1-1",), 4, Perturbation(30, 0.25), seed=9)
    with Stage(champion.experiment) as stage:
        evaluator = StageEvaluator(stage)
        found = evaluate(champion, plan, evaluator)
        starts = [tuple(spec for job in evaluator.jobs if job.key == key for spec in job.episodes) for key in range(3)]
        assert starts == [plan.specs()] * 3
        for row, agent in zip(found.agents, three_agents(champion), strict=True):
            played = [play_episode(stage.emulator, (agent,), spec, stage.rules) for spec in plan.specs()]
            assert row == summarise(row.agent, played, has_goal=True)
    rows = found.agents
    assert [(row.agent, row.episodes) for row in rows] == [("champion", 4), ("random agent", 4), ("do nothing", 4)]
    best, random, idle = (row.furthest_x for row in rows)
    assert best is not None and random is not None and idle is not None
    assert best.mean > random.mean > idle.mean == 0
    assert [row.goal for row in rows] == [proportion_interval(0, 4)] * 3
    assert found.by_state == rows
    assert found.card == ()


def three_agents(champion: Champion) -> tuple[Agent, ...]:
    return champion_agent(champion), RandomAgent(), IdleAgent()


def runner(config: Path) -> Champion:
    """A champion that holds RIGHT+A, without looking."""
    settings: dict[str, object] = {"Run.seed": 1, "Episode.max_frames": 400}
    experiment = resolve.settle(neat_retro.load_experiment(config=config, settings=settings))
    with Stage(experiment) as stage:
        experiment, _ = resolve.fit(experiment, stage.facts())
    genome_config = resolve.neat_config(experiment).genome_config
    genome = neat.DefaultGenome(1)
    genome.fitness = 0.0
    for key in genome_config.output_keys:
        genome.nodes[key] = genome.create_node(genome_config, key)
        genome.nodes[key].bias = 5.0 if key == 2 else -5.0  # RIGHT+A of the config's combos
    return Champion(genome, experiment, "", 0, (), (), {})


def test_every_state_is_started_from_and_no_two_starts_are_alike() -> None:
    specs = Plan(("Level1", "Level2"), 10, Perturbation(30, 0.5)).specs()
    assert [spec.start for spec in specs] == [Start("Level1")] * 10 + [Start("Level2")] * 10
    assert len({spec.seed for spec in specs}) == 20
    assert {spec.perturbation for spec in specs} == {Perturbation(30, 0.5)}
    waits = [spec.waiting_frames() for spec in specs]
    assert len(set(waits)) > 10 and min(waits) >= 0 and max(waits) <= 30
    assert specs == Plan(("Level1", "Level2"), 10, Perturbation(30, 0.5), seed=0).specs()
    other = Plan(("Level1", "Level2"), 10, Perturbation(30, 0.5), seed=1).specs()
    assert not {spec.seed for spec in specs} & {spec.seed for spec in other}


def test_evaluation_never_plays_the_starts_of_training(nesplat: Path) -> None:
    settings: dict[str, object] = {"Run.seed": 0, "Episode.episodes": 10}
    experiment = neat_retro.load_experiment(config=nesplat, settings=settings)
    training = {spec.seed for spec in training_episodes(experiment)}
    assert not training & {spec.seed for spec in Plan(("Level1-1",), 10, Perturbation(30)).specs()}


def test_json_says_what_the_episodes_played_one_by_one_come_to(
    champion: Champion, evaluation: Evaluation, tmp_path: Path
) -> None:
    path = tmp_path / "champion.json"
    write_json(evaluation, path)
    content = json.loads(path.read_text())
    assert content["champion"] == {
        "game": "NeatRunner-Nes",
        "rom_sha1": champion.rom_sha1,
        "generation": 0,
        "states": ["Level1-1"],
    }
    states = ["Level1-2", "Level1-1"]
    assert content["settings"] == {"states": states, "episodes": 4, "noops": 30, "sticky": 0.25, "seed": 3}
    with Stage(champion.experiment) as stage:

        def play(agent: Agent, state: str, number: int, perturbation: Perturbation) -> EpisodeResult:
            seed = episode_seed(3, f"evaluation of {state}", number)
            return play_episode(stage.emulator, (agent,), EpisodeSpec(Start(state), seed, perturbation), stage.rules)

        asked = Perturbation(30, 0.25)
        agents = dict(zip(("champion", "random agent", "do nothing"), three_agents(champion), strict=True))
        played = {
            (name, state): [play(agent, state, number, asked) for number in range(4)]
            for name, agent in agents.items()
            for state in states
        }
        assert content["by_state"] == [told(name, played[name, state]) for name in agents for state in states]
        assert content["agents"] == [told(name, [e for s in states for e in played[name, s]]) for name in agents]
        cells = [
            [play(agents["champion"], state, number, perturbation) for number in range(4)]
            for state in states
            for perturbation in CARD_PERTURBATIONS
        ]
    for number in (0, len(CARD_PERTURBATIONS)):  # nothing is drawn, and one is like the other
        assert len({(e.terms, e.frames, e.decisions.tobytes()) for e in cells[number]}) == 1
        cells[number] = cells[number][:1]
    assert content["card"] == [told("champion", cell) for cell in cells]
    assert content.keys() == {"champion", "settings", "agents", "by_state", "card"}


def told(agent: str, episodes: list[EpisodeResult]) -> dict[str, object]:
    """Return what a row says of these episodes, counted anew."""
    n = len(episodes)
    perturbation = episodes[0].spec.perturbation
    return {
        "agent": agent,
        "states": list(dict.fromkeys(e.spec.start.state for e in episodes)),
        "perturbation": {"noops": perturbation.noops, "sticky": perturbation.sticky},
        "episodes": n,
        "fitness": vars(mean_interval([sum(e.terms) for e in episodes])),
        "furthest_x": vars(mean_interval([e.furthest_x for e in episodes if e.furthest_x is not None])),
        "goal": vars(proportion_interval(sum(e.ending == "goal" for e in episodes), n)),
        "frames": vars(mean_interval([e.frames for e in episodes])),
        "endings": {ending: sum(e.ending == ending for e in episodes) for ending in ENDINGS},
    }


def test_no_episode_is_played_twice_for_the_card(champion: Champion, evaluation: Evaluation) -> None:
    """One of its columns is here what all agents play."""
    with Stage(champion.experiment) as stage:
        evaluator = StageEvaluator(stage)
        assert evaluate(champion, evaluation.plan, evaluator) == evaluation
    specs = [spec for job in evaluator.jobs if job.key == 0 for spec in job.episodes]
    assert len(specs) == len(set(specs)) == 2 * (1 + 4 * 4)
    last = len(CARD_PERTURBATIONS) - 1
    assert [evaluation.card[last], evaluation.card[-1]] == list(evaluation.by_state[:2])


def test_an_evaluation_is_the_same_for_any_number_of_workers(champion: Champion, evaluation: Evaluation) -> None:
    with WorkerPool(champion.experiment, 1) as pool:
        assert evaluate(champion, evaluation.plan, pool) == evaluation


def test_sticky_buttons_are_played_and_the_same_again(champion: Champion, evaluation: Evaluation) -> None:
    with Stage(champion.experiment) as stage:
        steady, unsteady, again = (
            evaluate(champion, Plan(("Level1-1",), 4, Perturbation(30, sticky), seed=3), StageEvaluator(stage)).agents
            for sticky in (0.0, 0.25, 0.25)
        )
    assert unsteady == again
    assert unsteady == tuple(row for row in evaluation.by_state if row.states == ("Level1-1",))
    for agent in (0, 1):  # who does nothing does it with any buttons
        assert steady[agent].fitness != unsteady[agent].fitness
    assert replace(steady[2], perturbation=Perturbation(30, 0.25)) == unsteady[2]


def test_waiting_longer_is_another_start() -> None:
    """The enemies have walked on: what is seen first differs, and so does what the same presses lead to."""
    experiment = resolve.settle(neat_retro.load_experiment("Airstriker-Genesis", settings={"Run.seed": 1}))
    seen: dict[int, bytes] = {}
    with Stage(experiment) as stage:

        class Look:
            def start(self, seed: int, actions: object) -> Look:
                self.first: bytes | None = None
                return self

            def decide(self, inputs: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
                self.first = self.first or stage.emulator.screen().tobytes()
                return 0

        for spec in Plan(("Level1",), 6, Perturbation(30), seed=2).specs():
            look = Look()
            result = play_episode(stage.emulator, (look,), spec, stage.rules)
            assert result.waited == spec.waiting_frames()
            assert look.first is not None
            assert seen.setdefault(result.waited, look.first) == look.first
    assert len(set(seen.values())) == len(seen) >= 4


def test_random_agent_is_the_same_for_the_same_seed_only(nesplat: Path) -> None:
    experiment = resolve.settle(neat_retro.load_experiment(config=nesplat, settings={"Run.seed": 1}))
    with Stage(experiment) as stage:

        def play(seed: int) -> EpisodeResult:
            spec = EpisodeSpec(Start("Level1-1"), seed)
            return play_episode(stage.emulator, (RandomAgent(),), spec, stage.rules)

        assert play(1) == play(1)
        assert not np.array_equal(play(1).decisions[:20], play(2).decisions[:20])


@pytest.mark.parametrize(
    ("episodes", "noops", "sticky", "words"),
    [
        (0, 30, 0.0, "episodes = 0 should be at least 1."),
        (10_001, 30, 0.0, "episodes = 10001 should be at most 10000."),
        (3, -1, 0.0, "noops = -1 should be at least 0."),
        (3, 10**12, 0.0, "noops = 1000000000000 should be at most 3600."),
        (3, 30, -0.1, "sticky = -0.1 should be at least 0."),
        (3, 30, 0.96, "sticky = 0.96 should be at most 0.95."),
        (3, 30, float("nan"), "sticky = nan should be at least 0."),
        (3, 30, float("inf"), "sticky = inf should be at most 0.95."),
    ],
)
def test_a_number_out_of_its_range_is_refused(episodes: int, noops: int, sticky: float, words: str) -> None:
    with pytest.raises(UsageError) as error:
        Plan(("Level1",), episodes, Perturbation(noops, sticky))
    assert str(error.value) == words


def outcome(furthest: float | None, ending: str, term: float = 0.0) -> EpisodeResult:
    spec = EpisodeSpec(Start("Level1"))
    decisions = np.zeros((1, 1), np.uint16)
    return EpisodeResult(spec, (term, 1.0), ending, 100, 0, furthest, furthest, decisions)  # type: ignore[arg-type]


def test_row_sums_up_what_the_game_has() -> None:
    played = [outcome(10.0, "goal", 4.0), outcome(30.0, "stalled", 8.0)]
    row = summarise("champion", played, has_goal=True)
    assert row.fitness == mean_interval([5.0, 9.0])
    assert row.furthest_x == mean_interval([10.0, 30.0])
    assert row.goal == proportion_interval(1, 2)
    assert row.frames == Interval(100.0, 100.0, 100.0)
    assert row.endings == {"goal": 1, "life_lost": 0, "done": 0, "stalled": 1, "frame_limit": 0}
    assert (row.states, row.perturbation, row.episodes) == (("Level1",), Perturbation(), 2)
    row = summarise("champion", [outcome(None, "done")], has_goal=False)
    assert (row.furthest_x, row.goal) == (None, None)


# Newcombe (1998), Statistics in Medicine 17, table I, method 3 (score).
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_proportion_has_wilsons_interval(successes: int, trials: int, low: float, high: float) -> None:
    interval = proportion_interval(successes, trials)
    assert interval.mean == successes / trials
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    mirrored = proportion_interval(trials - successes, trials)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_no_and_only_successes_stay_within_0_and_1() -> None:
    assert proportion_interval(0, 1).low == 0.0
    assert proportion_interval(7, 7).high == 1.0
    assert 0 < proportion_interval(7, 7).low < 1


def test_bootstrap_covers_the_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    samples = rng.gamma(2.0, 3.0, (200, 30))  # skewed, of mean 6
    intervals = [mean_interval(sample.tolist()) for sample in samples]
    covered = np.mean([interval.low <= 6.0 <= interval.high for interval in intervals])
    assert 0.89 <= covered <= 0.98
    for sample, interval in zip(samples, intervals, strict=True):
        # Near the normal interval, whose standard error has n where n - 1 is usual.
        assert interval.mean == pytest.approx(sample.mean())
        width = 2 * 1.96 * sample.std() / np.sqrt(30)
        assert interval.high - interval.low == pytest.approx(width, rel=0.1)


def test_mean_of_one_value_or_of_equal_values_is_a_point() -> None:
    assert mean_interval([3.5]) == Interval(3.5, 3.5, 3.5)
    assert mean_interval([2.0] * 9) == Interval(2.0, 2.0, 2.0)


def test_interval_is_the_same_for_the_same_values() -> None:
    values = np.random.default_rng(1).normal(size=30).tolist()
    assert mean_interval(values) == mean_interval(values)
    assert str(Interval(4.25, 1.5, 7.75)) == "4.25 [1.5, 7.75]"
    assert str(Interval(350.6, -99.5, 1235.2)) == "351 [-99.5, 1235]"
    assert Interval(0.0, 0.0, 0.2775).percent() == "0% [0%, 28%]"


def test_many_values_are_resampled_as_a_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not all at once, which would take more memory than there is; the numbers drawn stay the same."""
    values = np.random.default_rng(1).normal(size=301).tolist()
    at_once = mean_interval(values)
    monkeypatch.setattr(evaluation_module, "MOST_DRAWN", 1000)
    assert mean_interval(values) == at_once
