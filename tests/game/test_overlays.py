"""Of each of a game's files it is known which one wins, and which ones it hides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stable_retro.data import get_romfile_path

from neat_retro.errors import IntegrationError, UnknownGameError
from neat_retro.game import catalog
from neat_retro.game.overlays import FoundFile, GameFiles, game_files
from neat_retro.game.search_path import look_here_first

AIRSTRIKER = "Airstriker-Genesis-v0"


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A game's folder, empty, in a folder that was named."""
    monkeypatch.setenv("NEAT_RETRO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", "")
    folder = tmp_path / "named" / AIRSTRIKER
    folder.mkdir(parents=True)
    look_here_first([tmp_path / "named"])
    return folder


def labels(file: FoundFile) -> list[str]:
    return [place.label for place in file.places]


def by_name(files: GameFiles) -> dict[str, list[str]]:
    return {file.name: labels(file) for file in (*files.files, files.rom, *files.states)}


def test_each_file_has_its_winner_first(overlay: Path) -> None:
    stock = catalog.search_path()[-1] / AIRSTRIKER
    assert by_name(game_files("airstriker-genesis")) == {
        "data.json": ["stable-retro"],
        "scenario.json": ["stable-retro"],
        "metadata.json": ["neat-retro", "stable-retro"],
        "rom.sha": ["stable-retro"],
        "rom.md": ["stable-retro"],
        "Level1.state": ["stable-retro"],
    }
    for name in ("data.json", "rom.md", "Level1.state"):
        shutil.copy(stock / name, overlay)
    shutil.copy(stock / "Level1.state", overlay / "Mine.state")
    (overlay / "easy.json").write_text("{}")
    (overlay / ".hidden.json").write_text("{}")
    files = game_files(AIRSTRIKER)
    found = by_name(files)
    assert found == {
        "data.json": ["--integrations", "stable-retro"],
        "scenario.json": ["stable-retro"],
        "metadata.json": ["neat-retro", "stable-retro"],
        "rom.sha": ["stable-retro"],
        "easy.json": ["--integrations"],
        "rom.md": ["--integrations", "stable-retro"],
        "Level1.state": ["--integrations", "stable-retro"],
        "Mine.state": ["--integrations"],
    }
    for file in (*files.files, files.rom, *files.states):  # what is told is what is taken
        assert catalog.find_file(AIRSTRIKER, file.name) == file.places[0].path / AIRSTRIKER / file.name
    assert files.config == catalog.config_path(AIRSTRIKER)
    assert files.metadata.verified is True


def test_what_is_missing_is_listed_without_a_place(overlay: Path) -> None:
    files = game_files("StreetFighterIITurbo-Snes")
    assert files.rom == FoundFile("rom", ())
    assert FoundFile("rom.sha", ()) in files.files
    assert files.states == ()


def test_the_rom_that_is_told_is_the_one_that_is_opened(overlay: Path, tmp_path: Path) -> None:
    """stable-retro goes through the extensions before it goes through the folders."""
    shutil.copy(catalog.rom_path(AIRSTRIKER), overlay / "rom.md")
    (tmp_path / "home" / "integrations" / AIRSTRIKER).mkdir(parents=True)
    first = next(extension for extension in catalog.rom_extensions() if extension != ".md")
    assert list(catalog.rom_extensions()).index(first) < list(catalog.rom_extensions()).index(".md")
    (tmp_path / "home" / "integrations" / AIRSTRIKER / f"rom{first}").write_bytes(b"no ROM")
    rom = game_files(AIRSTRIKER).rom
    assert (rom.name, labels(rom)) == (f"rom{first}", ["yours", "--integrations", "stable-retro"])
    assert catalog.rom_path(AIRSTRIKER) == rom.places[0].path / AIRSTRIKER / rom.name
    assert get_romfile_path(AIRSTRIKER, catalog.register_with_stable_retro()) == str(catalog.rom_path(AIRSTRIKER))


def test_an_unknown_game_and_a_malformed_metadata_are_said(overlay: Path) -> None:
    with pytest.raises(UnknownGameError, match="Did you mean 'Airstriker-Genesis'"):
        game_files("Airstryker-Genesis")
    (overlay / "metadata.json").write_text('{\n  "verified": "yes"\n}')
    with pytest.raises(IntegrationError) as caught:
        game_files(AIRSTRIKER)
    assert str(caught.value) == (
        f'{overlay / "metadata.json"}, line 2: "verified" is neither true nor false.\n'
        '  Write "verified": false, without quotes.'
    )
    (overlay / "metadata.json").write_text('{\n\n"source": [1]}')
    with pytest.raises(IntegrationError, match='line 3: "source" is neither a text nor a list of texts'):
        game_files(AIRSTRIKER)
