"""`neat-retro versus` from end to end on the game for two, and what it says of players that cannot meet."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
TRAIN = ("train", "--population", 4, "--generations", 1, "--seed", 1, "--workers", 1, "--quiet")
SHORT = ("--set", "Versus.max_frames=150", "--max-frames", 60)


@pytest.fixture
def champion(neat_retro: Run) -> Path:
    """The champion of a run that was far too short."""
    told = neat_retro(*TRAIN, *SHORT, "--game", "NeatDuel-Snes", "--run-dir", "run")
    assert told.returncode == 0, told.stderr
    return Path("run/champion.pkl")


def test_two_players_play_from_both_sides_and_the_score_is_told_filmed_and_written(
    neat_retro: Run, champion: Path, tmp_path: Path
) -> None:
    outputs = ("--video", "first.mp4", "--json", "score.json")
    result = neat_retro("versus", champion, "random", "--games", 3, *outputs)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[:4] == [
        "NeatDuel-Snes, TwoPlayers: 4 games, 2 starts from both sides",
        "  A: run/champion.pkl, champion of generation 0",
        "  B: random",
        "wrote first.mp4",
    ]
    assert lines[-1] == "wrote score.json"
    content = json.loads((tmp_path / "score.json").read_text())
    winners = [game["winner"] for game in content["games"]]
    for place, games in (("left", winners[::2]), ("right", winners[1::2]), ("both", winners)):
        row = next(line for line in lines if line.startswith(f"│ {place} "))
        counts = [int(number) for number in re.findall(r"│ +(\d+) (?=│)", row)]
        assert counts == [games.count("A"), games.count("B"), games.count(None)]
    assert [game["frames"] for game in content["games"]] == [150] * 4
    assert (content["A"], content["B"]) == ("run/champion.pkl", "random")
    assert (tmp_path / "first.mp4").stat().st_size > 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.mp4", "run", "score.json"]

    again = neat_retro("versus", champion, "random", "--games", 4, "--workers", 1)
    assert again.stdout.splitlines() == [line for line in lines if not line.startswith("wrote")]


def test_games_that_are_the_same_again_are_said(neat_retro: Run, champion: Path) -> None:
    """Who does nothing does it from every start."""
    config = ("--set", "Actions.combos=nothing, START")
    assert neat_retro(*TRAIN, *SHORT, *config, "--game", "NeatDuel-Snes", "--run-dir", "idle").returncode == 0
    result = neat_retro("versus", "idle/champion.pkl", "nothing", "--games", 6)
    assert result.returncode == 0, result.stderr
    told = re.search(r"Only (\d) of the 6 games differ, so the intervals look surer than they are\.", result.stdout)
    assert told and int(told[1]) < 6


def refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert result.returncode == code, result.stderr
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("random", "nothing"), 2, ("random and nothing: at least one", "a champion's file")),
        (("randum", "nothing"), 2, ("No file 'randum'.", "Did you mean 'random'?", "random and nothing")),
        (("nowhere.pkl", "random"), 2, ("No file 'nowhere.pkl'.", "A player is the file of a champion")),
        ((".", "random"), 2, (". is a folder", "champion.pkl")),
        (("random",), 2, ("Missing argument 'B'",)),
        (("random", "nothing", "--games", "0"), 2, ("--games",)),
        (("random", "nothing", "--video", "a.avi"), 2, ("a.avi", "Name it a.mp4")),
        (("random", "nothing", "--json", "nowhere/a.json"), 1, ("Cannot write nowhere/a.json", "no folder nowhere")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_words_are_refused_in_words(
    neat_retro: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    refused(neat_retro("versus", *arguments), code, *words)
    assert list(tmp_path.iterdir()) == []


def test_players_of_other_games_are_refused(neat_retro: Run, champion: Path, tmp_path: Path) -> None:
    train = neat_retro(*TRAIN, "--max-frames", 30, "--game", "Airstriker-Genesis", "--run-dir", "shooter")
    assert train.returncode == 0
    result = neat_retro("versus", champion, "shooter/champion.pkl", "--json", "score.json", "--video", "a.mp4")
    refused(result, 1, "A plays NeatDuel-Snes and B plays Airstriker-Genesis-v0")
    result = neat_retro("versus", "shooter/champion.pkl", "random")
    refused(result, 1, "has no [Versus] state", "Airstriker-Genesis-v0 is not known as a game for two", "--config FILE")
    (tmp_path / "notes.pkl").write_text("no pickle")
    refused(neat_retro("versus", champion, "notes.pkl"), 1, "notes.pkl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.pkl", "run", "shooter"]


def test_slips_in_versus_are_named_before_a_run_is_made(neat_retro: Run, tmp_path: Path) -> None:
    for setting, words in {
        "Versus.won=round_won >= 2": ("Versus.won", "no variable 'round_won'", "Did you mean 'rounds_won'?"),
        "Versus.swap=health": ("Versus.swap", "'health' should be two variables"),
        "Versus.won=": ("[Versus]", "has no won"),
        "Versus.max_frames=0": ("max_frames = 0", "at least 1"),
        "Versus.sawp=x": ("unknown key 'sawp'", "Did you mean 'swap'?"),
    }.items():
        refused(neat_retro(*TRAIN, "--game", "NeatDuel-Snes", "--set", setting), 1, *words)
    assert list(tmp_path.iterdir()) == []
