"""A network is played once, and only where playing it again would give the same; the run is the same without."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

import numpy as np
import pytest

import neat_retro
from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Start
from neat_retro.agent.players import IdleAgent, NetworkAgent
from neat_retro.evolution import determinism
from neat_retro.evolution.champion import champion_agent
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.evolution.reuse import ReusingEvaluator, network_digest


def emulated(folder: Path) -> list[tuple[int, int]]:
    """Return the frames demanded and emulated, by generation."""
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return [(line["frames"], line["emulated"]) for line in lines]


@pytest.fixture(scope="module")
def with_reuse(small, tmp_path_factory) -> Path:
    """A run whose frames are not shared, so that what is not emulated was reused."""
    folder = tmp_path_factory.mktemp("with") / "run"
    neat_retro.train(small(Episode__share=False), folder, workers=2)
    return folder


@pytest.fixture(scope="module")
def without_reuse(small, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("without") / "run"
    neat_retro.train(small(Episode__share=False, Episode__reuse=False), folder, workers=2)
    return folder


@pytest.fixture(scope="module")
def without_reuse_but_shared(small, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shared") / "run"
    neat_retro.train(small(Episode__reuse=False), folder, workers=2)
    return folder


def test_a_run_with_reuse_and_sharing_is_the_run_without(
    uninterrupted, with_reuse, without_reuse, without_reuse_but_shared, left
):
    for other in (with_reuse, without_reuse, without_reuse_but_shared):
        assert left.history(uninterrupted) == left.history(other)
        left.assert_same_generations(uninterrupted, other)
        for path in (other / "champions").iterdir():
            ours, theirs = left.champion(uninterrupted / "champions" / path.name), left.champion(path)
            assert ours | {"experiment": ""} == theirs | {"experiment": ""}  # it says what is reused and shared


def test_with_sharing_less_is_emulated(uninterrupted, with_reuse, without_reuse, without_reuse_but_shared):
    def total(folder: Path) -> int:
        return sum(played for _, played in emulated(folder))

    assert total(uninterrupted) < total(with_reuse) < total(without_reuse)
    assert total(without_reuse_but_shared) < total(without_reuse)


def test_without_reuse_every_frame_is_emulated_and_with_it_those_of_elites_are_not(with_reuse, without_reuse, left):
    assert all(frames == played for frames, played in emulated(without_reuse))
    saved = [frames - played for frames, played in emulated(with_reuse)]
    for number in range(1, 11):
        before, now = left.arrays(with_reuse, number - 1), left.arrays(with_reuse, number)
        elites = np.isin(now["key"], before["key"])
        assert elites.any()
        assert saved[number] >= (now["frames"] + now["waited"] + 1)[elites].sum()


def test_a_resumed_run_remembers_nothing_and_plays_its_elites_again(small, with_reuse, left, tmp_path):
    folder = tmp_path / "run"
    neat_retro.train(small(Run__generations=2, Episode__share=False), folder, workers=2)
    neat_retro.resume(folder, workers=2, generations=4)
    assert left.history(folder) == left.history(with_reuse)[:4]
    through = emulated(with_reuse)
    assert emulated(folder)[:2] == through[:2]
    assert emulated(folder)[2][1] > through[2][1]
    assert emulated(folder)[3] == through[3]


def test_reuse_may_be_switched_off_before_a_run_is_resumed(small, uninterrupted, left, tmp_path):
    folder = tmp_path / "run"
    neat_retro.train(small(Run__generations=1, Episode__share=False), folder, workers=1)
    config = (folder / "experiment.cfg").read_text()
    assert "\nreuse = True\n" in config
    (folder / "experiment.cfg").write_text(config.replace("\nreuse = True\n", "\nreuse = False\n"))
    neat_retro.resume(folder, workers=1, generations=3)
    assert left.history(folder) == left.history(uninterrupted)[:3]
    assert all(frames == played for frames, played in emulated(folder)[1:])


class Recorder:
    """An evaluator that plays nothing: it gives each job a result of its own and keeps the jobs."""

    def __init__(self) -> None:
        self.played: list[Job] = []

    def play(self, jobs, on_result=None):
        results = []
        for job in jobs:
            self.played.append(job)
            episodes = tuple(episode(spec, float(len(self.played))) for spec in job.episodes)
            results.append(JobResult(job.key, episodes, emulated=100))
        for result in reversed(results):  # workers answer in any order
            if on_result:
                on_result(result)
        return results

    @property
    def keys(self) -> list[int]:
        return [job.key for job in self.played]


def episode(spec: EpisodeSpec, fitness: float) -> EpisodeResult:
    return EpisodeResult(spec, (fitness,), "done", 99, 0, None, None, np.zeros((99, 1), np.uint16))


@pytest.fixture
def network(champion):
    return champion_agent(champion).network


@pytest.fixture
def job(network):
    """Return a function that gives a job for a network that differs by its number alone."""

    def make(key, number, **changes):
        bias = network.bias.copy()
        bias[0] = number
        agent = NetworkAgent(dataclasses.replace(network, bias=bias))
        return dataclasses.replace(Job(key, (agent,), (EpisodeSpec(Start("Level1-1")),)), **changes)

    return make


def test_twins_are_played_once_and_a_network_seen_before_is_not_played_at_all(job):
    recorder, heard = Recorder(), []
    evaluator = ReusingEvaluator(recorder)
    first = evaluator.play([job(5, 1), job(6, 2), job(7, 1), job(8, 1)], heard.append)
    assert recorder.keys == [5, 6]
    assert [(result.key, result.episodes[0].fitness) for result in first] == [(5, 1.0), (6, 2.0), (7, 1.0), (8, 1.0)]
    assert [result.emulated for result in first] == [100, 100, 0, 0]
    assert [result.frames for result in first] == [100] * 4
    assert sorted(result.key for result in heard) == [5, 6, 7, 8]
    second = evaluator.play([job(9, 3), job(6, 2), job(10, 1)], heard.append)
    assert recorder.keys == [5, 6, 9]
    assert [(result.key, result.episodes[0].fitness) for result in second] == [(9, 3.0), (6, 2.0), (10, 1.0)]
    assert sorted(result.key for result in heard[4:]) == [6, 9, 10]


def test_other_episodes_other_agents_and_traced_jobs_are_played(job):
    recorder = Recorder()
    evaluator = ReusingEvaluator(recorder)
    elsewhere = (EpisodeSpec(Start("Level1-1"), seed=7),)
    jobs = [job(1, 1), job(2, 1, episodes=elsewhere), job(3, 1, traced=True), job(4, 1, agents=(IdleAgent(),))]
    evaluator.play(jobs)
    evaluator.play(jobs)
    assert recorder.keys == [1, 2, 3, 4, 3, 4]


def test_the_memory_is_bounded_and_forgets_what_was_not_asked_for_longest(job):
    recorder = Recorder()
    evaluator = ReusingEvaluator(recorder, most_bytes=2 * (1024 + 99 * 2))
    evaluator.play([job(1, 1), job(2, 2)])
    evaluator.play([job(3, 1), job(4, 3)])  # 2 makes room for 3
    evaluator.play([job(5, 1), job(6, 3)])
    assert recorder.keys == [1, 2, 4]
    evaluator.play([job(7, 2)])  # 1 makes room for it
    evaluator.play([job(8, 3), job(9, 1)])
    assert recorder.keys == [1, 2, 4, 7, 9]


def test_no_field_of_a_network_is_overlooked(network):
    changed = {network_digest(network)}
    fields = [field.name for field in dataclasses.fields(network)]
    for name in fields:
        value = np.asarray(getattr(network, name)).copy()
        value[(0,) * value.ndim] = not value[(0,) * value.ndim]
        changed.add(network_digest(dataclasses.replace(network, **{name: value if value.ndim else value[()]})))
    assert len(changed) == len(fields) + 1
    same = {field: np.copy(value) if isinstance(value, np.ndarray) else value for field, value in vars(network).items()}
    assert network_digest(type(network)(**same)) == network_digest(network)


class Clock:
    """`Clock N`: nothing for N frames, then what the clock says: never the same twice, and more the later it is."""

    expressions = ()

    def __init__(self, arguments, parse):
        self.frames = int(arguments)

    def start(self):
        return ClockState(self.frames)


class ClockState:
    progress = None

    def __init__(self, frames):
        self.frames = frames
        self.value = 0.0

    def update(self, moment):
        self.frames -= 1
        if self.frames < 0:
            self.value = time.monotonic()


@pytest.fixture
def importable(monkeypatch):
    """Let workers import this file: its terms are known by name."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


