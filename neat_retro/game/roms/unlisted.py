"""Reads the one ROM that a game of one's own is made from: its console, its plain bytes, and what is known of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from neat_retro.errors import RomError, UsageError
from neat_retro.game import catalog
from neat_retro.game.roms.files import Candidate, Refused, find_candidates
from neat_retro.game.roms.formats import INES_MAGIC, console_of_ending, forms, plain_form, rom_endings
from neat_retro.game.roms.headers import recognise
from neat_retro.game.roms.known_games import known_games

_GAME_BOYS = {"GameBoy", "GbColor"}  # a cartridge may say that it is for either


@dataclass(frozen=True)
class NewRom:
    """A ROM as the emulator wants it; `name` is where it lies, in a zip too, and `change` what was done to it.

    `console` is None where neither header nor ending says one. `known_as` are the games here whose ROM it is, and
    `other_of` those of which it is another region or revision.
    """

    name: str
    rom: bytes
    change: str
    console: str | None
    ending: str
    known_as: tuple[str, ...]
    other_of: tuple[str, ...]

    def is_for(self, console: str) -> bool:
        """Tell whether a game for this console can be made from it, as far as it says."""
        return self.console in (None, console) or {self.console, console} == _GAME_BOYS

    def ending_for(self, console: str) -> str:
        """Return the ending that the copy has, one that stable-retro opens with this console."""
        accepted = [f".{ending}" for ending in catalog.consoles()[console]["ext"]]
        return self.ending if self.ending in accepted else accepted[0]


def read_rom(path: Path) -> NewRom:
    """Read a file, or the only ROM in a zip. Raises UsageError, RomError."""
    candidate = _only_candidate(path)
    form = plain_form(candidate.content, candidate.ending)
    header = recognise(form.rom)
    console = header.console if header else console_of_ending(candidate.ending)
    if header is None and candidate.ending not in rom_endings():
        raise RomError(
            f"{candidate.name}: no ROM's name ends so, and no ROM's header is in it.\n"
            f"  Is it a ROM? Then name it so that it ends in one of {' '.join(rom_endings())}"
        )
    if console == "Nes" and not form.rom.startswith(INES_MAGIC):
        raise RomError(
            f"{candidate.name} has no iNES header, without which the emulator cannot open an NES ROM.\n"
            "  Look for a copy of it whose first three bytes are NES."
        )
    known = known_games()
    games = {game: hashed for each in forms(candidate.content) for game, hashed in known.get(each.sha1, {}).items()}
    fitting = tuple(game for game, hashed in games.items() if hashed.fits)
    others = tuple(game for game in games if game not in fitting)
    return NewRom(candidate.name, form.rom, form.change, console, candidate.ending, fitting, others)


def _only_candidate(path: Path) -> Candidate:
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for what may not be looked into
        raise UsageError(f"{path} is a folder. Name the ROM's file.")
    found = list(find_candidates([path]))
    candidates = [one for one in found if isinstance(one, Candidate)]
    if len(candidates) > 1:
        raise UsageError(
            f"There are several ROMs in {path}: {candidates[0].name} and {candidates[1].name}.\n"
            "  Unpack it, and name the one that is meant."
        )
    if not candidates:
        refused = [one for one in found if isinstance(one, Refused)]
        why = "; ".join(f"{one.name}: {one.reason}" for one in refused[:3])
        raise RomError(f"There is no ROM in {path}.\n  {why}. Name a ROM's file, or a zip that one is in.")
    return candidates[0]
