"""The promise: what was learned is written down seed by seed, once; tables and curves say what the lines say."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from benchmarks import learning, learning_report, tuning
from benchmarks.learning import RandomPlay, SeedRun, read_runs
from benchmarks.learning_tasks import TASKS, Task
from neat_retro.errors import RunError

SETTINGS = {"NEAT.pop_size": 8, "Episode.max_frames": 120}
SMALL = Task(
    "small", "a short walk", "NeatRunner-Nes", "Level1-1", 2, seeds=2, must=(1, 2), settings=SETTINGS, starts=20
)
RANDOM_EPISODES = 100
# Reaches its goal at once, so that there is a seed that did.
EASY = {"Episode.goal": "x > start(x) + 8", **SETTINGS}


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("learning")
    patch = pytest.MonkeyPatch()
    patch.setattr(learning, "RUNS", tmp_path_factory.mktemp("runs"))
    for name, settings in (("small", SETTINGS), ("easy", EASY)):
        chosen = {**settings, "Run.generations": 2}
        learning.train_seeds(SMALL, (1, 2), chosen, folder / f"{name}.jsonl", 1, "the command")
    easy = dataclasses.replace(SMALL, settings=EASY)
    learning.play_at_random(easy, folder / "small-random.jsonl", 1, "the command", RANDOM_EPISODES)
    yield folder
    patch.undo()


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


# A seed of a task of its own, long enough to be stopped in the middle.
COMMAND = """
import sys
from pathlib import Path
from benchmarks import learning, learning_tasks, record, words
from benchmarks.learning_tasks import Task

record._commit = lambda commit=sys.argv[1]: commit
settings = {"NEAT.pop_size": 8, "Episode.max_frames": 120}
task = Task("walk", "a walk", "NeatRunner-Nes", "Level1-1", 30, seeds=1, settings=settings, starts=5)
learning.TASKS = learning_tasks.TASKS = (task,)
learning.FOLDER, learning.RUNS = Path("lines"), Path("runs")
Path("lines").mkdir(exist_ok=True)
Path("lines/walk-random.jsonl").touch()
sys.argv = ["learning", "walk", "--workers", "1"]
sys.exit(words.ended(learning.main))
"""


@pytest.mark.parametrize("commit", ["abc123", "abc123+"])
def test_a_seed_that_was_stopped_is_no_line_and_goes_on_where_it_was(tmp_path: Path, commit: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", COMMAND, commit]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for folder in (whole, parts):
        folder.mkdir()
    subprocess.run(command, cwd=whole, env=environment, check=True, timeout=300)
    with subprocess.Popen(command, cwd=parts, env=environment, stderr=subprocess.PIPE, text=True) as stopped:
        history = parts / "runs" / commit / "walk-1" / "history.jsonl"
        while stopped.poll() is None and not (history.exists() and len(history.read_text().splitlines()) > 2):
            time.sleep(0.01)
        stopped.send_signal(signal.SIGINT)
        assert stopped.communicate(timeout=60)[1] == "Stopped. The same command goes on.\n"
    assert stopped.returncode == 130
    assert not (parts / "lines" / "walk.jsonl").exists()
    assert 2 < len(history.read_text().splitlines()) < 30
    subprocess.run(command, cwd=parts, env=environment, check=True, timeout=300)
    [ours], [theirs] = (read_runs(folder / "lines" / "walk.jsonl") for folder in (parts, whole))
    same = {"seconds": 0.0, "emulated": 0, "date": ""}  # what was shared and reused is not remembered
    assert dataclasses.replace(ours, **same) == dataclasses.replace(theirs, **same)
    assert ours.emulated > theirs.emulated or commit.endswith("+")  # changed code begins anew
    assert list((parts / "runs" / commit).iterdir()) == []


@pytest.mark.parametrize("line", ['{"seed": 1, "solved": tr', '{"seed": 1}', "[]"])
def test_a_line_that_is_no_seed_is_named(tmp_path: Path, learned: Path, line: str) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_text((learned / "small.jsonl").read_text() + line)
    with pytest.raises(RunError, match=r"cut\.jsonl, line 3 is not a seed's"):
        read_runs(path)


def test_before_anything_is_learned_the_report_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_report, "FOLDER", tmp_path)
    with pytest.raises(RunError, match=r"Nothing in .* yet"):
        learning_report.main([])
    with pytest.raises(SystemExit):
        learning_report.main(["--help"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--seeds", "0"], ["--seeds", "-3"], ["--workers", "0"], ["--workers", "two"]])
def test_a_number_below_one_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        learning.main(["runner-1-1", *words])
    assert f"argument {words[0]}: " in capsys.readouterr().err


def test_some_of_the_seeds_can_be_left_for_another_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.learning_tasks.TASKS", (SMALL,))
    monkeypatch.setattr(learning, "TASKS", (SMALL,))
    monkeypatch.setattr(learning, "FOLDER", tmp_path)
    monkeypatch.setattr(learning, "RUNS", tmp_path / "runs")
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
    told = dataclasses.replace(SMALL, name="told", must=None)
    runs = {name: read_runs(learned / f"{name}.jsonl") for name in ("small", "easy")}
    runs["told"] = [dataclasses.replace(run, place="another machine") for run in runs["easy"]]
    runs["small"] = [dataclasses.replace(run, commit=f"c{run.seed}") for run in runs["small"]]
    random = learning_report.read_random(learned / "small-random.jsonl")
    small = dataclasses.replace(SMALL, aim=(2, 1))
    table = learning_report.as_markdown([small, easy, told], runs, {"small": random, "easy": None, "told": None})
    small_row, easy_row, told_row = table.splitlines()[2:5]
    assert random is not None
    assert "| **small**: a short walk | 0 of 2; the rest: best " in small_row
    assert "| - | - | - | 0 [0, 0] of 20 |" in small_row
    assert "| 1 of 2 within 2; aim: 2 of 2 within 1 | - |" in small_row
    assert f"{random.goals} of 100; x " in small_row
    assert "| **easy**: a few steps | 2 of 2 | 10 of 20 starts; aim: 15 | 1 [1, 1] | - | 8 [8, 8] |" in easy_row
    assert "| reported, within 2 |" in told_row
    place = runs["easy"][0].place
    where = f"On {place}, the seeds by commit:\n\n- small: 1 at c1; 2 at c2\n- easy: 1, 2 at {runs['easy'][0].commit}"
    where += f"\n\nOn another machine, the seeds by commit:\n\n- told: 1, 2 at {runs['easy'][0].commit}"
    assert table.endswith(where)


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
