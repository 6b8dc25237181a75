"""Makes a start state: plays a game from power on, from another state or from a movie, and keeps what it is then."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from neat_retro.errors import IntegrationError, UsageError
from neat_retro.game import catalog
from neat_retro.game.apart import run_apart
from neat_retro.game.emulator import Bytes, Emulator
from neat_retro.game.files import write_whole
from neat_retro.game.presses import Press, parse_presses, read_movie

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class StartState:
    """A start state as its file holds it, and the picture it shows, (height, width, 3) uint8 RGB."""

    content: bytes
    picture: Bytes


def pressed_state(game: str, presses: str, start: str | None = None) -> StartState:
    """Return the state after these presses from power on, or from the state named.

    Opens the game in a process of its own. Raises UsageError, GameError.
    """
    folder_name = catalog.resolve_game(game)
    catalog.rom_path(folder_name)
    parsed = parse_presses(presses, catalog.buttons(folder_name))
    if start is not None:
        catalog.state_path(folder_name, start)
    return run_apart(_press, folder_name, parsed, start, died=_died(folder_name))


def movie_state(game: str, movie: Path, frame: int) -> StartState:
    """Return the state after so many frames of a BK2 movie; 0 is its first picture.

    Opens the game in a process of its own. Raises GameError.
    """
    folder_name = catalog.resolve_game(game)
    catalog.rom_path(folder_name)
    return run_apart(_follow, folder_name, movie, frame, died=_died(folder_name))


def state_target(game: str, name: str, folder: Path | None = None) -> Path:
    """Return the file of a state to be made: in the user's folder, or below `folder` of integrations.

    Raises UsageError for a name that no state can have, IntegrationError where the file is there already.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME or name.endswith(".state"):
        raise UsageError(
            f"{name!r} is no name for a state: letters, digits and _ . - make one, such as Level1-1, without .state."
        )
    base = folder if folder is not None else catalog.user_folder() / "integrations"
    path = base / catalog.resolve_game(game) / f"{name}.state"
    if os.path.lexists(path):
        raise IntegrationError(f"{path} is there already. Choose another name, or remove it first.")
    return path


def write_state(state: StartState, path: Path) -> None:
    """Write the state's file, whole or not at all. Raises IntegrationError."""
    write_whole(path, state.content)


@contextmanager
def new_state(state: StartState, path: Path) -> Iterator[None]:
    """Write the state's file, and take it away again where the `with` block fails. Raises IntegrationError."""
    write_state(state, path)
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def play_presses(emulator: Emulator, presses: Sequence[Press]) -> None:
    """Hold each of the presses on pad one."""
    for press in presses:
        for _ in range(press.frames):
            emulator.step((press.mask,))


def take_state(emulator: Emulator) -> StartState:
    """Return the state the emulator is in. The same state gives the same file."""
    return StartState(gzip.compress(emulator.save(), mtime=0), emulator.screen().copy())


def _press(game: str, presses: Sequence[Press], start: str | None) -> StartState:
    with Emulator(game) as emulator:
        if start is not None:
            emulator.reset(start)
        play_presses(emulator, presses)
        return take_state(emulator)


def _follow(game: str, path: Path, frame: int) -> StartState:
    with Emulator(game) as emulator:
        movie = read_movie(path, len(emulator.buttons))
        if frame >= len(movie.masks):
            raise IntegrationError(f"{path} ends at frame {len(movie.masks) - 1}. Choose an earlier --frame.")
        if movie.state:
            emulator.restore(movie.state)
        play_presses(emulator, [Press(mask, 1) for mask in movie.masks[: frame + 1]])
        return take_state(emulator)


def _died(game: str) -> str:
    return f"The emulator died while playing {game}. Is its ROM intact, and the state or movie this ROM's?"
