"""Recognises ROMs by their SHA-1 and copies the user's own into the user's folder, saying what became of each file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neat_retro.errors import NeatRetroError, UnknownGameError
from neat_retro.game import catalog
from neat_retro.game.catalog import expected_sha1s

__all__ = ["LARGEST_ROM", "ImportOutcome", "ImportStatus", "expected_sha1s", "import_roms", "rom_endings", "rom_sha1"]

LARGEST_ROM = 64 * 2**20  # bytes
_INES_HEADER = 16  # bytes before an NES ROM that are no part of the cartridge
# Kinds that hold ROMs in a form that is not unpacked or reordered yet; `.bin` may be any of several consoles.
_UNSUPPORTED = {
    ".zip": "unpack it first",
    ".7z": "unpack it first",
    ".gz": "unpack it first",
    ".bin": "a Genesis ROM in plain byte order may be renamed to .md",
    ".gen": "a Genesis ROM in plain byte order may be renamed to .md",
    ".smd": "convert it to plain byte order (.md) first",
    ".smc": "a SNES ROM without a copier's header may be renamed to .sfc",
}

ImportStatus = Literal[
    "imported", "already there", "unknown hash", "unsupported kind", "not a ROM", "unreadable", "too large"
]


@dataclass(frozen=True)
class ImportOutcome:
    """What became of one file: `game` is the folder name it was recognised as, `reason` a phrase for a person."""

    path: Path
    status: ImportStatus
    game: str | None
    reason: str


def import_roms(paths: Sequence[Path]) -> Iterator[ImportOutcome]:
    """Copy every ROM that is recognised into the user's folder, and yield the outcome of each file in turn.

    Folders are searched through, sorted by name; links are followed, but no folder is entered twice. A file that
    is there already is left alone, so importing twice changes nothing. The originals are only read.

    Raises NeatRetroError if the user's folder cannot be written.
    """
    games = _games_by_sha1()
    for path in _files_below(paths):
        yield _import_rom(path, games)


def rom_endings() -> tuple[str, ...]:
    """Return the endings of the files that are looked into, sorted."""
    return tuple(sorted(catalog.rom_extensions().keys() - _UNSUPPORTED.keys()))


def rom_sha1(path: Path) -> str:
    """Return a ROM's SHA-1, of an NES ROM without its 16-byte header, as stable-retro's rom.sha files have it."""
    return _sha1(path.read_bytes(), path.suffix.lower())


def _sha1(rom: bytes, extension: str) -> str:
    return hashlib.sha1(rom[_INES_HEADER:] if extension == ".nes" else rom, usedforsecurity=False).hexdigest()


def _games_by_sha1() -> dict[str, str]:
    games: dict[str, str] = {}
    for path in catalog.shared_sha1_files():
        try:
            game = catalog.resolve_game(path.stem)
        except UnknownGameError:
            continue  # a hash is of no use without an integration to put the ROM in
        for sha1 in catalog.read_sha1s(path):
            games.setdefault(sha1, game)
    for folder in catalog.search_path():
        for game in catalog.games_in(folder):
            for sha1 in catalog.read_sha1s(folder / game / "rom.sha"):
                games.setdefault(sha1, game)
    return games


def _files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files, and what is no folder, in the order given; those of a folder sorted and each folder once."""
    entered: set[tuple[int, int]] = set()
    closed: list[Path] = []
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, subfolders, files in os.walk(
            path, followlinks=True, onerror=lambda error: closed.append(Path(error.filename))
        ):
            status = Path(folder).stat()
            if (status.st_dev, status.st_ino) in entered:
                subfolders.clear()
                continue
            entered.add((status.st_dev, status.st_ino))
            subfolders.sort()
            yield from (Path(folder, file) for file in sorted(files))
    yield from closed


def _import_rom(path: Path, games: dict[str, str]) -> ImportOutcome:
    extension = path.suffix.lower()
    if extension in _UNSUPPORTED:
        reason = f"{extension} files are not read yet: {_UNSUPPORTED[extension]}"
        return ImportOutcome(path, "unsupported kind", None, reason)
    try:
        if not path.exists():
            return ImportOutcome(path, "unreadable", None, "there is no such file or folder")
        if path.is_dir():
            return ImportOutcome(path, "unreadable", None, "this folder cannot be opened")
        if not path.is_file() or extension not in catalog.rom_extensions():
            reason = f"no ROM's name ends in {extension}" if extension else "its name has no ending"
            return ImportOutcome(path, "not a ROM", None, reason)
        size = path.stat().st_size
        if size > LARGEST_ROM:
            reason = f"{size / 2**20:,.0f} MiB; a ROM may have {LARGEST_ROM // 2**20}"
            return ImportOutcome(path, "too large", None, reason)
        rom = path.read_bytes()
    except OSError as error:
        return ImportOutcome(path, "unreadable", None, error.strerror or str(error))
    return _place(path, rom, extension, games)


def _place(path: Path, rom: bytes, extension: str, games: dict[str, str]) -> ImportOutcome:
    sha1 = _sha1(rom, extension)
    game = games.get(sha1)
    if game is None:
        if extension == ".md" and _is_text(rom):
            return ImportOutcome(path, "not a ROM", None, "a text: Markdown files end in .md too")
        reason = f"no known game has SHA-1 {sha1}: another region, revision or a changed copy"
        return ImportOutcome(path, "unknown hash", None, reason)
    target = catalog.user_folder() / "integrations" / game / f"rom{_extension_for(game, extension)}"
    try:
        if target.is_file() and rom_sha1(target) in expected_sha1s(game):
            return ImportOutcome(path, "already there", game, f"{target} was left as it is")
        _write_atomically(target, rom)
    except OSError as error:
        raise NeatRetroError(
            f"{target}: cannot be written: {error.strerror or error}.\n"
            "  Make the folder writable, or set NEAT_RETRO_HOME to another one."
        ) from error
    return ImportOutcome(path, "imported", game, f"copied to {target}")


def _extension_for(game: str, extension: str) -> str:
    """Return the extension by which stable-retro finds the game's console, whatever the original was called."""
    accepted = [f".{known}" for known in catalog.consoles().get(catalog.console(game), {}).get("ext", ())]
    return extension if extension in accepted or not accepted else accepted[0]


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _write_atomically(target: Path, content: bytes) -> None:
    """Write a whole file or none: under a name of its own, synced to the disk, then renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
