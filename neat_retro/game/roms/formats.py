"""Knows the forms one cartridge's bytes come in: with a header before them, or interleaved in blocks.

- NES: 16 bytes of iNES header, which the emulator needs and hashes leave out (https://www.nesdev.org/wiki/INES).
- SNES and others: 512 bytes that a copier put before the ROM, seen by a size of 512 above a multiple of 1,024.
- Genesis: a Super Magic Drive dump (.smd) has such a header and then blocks of 16 KiB, the odd bytes of each block
  before the even ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from neat_retro.game import catalog
from neat_retro.game.roms.headers import recognise

INES_MAGIC = b"NES\x1a"
INES_HEADER = 16
_COPIER_HEADER = 512
_BLOCK = 16 * 1024  # of an interleaved ROM
# Endings under which ROMs are passed around, but that stable-retro does not load; .bin may be any console's.
_OTHER_ENDINGS = {
    ".bin": None,
    ".gen": "Genesis",
    ".smd": "Genesis",
    ".smc": "Snes",
    ".swc": "Snes",
    ".fig": "Snes",
    ".rom": None,
    ".unh": "Nes",
}


@dataclass(frozen=True)
class RomForm:
    """One reading of a file: `rom` is what an emulator would be given, `sha1` its hash as rom.sha files have it."""

    rom: bytes
    sha1: str
    change: str = ""  # what was done to the file's bytes, for a person


def forms(content: bytes) -> Iterator[RomForm]:
    """Yield every sensible reading of a file, the plainest first: a known hash is the proof of which is right."""
    has_copier_header = len(content) % 1024 == _COPIER_HEADER and len(content) > _COPIER_HEADER
    bare = content[_COPIER_HEADER:] if has_copier_header else content
    if len(bare) % _BLOCK == 0:
        yield RomForm(plain := deinterleave(bare), _hash(plain), "put into plain byte order")
    if has_copier_header:
        yield from _readings(bare, "taken without its copier's header of 512 bytes")
    yield from _readings(content)


def plain_form(content: bytes, ending: str) -> RomForm:
    """Return the reading that an emulator wants, of a ROM whose hash nobody knows."""
    readings = list(forms(content))
    interleaved = readings[0] if readings[0].change.startswith("put") else None
    if interleaved and (ending == ".smd" or content[8:10] == b"\xaa\xbb" or _is_genesis(interleaved.rom)):
        return interleaved
    wanted = [reading for reading in readings if reading is not interleaved]
    with_ines = (reading for reading in wanted if reading.rom.startswith(INES_MAGIC))
    return next(with_ines, wanted[0])


def deinterleave(body: bytes) -> bytes:
    """Return the plain bytes of an interleaved ROM without its header: whole blocks of 16 KiB."""
    plain = bytearray(len(body))
    for start in range(0, len(body), _BLOCK):
        middle, end = start + _BLOCK // 2, start + _BLOCK
        plain[start + 1 : end : 2] = body[start:middle]
        plain[start:end:2] = body[middle:end]
    return bytes(plain)


def console_of_ending(ending: str) -> str | None:
    """Return the console whose ROMs have this ending, if it says one: `.sfc` and `.smc` are `Snes`."""
    return _OTHER_ENDINGS[ending] if ending in _OTHER_ENDINGS else catalog.rom_extensions().get(ending)


def rom_endings() -> tuple[str, ...]:
    """Return the endings that ROMs have, sorted; a zip is an archive here."""
    return tuple(sorted((catalog.rom_extensions().keys() | _OTHER_ENDINGS.keys()) - {".zip"}))


def is_cartridge_size(size: int) -> bool:
    """Tell whether a ROM may have this size: whole KiB, or a known header's length more."""
    return size > 0 and size % 1024 in (0, INES_HEADER, _COPIER_HEADER)


def _readings(rom: bytes, change: str = "") -> Iterator[RomForm]:
    if rom.startswith(INES_MAGIC):
        yield RomForm(rom, _hash(rom[INES_HEADER:]), change)
    yield RomForm(rom, _hash(rom), change)


def _is_genesis(rom: bytes) -> bool:
    header = recognise(rom)
    return header is not None and header.console == "Genesis"


def _hash(rom: bytes) -> str:
    return hashlib.sha1(rom, usedforsecurity=False).hexdigest()
