"""Workers: what crosses to them, what becomes of them, and that a dead one changes nothing."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import pickle
import pickletools
import signal
from pathlib import Path

import numpy as np
import pytest

import neat_retro
from neat_retro.agent.episode import ENDINGS, EpisodeSpec, Perturbation, Start
from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import IdleAgent, NetworkAgent, ScriptedAgent
from neat_retro.errors import NeatRetroError, UnknownStateError
from neat_retro.evolution import resolve
from neat_retro.evolution.champion import champion_agent
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, training_episodes


@pytest.fixture
def jobs(champion):
    """Six jobs: the champion and five that hold one mask, told apart by their keys."""
    episodes = training_episodes(champion.experiment)
    masks = [ScriptedAgent((1 << bit,) * 20) for bit in range(4, 9)]
    return [Job(key, (agent,), episodes) for key, agent in enumerate([champion_agent(champion), *masks], start=10)]


class Killer(neat_retro.Reporter):
    """Kills a worker when so many genomes are done."""

    def __init__(self, *moments: int) -> None:
        self.moments = moments
        self.genomes = 0
        self.killed: list[int] = []

    def genome_done(self, done: int, population: int, result: object) -> None:
        self.genomes += 1
        if self.genomes in self.moments:
            workers = [child.pid for child in multiprocessing.active_children()]
            worker = next(worker for worker in workers if worker not in self.killed)
            os.kill(worker, signal.SIGKILL)
            self.killed.append(worker)


def test_a_killed_worker_is_replaced_and_changes_nothing(small, uninterrupted, left, tmp_path: Path):
    killer = Killer(5, 11, 12)
    neat_retro.train(small(Run__generations=3), tmp_path / "run", workers=2, reporter=killer)
    assert len(killer.killed) == 3
    assert left.history(tmp_path / "run") == left.history(uninterrupted)[:3]
    assert multiprocessing.active_children() == []


def test_the_only_worker_may_die_too(small, uninterrupted, left, tmp_path: Path):
    killer = Killer(3)
    neat_retro.train(small(Run__generations=1), tmp_path / "run", workers=1, reporter=killer)
    assert len(killer.killed) == 1
    assert left.history(tmp_path / "run") == left.history(uninterrupted)[:1]


class Deadly(IdleAgent):
    """Kills the process it plays in."""

    def start(self, seed, actions):
        os.kill(os.getpid(), signal.SIGKILL)


class Hurt(IdleAgent):
    """Cannot play."""

    def start(self, seed, actions):
        raise RuntimeError("ouch")


@pytest.fixture
def importable(monkeypatch):
    """Let workers import this file: its agents travel by name."""
    folder = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", folder)
    monkeypatch.syspath_prepend(folder)
    import test_workers

    return test_workers


def test_results_come_in_the_order_of_the_jobs_and_are_heard_of_as_they_come(champion, jobs):
    heard = []
    with WorkerPool(champion.experiment, 2) as pool:
        pool.use(champion.experiment)
        results = pool.play(jobs, heard.append)
        again = pool.play(jobs[::-1])
    assert [result.key for result in results] == [job.key for job in jobs]
    assert sorted(result.key for result in heard) == [job.key for job in jobs]
    assert [(result.key, result.episodes) for result in again[::-1]] == [(r.key, r.episodes) for r in results]
    assert results[0].episodes == champion.episodes
    assert len({result.episodes[0].decisions.tobytes() for result in results}) == 6


def test_a_job_that_kills_every_worker_is_named_and_the_workers_end(champion, jobs, importable):
    with WorkerPool(champion.experiment, 2) as pool:
        with pytest.raises(NeatRetroError, match="Genome 99 killed 3 workers in a row"):
            pool.play([*jobs[:2], Job(99, (importable.Deadly(),), jobs[0].episodes)])
        assert multiprocessing.active_children()
    assert multiprocessing.active_children() == []


def test_an_error_in_a_worker_is_told_without_its_traceback(champion, jobs, importable):
    with (
        WorkerPool(champion.experiment, 1) as pool,
        pytest.raises(NeatRetroError, match="A worker failed while playing: RuntimeError: ouch"),
    ):
        pool.play([Job(1, (importable.Hurt(),), jobs[0].episodes)])


def test_a_worker_that_dies_before_it_opened_the_game_is_said(champion):
    with WorkerPool(champion.experiment, 1) as pool:
        multiprocessing.active_children()[0].kill()
        with pytest.raises(
            NeatRetroError, match=r"^The emulator died while opening Nesplat-Nes\. Is its ROM intact\?$"
        ):
            pool.facts()


def test_a_worker_that_died_while_idle_is_replaced(champion, jobs):
    with WorkerPool(champion.experiment, 1) as pool:
        pool.facts()
        (child,) = multiprocessing.active_children()
        child.kill()
        child.join()
        pool.use(champion.experiment)
        assert pool.play(jobs[:1])[0].episodes == champion.episodes


def test_errors_of_the_game_keep_their_kind(champion, small):
    experiment = resolve.settle(small())
    lost = dataclasses.replace(experiment, game=dataclasses.replace(experiment.game, states=("Nowhere",)))
    with WorkerPool(lost, 1) as pool, pytest.raises(UnknownStateError, match="Level1-1"):
        pool.facts()


def test_a_pool_needs_a_worker(champion):
    with pytest.raises(ValueError, match="workers = 0 should be at least 1"):
        WorkerPool(champion.experiment, 0)


def test_a_job_is_small_and_holds_no_genome_and_no_config(champion):
    config = resolve.neat_config(champion.experiment)
    agent = NetworkAgent(compile_genome(champion.genome, config.genome_config))
    content = pickle.dumps(Job(1, (agent,), training_episodes(champion.experiment)))
    names = {argument for _, argument, _ in pickletools.genops(content) if isinstance(argument, str)}
    modules = {name for name in names if name.startswith("neat") and "." in name}
    assert modules <= {
        "neat_retro.evolution.jobs",
        "neat_retro.agent.players",
        "neat_retro.agent.network",
        "neat_retro.agent.episode",
    }
    arrays = sum(value.nbytes for value in vars(agent.network).values() if isinstance(value, np.ndarray))
    assert len(content) < arrays + 2500
    assert len(content) < len(pickle.dumps(champion.genome)) < len(pickle.dumps(config))


def test_the_stored_decisions_repeat_every_row_of_a_generation(uninterrupted, champion, left):
    arrays = left.arrays(uninterrupted, 6)
    ends = arrays["decisions_end"].tolist()
    starts = [0, *ends[:-1]]
    noops = champion.experiment.episode.noops
    jobs = []
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        spec = EpisodeSpec(Start(str(arrays["state"][row])), int(arrays["seed"][row]), Perturbation(noops))
        agents = tuple(ScriptedAgent(tuple(pad.tolist())) for pad in arrays["decisions"][start:end].T)
        jobs.append(Job(row, agents, (spec,)))
    with WorkerPool(champion.experiment, 2) as pool:
        results = pool.play(jobs)
    assert len(results) == 10
    for row, result in enumerate(results):
        (episode,) = result.episodes
        assert list(episode.terms) == arrays["terms"][row].tolist()
        assert ENDINGS.index(episode.ending) == arrays["ending"][row]
        assert (episode.frames, episode.waited) == (arrays["frames"][row], arrays["waited"][row])
        assert (episode.final_x, episode.furthest_x) == (arrays["final_x"][row], arrays["furthest_x"][row])
        np.testing.assert_array_equal(episode.decisions, arrays["decisions"][starts[row] : ends[row]])


# One process holds one emulator: were one still open, or had one been opened during the run, this would fail.
MAIN_PROCESS = """
import json, sys
import neat_retro
from neat_retro.game.emulator import Emulator

