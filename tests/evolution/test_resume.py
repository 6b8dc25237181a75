"""A resumed run is the uninterrupted run; what cannot be resumed is told why."""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import neat_retro
from neat_retro.errors import ChampionError, RunError, UnsafePickleError
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


def test_many_changed_settings_are_told_shortly(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(8, uninterrupted, tmp_path / "run")
    (run / "experiment.cfg").write_text("")
    with pytest.raises(RunError) as caught:
        neat_retro.resume(run, workers=1)
    lines = str(caught.value).splitlines()
    assert len(lines) < 12
    assert max(map(len, lines)) < 300
    assert re.fullmatch(r"  and \d\d more", lines[6])


def test_a_total_that_is_done_already_is_told_as_one(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(8, uninterrupted, tmp_path / "a run")
    with pytest.raises(RunError) as caught:
        neat_retro.resume(run, generations=3, workers=1)
    assert str(caught.value) == (
        f"--generations 3 is the run's new total, and {run} has done 8 generations."
        f" Give it more:  neat-retro resume '{run}' --generations 58"
    )


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
    assert heard.notes == tuple(
        f"{run / 'checkpoints' / name} cannot be read: going on from generation 5." for name in DAMAGES
    )
    left.assert_same(run, uninterrupted)


class Heard(neat_retro.Reporter):
    """Remembers where a run began, and what it was told."""

    def run_started(self, start: RunStart) -> None:
        self.first_generation = start.first_generation
        self.notes = start.notes


def test_a_whole_run_is_resumed_without_a_note(uninterrupted: Path, tmp_path: Path):
    heard = Heard()
    neat_retro.resume(stopped_before(10, uninterrupted, tmp_path / "run"), workers=1, reporter=heard)
    assert heard.notes == ()


def test_a_folder_in_a_checkpoints_place_is_said_before_anything_is_played(uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    taken = run / "checkpoints" / "0010.pkl"
    taken.unlink()
    taken.mkdir()
    with pytest.raises(RunError, match=r"0010\.pkl is a folder, where a checkpoint belongs\. Move it away"):
        neat_retro.resume(run, workers=1)
    taken.rmdir()
    neat_retro.resume(run, workers=1)
    left.assert_same(run, uninterrupted)


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        ([], "the lines of generations 0-9"),
        ([0, 1, 2], "the lines of generations 3-9"),
        ([1, 2, 3, 5, 6, 7, 8, 9], "the lines of generations 0, 4"),
        ([0, 1, 2, 3, 4, 5, 6, 7, 8], "the line of generation 9"),
    ],
)
def test_lost_lines_of_the_history_are_named(kept, lost, uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    history = run / "history.jsonl"
    lines = history.read_text().splitlines(keepends=True)
    history.write_text("".join(lines[number] for number in kept)) if kept else history.unlink()
    heard = Heard()
    neat_retro.resume(run, workers=1, reporter=heard)
    assert heard.notes == (
        f"{history} lacks {lost}: the run goes on without. What the genomes did is still in {run / 'generations'}.",
    )
    assert left.history(run) == [left.history(uninterrupted)[number] for number in (*kept, 10)]


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_the_champion_is_brought_back_from_the_copy_of_its_time(damage, uninterrupted: Path, left, tmp_path: Path):
    copies = sorted((uninterrupted / "champions").iterdir())
    newest = copies[-1]
    run = stopped_before(int(newest.stem), uninterrupted, tmp_path / "run")  # before it was found
    before = run / "champions" / copies[-2].name
    (run / "champions" / newest.name).write_bytes(newest.read_bytes())  # of a generation yet to be played again
    champion = run / "champion.pkl"
    champion.unlink() if damage == "missing" else champion.write_bytes(b"\x80\x04half")

    class Looks(Heard):
        def run_started(self, start: RunStart) -> None:
            super().run_started(start)
            self.same = champion.read_bytes() == before.read_bytes()

    heard = Looks()
    neat_retro.resume(run, workers=1, reporter=heard)
    assert heard.notes == (f"{champion} was {damage}: brought back from {before}.",)
    assert heard.same
    left.assert_same(run, uninterrupted)


def test_a_champion_without_a_copy_is_missed_in_words(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    (run / "champion.pkl").unlink()
    shutil.rmtree(run / "champions")
    heard = Heard()
    end = neat_retro.resume(run, workers=1, reporter=heard)
    assert [note.partition(":")[0] for note in heard.notes] == [
        f"{run / 'champion.pkl'} is missing, and so are its copies"
    ]
    assert end.champion is None


def test_lost_folders_are_made_again(uninterrupted: Path, left, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    shutil.rmtree(run / "generations")
    shutil.rmtree(run / "champions")
    assert neat_retro.resume(run, workers=1).finished
    assert left.history(run) == left.history(uninterrupted)
    assert [path.name for path in (run / "generations").iterdir()] == ["0010.npz"]


def test_a_champion_of_another_format_is_left_alone_and_its_copy_named(uninterrupted: Path, tmp_path: Path):
    run = stopped_before(10, uninterrupted, tmp_path / "run")
    foreign = pickle.dumps({"format_version": 99})
    (run / "champion.pkl").write_bytes(foreign)
    with pytest.raises(ChampionError, match=r"format 99(.|\n)*Its copy can be read: .*champions/00\d\d\.pkl"):
        neat_retro.resume(run, workers=1)
    assert (run / "champion.pkl").read_bytes() == foreign


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
