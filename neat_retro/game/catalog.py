"""Knows which games there are, under which names, and in which folder each of their files lies.

A game is a folder, `SonicTheHedgehog2-Genesis-v0`, that may exist in several places. Its files are looked up one by
one along `search_path()`, so that a folder of the user's may hold only a ROM, or only a better data.json.

A `game` below is a name as a person writes it (`sonicthehedgehog2-genesis`), except where it says folder name.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neat_retro.errors import (
    ExperimentError,
    IntegrationError,
    MissingRomError,
    UnknownGameError,
    UnknownStateError,
    did_you_mean,
)
from neat_retro.experiment import read_draft, split_list
from neat_retro.game.integration import Metadata, load_metadata, load_variables
from neat_retro.game.roms.known_hashes import KnownHash, read_hashes
from neat_retro.game.search_path import OURS, STABLE_RETRO, search_folders, shipped_folder, stable_retro_package
from neat_retro.game.search_path import games_in as games_in
from neat_retro.game.search_path import search_path as search_path
from neat_retro.game.search_path import user_folder as user_folder

_VERSION = re.compile(r"-v(\d+)$")
_registered: list[str] = []  # the custom paths that stable-retro has from us


@dataclass(frozen=True)
class GameListing:
    """A game as `neat-retro games` lists it: folder name, and what of it is on this machine."""

    name: str
    rom_present: bool
    has_config: bool
    states: tuple[str, ...]


def game_names() -> tuple[str, ...]:
    """Return the folder names of all known games, sorted."""
    return tuple(sorted({name for folder in search_path() for name in games_in(folder)}))


def resolve_game(name: str) -> str:
    """Return the folder name for a game, whatever its case and with or without `-v0` (the highest version).

    Raises UnknownGameError, with the closest name there is.
    """
    names = game_names()
    if name in names:
        return name
    folded = name.casefold()
    same = [known for known in names if known.casefold() == folded]
    versions = [known for known in names if short_name(known).casefold() == folded]
    if same or versions:
        return max(same or versions, key=_version)
    closest = did_you_mean(short_name(name), (short_name(known) for known in names))
    raise UnknownGameError(f"No game is called {name!r}.{closest}\n  The games known here:  neat-retro games")


def short_name(name: str) -> str:
    """Return a game's name as people say it: the folder name without `-v0`."""
    return _VERSION.sub("", name)


def same_game(name: str, other: str) -> bool:
    """Tell whether two names are the same game's, whatever their case and with or without `-v0`."""
    return short_name(name).casefold() == short_name(other).casefold()


def find_file(game: str, file: str) -> Path | None:
    """Return the first `file` of the game with this folder name along the search path, if there is one."""
    candidates = (folder / game / file for folder in search_path())
    readable = (path for path in candidates if os.path.isfile(path))  # noqa: PTH113 - as in games_in
    return next(readable, None)


def is_shipped(path: Path) -> bool:
    """Tell whether a file came with neat-retro or stable-retro: it is not the user's to change."""
    return any(path.is_relative_to(folder.path) for folder in search_folders() if folder.label in (OURS, STABLE_RETRO))


def rom_path(game: str) -> Path:
    """Return the game's ROM: the file that stable-retro would open.

    Raises MissingRomError with the SHA-1 that is expected and the command that imports it.
    """
    folder_name = resolve_game(game)
    rom = _find_rom(folder_name)
    if rom is not None:
        return rom
    sha1s = expected_sha1s(folder_name)
    expected = " or ".join(sha1s) if sha1s else "none is known for this game"
    of_what = " of the file without its 16-byte header" if console(folder_name) == "Nes" else ""
    raise MissingRomError(
        f"No ROM for {folder_name}. Import your own copy:  neat-retro roms import FOLDER\n"
        f"  Its SHA-1{of_what}: {expected}."
    )


def expected_sha1s(game: str) -> tuple[str, ...]:
    """Return the SHA-1s of the ROMs that fit the game, lower case, most trusted first, perhaps none."""
    return tuple(dict.fromkeys(known.sha1 for known in known_hashes(game) if known.fits))


def known_hashes(game: str) -> tuple[KnownHash, ...]:
    """Return what is known of the game's ROMs, fitting or not, most trusted first, perhaps nothing.

    They are the lines of `roms.sha/<Game>.sha` and of every rom.sha along the search path.
    """
    folder_name = resolve_game(game)
    files = [path for path in shared_sha1_files() if same_game(path.stem, folder_name)]
    files += [folder / folder_name / "rom.sha" for folder in search_path()]
    return tuple(known for path in files for known in read_hashes(path))


def shared_sha1_files() -> tuple[Path, ...]:
    """Return the project's own `roms.sha/<Game>.sha`, sorted."""
    return tuple(_files(shipped_folder("_roms_sha", "roms.sha"), ".sha"))


def states(game: str) -> tuple[str, ...]:
    """Return the names of the game's start states, sorted."""
    folder_name = resolve_game(game)
    return _state_names(path.name for folder in search_path() for path in _files(folder / folder_name, ".state"))


def default_state(game: str, players: int = 1) -> str | None:
    """Return the start state that the game's metadata.json names for this number of players, if any.

    Where it names none, a game's only start state is its default.
    """
    named, known = metadata(game).state_for(players), states(game)
    return known[0] if named is None and len(known) == 1 else named


def how_to_make_a_state(game: str) -> str:
    """Return what to do where a game has no start state."""
    return f"Make one:\n  neat-retro integration state {short_name(game)} NAME --press BUTTONS"


