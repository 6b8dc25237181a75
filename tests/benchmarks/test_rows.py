"""Every row's own measurement, run small: its checks hold, and fail where the two sides part. No speed is judged."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

import neat_retro
from benchmarks import end_to_end, memory, neat_work, raw, sharing, training, tutorial, workers
from benchmarks.populations import experiment_of, jobs_of, opened
from benchmarks.table import ROWS, Result, Row

SMALL = {"NEAT.pop_size": 4, "Episode.max_frames": 80}


def frames_of(result: Result) -> int:
    """The frames that a result's detail tells."""
    found = re.search(r"([\d,]+) frames", result.detail)
    assert found is not None, result.detail
    return int(found[1].replace(",", ""))


def is_measured(result: Result) -> bool:
    return math.isfinite(result.value) and result.value > 0 and result.variant != "" and result.detail != ""


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_measured_by_a_function(row: Row) -> None:
    name, _, function = row.measured_by.partition(":")
    module = pytest.importorskip(f"benchmarks.{name}")
    parameters = inspect.signature(getattr(module, function)).parameters.values()
    assert all(parameter.default is not inspect.Parameter.empty for parameter in parameters), "called without arguments"


def test_raw_loop_plays_the_frames_of_the_episodes() -> None:
    with opened(experiment_of("NeatRunner-Nes", SMALL)) as (stage, config):
        loop = raw.RawLoop(stage.emulator, stage.rules)
        results = [stage.play(job) for job in jobs_of(config, stage.experiment)]
        for result in results:
            loop.replay(result.episodes[0])
        assert loop.frames == sum(result.frames - 1 for result in results)  # the reset's own frame is not timed
        [episode] = results[0].episodes
        stage.play(jobs_of(config, stage.experiment)[0])
        raw.replay_checked(loop, stage.emulator, episode)
        other = dataclasses.replace(episode, decisions=np.full_like(episode.decisions, 0x80))
        stage.play(jobs_of(config, stage.experiment)[0])
        with pytest.raises(ValueError, match="another frame"):
            raw.replay_checked(loop, stage.emulator, other)


@pytest.mark.parametrize("game", raw.GAMES)
def test_raw_rates(game: str) -> None:
    [result] = raw.rates((game,), population=4, max_frames=40)
    assert is_measured(result) and frames_of(result) <= 160


@pytest.mark.parametrize("frame_skip", [1, 4])
def test_training_in_one_process_is_the_run_that_train_makes(frame_skip: int, tmp_path: Path) -> None:
    result = training.train("NeatRunner-Nes", frame_skip, population=6, generations=3, max_frames=80)
    settings = {"NEAT.pop_size": 6, "Episode.max_frames": 80, "Episode.frame_skip": frame_skip, "Run.generations": 3}
    watch = sharing.Watch()
    neat_retro.train(experiment_of("NeatRunner-Nes", settings), tmp_path / "run", workers=1, reporter=watch)
    assert is_measured(result)
    assert frames_of(result) == watch.demanded


def test_reuse_and_sharing_give_the_same_generations() -> None:
    compared = sharing.compare(population=6, generations=3, max_frames=80)
    assert compared.rate > 0 and 0 < compared.emulated <= 1


def test_a_run_that_sharing_changed_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def another(self: sharing.Watch, record: object, best: object) -> None:
        told(self, dataclasses.replace(record, population_sha256=str(self.raw)), best)  # type: ignore[type-var, arg-type]

    told = sharing.Watch.generation_done
    monkeypatch.setattr(sharing.Watch, "generation_done", another)
    with pytest.raises(ValueError, match="generation 0 is another one"):
        sharing.compare(population=6, generations=1, max_frames=40)


def test_tutorial_loop_and_ours_press_the_same_buttons() -> None:
    [result] = tutorial.one_process(genomes=3, max_frames=60)
    assert is_measured(result)


def test_tutorial_loop_that_plays_otherwise_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tutorial, "PATIENCE", 20)
    with pytest.raises(ValueError, match="came to"):
        list(tutorial.one_process(genomes=3, max_frames=60))


def test_shipped_config_by_hand_and_ours_gain_the_same_fitness() -> None:
    [result] = tutorial.shipped(genomes=6, max_frames=600)
    assert is_measured(result)


def test_shipped_config_by_hand_must_see_what_ours_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    negative = SimpleNamespace(**vars(cv2) | {"cvtColor": lambda ob, code: 255 - cv2.cvtColor(ob, code)})
    monkeypatch.setattr(tutorial, "cv2", negative)
    with pytest.raises(ValueError, match="came to"):
        list(tutorial.shipped(genomes=6, max_frames=200))


def test_two_processes_end_to_end() -> None:
    [result] = end_to_end.two_processes(population=6, generations=2, max_frames=40, genomes=1)
    assert is_measured(result)


def test_added_workers() -> None:
    result = workers.compare(2, population=6, max_frames=80, rounds=1, bare_frames=50)
    assert math.isfinite(result.value) and result.variant == "2 workers"


def test_neat_work_finds_every_call_that_it_times() -> None:
    [result] = neat_work.share_of_wall(population=6, length=2, max_frames=80)
    assert 0 < result.value < 100
    for name in ("reproduction", "speciation", "checkpoint", "history"):
        assert f"{name} " in result.detail
    rest = re.search(r"beside these and play (\S+) %", result.detail)
    assert rest is not None and 0 <= float(rest[1]) < 100


def test_memory_of_a_worker() -> None:
    result = memory.compare("small", True, early=100, late=600, population=3)
    assert 0.5 < result.value < 3
