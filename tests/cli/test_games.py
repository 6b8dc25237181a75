"""Where a game's files come from, as a person asks for it, and folders that are looked into first."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from neat_retro.cli.game_files import file_lines, fold
from neat_retro.game import catalog
from neat_retro.game.overlays import game_files

Run = Callable[..., subprocess.CompletedProcess[str]]
AIRSTRIKER = "Airstriker-Genesis-v0"
TRAIN = ("train", "--game", "airstriker-genesis", "--population", 2, "--generations", 1, "--max-frames", 40, "--quiet")
PAID = ("--set", "Fitness.score=scenario_reward", "--set", "Episode.done=none", "--workers", 1)


@pytest.fixture(autouse=True)
def own_search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)


def said(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    return result.stdout


def pay(folder: Path, reward: int) -> None:
    """Overlay Airstriker's scenario with one that pays so much for every frame."""
    (folder / AIRSTRIKER).mkdir(parents=True, exist_ok=True)
    (folder / AIRSTRIKER / "scenario.json").write_text(json.dumps({"reward": {"time": {"reward": reward}}}))


def best(run: Path) -> float:
    return json.loads((run / "history.jsonl").read_text().splitlines()[0])["best_fitness"]  # type: ignore[no-any-return]


def test_an_edited_file_takes_effect_in_the_next_run_and_folders_in_their_order(
    neat_retro: Run, tmp_path: Path
) -> None:
    here, named = tmp_path / "integrations", tmp_path / "named"
    for number, (folder, reward, options) in enumerate(
        [(here, 2, ()), (here, 3, ()), (named, 5, ("--integrations", "named"))]
    ):
        pay(folder, reward)
        said(neat_retro(*options, *TRAIN, *PAID, "--run-dir", f"run{number}"))
        run = tmp_path / f"run{number}"
        assert best(run) == pytest.approx(40 * reward + 40 * 0.001)  # the config's own `alive`
        kept = run / "integrations" / AIRSTRIKER / "scenario.json"
        assert kept.read_bytes() == (folder / AIRSTRIKER / "scenario.json").read_bytes()
    refused = neat_retro("resume", "run2", "--generations", 2)  # without the folder it was trained with
    assert refused.returncode == 1
    assert f"scenario.json, now {here / AIRSTRIKER / 'scenario.json'}" in refused.stderr
    assert "neat-retro --integrations run2/integrations resume run2" in refused.stderr
    said(neat_retro("--integrations", "run2/integrations", "resume", "run2", "--generations", 2, "--quiet"))


def test_a_games_files_are_told_within_the_terminals_width(neat_retro: Run, tmp_path: Path) -> None:
    pay(tmp_path / "integrations", 1)
    told = said(neat_retro("games", "airstriker-genesis"))
    assert told.splitlines()[:2] == [AIRSTRIKER, "Verified: it was run with its ROM."]
    assert "\n  1 ./integrations    " in told
    rows = [line.split("  ") for line in told.splitlines() if line.startswith("  scenario.json")]
    assert [[cell.strip() for cell in row if cell] for row in rows] == [["scenario.json", "1 ./integrations", "4"]]
    assert "States: Level1 (default)\n" in told
    assert told.endswith("Airstriker-Genesis.cfg\n")
    assert max(map(len, told.splitlines())) <= 80


def test_what_was_never_run_with_its_rom_is_marked(neat_retro: Run) -> None:
    listed = said(neat_retro("games"))
    rows = {cells[1].strip(): cells for line in listed.splitlines() if len(cells := line.split("│")) == 7}
    assert rows["NeatRunner-Nes"][3].strip() == "yes"
    assert rows["SuperMarioLand-GameBoy"][2].strip() == "-"
    assert rows["SuperMarioLand-GameBoy"][3].strip() == "no"
    assert "verified: whether its integration was run with its ROM" in listed
    assert {len(line) for line in listed.splitlines() if line.startswith(("┏", "│"))} == {80}
    told = said(neat_retro("games", "SuperMarioLand-GameBoy"))
    assert "Not verified: it was never run with its ROM.\n" in told
    assert "  https://github.com/kaspermeerts/supermarioland/" in told
    assert "  rom            missing:  neat-retro roms import FOLDER\n" in told
    assert "No start state. Make one:\n  neat-retro integration state SuperMarioLand-GameBoy NAME" in told


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("games", "Airstryker-Genesis"), 1, "Did you mean 'Airstriker-Genesis'?"),
        (("games", "Airstriker-Genesis", "--all"), 2, "--all lists every game. Leave it out, or the GAME."),
        (("--integrations", "nowhere", "games"), 2, "--integrations nowhere: there is no such folder."),
        (("games", "--integrations", "x"), 2, "comes before the command:\n  neat-retro --integrations DIR games ..."),
    ],
)
def test_wrong_input_is_refused(
    neat_retro: Run, arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    refused = neat_retro(*arguments)
    assert refused.returncode == code
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_game_of_stable_retro_fits_into_80_columns() -> None:
    for game in catalog.game_names()[::40]:
        assert max(map(len, file_lines(game_files(game), 80))) <= 80, game


def test_paths_are_folded_at_their_slashes() -> None:
    path = Path("/somewhere/a folder/" + "x" * 30 + "/end")
    assert fold(path, 80) == [str(path)]
    assert fold(path, 24) == ["/somewhere/a folder/", "x" * 30 + "/", "end"]
    assert fold(Path.home() / "games", 80) == ["~/games"]
    assert "".join(fold(Path("/"), 10)) == "/"
