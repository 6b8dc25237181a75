"""The longest expected job goes first, and results come back in the order of the jobs all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import neat_retro
from neat_retro.agent.players import IdleAgent
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, training_episodes
from neat_retro.evolution.schedule import expected_frames, longest_first


def test_the_greatest_comes_first_and_equals_keep_their_order():
    assert longest_first([3, 7, 5, 7, 0, 5]) == [1, 3, 2, 5, 0, 4]
    assert longest_first([]) == []


@pytest.mark.parametrize(
    ("key", "frames"),
    [
        (1, 100),  # was there itself, whoever its parents are
        (5, 150),  # both parents were there
        (6, 200),  # one of them
        (7, 42),  # none of them
        (8, 42),  # has none
    ],
)
def test_a_genome_is_expected_to_play_as_it_did_or_else_as_its_parents_did(key, frames):
    parents = {1: (2, 2), 5: (1, 2), 6: (2, 99), 7: (98, 99), 8: ()}
    assert expected_frames(key, parents, {1: 100, 2: 200}, unknown=42) == frames


def test_a_worker_gets_the_longest_expected_job_of_those_that_are_left(champion):
    episodes = training_episodes(champion.experiment)
    jobs = [Job(10 + n, (IdleAgent(),), episodes, expected_frames=frames) for n, frames in enumerate([3, 7, 5, 9])]
    heard = []
    with WorkerPool(champion.experiment, 1) as pool:
        results = pool.play(jobs, heard.append)
    assert [result.key for result in heard] == [13, 11, 12, 10]
    assert [result.key for result in results] == [10, 11, 12, 13]


class Listener(neat_retro.Reporter):
    def __init__(self) -> None:
        self.keys: list[int] = []

    def genome_done(self, done, population, result) -> None:
        self.keys.append(result.key)


def test_a_run_hands_out_its_genomes_by_what_they_and_their_parents_played_last(small, left, tmp_path: Path):
    lives_of_all_lengths = {"Episode__max_frames": 200, "Episode__done": "x > 40", "NEAT__pop_size": 20}
    experiment = small(Run__generations=4, Episode__reuse=False, **lives_of_all_lengths)
    listener = Listener()
    neat_retro.train(experiment, tmp_path / "run", workers=1, reporter=listener)
    reordered = between = 0
    for number in (1, 2, 3):
        before, now = left.arrays(tmp_path / "run", number - 1), left.arrays(tmp_path / "run", number)
        frames = dict(zip(before["key"].tolist(), (before["frames"] + before["waited"] + 1).tolist(), strict=True))
        parents = dict(zip(now["key"].tolist(), now["parents"].tolist(), strict=True))
        keys = listener.keys[20 * number : 20 * number + 20]
        assert sorted(keys) == sorted(now["key"].tolist())
        expected = [frames[key] if key in frames else sum(frames[p] for p in parents[key]) / 2 for key in keys]
        assert expected == sorted(expected, reverse=True)
        reordered += keys != now["key"].tolist()
        between += len(set(expected) - set(frames.values()))
    assert reordered
    assert between, "no genome had two parents that played for different times"
