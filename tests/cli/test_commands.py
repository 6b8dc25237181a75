"""The commands from end to end, on the real emulator."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from neat_retro.output.evaluation import Interval

Run = Callable[..., subprocess.CompletedProcess[str]]
TRAIN = ("train", "--game", "airstriker-genesis", "--population", 6, "--max-frames", 90, "--seed", 5)
ROOT = Path(__file__).parents[2]


def succeeded(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    return result.stdout


def test_a_run_is_trained_resumed_replayed_verified_and_listed(neat_retro: Run, tmp_path: Path) -> None:
    told = succeeded(neat_retro(*TRAIN, "--generations", 2))
    run = Path("runs/Airstriker-Genesis-1")
    assert "gen   0  best" in told
    assert "gen   1  best" in told
    assert "All 2 generations were evaluated" in told
    assert all(len(line) < 80 for line in told.splitlines() if line.startswith("gen "))

    told = succeeded(neat_retro("resume", run, "--generations", 3))
    assert "resumed at generation 2" in told
    history = [json.loads(line) for line in (tmp_path / run / "history.jsonl").read_text().splitlines()]
    assert [record["generation"] for record in history] == [0, 1, 2]

    told = succeeded(neat_retro("replay", run / "champion.pkl", "--verify"))
    assert "Verified" in told
    assert re.search(rf"fitness +{history[-1]['best_fitness']:g}\n", told)

    told = succeeded(neat_retro("runs"))
    assert "3 of 3" in told
    assert "finished" in told


def test_a_run_that_cannot_be_read_is_listed_beside_the_others(neat_retro: Run, tmp_path: Path) -> None:
    succeeded(neat_retro(*TRAIN, "--generations", 1, "--quiet", "--run-dir", "runs/whole"))
    (tmp_path / "runs" / "folder" / "experiment.cfg").mkdir(parents=True)
    (tmp_path / "runs" / "noise").mkdir()
    (tmp_path / "runs" / "noise" / "experiment.cfg").write_bytes(b"\xff\xfe")
    told = re.sub(r"[\s│]+", " ", succeeded(neat_retro("runs")))
    assert "runs/whole 1 of 1" in told
    assert "runs/folder ? ? Cannot read the config" in told
    assert "Is a directory." in told
    assert "runs/noise ? ? " in told
    assert "is not a text file" in told


def test_movies_and_videos_are_written(neat_retro: Run, tmp_path: Path) -> None:
    succeeded(neat_retro(*TRAIN, "--generations", 1, "--run-dir", "run", "--quiet"))
    told = succeeded(neat_retro("replay", "run/champion.pkl", "--bk2", "a.bk2", "--video", "a.mp4"))
    assert "wrote a.bk2" in told
    assert "wrote a.mp4" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bk2", "a.mp4", "run"]

    told = succeeded(neat_retro("replay", "run/champion.pkl", "--verify", "--bk2", "b.bk2"))
    assert "wrote b.bk2" in told
    assert told.count("ended: ") == 1
    assert told.splitlines()[-1].startswith("Verified: ")
    assert (tmp_path / "b.bk2").is_file()

    refused = neat_retro("replay", "run/champion.pkl", "--bk2", "c.bk2", "--video", "c.avi")
    assert refused.returncode == 2
    assert not (tmp_path / "c.bk2").exists()


def test_the_champion_is_compared_with_knowing_nothing(neat_retro: Run) -> None:
    succeeded(neat_retro(*TRAIN, "--generations", 1, "--run-dir", "run", "--quiet"))
    told = succeeded(neat_retro("evaluate", "run/champion.pkl", "--episodes", 3, "--noops", "0-10"))
    for agent in ("champion", "random agent", "do nothing"):
        assert agent in told
    assert told.startswith("Airstriker-Genesis-v0, Level1\n3 episodes each, 0-10 frames of waiting\n┏")
    assert all(len(line) <= 80 for line in told.splitlines())
    one = succeeded(neat_retro("evaluate", "run/champion.pkl", "--episodes", 1, "--noops", "0"))
    assert one.startswith("Airstriker-Genesis-v0, Level1\n1 episode each, no waiting\n┏")
    assert told == succeeded(neat_retro("evaluate", "run/champion.pkl", "--episodes", 3, "--noops", "0-10"))


def test_a_champion_is_judged_on_every_state_in_words_numbers_and_a_picture(neat_retro: Run, tmp_path: Path) -> None:
    for game, names in (
        ("NeatDuel-Snes", ("Easy", "Hard", "Normal")),  # TwoPlayers is left out
        ("NeatDash-Genesis", ("CloverCircuitZone.Act1", "CloverCircuitZone.Act2", "EmberFoundryZone.Act1",
                              "EmberFoundryZone.Act2")),
    ):  # fmt: skip
        run = ("--population", 4, "--max-frames", 60, "--generations", 1, "--seed", 5, "--run-dir", game, "--quiet")
        succeeded(neat_retro("train", "--game", game, *run))
        varied = ("--all-states", "--episodes", 3, "--noops", "0-10", "--sticky", 0.25)
        outputs = ("--json", f"{game}.json", "--card", f"{game}.png")
        lines = succeeded(neat_retro("evaluate", f"{game}/champion.pkl", *varied, *outputs)).splitlines()
        assert lines[:2] == [
            f"{game}, {len(names)} start states",
            f"{3 * len(names)} episodes each, 0-10 frames of waiting, sticky 0.25",
        ]
        assert lines[-2:] == [f"wrote {game}.json", f"wrote {game}.png"]
        assert all(len(line) <= 80 for line in lines)
        content = json.loads((tmp_path / f"{game}.json").read_text())
        assert content["settings"]["states"] == list(names)
        trained = content["champion"]["states"]
        for row in content["by_state"][: len(names)]:
            [state] = row["states"]
            [line] = [line for line in lines if line.startswith(f"│ {state} ")]
            assert (f"│ {state} * " in line) == (state in trained)
            best, goal = (Interval(**(row[name] or row["fitness"])) for name in ("furthest_x", "goal"))
            assert re.search(rf"│ +{re.escape(str(best))} │ +{re.escape(goal.percent())} │ +60 │$", line)
        assert [row["states"] for row in content["card"]] == [[name] for name in names for _ in range(5)]
        picture = cv2.imread(str(tmp_path / f"{game}.png"))
        assert picture is not None and picture.shape[1] > picture.shape[0] > 300
    assert len(list(tmp_path.iterdir())) == 6


def test_a_wrong_number_is_refused_before_anything_is_played(neat_retro: Run, tmp_path: Path) -> None:
    succeeded(neat_retro(*TRAIN, "--generations", 1, "--run-dir", "run", "--quiet"))
    for option, words in {
        "--sticky=1": "sticky = 1.0 should be at most 0.95.",
        "--sticky=-0.5": "sticky = -0.5 should be at least 0.",
        "--noops=0-4000": "noops = 4000 should be at most 3600.",
        "--noops=5-10": "--noops 5-10 should be a range from 0, as 0-30.",
        "--episodes=20000": "episodes = 20000 should be at most 10000.",
    }.items():
        refused = neat_retro("evaluate", "run/champion.pkl", "--json", "a.json", "--card", "a.png", option)
        assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", f"neat-retro: {words}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_population_starts_from_a_champion(neat_retro: Run, tmp_path: Path) -> None:
    succeeded(neat_retro(*TRAIN, "--generations", 3, "--run-dir", "first", "--quiet"))
    succeeded(neat_retro(*TRAIN, "--generations", 1, "--run-dir", "second", "--from", "first/champion.pkl"))
    best = [json.loads(line)["best_fitness"] for line in (tmp_path / "first/history.jsonl").read_text().splitlines()]
    began = json.loads((tmp_path / "second/history.jsonl").read_text().splitlines()[0])["best_fitness"]
    assert began >= max(best)


def test_quiet_says_only_how_it_ended(neat_retro: Run) -> None:
    told = succeeded(neat_retro(*TRAIN, "--generations", 1, "--quiet"))
    assert told.startswith("1 generation was evaluated.\n")


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_a_resumed_run_says_what_its_folder_lost(neat_retro: Run, tmp_path: Path, quiet: tuple[str, ...]) -> None:
    succeeded(neat_retro(*TRAIN, "--generations", 1, "--run-dir", "run", "--quiet"))
    (tmp_path / "run" / "history.jsonl").unlink()
    told = succeeded(neat_retro("resume", "run", "--generations", 2, *quiet))
    assert told.startswith("run/history.jsonl lacks the line of generation 0: the run goes on without.")


def test_a_plain_neat_config_is_filled_in_and_said(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "tutorial.cfg").write_text(
        "[NEAT]\nfitness_criterion = max\nfitness_threshold = 100000\npop_size = 4\nreset_on_extinction = True\n"
        "[DefaultGenome]\nnum_inputs = 1120\nnum_outputs = 12\ninitial_connection = partial_nodirect 0.01\n"
    )
    command = ("train", "--config", "tutorial.cfg", "--game", "Airstriker-Genesis", "--generations", 1)
    told = succeeded(neat_retro(*command, "--max-frames", 30, "--run-dir", "run"))
    assert "[NEAT]: filled in no_fitness_termination = False" in told
    assert "has no [Actions]: an output for each of the console's buttons" in told
    resolved = (tmp_path / "run" / "experiment.cfg").read_text()
    assert "buttons = all" in resolved


def test_games_are_listed_with_rom_config_and_states(neat_retro: Run) -> None:
    told = succeeded(neat_retro("games"))
    assert re.search(r"Airstriker-Genesis +│ yes +│ yes +│ yes +│ Level1", told)
    assert "SuperMarioBros-Nes" in told


def test_every_command_is_in_the_readme(neat_retro: Run) -> None:
    readme = (ROOT / "README.md").read_text()
    roms = ("roms import", "roms list", "roms verify")
    for command in ("train", "resume", "replay", "evaluate", "rescore", "versus", "games", "runs", *roms):
        assert f"neat-retro {command}" in readme
        succeeded(neat_retro(*command.split(), "--help"))


def test_every_key_of_a_config_is_documented() -> None:
    from dataclasses import fields

    from neat_retro.agent.fitness import FITNESS_KINDS
    from neat_retro.experiment.neat_keys import DEFAULTS
    from neat_retro.experiment.sections import TYPED_SECTIONS

    page = (ROOT / "docs" / "experiment.md").read_text()
    for name, (_, kind) in TYPED_SECTIONS.items():
        section = page.split(f"## [{name}]")[1].split("\n## ")[0]
        assert all(f"| `{field.name}` |" in section for field in fields(kind))
    assert all(f"`{kind}" in page for kind in FITNESS_KINDS)
    for section, keys in DEFAULTS.items():
        assert all(f"| {section} | `{key}` | `{value}` |" in page for key, value in keys.items())
