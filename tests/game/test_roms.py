"""ROMs are recognised by their contents, copied whole to the user's folder, and each file is answered for."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from neat_retro.errors import NeatRetroError
from neat_retro.game import catalog
from neat_retro.game.roms import LARGEST_ROM, ImportOutcome, expected_sha1s, import_roms, rom_sha1

AIRSTRIKER = "Airstriker-Genesis-v0"
STOCK_ROM = catalog.search_path()[-1] / AIRSTRIKER / "rom.md"  # free: it comes with stable-retro


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NEAT_RETRO_HOME", str(folder))
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    return folder


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


def snapshot(folder: Path) -> dict[Path, tuple[int, str]]:
    """Return what every file below a folder is: its time of change in ns and its SHA-1."""
    return {
        path: (path.stat().st_mtime_ns, hashlib.sha1(path.read_bytes()).hexdigest())
        for path in folder.rglob("*")
        if path.is_file()
    }


def outcome_of(*paths: Path) -> ImportOutcome:
    (outcome,) = import_roms(paths)
    return outcome


def test_rom_is_recognised_under_any_name_and_played_from_the_users_folder(home: Path, downloads: Path) -> None:
    rom = downloads / "A Star Striker (1995).MD"
    shutil.copy(STOCK_ROM, rom)
    before = snapshot(downloads), snapshot(STOCK_ROM.parent)
    target = home / "integrations" / AIRSTRIKER / "rom.md"
    assert outcome_of(downloads) == ImportOutcome(rom, "imported", AIRSTRIKER, f"copied to {target}")
    assert target.read_bytes() == STOCK_ROM.read_bytes()
    assert catalog.rom_path("Airstriker-Genesis") == target
    assert (snapshot(downloads), snapshot(STOCK_ROM.parent)) == before


def test_importing_twice_changes_nothing(home: Path, downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    list(import_roms([downloads]))
    before = snapshot(home)
    again = outcome_of(downloads)
    assert again.status == "already there"
    assert again.reason == f"{home / 'integrations' / AIRSTRIKER / 'rom.md'} was left as it is"
    assert snapshot(home) == before
    assert len(before) == 1


def test_damaged_copy_in_the_users_folder_is_replaced(home: Path, downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    target = home / "integrations" / AIRSTRIKER / "rom.md"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"half a copy")
    assert outcome_of(downloads).status == "imported"
    assert target.read_bytes() == STOCK_ROM.read_bytes()


def test_every_file_of_a_folder_is_answered_for_in_order(home: Path, downloads: Path) -> None:
    (downloads / "a.zip").write_bytes(b"PK")
    (downloads / "b.txt").write_bytes(b"hello")
    (downloads / "c.nes").write_bytes(bytes(range(256)))
    (downloads / "README.md").write_text("# Nothing to play\n")
    (downloads / "sub").mkdir()
    shutil.copy(STOCK_ROM, downloads / "sub/d.md")
    (downloads / "sub/e.gen").write_bytes(b"x")
    with (downloads / "sub/f.sfc").open("wb") as huge:
        huge.truncate(2 * 2**30)
    (downloads / "sub/g.gb").symlink_to(downloads / "nowhere")
    outcomes = list(import_roms([downloads, downloads / "missing"]))
    assert [(outcome.path.relative_to(downloads).as_posix(), outcome.status) for outcome in outcomes] == [
        ("README.md", "not a ROM"),
        ("a.zip", "unsupported kind"),
        ("b.txt", "not a ROM"),
        ("c.nes", "unknown hash"),
        ("sub/d.md", "imported"),
        ("sub/e.gen", "unsupported kind"),
        ("sub/f.sfc", "too large"),
        ("sub/g.gb", "unreadable"),
        ("missing", "unreadable"),
    ]
    reasons = [outcome.reason for outcome in outcomes]
    sha1 = hashlib.sha1(bytes(range(16, 256))).hexdigest()
    assert reasons[0] == "a text: Markdown files end in .md too"
    assert reasons[1] == ".zip files are not read yet: unpack it first"
    assert reasons[2] == "no ROM's name ends in .txt"
    assert reasons[3] == f"no known game has SHA-1 {sha1}: another region, revision or a changed copy"
    assert reasons[5].endswith("a Genesis ROM in plain byte order may be renamed to .md")
    assert reasons[6] == f"2,048 MiB; a ROM may have {LARGEST_ROM // 2**20}"
    assert reasons[7] == reasons[8] == "there is no such file or folder"
    assert [path.name for path in snapshot(home)] == ["rom.md"]


def test_folder_loops_end(downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    (downloads / "sub").mkdir()
    (downloads / "sub/back").symlink_to(downloads)
    (downloads / "sub/self").symlink_to(downloads / "sub")
    (downloads / "sub/knot.md").symlink_to(downloads / "sub/knot.md")
    outcomes = list(import_roms([downloads, downloads]))
    assert [(outcome.path.name, outcome.status) for outcome in outcomes] == [
        ("game.md", "imported"),
        ("knot.md", "unreadable"),
    ]


def test_pipe_is_not_waited_for(downloads: Path) -> None:
    os.mkfifo(downloads / "pipe.md")
    assert outcome_of(downloads / "pipe.md").status == "not a ROM"


def test_integration_of_the_users_own_is_matched_by_its_rom_sha(home: Path, downloads: Path) -> None:
    """An NES file is hashed without its header; the copy keeps it."""
    program = b"NES\x1a" + bytes(12) + b"a program of our own"
    folder = home / "integrations/Kite-Nes"
    folder.mkdir(parents=True)
    (folder / "rom.sha").write_text(f"# ours\n{hashlib.sha1(program[16:]).hexdigest().upper()}\n")
    (downloads / "kite.nes").write_bytes(program)
    assert outcome_of(downloads / "kite.nes").game == "Kite-Nes"
    assert (folder / "rom.nes").read_bytes() == program
    assert expected_sha1s("Kite-Nes") == (rom_sha1(folder / "rom.nes"),)


def test_wrong_extension_becomes_that_of_the_console(home: Path, downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.sfc")
    assert outcome_of(downloads).status == "imported"
    assert (home / "integrations" / AIRSTRIKER / "rom.md").is_file()


def test_sha1_of_airstriker_is_the_listed_one() -> None:
    assert expected_sha1s("Airstriker-Genesis") == (rom_sha1(STOCK_ROM),)


def test_unwritable_folder_is_named_and_nothing_is_left(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEAT_RETRO_HOME", str(tmp_path / "file"))
    with pytest.raises(NeatRetroError) as caught:
        list(import_roms([downloads]))
    assert str(caught.value) == (
        f"{tmp_path}/file/integrations/{AIRSTRIKER}/rom.md: cannot be written: Not a directory.\n"
        "  Make the folder writable, or set NEAT_RETRO_HOME to another one."
    )


def test_target_that_cannot_be_replaced_leaves_no_half_file(home: Path, downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    blocked = home / "integrations" / AIRSTRIKER / "rom.md"
    blocked.mkdir(parents=True)
    with pytest.raises(NeatRetroError, match="cannot be written: Is a directory"):
        list(import_roms([downloads]))
    assert list(blocked.parent.iterdir()) == [blocked]
