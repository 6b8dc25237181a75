"""Knows which of a game's files wins along the search path, and which others it hides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from neat_retro.game import catalog
from neat_retro.game.integration import Metadata
from neat_retro.game.search_path import SearchFolder, search_folders

EXPECTED = ("data.json", "scenario.json", "metadata.json", "rom.sha")  # listed where they are missing, too
_LISTED = (".json", ".lua")  # further scenarios, and their scripts


@dataclass(frozen=True)
class FoundFile:
    """One of a game's files: `places` are the folders of the search path that have it, the one that wins first."""

    name: str
    places: tuple[SearchFolder, ...]


@dataclass(frozen=True)
class GameFiles:
    """All of a game's files. `game` is its folder name; `rom` may be named `rom` where there is none."""

    game: str
    folders: tuple[SearchFolder, ...]
    files: tuple[FoundFile, ...]
    rom: FoundFile
    states: tuple[FoundFile, ...]
    config: Path | None
    metadata: Metadata


def game_files(game: str) -> GameFiles:
    """Return where each file of a game lies. Raises UnknownGameError, and IntegrationError for its metadata.json."""
    name = catalog.resolve_game(game)
    folders = search_folders()
    lists = [(folder, _names_in(folder.path / name)) for folder in folders]

    def found(file: str) -> FoundFile:
        return FoundFile(file, tuple(folder for folder, names in lists if file in names))

    every = {file for _, names in lists for file in names}
    others = {file for file in every if file.endswith(_LISTED) and not file.startswith(".")} - {*EXPECTED}
    return GameFiles(
        game=name,
        folders=folders,
        files=tuple(found(file) for file in (*EXPECTED, *sorted(others))),
        rom=_rom(found(f"rom{extension}") for extension in catalog.rom_extensions()),
        states=tuple(found(f"{state}.state") for state in catalog.states(name)),
        config=catalog.config_path(name),
        metadata=catalog.metadata(name),
    )


def _rom(by_extension: Iterable[FoundFile]) -> FoundFile:
    """Return the ROM that stable-retro would open: it goes through the extensions first, then through the folders."""
    roms = [rom for rom in by_extension if rom.places]
    if not roms:
        return FoundFile("rom", ())
    return FoundFile(roms[0].name, tuple(place for rom in roms for place in rom.places))


def _names_in(folder: Path) -> frozenset[str]:
    return frozenset(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else frozenset()
