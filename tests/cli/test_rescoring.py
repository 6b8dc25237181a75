"""`neat-retro rescore` from end to end, and what it says of what it cannot do."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
TRAIN = ("train", "--game", "NeatRunner-Nes", "--population", 12, "--generations", 2, "--seed", 1, "--quiet")
SHORT = ("--max-frames", 200, "--set", "Episode.stall_frames=60", "--run-dir", "run", "--workers", 1)
DEATH = ("--set", "Fitness.death=penalty 100 when change(lives) < 0")


@pytest.fixture
def run(neat_retro: Run) -> str:
    """A run that was far too short."""
    told = neat_retro(*TRAIN, *SHORT, *DEATH)
    assert told.returncode == 0, told.stderr
    return "run"


def test_genomes_are_ranked_under_other_terms_and_the_ranking_is_written(
    neat_retro: Run, run: str, tmp_path: Path
) -> None:
    terms = ("--set", "Fitness.distance=change x times -1", "--set", "Fitness.death=none")
    result = neat_retro("rescore", run, *terms, "--top", 3, "--json", "a.json")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[:3] == [
        "run: 24 genomes of 2 generations under",
        "  distance  change x times -1",
        "  finished  bonus 1000 when level > start(level)",
    ]
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["fitness"] == {
        "distance": "change x times -1", "finished": "bonus 1000 when level > start(level)",
    }  # fmt: skip
    listed = [re.split(r" *│ *", line)[1:-1] for line in lines if line.startswith("│") and " -> " in line]
    assert listed == [
        [
            str(place["generation"]),
            str(place["genome"]),
            f"{place['old_fitness']:.6g}",
            f"{place['new_fitness']:.6g}",
            f"{place['old_rank']} -> {place['new_rank']}",
            place["endings"][0].replace("_", " "),
        ]
        for place in content["ranking"][:3]
    ]
    same = sum(change["best"] == change["new_best"] for change in content["generations"])
    assert lines[-2:] == [f"The best genome stays the best in {same} of 2 generations.", "wrote a.json"]
    again = neat_retro("rescore", run, *terms, "--top", 3, "--workers", 1)
    assert again.stdout.splitlines() == lines[:-1]


def test_genomes_of_which_nobody_knows_are_counted(neat_retro: Run, tmp_path: Path) -> None:
    """Nobody was paid for running, so that all stalled."""
    assert neat_retro(*TRAIN, *SHORT, "--set", "Fitness.distance=none").returncode == 0
    terms = ("--set", "Fitness.far=bonus 1 when x > 60")
    result = neat_retro("rescore", "run", "--generations", 0, *terms, "--json", "a.json")
    assert result.returncode == 0, result.stderr
    left_out = json.loads((tmp_path / "a.json").read_text())["left_out"]
    told = re.search(r"Left out: (\d+) genomes? of generation 0\. They stalled, and under these terms\n", result.stdout)
    assert (int(told[1]) if told else 0) == len(left_out) > 0
    assert "│          1 │" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere",), 1, ("nowhere is not a run", "neat-retro runs")),
        ((), 2, ("Missing argument 'RUN'",)),
        (("x", "--generations", "9-3"), 2, ("--generations 9-3 should be one generation or a range, as 0-9.",)),
        (("x", "--generations", "all"), 2, ("--generations all should be",)),
        (("x", "--top", "0"), 2, ("--top",)),
        (("x", "--json", "a.txt"), 2, ("a.txt: a ranking is written as .json. Name it a.json.",)),
        (("x", "--json", "nowhere/a.json"), 1, ("Cannot write nowhere/a.json", "no folder nowhere")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_words_are_refused_in_words(
    neat_retro: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    refused(neat_retro("rescore", *arguments), code, *words)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_fitness_is_refused_and_nothing_is_written(neat_retro: Run, run: str, tmp_path: Path) -> None:
    for setting, code, words in (
        ("Episode.goal=x > 9", 2, ("neat-retro: --set Episode.goal=x > 9: only [Fitness] can be rescored",)),
        ("Variables.x=xscrollLo", 2, ("--set Variables.x=xscrollLo: the run has a variable x already", "another name")),
        ("Fitness.coins=gain coinz", 1, ("--set Fitness.coins=gain coinz: no variable 'coinz'",)),
        ("Fitness.deth=none", 1, ("--set Fitness.deth=none: [Fitness] has no line 'deth'. Did you mean 'death'?",)),
        ("Fitness.death", 1, ("write it as Section.key=value",)),
    ):
        refused(neat_retro("rescore", run, "--set", setting, "--json", "a.json"), code, *words)
    refused(neat_retro("rescore", run, "--generations", "2-5"), 1, "run has no such generation: it has 0 to 1.")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert result.returncode == code, result.stderr
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