class Holder(neat_retro.Reporter):
    def run_started(self, start):
        self.emulator = Emulator("Nesplat-Nes", "scenario")
    def run_ended(self, end):
        self.emulator.close()
        print("held its own", end.finished)

if __name__ == "__main__":
    experiment = neat_retro.load_experiment(config=sys.argv[1], settings=json.loads(sys.argv[2]))
    neat_retro.train(experiment, sys.argv[3], workers=2, reporter=Holder())
"""


def test_the_main_process_opens_no_emulator(nesplat, experiment_settings, processes, tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(MAIN_PROCESS)
    settings = experiment_settings.replace('"Run.generations": 6', '"Run.generations": 2')
    with processes.start(script, nesplat, settings, tmp_path / "run") as process:
        out, err = process.communicate(timeout=60)
    assert err == ""
    assert out == "held its own True\n"


UNGUARDED = """
import sys
import neat_retro
neat_retro.train(neat_retro.load_experiment(config=sys.argv[1]), sys.argv[2], workers=1)
"""


def test_a_script_without_its_guard_is_told_of_it(nesplat, processes, tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    with processes.start(script, nesplat, tmp_path / "run") as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert 'put what\n  it does under `if __name__ == "__main__":`.' in err.split("NeatRetroError:")[-1]
    assert "ROM" not in err.split("NeatRetroError:")[-1]
    assert not (tmp_path / "run").exists()
