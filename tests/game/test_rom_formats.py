"""A cartridge is the same under every header and byte order, and says what it is."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from neat_retro.game import catalog
from neat_retro.game.roms.formats import deinterleave, forms, is_cartridge_size, plain_form
from neat_retro.game.roms.headers import HEADER_BYTES, RomHeader, recognise
from neat_retro.game.roms.known_hashes import KnownHash, read_hashes
from neat_retro.game.roms.names import closest_games, is_same_name

GAMES = Path(__file__).parents[2] / "integrations"
DASH = (GAMES / "NeatDash-Genesis/rom.md").read_bytes()
DUEL = (GAMES / "NeatDuel-Snes/rom.sfc").read_bytes()
RUNNER = (GAMES / "NeatRunner-Nes/rom.nes").read_bytes()


def interleave(rom: bytes) -> bytes:
    """Return whole blocks of 16 KiB with the odd bytes of each before the even ones."""
    pairs = np.frombuffer(rom, np.uint8).reshape(-1, 8192, 2)
    return pairs[:, :, ::-1].transpose(0, 2, 1).tobytes()


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def genesis(title: bytes, region: bytes = b"J", serial: bytes = b"GM 00000000-02") -> bytes:
    """Return zeroes with a Genesis header."""
    rom = bytearray(16384)
    rom[0x100:0x10C] = b"SEGA GENESIS"
    rom[0x150 : 0x150 + len(title)] = title
    rom[0x180:0x18E] = serial
    rom[0x1F0:0x200] = region.ljust(16)
    return bytes(rom)


def game_boy(title: bytes, destination: int = 1, version: int = 0) -> bytes:
    """Return zeroes with a Game Boy header, the maker's picture apart."""
    rom = bytearray(32768)
    rom[0x100:0x102] = b"\x00\xc3"
    rom[0x134 : 0x134 + len(title)] = title
    rom[0x14A], rom[0x14C] = destination, version
    rom[0x14D] = sum(-byte - 1 for byte in rom[0x134:0x14D]) & 0xFF
    return bytes(rom)


def test_interleaved_blocks_become_plain() -> None:
    assert deinterleave(interleave(DASH)) == DASH
    assert interleave(DASH)[0x80:0x84] == DASH[0x101:0x109:2]


@pytest.mark.parametrize(
    ("content", "rom", "change"),
    [
        (DASH, DASH, ""),
        (bytes(512) + interleave(DASH), DASH, "put into plain byte order"),
        (interleave(DASH), DASH, "put into plain byte order"),
        (bytes(512) + DUEL, DUEL, "taken without its copier's header of 512 bytes"),
        (bytes(512) + DASH, DASH, "taken without its copier's header of 512 bytes"),
    ],
)
def test_a_rom_is_among_the_readings_of_each_form(content: bytes, rom: bytes, change: str) -> None:
    assert [(form.rom, form.change) for form in forms(content) if form.sha1 == sha1(rom)] == [(rom, change)]


def test_ines_header_stays_in_the_rom_but_not_in_the_hash() -> None:
    assert (RUNNER, sha1(RUNNER[16:])) in [(form.rom, form.sha1) for form in forms(RUNNER)]
    nes_2 = RUNNER[:7] + b"\x08" + bytes(8) + RUNNER[16:]
    assert sha1(RUNNER[16:]) in [form.sha1 for form in forms(nes_2)]


def test_file_as_it_is_counts_too() -> None:
    """Some of stable-retro's rom.sha are of files with a header."""
    for content in (RUNNER, bytes(512) + DUEL, bytes(512) + interleave(DASH), b"x"):
        assert (content, sha1(content)) in [(form.rom, form.sha1) for form in forms(content)]


def test_unknown_rom_is_read_as_its_emulator_wants_it() -> None:
    superwild = bytes(8) + b"\xaa\xbb\x06" + bytes(501)
    sega = genesis(b"KITE")
    for content, ending, rom in [
        (DASH, ".md", DASH),
        (RUNNER, ".nes", RUNNER),
        (bytes(512) + DUEL, ".smc", DUEL),
        (bytes(512) + interleave(DASH), ".smd", DASH),
        (superwild + interleave(DASH), ".bin", DASH),
        (interleave(sega), ".bin", sega),
        (bytes(512) + interleave(sega), ".md", sega),
        (sega, ".bin", sega),
    ]:
        assert plain_form(content, ending).rom == rom