class Listener(neat_retro.Reporter):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.champions = 0

    def run_started(self, start) -> None:
        self.notes += [f"at the start: {note}" for note in start.notes]

    def noted(self, note) -> None:
        self.notes.append(note)

    def champion_found(self, champion) -> None:
        self.champions += 1


def test_where_a_short_play_is_not_repeated_nothing_is_reused_and_it_is_said_once(importable, small, tmp_path):
    listener = Listener()
    experiment = small(Fitness__clock="test_reuse:Clock 0", Run__generations=3)
    neat_retro.train(experiment, tmp_path / "run", workers=2, reporter=listener)
    assert all(frames == played for frames, played in emulated(tmp_path / "run"))
    assert listener.champions >= 1
    assert listener.notes == [f"at the start: {determinism.NOT_REPEATED}"]
    again = Listener()
    neat_retro.resume(tmp_path / "run", workers=1, generations=4, reporter=again)
    assert again.notes == [f"at the start: {determinism.NOT_REPEATED}"]
    assert emulated(tmp_path / "run")[3][0] == emulated(tmp_path / "run")[3][1]


def test_where_only_a_champions_replay_shows_it_reuse_ends_there_and_it_is_said_once(importable, small, tmp_path):
    listener = Listener()
    late = {"Fitness.clock": "test_reuse:Clock 150", "Fitness.alive": "per_frame 1", "Episode.max_frames": 180}
    settings = {key.replace(".", "__"): value for key, value in late.items()}
    neat_retro.train(small(Run__generations=4, **settings), tmp_path / "run", workers=2, reporter=listener)
    assert listener.notes == [determinism.NOT_REPEATED]
    assert listener.champions == 4
    assert all(frames == played for frames, played in emulated(tmp_path / "run")[1:])


def test_a_game_that_repeats_itself_is_played_on_without_a_word(small, tmp_path):
    listener = Listener()
    neat_retro.train(small(Run__generations=1), tmp_path / "run", workers=1, reporter=listener)
    assert listener.notes == []
    assert listener.champions == 1
