"""Knows in which folders games' files are looked for, and in which order.

A folder of the search path has a folder for each game. A game's files are looked up one by one, and the first folder
that has a file wins, so that a folder may overlay single files of a game.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from neat_retro.errors import IntegrationError, UsageError

VARIABLE = "NEAT_RETRO_INTEGRATIONS"  # the environment carries `--integrations` to the workers
NAMED, HERE, YOURS, OURS, STABLE_RETRO = "--integrations", "./integrations", "yours", "neat-retro", "stable-retro"


@dataclass(frozen=True)
class SearchFolder:
    """A folder of the search path, which need not exist; `label` is what it is called in listings."""

    label: str
    path: Path


def search_folders() -> tuple[SearchFolder, ...]:
    """Return the folders of integrations, first wins.

    They are those of `--integrations` ($NEAT_RETRO_INTEGRATIONS), ./integrations where there is one, the user's, ours
    and stable-retro's. In this project's checkout ./integrations is ours, and stands in our place only.
    """
    ours = SearchFolder(OURS, shipped_folder("_integrations", "integrations"))
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    folders = [SearchFolder(NAMED, Path(folder).absolute()) for folder in named if folder]
    here = Path("integrations")
    if here.is_dir() and not (ours.path.is_dir() and here.samefile(ours.path)):
        folders.append(SearchFolder(HERE, here.absolute()))
    folders += [SearchFolder(YOURS, user_folder().absolute() / "integrations"), ours]
    once: dict[Path, SearchFolder] = {}
    for folder in folders:
        once.setdefault(folder.path, folder)
    return *once.values(), SearchFolder(STABLE_RETRO, _stable_retro_data() / "stable")


def search_path() -> tuple[Path, ...]:
    """Return the folders of `search_folders`, as paths."""
    return tuple(folder.path for folder in search_folders())


def look_here_first(folders: Sequence[Path]) -> None:
    """Put folders before all others, for this process and those that it starts, such as workers.

    Raises UsageError for one that is no folder, or is a game's own instead of the one that it lies in.
    """
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"--integrations {folder}: there is no such folder.")
        if any((folder / file).is_file() for file in ("data.json", "scenario.json", "rom.sha")):
            raise UsageError(
                f"--integrations {folder}:\n  this is one game's folder. Name the folder that it lies in:\n"
                f"  --integrations {folder.absolute().parent}"
            )
        if os.pathsep in str(folder.absolute()):
            raise UsageError(f"--integrations {folder}: its path has a {os.pathsep!r} in it. Choose another name.")
    named = [str(folder.absolute()) for folder in folders]
    os.environ[VARIABLE] = os.pathsep.join(filter(None, (*named, os.environ.get(VARIABLE))))


def user_folder() -> Path:
    """Return the folder of the user's own ROMs and integrations, which need not exist yet."""
    home = os.environ.get("NEAT_RETRO_HOME")
    return Path(home) if home else platformdirs.user_data_path("neat-retro")


def games_in(folder: Path) -> tuple[str, ...]:
    """Return the folder names of the games in one folder of the search path, which need not exist, sorted."""
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for what may not be looked into
        return ()
    try:
        with os.scandir(folder) as entries:
            return tuple(
                sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith((".", "_")))
            )
    except PermissionError as error:
        raise IntegrationError(
            f"{folder}: this folder of integrations cannot be read: {error.strerror}.\n  Make it readable."
        ) from error


def shipped_folder(package: str, beside: str) -> Path:
    """Return a folder that travels in the wheel as a package, or lies beside ours in a checkout.

    stable-retro needs a real folder, which importlib.resources does not promise for a package without code.
    """
    spec = importlib.util.find_spec(f"neat_retro.{package}")
    for location in (spec.submodule_search_locations if spec else None) or ():
        if Path(location).is_dir():
            return Path(location)
    return Path(__file__).resolve().parents[2] / beside


def stable_retro_package() -> Path:
    """Return stable-retro's folder without importing it, which takes a third of a second."""
    spec = importlib.util.find_spec("stable_retro")
    if spec is None or spec.origin is None:
        raise IntegrationError("stable-retro is not installed:  pip install stable-retro")
    return Path(spec.origin).parent


def _stable_retro_data() -> Path:
    own = os.environ.get("RETRO_DATA_PATH")  # stable-retro's own override
    return Path(own) if own else stable_retro_package() / "data"