def metadata(game: str) -> Metadata:
    """Return what the game's metadata.json says; nothing where there is none. Raises IntegrationError."""
    path = find_file(resolve_game(game), "metadata.json")
    return load_metadata(path) if path else Metadata()


def state_path(game: str, state: str) -> Path:
    """Return the file of a start state. Raises UnknownStateError, listing those the game has."""
    folder_name = resolve_game(game)
    known = states(folder_name)
    path = find_file(folder_name, f"{state}.state") if state in known else None
    if path is None:
        listing = f"It has {', '.join(known)}." if known else f"It has none. {how_to_make_a_state(folder_name)}"
        raise UnknownStateError(f"{folder_name} has no start state {state!r}.{did_you_mean(state, known)}\n  {listing}")
    return path


def variables(game: str) -> tuple[str, ...]:
    """Return the names of the game's RAM variables, in the order of its data.json, which may be missing."""
    path = find_file(resolve_game(game), "data.json")
    return tuple(variable.name for variable in load_variables(path)) if path else ()


def console(game: str) -> str:
    """Return the console in stable-retro's words (`Nes`, `Genesis`): by the ROM's extension, else by the name."""
    folder_name = resolve_game(game)
    rom = _find_rom(folder_name)
    return rom_extensions()[rom.suffix] if rom else short_name(folder_name).rpartition("-")[2]


def buttons(game: str) -> tuple[str | None, ...]:
    """Return the names of the pad's buttons, in the order of the action mask; None is a place without a button.

    Raises IntegrationError for a console that stable-retro has no core for.
    """
    name = console(game)
    if name not in consoles():
        raise IntegrationError(
            f"{resolve_game(game)}: stable-retro has no core for the console {name!r}.\n"
            f"  A game's folder ends in its console: {', '.join(sorted(consoles()))}."
        )
    return tuple(consoles()[name]["buttons"])


@functools.cache
def consoles() -> dict[str, dict[str, Any]]:
    """Return stable-retro's description of each console (buttons, ext, rambase), by name."""
    cores: dict[str, dict[str, Any]] = {}
    for path in _files(stable_retro_package() / "cores", ".json"):
        cores.update(json.loads(path.read_text(encoding="utf-8")))
    return cores


def core_path(console: str) -> Path | None:
    """Return the library that emulates a console, by its name in `consoles()`, if stable-retro came with it."""
    core = consoles().get(console)
    found = (stable_retro_package() / "cores").glob(f"{core['lib']}_libretro.*") if core else ()
    return next((path for path in sorted(found) if path.suffix in (".so", ".dylib", ".dll")), None)


def rom_extensions() -> dict[str, str]:
    """Return the console for each extension, such as `.md`, that stable-retro loads."""
    return {f".{extension}": name for name, core in consoles().items() for extension in core["ext"]}


def playable_games() -> tuple[GameListing, ...]:
    """Return every known game, sorted by name."""
    files: dict[str, set[str]] = {}
    for folder in search_path():
        for name in games_in(folder):
            files.setdefault(name, set()).update(path.name for path in (folder / name).iterdir())
    roms = {f"rom{extension}" for extension in rom_extensions()}
    configs = {short_name(name).casefold() for path in _config_files() for name in (path.stem, *_served_games(path))}
    return tuple(
        GameListing(
            name=name,
            rom_present=not roms.isdisjoint(files[name]),
            has_config=short_name(name).casefold() in configs,
            states=_state_names(file for file in files[name] if file.endswith(".state")),
        )
        for name in sorted(files)
    )


def config_path(game: str) -> Path | None:
    """Return the config that is shipped for the game, if there is one.

    `<Game>.cfg`, with or without `-v0`, or one that names it in `[Game] games`.
    """
    folder_name = resolve_game(game)
    own = [path for path in _config_files() if same_game(path.stem, folder_name)]
    if own:
        return min(own, key=lambda path: path.stem != folder_name)
    serving = (path for path in _config_files() if any(same_game(name, folder_name) for name in _served_games(path)))
    return next(serving, None)


def register_with_stable_retro() -> Any:
    """Make stable-retro look files up along `search_path()`, and return the Integrations value to pass it.

    May be called again at any time, such as after a folder was made: folders that do not exist are left out, for
    stable-retro's list_games fails on them. Custom paths of others stay, behind ours.
    """
    from stable_retro.data import Integrations

    Integrations._init()
    others = [path for path in Integrations.CUSTOM_PATHS if path not in _registered]
    _registered[:] = [str(folder) for folder in search_path()[:-1] if folder.is_dir()]
    Integrations.CUSTOM_PATHS[:] = list(dict.fromkeys([*_registered, *others]))
    return Integrations.CUSTOM


def _find_rom(folder_name: str) -> Path | None:
    found = (find_file(folder_name, f"rom{extension}") for extension in rom_extensions())
    return next((path for path in found if path), None)


def _state_names(files: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({file.removesuffix(".state") for file in files if not file.startswith("_")}))


def _version(name: str) -> int:
    found = _VERSION.search(name)
    return int(found[1]) if found else -1


def _files(folder: Path, suffix: str) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix == suffix) if folder.is_dir() else []


def _config_files() -> list[Path]:
    return _files(shipped_folder("_configs", "neat-configs"), ".cfg")


def _served_games(config: Path) -> list[str]:
    """Return the games that a shipped config names in `[Game] games`; none where it cannot be read."""
    try:
        return split_list(read_draft(config).sections.get("Game", {}).get("games", ""))
    except ExperimentError:  # whoever asks for this config is told
        return []
