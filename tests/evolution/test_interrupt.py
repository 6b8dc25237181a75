"""Runs that are stopped or killed from outside, in processes of their own; resumed, they are as if never stopped."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

import neat_retro
from neat_retro.errors import RunError
from neat_retro.evolution.run_folder import RunFolder

# Trains, or goes on with, the small experiment. Says on stdout: the workers' ids, then a line a genome.
SCRIPT = """
import json, multiprocessing, sys
from pathlib import Path
import neat_retro

class Voice(neat_retro.Reporter):
    def run_started(self, start):
        print("started", flush=True)
    def genome_done(self, done, population, result):
        if done == 1:
            print("workers", *[child.pid for child in multiprocessing.active_children()], flush=True)
        print("genome", done, flush=True)
    def generation_done(self, record, best):
        print("generation", record.generation, flush=True)

if __name__ == "__main__":
    run, config, settings = sys.argv[1:]
    if Path(run).exists():
        end = neat_retro.resume(run, workers=2, reporter=Voice())
    else:
        experiment = neat_retro.load_experiment(config=config, settings=json.loads(settings))
        end = neat_retro.train(experiment, run, workers=2, reporter=Voice())
    print("end", end.finished, end.reason, flush=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def arguments(nesplat: Path, experiment_settings: str) -> list[object]:
    return [nesplat, experiment_settings]


def read_until(process, words: str) -> list[str]:
    """Read a process's lines up to the first that starts with `words`."""
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if line.startswith(words):
            return lines
    raise AssertionError(f"no {words!r}: {lines[-3:]} {process.stderr.read()[-2000:]}")


@pytest.mark.parametrize(("signal_number", "whole_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_an_interrupted_run_resumed_equals_the_uninterrupted(
    signal_number, whole_group, train_options, uninterrupted, left, processes, tmp_path: Path
):
    run = tmp_path / "run"
    command = ["-m", "neat_retro", "train", *train_options, "--run-dir", run, "--workers", 2, "--generations", 5]
    with processes.start(*command) as process:
        processes.wait_until(lambda: (run / "generations" / "0001.npz").exists() or process.poll() is not None)
        time.sleep(random.Random(signal_number).uniform(0.05, 0.25))  # somewhere within a generation
        if whole_group:
            os.killpg(process.pid, signal_number)
        else:
            process.send_signal(signal_number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert f"neat-retro resume {run}" in out
    assert left.status(run) == "interrupted"
    assert 2 <= len(left.history(run)) < 5
    assert left.unfinished_files(run) == []
    assert neat_retro.resume(run, workers=1).finished
    left.assert_same_start(run, uninterrupted, 5)


def test_an_impatient_second_interrupt_stops_nothing_that_the_first_saves(train_options, processes, tmp_path: Path):
    run = tmp_path / "run"
    command = ["-m", "neat_retro", "train", *train_options, "--run-dir", run, "--workers", 2]
    with processes.start(*command) as process:
        processes.wait_until(lambda: (run / "generations" / "0000.npz").exists() or process.poll() is not None)
        for _ in range(20):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.005)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert f"neat-retro resume {run}" in out
    assert RunFolder.open(run).status()[0] == "interrupted"


def test_an_interrupt_while_the_workers_start_is_quiet(train_options, processes, tmp_path: Path):
    run = tmp_path / "run"
    with processes.start("-m", "neat_retro", "train", *train_options, "--run-dir", run, "--workers", 2) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            pytest.skip("needs /proc to see a worker start")
        processes.wait_until(lambda: len(children.read_text().split()) >= 2)
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert not run.exists()


def test_the_library_returns_from_an_interrupt_in_good_order(small, uninterrupted, left, tmp_path: Path):
    class Impatient(neat_retro.Reporter):
        def genome_done(self, done: int, population: int, result: object) -> None:
            self.genomes = getattr(self, "genomes", 0) + 1
            if self.genomes == 34:
                signal.raise_signal(signal.SIGINT)

    before = random.getstate()
    end = neat_retro.train(small(Run__generations=5), tmp_path / "run", workers=2, reporter=Impatient())
    assert (end.finished, end.reason) == (False, "interrupted in generation 3")
    assert end.champion is not None
    assert left.status(tmp_path / "run") == "interrupted"
    assert random.getstate() == before
    neat_retro.resume(tmp_path / "run", workers=2)
    left.assert_same_start(tmp_path / "run", uninterrupted, 5)


def test_a_run_killed_again_and_again_ends_as_the_uninterrupted(
    script, arguments, uninterrupted, left, processes, tmp_path: Path
):
    run = tmp_path / "run"
    moments = random.Random(2)
    for _ in range(2):
        with processes.start(script, run, *arguments) as process:
            lines = read_until(process, "genome")
            workers = [int(word) for line in lines if line.startswith("workers") for word in line.split()[1:]]
            assert len(workers) == 2
            time.sleep(moments.uniform(0, 0.5))
            process.kill()
            process.wait()
            processes.wait_until(lambda workers=workers: not any(map(processes.is_alive, workers)), timeout_s=10)
    killed = left.status(run)
    end = neat_retro.resume(run, workers=2)
    assert killed == "running"
    assert end.finished
    left.assert_same_start(run, uninterrupted, 6)


def test_a_killed_run_says_so(script, arguments, processes, tmp_path: Path):
    run = tmp_path / "run"
    with processes.start(script, run, *arguments) as process:
        read_until(process, "genome")
        assert RunFolder.open(run).status() == ("running", "")
        process.kill()
        process.wait()
    assert RunFolder.open(run).status() == ("killed", "its process ended without saving; it can be resumed")


def test_workers_end_when_their_run_is_killed_in_the_middle_of_an_episode(train_options, processes, tmp_path: Path):
    endless = [word for key in ("max_frames=100000000", "life_lost=", "goal=") for word in ("--set", f"Episode.{key}")]
    options = [*train_options, *endless, "--workers", 2, "--run-dir", tmp_path / "run"]
    with processes.start("-m", "neat_retro", "train", *options) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            pytest.skip("needs /proc to see a worker play")

        def workers() -> list[int]:
            return [pid for pid in map(int, children.read_text().split()) if has_played(pid)]

        processes.wait_until(lambda: len(workers()) == 2)
        playing = workers()
        process.kill()
        process.wait()
        processes.wait_until(lambda: not any(map(processes.is_alive, playing)), timeout_s=5)


def has_played(process: int) -> bool:
    """Whether a process has used three seconds of its core: one that starts uses about one."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK") > 3


def test_two_processes_cannot_train_one_folder(script, arguments, processes, tmp_path: Path):
    run = tmp_path / "run"
    with processes.start(script, run, *arguments) as process:
        read_until(process, "genome")
        with pytest.raises(RunError, match=r"is being trained by another process\. Wait for it, or stop it"):
            neat_retro.resume(run, workers=1)
        read_until(process, "generation")  # and is not disturbed by the attempt


def test_workers_end_with_the_run(script, arguments, processes, tmp_path: Path):
    with processes.start(script, tmp_path / "run", *arguments) as process:
        workers = [int(word) for word in read_until(process, "workers")[-1].split()[1:]]
        assert all(map(processes.is_alive, workers))
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert "end False" in out
    assert not any(map(processes.is_alive, workers))
