"""A resumed run is the uninterrupted run; what cannot be resumed is told why."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import neat_retro
from neat_retro.errors import RunError, UnsafePickleError
from neat_retro.evolution.reporter import RunStart

Experiments = Callable[..., neat_retro.Experiment]


def stopped_before(generation: int, run: Path, folder: Path) -> Path:
    """Copy a run as it was when generation `generation` was about to be evaluated."""
    shutil.copytree(run, folder)
    for path in [*(folder / "checkpoints").iterdir(), *(folder / "champions").iterdir()]:
        if int(path.stem) > generation - (path.parent.name == "champions"):
            path.unlink()
    for path in (folder / "generations").iterdir():
        if int(path.stem) >= generation:
            path.unlink()
    lines = (folder / "history.jsonl").read_text().splitlines(keepends=True)
    (folder / "history.jsonl").write_text("".join(lines[:generation]))
    champions = sorted((folder / "champions").iterdir())
    (folder / "champion.pkl").unlink()
    if champions:
        shutil.copy(champions[-1], folder / "champion.pkl")
    return folder


@pytest.mark.parametrize("generation", [8, 9, 10])
def test_resumed_run_equals_uninterrupted_run(generation: int, uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(generation, uninterrupted, tmp_path / "run")
    for path in (run / "checkpoints").iterdir():
        if path.name != f"{generation:04}.pkl":
            path.unlink()  # the newest is all that is needed
    end = neat_retro.resume(run, workers=1 + generation % 2)
    assert end.finished
    left.assert_same(run, uninterrupted)


def test_a_run_resumed_at_every_generation_for_one_more_equals_the_uninterrupted(
    small: Experiments, uninterrupted: Path, left, tmp_path: Path
):
    run = tmp_path / "run"
    neat_retro.train(small(Run__generations=1), run, workers=1)
    for total in range(2, 9):
        assert neat_retro.resume(run, generations=total, workers=1).finished
        assert left.history(run) == left.history(uninterrupted)[:total]
        assert f"\ngenerations = {total}\n" in (run / "experiment.cfg").read_text()
    left.assert_same_start(run, uninterrupted, 8)
    assert (run / "checkpoints" / "0008.pkl").is_file()


def test_a_complete_run_says_how_to_go_on(uninterrupted: Path):
    with pytest.raises(RunError) as caught:
        neat_retro.resume(uninterrupted, workers=1)
    assert f"neat-retro resume {uninterrupted} --generations 61" in str(caught.value)
    assert "has done its 11 generations" in str(caught.value)


def test_changed_settings_are_refused_with_their_names_and_the_way_out(uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(8, uninterrupted, tmp_path / "run")
    config = run / "experiment.cfg"
    text = config.read_text()
    text = text.replace("max_frames = 64", "max_frames = 65").replace("node_add_prob = 0.5", "node_add_prob = 0.6")
    config.write_text(text)
    before = left.history(run)
    with pytest.raises(RunError) as caught:
        neat_retro.resume(run, workers=1)
    message = str(caught.value)
    assert "Episode.max_frames = 65 (was 64)" in message
    assert "DefaultGenome.node_add_prob = 0.6 (was 0.5)" in message
    assert f"train --config {config} --from {run / 'champion.pkl'}" in message
    assert "frame_skip" not in message
    assert left.history(run) == before
    assert config.read_text() == text


def test_the_total_and_the_number_of_checkpoints_may_change(uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    config = run / "experiment.cfg"
    config.write_text(config.read_text().replace("checkpoints = 99", "checkpoints = 2"))
    neat_retro.resume(run, workers=1)
    assert left.history(run) == left.history(uninterrupted)
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["0010.pkl", "0011.pkl"]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "0010.pkl": lambda content: content[: len(content) // 2],
    "0009.pkl": lambda content: b"",
    "0008.pkl": lambda content: b"checkpoint",
    "0007.pkl": lambda content: pickle.dumps({"format_version": 1}),
    "0006.pkl": lambda content: pickle.dumps({"format_version": 99}),
}


def test_damaged_checkpoints_fall_back_to_the_one_before(uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    for name, damage in DAMAGES.items():
        path = run / "checkpoints" / name
        path.write_bytes(damage(path.read_bytes()))
    heard = Heard()
    neat_retro.resume(run, workers=1, reporter=heard)
    assert heard.first_generation == 5
    left.assert_same(run, uninterrupted)


class Heard(neat_retro.Reporter):
    """Remembers where a run began."""

    def run_started(self, start: RunStart) -> None:
        self.first_generation = start.first_generation


def test_a_stray_file_among_the_checkpoints_is_no_checkpoint(uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    shutil.copy(run / "checkpoints" / "0003.pkl", run / "checkpoints" / "0010 (copy).pkl")
    neat_retro.resume(run, workers=1)
    left.assert_same(run, uninterrupted)


def test_no_readable_checkpoint_is_said(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(2, uninterrupted, tmp_path / "run")
    for path in (run / "checkpoints").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match=r"No checkpoint in .*checkpoints can be read. Start anew"):
        neat_retro.resume(run, workers=1)


def test_no_checkpoint_at_all_is_said(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(2, uninterrupted, tmp_path / "run")
    shutil.rmtree(run / "checkpoints")
    with pytest.raises(RunError, match="has no checkpoint to go on from"):
        neat_retro.resume(run, workers=1)


def test_a_hostile_checkpoint_is_refused_and_nothing_runs(uninterrupted: Path, tmp_path: Path):
    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "harm"),)

    run = stopped_before(5, uninterrupted, tmp_path / "run")
    (run / "checkpoints" / "0005.pkl").write_bytes(pickle.dumps({"format_version": 1, "genomes": Hostile()}))
    with pytest.raises(UnsafePickleError, match="mkdir"):
        neat_retro.resume(run, workers=1)
    assert not (tmp_path / "harm").exists()


def test_a_folder_without_a_run_is_said(tmp_path: Path):
    with pytest.raises(RunError, match=r"is not a run: it has no experiment.cfg"):
        neat_retro.resume(tmp_path, workers=1)
    with pytest.raises(RunError, match=r"is not a run"):
        neat_retro.resume(tmp_path / "nowhere", workers=1)


def test_a_damaged_history_is_said(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(5, uninterrupted, tmp_path / "run")
    (run / "history.jsonl").write_text('{"generation": 0}\n')
    with pytest.raises(RunError, match=r"history.jsonl is damaged"):
        neat_retro.resume(run, workers=1)


def test_another_rom_is_refused(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(5, uninterrupted, tmp_path / "run")
    content = pickle.loads((run / "champion.pkl").read_bytes())
    (run / "champion.pkl").write_bytes(pickle.dumps(content | {"rom_sha1": "0" * 40}))
    with pytest.raises(neat_retro.NeatRetroError, match="was made with another ROM of Nesplat-Nes"):
        neat_retro.resume(run, workers=1)
