"""Workers that are started early, and what becomes of one that is never needed or dies too soon."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import uuid
from pathlib import Path

import pytest

from neat_retro.agent.players import IdleAgent
from neat_retro.errors import NeatRetroError
from neat_retro.evolution.determinism import Found
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, training_episodes
from neat_retro.evolution.processes import start_worker


def children() -> list[int]:
    return sorted(child.pid for child in multiprocessing.active_children())


def test_a_worker_that_was_started_early_is_the_pools_first(champion):
    early = start_worker()
    time.sleep(0.5)  # it waits: nobody has told it what to open
    with WorkerPool(champion.experiment, 1, first=early) as pool:
        assert pool.facts().game == "Nesplat-Nes"
        result = pool.play([Job(1, (IdleAgent(),), training_episodes(champion.experiment))])[0]
        assert result.episodes[0].frames == 64
        assert children() == [early.process.pid]
    assert children() == []


def test_one_that_died_before_it_was_needed_is_said(champion):
    early = start_worker()
    early.process.kill()
    early.process.join()
    with (
        WorkerPool(champion.experiment, 1, first=early) as pool,
        pytest.raises(NeatRetroError, match="The emulator died while opening Nesplat-Nes"),
    ):
        pool.facts()


def test_a_worker_that_dies_while_it_rehearses_is_replaced(champion):
    with WorkerPool(champion.experiment, 1) as pool:
        pool.facts()
        (worker,) = multiprocessing.active_children()
        pool.rehearse()
        worker.kill()
        assert pool.rehearsed() == Found(repeats=True, restores=True)
        assert children() != [worker.pid]


def test_a_rehearsal_that_was_not_asked_for_is_held_all_the_same(champion):
    with WorkerPool(champion.experiment, 1) as pool:
        assert pool.rehearsed() == Found(repeats=True, restores=True)


FATAL = """
import os, signal
from neat_retro.agent.terms import Change

class Fatal(Change):
    def __init__(self, arguments, parse):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_game_that_kills_every_rehearsal_is_named(small, monkeypatch, tmp_path: Path):
    (tmp_path / "fatal.py").write_text(FATAL)
    monkeypatch.syspath_prepend(str(tmp_path))  # a worker has this process's
    with (
        WorkerPool(small(Fitness__fatal="fatal:Fatal x"), 1) as pool,
        pytest.raises(NeatRetroError, match=r"^The first moments of Nesplat-Nes killed 3 workers in a row\.$"),
    ):
        pool.rehearsed()
    assert children() == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see whose child a process was")
@pytest.mark.parametrize(
    ("words", "code"), [(("train", "--population", "many"), 2), (("resume", "nowhere"), 1), (("train", "--help"), 0)]
)
def test_a_command_that_ends_early_leaves_no_worker_behind(processes, monkeypatch, words, code, tmp_path):
    mark = f"NEAT_RETRO_TEST_MARK={uuid.uuid4()}"
    monkeypatch.setenv(*mark.split("="))
    with processes.start("-m", "neat_retro", *words, cwd=tmp_path) as process:
        process.communicate(timeout=60)
        assert process.returncode == code
        processes.wait_until(lambda: not marked(mark))


def marked(mark: str) -> list[int]:
    """The processes, this one aside, that have `mark` in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:  # it ended meanwhile, or is not ours
            continue
        if mark.encode() in environment and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def test_what_a_worker_imports_of_the_command_is_little(processes):
    asked = "import sys, neat_retro.__main__; print(sorted({'typer', 'rich', 'numpy', 'neat'} & sys.modules.keys()))"
    assert processes.run(asked).stdout == "[]\n"
    assert sys.modules.keys() >= {"numpy", "neat"}, "these are their names"