def test_headers_say_console_title_region_and_revision() -> None:
    assert recognise(DUEL) == RomHeader("Snes", "NEAT DUEL", "Japan", "1.0")
    assert recognise(RUNNER) == RomHeader("Nes")
    world = genesis(b"KITE   OF  WIND", b"JUE")
    assert recognise(world) == RomHeader("Genesis", "KITE OF WIND", "Japan, USA, Europe", "02")
    assert recognise(genesis(b"KITE", b"4", b"GM MK-0000 -0x")) == RomHeader("Genesis", "KITE")
    assert recognise(game_boy(b"KITE", 0, 1)) == RomHeader("GameBoy", "KITE", "Japan", "1")
    nes_2 = bytearray(RUNNER)
    nes_2[7], nes_2[12] = 0x08, 1
    assert recognise(bytes(nes_2)) == RomHeader("Nes", region="PAL")
    assert str(recognise(DUEL)) == "'NEAT DUEL', Japan, revision 1.0"
    assert recognise(catalog.rom_path("Airstriker-Genesis").read_bytes()) == RomHeader(
        "Genesis", "BasiEgaXorz: Airstriker", "Japan, USA, Europe", "00"
    )


def test_high_rom_header_is_found_in_the_first_bytes() -> None:
    rom = bytearray(0x20000)
    rom[0xFFC0:0xFFD5] = b"KITE".ljust(21)
    rom[0xFFD5], rom[0xFFD9], rom[0xFFDB] = 0x31, 2, 1
    rom[0xFFDC:0xFFE0] = struct.pack("<HH", 0x1234 ^ 0xFFFF, 0x1234)
    assert recognise(bytes(rom[:HEADER_BYTES])) == RomHeader("Snes", "KITE", "Europe", "1.1")


@pytest.mark.parametrize(
    "content",
    [b"", b"x", bytes(70000), b"\xff" * 70000, b"NES", b"SEGA", genesis(b"KITE")[:0x180], game_boy(b"KITE")[:0x140]],
)
def test_what_is_no_header_is_not_taken_for_one(content: bytes) -> None:
    assert recognise(content) is None


def test_cartridges_are_whole_kib_but_for_their_header() -> None:
    assert all(is_cartridge_size(size) for size in (1024, 40976, 524800))
    assert not any(is_cartridge_size(size) for size in (0, 1025, 40992))


def test_hash_files_say_which_version_and_from_where(tmp_path: Path) -> None:
    file = tmp_path / "Kite-Nes.sha"
    file.write_text(
        f"# Kite\n{'AB' * 20}  # Japan, USA; revision 1; https://example.org/a;b\n\n"
        f"{'cd' * 20} other # Europe\n{'ef' * 20} maybe\n{'12' * 19}\nnonsense\n{'34' * 20}\n"
    )
    assert read_hashes(file) == (
        KnownHash("ab" * 20, True, "Japan, USA, revision 1, b", "https://example.org/a"),
        KnownHash("cd" * 20, False, "Europe", ""),
        KnownHash("34" * 20, True, "", ""),
    )
    assert read_hashes(tmp_path / "missing") == read_hashes(tmp_path) == ()


def test_every_shipped_hash_has_its_version_and_source_and_agrees_with_stable_retro() -> None:
    files = catalog.shared_sha1_files()
    assert len(files) >= 7
    for path in files:
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        hashes = read_hashes(path)
        assert len(hashes) == len(lines)  # nothing is passed over
        assert len({known.sha1 for known in hashes}) == len(hashes)
        for line, known in zip(lines, hashes, strict=True):
            region, revision, source = (field.strip() for field in line.partition("#")[2].split(";"))
            assert region
            assert revision
            assert known.source == source
        stock = catalog.search_path()[-1] / f"{path.stem}-v0/rom.sha"
        fitting = [known.sha1 for known in hashes if known.fits]
        assert fitting
        assert {known.sha1 for known in read_hashes(stock)} <= set(fitting)
        assert not {known.sha1 for known in read_hashes(stock)} & {known.sha1 for known in hashes if not known.fits}


@pytest.mark.parametrize(
    ("name", "console", "closest"),
    [
        ("Sonic The Hedgehog 2 (World) (Rev A).md", "Genesis", "SonicTheHedgehog2-Genesis"),
        ("Super Mario Bros. (Europe) [!].nes", "Nes", "SuperMarioBros-Nes"),
        ("SUPER MARIOWORLD", "Snes", "SuperMarioWorld-Snes"),
        ("Hedgehog 2.bin", None, "SonicTheHedgehog2-Genesis"),
        ("Legend of Kage, The (USA).nes", "Nes", "LegendOfKage-Nes"),
    ],
)
def test_closest_game_comes_first(name: str, console: str | None, closest: str) -> None:
    found = closest_games([name], console)
    assert found[0] == closest
    assert len(found) <= 3
    assert console is None or all(game.endswith(f"-{console}") for game in found)


def test_names_that_are_like_no_games() -> None:
    assert closest_games(["", "(USA).nes", "zqxjk.nes", "no.md"], "Nes") == ()
    assert is_same_name("Super Mario Bros. (World).nes", "SuperMarioBros-Nes-v0")
    assert not is_same_name("Super Mario Bros. 3.nes", "SuperMarioBros-Nes")
