"""The promise: what was learned is written down seed by seed, once; tables and curves say what the lines say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import cv2
import pytest

from benchmarks import learning, learning_report, tuning
from benchmarks.learning import RandomPlay, SeedRun, read_runs
from benchmarks.learning_tasks import TASKS, Task

SETTINGS = {"NEAT.pop_size": 8, "Episode.max_frames": 120}
SMALL = Task(
    "small", "a short walk", "NeatRunner-Nes", "Level1-1", 2, seeds=2, must=(1, 2), settings=SETTINGS, starts=20
)
RANDOM_EPISODES = 100
# Reaches its goal at once, so that there is a seed that did.
EASY = {"Episode.goal": "x > start(x) + 8", **SETTINGS}


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learning")
    for name, settings in (("small", SETTINGS), ("easy", EASY)):
        chosen = {**settings, "Run.generations": 2}
        learning.train_seeds(SMALL, (1, 2), chosen, folder / f"{name}.jsonl", 1, "the command")
    easy = dataclasses.replace(SMALL, settings=EASY)
    learning.play_at_random(easy, folder / "small-random.jsonl", 1, "the command", RANDOM_EPISODES)
    return folder


def test_a_seed_is_a_line_that_says_what_its_run_did(learned: Path) -> None:
    runs = read_runs(learned / "small.jsonl")
    assert [run.seed for run in runs] == [1, 2]
    for run in runs:
        assert not run.solved
        assert run.completed == 0
        assert run.generations == 2 == len(run.best_x) == len(run.mean_fitness) == len(run.species)
        assert run.episodes == 2 * 8
        assert 0 < run.emulated <= run.frames <= 2 * 8 * 121
        assert run.seconds > 0
        assert (run.command, len(run.date)) == ("the command", 16)
    assert runs[0].best_fitness != runs[1].best_fitness


def test_a_solved_seed_stops_there_and_its_champion_plays_perturbed_starts(learned: Path) -> None:
    for run in read_runs(learned / "easy.jsonl"):
        assert run.solved
        assert run.generations == 1
        assert run.completed is not None and 0 < run.completed <= SMALL.starts


def test_what_is_finished_is_not_trained_again(learned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in learned.iterdir()}
    learning.train_seeds(SMALL, (1, 2), SETTINGS | {"Run.generations": 2}, learned / "small.jsonl", 2, "again")
    learning.play_at_random(SMALL, learned / "small-random.jsonl", 2, "again")
    assert {path.name: path.read_bytes() for path in learned.iterdir()} == before
    assert capsys.readouterr().out == ""


def test_some_of_the_seeds_can_be_left_for_another_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.learning_tasks.TASKS", (SMALL,))
    monkeypatch.setattr(learning, "TASKS", (SMALL,))
    monkeypatch.setattr(learning, "FOLDER", tmp_path)
    (tmp_path / "small-random.jsonl").touch()
    for seeds, trained in ((["--seeds", "1"], [1]), ([], [1, 2])):
        assert learning.main(["small", "--workers", "1", *seeds]) == 0
        assert [run.seed for run in read_runs(tmp_path / "small.jsonl")] == trained


def test_the_random_agent_is_told_episode_by_episode(learned: Path) -> None:
    random = RandomPlay(**json.loads((learned / "small-random.jsonl").read_text()))
    assert len(random.fitness) == len(random.furthest_x) == RANDOM_EPISODES
    reached = sum(x is not None and x > 100 + 8 for x in random.furthest_x)
    assert 0 < random.goals < RANDOM_EPISODES
    assert random.goals >= reached


def test_the_table_says_what_the_lines_say(learned: Path) -> None:
    easy = dataclasses.replace(SMALL, name="easy", what="a few steps", bears=(10, 15))
    runs = {name: read_runs(learned / f"{name}.jsonl") for name in ("small", "easy")}
    random = learning_report.read_random(learned / "small-random.jsonl")
    small = dataclasses.replace(SMALL, aim=(2, 1))
    table = learning_report.as_markdown([small, easy], runs, {"small": random, "easy": None})
    small_row, easy_row = table.splitlines()[2:4]
    assert random is not None
    assert "| **small**: a short walk | 0 of 2; the rest: best " in small_row
    assert "| - | - | - | 0 [0, 0] of 20 |" in small_row
    assert "| 1 of 2 within 2; aim: 2 of 2 within 1 | - |" in small_row
    assert f"{random.goals} of 100; x " in small_row
    assert "| **easy**: a few steps | 2 of 2 | 10 of 20 starts; aim: 15 | 1 [1, 1] | - | 8 [8, 8] |" in easy_row
    assert "small, easy: commit" in table and "`the command`" in table


def test_the_table_says_where_a_population_was_stuck_longest(learned: Path) -> None:
    run = read_runs(learned / "small.jsonl")[0]
    by_x = dataclasses.replace(run, best_x=[40.0, 90.0, 80.0, 90.0, 91.0, 91.0], best_fitness=[0.0] * 6)
    by_fitness = dataclasses.replace(run, best_x=[None] * 5, best_fitness=[-4.0, -4.0, -4.0, -4.0, 7.0])
    for runs, cell in (([run, by_x], "2 at x 90"), ([by_fitness], "3 at fitness -4")):
        row = learning_report.as_markdown([SMALL], {"small": runs}, {"small": None}).splitlines()[2]
        assert f" | {cell} | " in row


def test_curves_are_a_picture_with_a_line_a_seed(learned: Path, tmp_path: Path) -> None:
    random = {"small": learning_report.read_random(learned / "small-random.jsonl")}
    figure = learning_report.curves([SMALL], {"small": read_runs(learned / "small.jsonl")}, random)
    [axis] = figure.axes
    curves = [line for line in axis.lines if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"]
    expected = [[run.best_x[0], max(x for x in run.best_x if x is not None)] for run in runs_of(learned)]
    assert [list(line.get_ydata()) for line in curves] == expected
    figure.savefig(tmp_path / "curves.png")
    assert cv2.imread(str(tmp_path / "curves.png")).std() > 1


def runs_of(learned: Path) -> list[SeedRun]:
    return read_runs(learned / "small.jsonl")


def test_an_unknown_task_or_trial_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for main, word, near in ((learning.main, "runner-1", "runner-1-1"), (tuning.main, "no-such-trial", "Trials:")):
        with pytest.raises(SystemExit):
            main([word])
        assert word in (said := capsys.readouterr().err) and near in said


def test_tuning_and_the_report_share_no_seed() -> None:
    reported = {seed for task in TASKS for seed in range(learning.FIRST_SEED, learning.FIRST_SEED + task.seeds)}
    assert not reported & {seed for trial in tuning.TRIALS for seed in trial.seeds}
