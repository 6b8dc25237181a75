"""Wrong input gets one clear message, no traceback, a non-zero exit, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import pickle
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from neat_retro.cli.main import folded

Run = Callable[..., subprocess.CompletedProcess[str]]
GAME = ("--game", "Airstriker-Genesis")
SHORT = ("--generations", "1", "--population", "4", "--max-frames", "30", "--workers", "1")


def refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Check the exit code, that every one of `words` is said, and that nobody sees a traceback."""
    assert result.returncode == code, result.stderr
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("train", "--game", "Airstryker-Genesis"), 1, ("No game is called", "Did you mean 'Airstriker-Genesis'?")),
        (
            ("train", "--game", "SuperMarioBros-Nes"),
            1,
            ("No ROM for SuperMarioBros-Nes", "neat-retro roms import", "facee9c577a5262dbe33ac4930bb0b58c8c037f7"),
        ),
        (("train", *GAME, "--state", "Level9"), 1, ("no start state 'Level9'", "Level1")),
        (
            ("train", *GAME, "--set", "Episode.frameskip=2"),
            1,
            ("unknown key 'frameskip'", "Did you mean 'frame_skip'?"),
        ),
        (("train", *GAME, "--state", ""), 2, ("--state '': give one state's name",)),
        (("train", *GAME, "--state", "Level1, Level2"), 2, ("--state 'Level1, Level2': ", "repeat --state")),
        (
            ("train", *GAME, "--set", "Observation.kind=tutorial"),
            1,
            ("neat-retro: --set Observation.kind=tutorial: kind = tutorial is how", "replay --legacy"),
        ),
        (("train", *GAME, "--set", "Actions.kind=tutorial"), 1, ("Actions.kind=tutorial: kind = tutorial",)),
        (("train", *GAME, "--set", "Episode.frame_skip=two"), 1, ("frame_skip = two", "whole number")),
        (("train", *GAME, "--set", "Episode"), 1, ("Section.key=value",)),
        (("train", *GAME, "--set", "Fitnes.a=gain score"), 1, ("[Fitnes]", "Did you mean 'Fitness'?")),
        (("train", *GAME, "--set", "NEAT.pop_sice=3"), 1, ("unknown key 'pop_sice'", "Did you mean 'pop_size'?")),
        (("train", *GAME, "--workers", "0"), 2, ("--workers 0", "at least 1")),
        (("train", *GAME, "--workers", "many"), 2, ("neat-retro train", "--workers")),
        (("train", *GAME, "--generation", "3"), 2, ("--generations",)),
        (("train", *GAME, "--population", "1"), 1, ("neat-retro: --population 1: pop_size = 1", "at least 2")),
        (("train", *GAME, "--generations", "0"), 1, ("neat-retro: --generations 0: generations = 0", "at least 1")),
        (("train", *GAME, "--seed", "-1"), 1, ("neat-retro: --seed -1: seed = -1", "at least 0")),
        (("train", *GAME, "--max-frames", "0"), 1, ("neat-retro: --max-frames 0: max_frames = 0", "at least 1")),
        (("train", *GAME, "--set", "Episode.noops=-1"), 1, ("neat-retro: --set Episode.noops=-1: noops = -1",)),
        (("train", "--game", "Pong-Atari2600"), 1, ("no config for Pong-Atari2600", "--config FILE")),
        (("train", "--config", "nowhere.cfg"), 1, ("nowhere.cfg", "No such file")),
        (("resume", "nowhere"), 1, ("nowhere is not a run", "neat-retro runs")),
        (("replay", "nowhere.pkl"), 1, ("nowhere.pkl",)),
        (("replay", "x.pkl", "--legacy"), 2, ("--config FILE", "--game GAME")),
        (("replay", "x.pkl", "--legacy", "--episode", "1"), 2, ("--episode 1", "--legacy")),
        (("replay", "x.pkl", "--video", ""), 2, ("A video needs the name of a file that ends in .mp4.",)),
        (("replay", "x.pkl", "--bk2", ""), 2, ("A movie needs the name of a file that ends in .bk2.",)),
        (("replay", "x.pkl", "--bk2", "a.fm2"), 2, ("a.fm2: a movie is written as .bk2. Name it a.bk2.",)),
        (("replay", "x.pkl", "--video", "n" * 300 + ".mp4"), 1, ("File name too long",)),
        (("evaluate", "x.pkl", "--noops", "5-10"), 1, ("x.pkl",)),
        (("evaluate", "x.pkl", "--all-states", "--state", "Level1"), 2, ("--all-states", "Leave one of them out.")),
        (("evaluate", "x.pkl", "--sticky", "often"), 2, ("--sticky", "valid number")),
        (("evaluate", "x.pkl", "--json", "a.txt"), 2, ("a.txt: a report is written as .json. Name it a.json.",)),
        (("evaluate", "x.pkl", "--card", "a.jpg"), 2, ("a.jpg: a card is written as .png. Name it a.png.",)),
        (("evaluate", "x.pkl", "--card", "nowhere/a.png"), 1, ("Cannot write nowhere/a.png: there is no folder",)),
        (("runs",), 2, ("No runs in runs",)),
        (("roms", "import", ""), 2, ("An empty PATH",)),
        (("roms", "import", "nowhere"), 1, ("Imported 0 games: no file is a ROM known here",)),
        (("roms", "import", "nowhere", "--as", "Kite"), 1, ("No game is called 'Kite'", "neat-retro games")),
        (("dance",), 2, ("dance",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) and all(isinstance(v, str) for v in value) else None,
)
def test_wrong_words_are_refused_in_words(
    neat_retro: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    refused(neat_retro(*arguments), code, *words)
    assert list(tmp_path.iterdir()) == []


def test_what_only_the_game_knows_is_refused_before_a_run_is_made(neat_retro: Run, tmp_path: Path) -> None:
    wrong = {
        "Fitness.score=gain scor": (
            "neat-retro: --set Fitness.score=gain scor: no variable 'scor'",
            "Did you mean 'score'?",
            "gameover",
        ),
        "Fitness.score=gains score": (
            "neat-retro: --set Fitness.score=gains score: no kind of fitness 'gains'",
            "Did you mean 'gain'?",
        ),
        "DefaultGenome.num_inputs=1024": (
            "neat-retro: --set DefaultGenome.num_inputs=1024: num_inputs = 1024",
            "40 x 28 grayscale frame gives 1120",
            "Remove num_inputs",
        ),
        "Actions.combos=nothing, FIRE": (
            ", [Actions] with --set Actions.combos=nothing, FIRE: no button 'FIRE'",
            "LEFT",
        ),
        "Episode.goal=scor > 3": ("neat-retro: --set Episode.goal=scor > 3: no variable 'scor'",),
        "DefaultGenome.activation_options=relo": (
            "neat-retro: --set DefaultGenome.activation_options=relo: unknown activation 'relo'",
        ),
        "Fitness.fitness=gain score": ("--set Fitness.fitness=gain score: 'fitness' is the name of the sum",),
        "Observation.ram=5:2": ("with --set Observation.ram=5:2: ram = 5:2 should be `all` or first:last within",),
        "Game.scenario=nothing": ("no nothing.json",),
    }
    for setting, words in wrong.items():
        refused(neat_retro("train", *GAME, *SHORT, "--set", setting), 1, *words)
    assert list(tmp_path.iterdir()) == []


def test_only_files_are_written_over(neat_retro: Run, tmp_path: Path) -> None:
    for option, suffix in (("--video", "mp4"), ("--bk2", "bk2")):
        pipe = tmp_path / f"pipe.{suffix}"
        os.mkfifo(pipe)
        refused(neat_retro("replay", "x.pkl", option, pipe.name), 1, f"{pipe.name}: it is a device or a pipe")
        assert pipe.is_fifo()


def test_a_malformed_data_json_is_named_with_its_line(
    neat_retro: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlay = tmp_path / "overlay"
    (overlay / "Airstriker-Genesis-v0").mkdir(parents=True)
    (overlay / "Airstriker-Genesis-v0" / "data.json").write_text(
        '{"info": {\n  "score": {"address": 1 "type": "|u1"}}}'
    )
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(overlay))
    refused(neat_retro("train", *GAME, *SHORT), 1, "data.json", "line 2")
    assert [path.name for path in tmp_path.iterdir()] == ["overlay"]


def test_folders_that_cannot_be_used_are_refused(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "a 'b").mkdir()
    (tmp_path / "file").write_text("not a folder")
    refused(
        neat_retro("train", *GAME, *SHORT, "--run-dir", "taken"), 1, "taken exists already", "neat-retro resume taken"
    )
    refused(neat_retro("train", *GAME, *SHORT, "--run-dir", "a 'b"), 1, "neat-retro resume 'a '\"'\"'b'")
    refused(neat_retro("train", *GAME, *SHORT, "--run-dir", "file/run"), 1, "file/run", "Choose another --run-dir")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a 'b", "file", "taken"]


class _Attack:
    def __reduce__(self) -> tuple[object, ...]:
        return (open, ("pwned", "w"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps(_Attack()), ("Nothing of it ran",)),
        (b"\x80\x04r\xff\xff\xff\x3f.", ("Nothing of it ran",)),
        (b"", ("champion",)),
        (b"GIF89a", ("champion",)),
        (pickle.dumps({"a": 1}), ("not a champion",)),
        (pickle.dumps({"format_version": 99}), ("format 99", "Update neat-retro")),
        (pickle.dumps({"format_version": 1}), ("damaged champion", "genome")),
    ],
    ids=["code", "memory", "empty", "picture", "dict", "newer", "incomplete"],
)
def test_a_bad_champion_is_refused_and_nothing_runs(
    neat_retro: Run, tmp_path: Path, content: bytes, words: tuple[str, ...]
) -> None:
    (tmp_path / "bad.pkl").write_bytes(content)
    refused(neat_retro("replay", "bad.pkl"), 1, "bad.pkl", *words)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.pkl"]


