"""Knows which ROMs are on this machine, which version of its game each is, and whether it is one that fits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neat_retro.errors import MissingRomError
from neat_retro.game import catalog
from neat_retro.game.roms.formats import INES_HEADER, forms
from neat_retro.game.roms.known_hashes import read_hashes

RomStatus = Literal["listed", "accepted", "no hash known", "other version", "unknown hash", "unreadable"]
_WRONG: tuple[RomStatus, ...] = ("other version", "unknown hash", "unreadable")


@dataclass(frozen=True)
class InstalledRom:
    """The ROM that a game is played from; `sha1` is empty where it cannot be read.

    `accepted` is a ROM that its owner vouched for (`roms import --as`); `reason` says why an unreadable one is.
    """

    game: str
    path: Path
    status: RomStatus
    sha1: str = ""
    version: str = ""
    reason: str = ""

    @property
    def is_wrong(self) -> bool:
        """Tell whether this is known not to be a ROM that fits the game."""
        return self.status in _WRONG


def installed_roms() -> Iterator[InstalledRom]:
    """Yield the ROM of every game that has one, sorted by game."""
    for game in catalog.playable_games():
        if game.rom_present:
            try:
                path = catalog.rom_path(game.name)
            except MissingRomError:
                continue  # what has a ROM's name is no file
            yield inspect_rom(game.name, path)


def inspect_rom(game: str, path: Path) -> InstalledRom:
    """Return what a file is as a ROM of the game with this folder name."""
    try:
        content = path.read_bytes()
        sha1 = rom_sha1(path)
    except OSError as error:
        return InstalledRom(game, path, "unreadable", reason=error.strerror or str(error))
    known = catalog.known_hashes(game)
    vouched_for = user_sha1s(game)
    sha1s = [form.sha1 for form in forms(content)]
    matches = sorted((k for k in known if k.sha1 in sha1s), key=lambda match: not match.fits)
    version = next((match.version for match in matches if match.version), "")
    if not matches:
        return InstalledRom(game, path, "unknown hash" if known else "no hash known", sha1)
    if not matches[0].fits:
        return InstalledRom(game, path, "other version", sha1, version)
    listed = any(match.fits and match.sha1 not in vouched_for for match in matches)
    is_own_game = all(fitting.sha1 in vouched_for for fitting in known if fitting.fits)
    return InstalledRom(game, path, "listed" if listed or is_own_game else "accepted", sha1, version)


def user_sha1s(game: str) -> tuple[str, ...]:
    """Return the SHA-1s in the rom.sha of the user's own folder: of ROMs that they vouched for."""
    return tuple(known.sha1 for known in read_hashes(user_rom_folder(game) / "rom.sha") if known.fits)


def user_rom_folder(game: str) -> Path:
    """Return the folder that keeps the user's own ROM of the game with this folder name; it need not exist yet."""
    return catalog.user_folder() / "integrations" / game


def rom_sha1(path: Path) -> str:
    """Return a ROM's SHA-1, of an NES ROM without its 16-byte header, as stable-retro's rom.sha files have it."""
    rom = path.read_bytes()
    return hashlib.sha1(rom[INES_HEADER:] if path.suffix.lower() == ".nes" else rom, usedforsecurity=False).hexdigest()
