"""Knows what a ROM says of itself: the header that its maker put inside, console by console.

Nothing here decides which game a file is; only a hash does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEADER_BYTES = 0x10400  # how much of a ROM `recognise` needs at most: up to a SNES header
_SEGA_REGIONS = {"J": "Japan", "U": "USA", "E": "Europe"}
_SNES_REGIONS = {0: "Japan", 1: "USA", 2: "Europe"}


@dataclass(frozen=True)
class RomHeader:
    """What a header says, in stable-retro's word for the console; the rest is empty where it says nothing."""

    console: str
    title: str = ""
    region: str = ""
    revision: str = ""

    def __str__(self) -> str:
        revision = f"revision {self.revision}" if self.revision else ""
        title = f"'{self.title}'" if self.title else ""
        return ", ".join(filter(None, (title, self.region, revision)))


def recognise(rom: bytes) -> RomHeader | None:
    """Return what a ROM's header says, from the ROM or its first HEADER_BYTES; None where no header is recognised."""
    readers: tuple[Callable[[bytes], RomHeader | None], ...] = (_nes, _genesis, _snes, _game_boy)
    return next((header for read in readers if (header := read(rom))), None)


def _nes(rom: bytes) -> RomHeader | None:
    """https://www.nesdev.org/wiki/NES_2.0: magic, and in the newer form the timing."""
    if not rom.startswith(b"NES\x1a") or len(rom) < 16:
        return None
    is_nes_2 = rom[7] & 0x0C == 0x08
    timings = ("NTSC", "PAL", "NTSC and PAL", "Dendy")
    return RomHeader("Nes", region=timings[rom[12] & 3] if is_nes_2 else "")


def _genesis(rom: bytes) -> RomHeader | None:
    """https://plutiedev.com/rom-header: SEGA at 0x100, names, serial number with revision, regions."""
    system = rom[0x100:0x110]
    if not system.lstrip().startswith(b"SEGA") or b"32X" in system or b"PICO" in system or len(rom) < 0x200:
        return None
    title = _text(rom[0x150:0x180]) or _text(rom[0x120:0x150])
    letters = _text(rom[0x1F0:0x200])
    known = letters and set(letters) <= _SEGA_REGIONS.keys()
    region = ", ".join(_SEGA_REGIONS[letter] for letter in letters) if known else ""
    _, dash, revision = _text(rom[0x180:0x18E]).rpartition("-")
    return RomHeader("Genesis", title, region, revision if dash and revision.isdecimal() else "")


def _snes(rom: bytes) -> RomHeader | None:
    """https://snes.nesdev.org/wiki/ROM_header: found where the checksum and its complement agree."""
    for place in (0x7FC0, 0xFFC0):
        header = rom[place : place + 0x20]
        if len(header) < 0x20:
            continue
        complement = int.from_bytes(header[0x1C:0x1E], "little")
        checksum = int.from_bytes(header[0x1E:0x20], "little")
        map_mode = header[0x15]
        if complement ^ checksum == 0xFFFF and map_mode & 0xE0 == 0x20 and _text(header[:21]):
            revision = f"1.{header[0x1B]}"
            return RomHeader("Snes", _text(header[:21]), _SNES_REGIONS.get(header[0x19], ""), revision)
    return None


def _game_boy(rom: bytes) -> RomHeader | None:
    """https://gbdev.io/pandocs/The_Cartridge_Header.html: entry point and header checksum."""
    if len(rom) < 0x150 or rom[0x100:0x102] != b"\x00\xc3":
        return None
    checksum = sum(-byte - 1 for byte in rom[0x134:0x14D]) & 0xFF
    if checksum != rom[0x14D]:
        return None
    console = "GbColor" if rom[0x143] == 0xC0 else "GameBoy"
    title = _text(rom[0x134:0x143].partition(b"\x00")[0])
    return RomHeader(console, title, "Japan" if rom[0x14A] == 0 else "outside Japan", str(rom[0x14C]))


def _text(field: bytes) -> str:
    """Return a header's text with single spaces; empty if it is none."""
    text = " ".join(field.replace(b"\x00", b" ").decode("ascii", errors="replace").split())
    return text if text.isprintable() and "�" not in text else ""