def test_extinction_and_too_many_species_end_a_run_in_words(neat_retro: Run, tmp_path: Path) -> None:
    crowded = ("--set", "DefaultSpeciesSet.compatibility_threshold=0.01", "--population", "12")
    result = neat_retro("train", *GAME, "--max-frames", "30", "--workers", "1", "--run-dir", "run", *crowded)
    refused(result, 1, "split into", "species", "compatibility_threshold")
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "failed"


def test_traceback_is_shown_where_it_is_asked_for() -> None:
    command = [sys.executable, "-m", "neat_retro", "--traceback", "train", "--game", "nothing-like-it"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" in result.stderr
    assert "UnknownGameError" in result.stderr


def test_a_name_too_long_for_a_file_is_no_traceback(neat_retro: Run) -> None:
    name = "K" * 300
    refused(neat_retro("runs", name), 1, f"neat-retro: Cannot use {name}: File name too long. Choose another")
    movie = ("--from-bk2", name, "--frame", "0")
    refused(neat_retro("integration", "state", "NeatRunner-Nes", "A", *movie), 1, f"{name} is no file. Name a BK2")


def test_in_a_terminal_a_complaint_is_folded_and_its_command_stays_whole() -> None:
    ours, theirs = pty.openpty()
    arguments = ("integration", "find", "NeatRunner-Nes", "positon", "--state", "Level1-1")
    subprocess.run(
        [sys.executable, "-m", "neat_retro", *arguments],
        env=os.environ | {"COLUMNS": "60"}, stdout=subprocess.DEVNULL, stderr=theirs, timeout=120, check=False,
    )  # fmt: skip
    os.close(theirs)
    assert os.read(ours, 1000).decode().replace("\r", "") == (
        "neat-retro: No search for 'positon'. Did you mean\n  'position'? There is position, lives, timer, health.\n"
    )
    os.close(ours)
    text = "No ROM here. Import:  neat-retro roms import FOLDER\n  short\n  a/very/long/path is there, and more"
    assert folded(text, 24) == (
        "No ROM here. Import:\n  neat-retro roms import FOLDER\n  short\n  a/very/long/path is\n  there, and more"
    )
