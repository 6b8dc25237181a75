"""What a run leaves: every documented file, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

import neat_retro
from neat_retro.agent.episode import ENDINGS, episode_seed
from neat_retro.errors import RunError
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.run_folder import GenerationRecord, RunFolder, next_run_path


def test_a_run_leaves_the_documented_files(uninterrupted: Path, champion, left):
    names = {path.name for path in uninterrupted.iterdir()}
    assert names == {
        "experiment.cfg",
        "status.json",
        "history.jsonl",
        "generations",
        "checkpoints",
        "champions",
        "integrations",
        "champion.pkl",
        "lock",
    }
    assert left.unfinished_files(uninterrupted) == []
    assert sorted(path.name for path in (uninterrupted / "generations").iterdir()) == [f"{n:04}.npz" for n in range(11)]
    assert sorted(path.name for path in (uninterrupted / "checkpoints").iterdir()) == [f"{n:04}.pkl" for n in range(12)]
    assert json.loads((uninterrupted / "status.json").read_text()) == {
        "state": "finished",
        "reason": "all 11 generations were evaluated",
    }
    assert neat_retro.load_experiment(config=uninterrupted / "experiment.cfg") == champion.experiment


def test_history_has_a_line_a_generation_that_agrees_with_the_arrays(uninterrupted: Path, left):
    for number, line in enumerate((uninterrupted / "history.jsonl").read_text().splitlines()):
        record, arrays = json.loads(line), left.arrays(uninterrupted, number)
        assert " ".join(record) == (
            "generation best_fitness mean_fitness best_x species frames emulated seconds endings population_sha256"
        )
        assert record["generation"] == number
        assert record["best_fitness"] == arrays["fitness"].max()
        assert record["mean_fitness"] == pytest.approx(arrays["fitness"].mean())
        assert record["best_x"] == arrays["furthest_x"].max()
        assert record["species"] == len(set(arrays["species"].tolist()))
        assert record["frames"] == (arrays["frames"] + arrays["waited"] + 1).sum()
        endings = [ENDINGS[ending] for ending in arrays["ending"]]
        assert record["endings"] == {ending: endings.count(ending) for ending in sorted(set(endings))}
        assert len(record["population_sha256"]) == 64


def test_generations_have_the_documented_arrays(uninterrupted: Path, left):
    for number in range(11):
        arrays = left.arrays(uninterrupted, number)
        decisions = arrays["decisions"]
        shapes = {name: (array.dtype, array.shape) for name, array in arrays.items() if name != "decisions"}
        per_genome = dict.fromkeys(("key", "species", "nodes", "connections"), (np.int64, (10,)))
        per_episode = dict.fromkeys(("genome", "seed", "frames", "waited", "decisions_end"), (np.int64, (10,)))
        floats = dict.fromkeys(("fitness", "final_x", "furthest_x"), (np.float64, (10,)))
        others = {
            "parents": (np.int64, (10, 2)),
            "terms": (np.float64, (10, 4)),
            "ending": (np.uint8, (10,)),
            "from_within": (np.bool_, (10,)),
            "state": (np.dtype("<U8"), (10,)),
            "term_names": (np.dtype("<U8"), (4,)),
            "endings": (np.dtype("<U11"), (len(ENDINGS),)),
        }
        assert shapes == per_genome | per_episode | floats | others
        assert decisions.dtype == np.uint16
        assert decisions.shape == (arrays["decisions_end"][-1], 1)
        assert np.array_equal(np.diff(arrays["decisions_end"], prepend=0), -(-arrays["frames"] // 4))
        assert arrays["term_names"].tolist() == ["distance", "coins", "finished", "death"]
        assert arrays["endings"].tolist() == list(ENDINGS)
        np.testing.assert_allclose(arrays["terms"].sum(axis=1), arrays["fitness"])
        assert set(arrays["seed"].tolist()) == {episode_seed(13, "Level1-1", 0)}


def test_parents_are_genomes_of_the_generation_before(uninterrupted: Path, left):
    assert (left.arrays(uninterrupted, 0)["parents"] == -1).all()
    children = 0
    for number in range(1, 11):
        before, now = left.arrays(uninterrupted, number - 1), left.arrays(uninterrupted, number)
        new = ~np.isin(now["key"], before["key"])
        assert np.isin(now["parents"][new], before["key"]).all()
        children += new.sum()
    assert children > 50


def test_several_states_and_episodes_are_rows_and_fitness_is_their_mean(small, left, tmp_path: Path):
    experiment = small(Run__generations=1, Episode__episodes=3, NEAT__pop_size=4, Episode__noops=30)
    end = neat_retro.train(experiment, tmp_path / "run", workers=1)
    arrays = left.arrays(tmp_path / "run", 0)
    assert arrays["genome"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert arrays["seed"].tolist() == [episode_seed(13, "Level1-1", number) for number in range(3)] * 4
    assert len(set(arrays["waited"].tolist())) > 1
    np.testing.assert_allclose(arrays["terms"].sum(axis=1).reshape(4, 3).mean(axis=1), arrays["fitness"])
    assert len(end.champion.episodes) == len(end.champion.trajectories) == 3


def test_a_record_reads_back_equal_with_and_without_a_position():
    record = GenerationRecord(3, 1.5, 0.1 + 0.2, 7.0, 2, 99, 98, 1.25, {"goal": 1}, "ab")
    assert GenerationRecord.from_json(record.to_json()) == record
    nowhere = GenerationRecord(3, 1.5, 0.5, None, 2, 99, 98, 1.25, {"goal": 1}, "ab")
    assert "best_x" not in nowhere.to_json()
    assert GenerationRecord.from_json(nowhere.to_json()) == nowhere


def test_a_line_from_before_emulated_frames_were_told_reads_as_if_all_frames_had_been():
    line = '{"generation": 0, "best_fitness": 1.0, "mean_fitness": 0.5, "species": 1, "frames": 99, "seconds": 2.0,'
    line += ' "endings": {"done": 3}, "population_sha256": "ab"}'
    assert GenerationRecord.from_json(line) == GenerationRecord(0, 1.0, 0.5, None, 1, 99, 99, 2.0, {"done": 3}, "ab")


def test_an_existing_folder_is_refused_and_left_alone(small, tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "precious").write_text("mine")
    with pytest.raises(RunError, match=r"run exists already. Choose another --run-dir, .*neat-retro resume"):
        neat_retro.train(small(), tmp_path / "run", workers=1)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["precious"]


@pytest.mark.parametrize("name", ["file/run", "n" * 300, "/proc/run"])
def test_a_folder_that_cannot_be_made_is_said(name: str, small, tmp_path: Path):
    (tmp_path / "file").write_text("a file, no folder")
    with pytest.raises(RunError, match=r"Cannot make the folder .*\. Choose another --run-dir"):
        neat_retro.train(small(), tmp_path / name, workers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_runs_are_numbered_from_the_first_free_number(tmp_path: Path):
    assert next_run_path(tmp_path / "runs", "Game").name == "Game-1"
    for name in ("Game-1", "Game-3", "Other-2"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    assert next_run_path(tmp_path / "runs", "Game") == tmp_path / "runs" / "Game-2"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"Cannot write .*file: No space left on device\. Free or choose another folder"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    monkeypatch.undo()
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_write_into_no_folder_is_said(tmp_path: Path):
    with pytest.raises(RunError, match="No such file or directory"):
        write_atomically(tmp_path / "nowhere" / "file", "text")


def test_status_of_a_folder_without_one_is_unknown(tmp_path: Path):
    folder = RunFolder.create(tmp_path / "run")
    assert folder.status()[0] == "unknown"
    (folder.path / "status.json").write_text("[]")
    assert folder.status()[0] == "unknown"


def test_a_lock_is_for_one_and_can_be_given_back(tmp_path: Path):
    first, second = RunFolder.create(tmp_path / "run"), RunFolder(tmp_path / "run")
    first.write_status("running")
    first.lock()
    assert second.is_locked()
    assert second.status() == ("running", "")
    with pytest.raises(RunError, match="is being trained by another process"):
        second.lock()
    first.unlock()
    assert not second.is_locked()
    second.lock()
    second.unlock()
