"""ROMs are recognised by their contents, copied whole to the user's folder, and each file is answered for."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from neat_retro.errors import IntegrationError, RomError, UnknownGameError, UsageError
from neat_retro.game import catalog
from neat_retro.game.roms.files import LARGEST_ROM
from neat_retro.game.roms.importing import ImportOutcome, accept_rom, import_roms
from neat_retro.game.roms.installed import inspect_rom, installed_roms, rom_sha1

AIRSTRIKER = "Airstriker-Genesis-v0"
STOCK_ROM = catalog.search_path()[-1] / AIRSTRIKER / "rom.md"  # free: it comes with stable-retro
GAMES = Path(__file__).parents[2] / "integrations"
DASH = (GAMES / "NeatDash-Genesis/rom.md").read_bytes()
DUEL = (GAMES / "NeatDuel-Snes/rom.sfc").read_bytes()
RUNNER = (GAMES / "NeatRunner-Nes/rom.nes").read_bytes()


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


def interleave(rom: bytes) -> bytes:
    """Return a header of 512 bytes, then blocks of 16 KiB with the odd bytes of each before the even ones."""
    pairs = np.frombuffer(rom, np.uint8).reshape(-1, 8192, 2)
    return bytes(512) + pairs[:, :, ::-1].transpose(0, 2, 1).tobytes()


def kite(home: Path, *lines: str, console: str = "Nes") -> Path:
    """Make an integration of the user's own, with these lines in its rom.sha, and return its folder."""
    folder = home / f"integrations/Kite-{console}"
    folder.mkdir(parents=True)
    (folder / "rom.sha").write_text("".join(f"{line}\n" for line in lines))
    return folder


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


FORMS = [
    ("Neat Dash (World).md", DASH, "NeatDash-Genesis", "rom.md", DASH, ""),
    ("dash.gen", DASH, "NeatDash-Genesis", "rom.md", DASH, ""),
    ("dash.BIN", DASH, "NeatDash-Genesis", "rom.md", DASH, ""),
    ("dash.smd", interleave(DASH), "NeatDash-Genesis", "rom.md", DASH, "put into plain byte order"),
    ("dash.sfc", interleave(DASH)[512:], "NeatDash-Genesis", "rom.md", DASH, "put into plain byte order"),
    ("duel.sfc", DUEL, "NeatDuel-Snes", "rom.sfc", DUEL, ""),
    ("duel.smc", bytes(512) + DUEL, "NeatDuel-Snes", "rom.sfc", DUEL, "taken without its copier's header of 512 bytes"),
    ("duel.md", bytes(512) + DUEL, "NeatDuel-Snes", "rom.sfc", DUEL, "taken without its copier's header of 512 bytes"),
    ("runner.nes", RUNNER, "NeatRunner-Nes", "rom.nes", RUNNER, ""),
    ("runner.jpg", RUNNER, "NeatRunner-Nes", "rom.nes", RUNNER, ""),
    ("runner", RUNNER, "NeatRunner-Nes", "rom.nes", RUNNER, ""),
    ("star.xyz", STOCK_ROM.read_bytes(), AIRSTRIKER, "rom.md", STOCK_ROM.read_bytes(), ""),
]


@pytest.mark.parametrize("in_zip", [False, True])
@pytest.mark.parametrize(("name", "content", "game", "kept_as", "kept", "change"), FORMS)
def test_rom_is_recognised_in_every_form_and_kept_as_the_emulator_wants_it(
    name: str,
    content: bytes,
    game: str,
    kept_as: str,
    kept: bytes,
    change: str,
    in_zip: bool,
    home: Path,
    downloads: Path,
) -> None:
    if in_zip:
        with zipfile.ZipFile(downloads / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"sub/{name}", content)
        found = f"{downloads}/a.zip/sub/{name}"
    else:
        (downloads / name).write_bytes(content)
        found = str(downloads / name)
    before = snapshot(downloads)
    target = home / "integrations" / game / kept_as
    outcome = outcome_of(downloads)
    assert (outcome.name, outcome.status, outcome.game) == (found, "imported", game)
    assert outcome.reason == f"{change}; copied to {target}".removeprefix("; ")
    assert list(snapshot(home)) == [target]
    assert target.read_bytes() == kept
    assert catalog.rom_path(game) == target
    assert snapshot(downloads) == before


def test_stock_rom_stays_where_it_is(downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    before = snapshot(STOCK_ROM.parent)
    assert outcome_of(downloads).status == "imported"
    assert snapshot(STOCK_ROM.parent) == before


def test_importing_twice_changes_nothing(home: Path, downloads: Path) -> None:
    (downloads / "a.smd").write_bytes(interleave(DASH))
    (downloads / "b.md").write_bytes(DASH)
    with zipfile.ZipFile(downloads / "c.zip", "w") as archive:
        archive.writestr("runner.nes", RUNNER)
        archive.writestr("duel.smc", bytes(512) + DUEL)
    assert [outcome.status for outcome in import_roms([downloads])] == [
        "imported",
        "already there",
        "imported",
        "imported",
    ]
    before = snapshot(home)
    again = list(import_roms([downloads]))
    assert [outcome.status for outcome in again] == ["already there"] * 4
    assert again[0].reason == f"{home / 'integrations/NeatDash-Genesis/rom.md'} was left as it is"
    assert snapshot(home) == before
    assert len(before) == 3


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
    (downloads / "c.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    (downloads / "d.nes").write_bytes(b"Rar!\x1a\x07\x01")
    (downloads / "README.md").write_text("# Nothing to play\n")
    (downloads / "sub").mkdir()
    shutil.copy(STOCK_ROM, downloads / "sub/d.md")
    (downloads / "sub/e.gen").write_bytes(b"")
    for name in ("f.sfc", "f.zip", "film.mp4", "image.iso"):
        with (downloads / "sub" / name).open("wb") as huge:
            huge.truncate(2 * 2**30 + (name == "film.mp4"))
    (downloads / "sub/g.gb").symlink_to(downloads / "nowhere")
    with zipfile.ZipFile(downloads / "sub/h.zip", "w") as archive:
        archive.writestr("in.zip", b"PK\x03\x04")
        archive.writestr("in.txt", b"text")
        archive.writestr("in.md", b"# text")
        archive.writestr("in.nes", b"")
    zipfile.ZipFile(downloads / "sub/i.zip", "w").close()
    outcomes = list(import_roms([downloads, downloads / "missing"]))
    assert [f"{Path(found.name).relative_to(downloads)}: {found.status}: {found.reason}" for found in outcomes] == [
        "README.md: not a ROM: a text",
        "a.zip: corrupt zip: it cannot be opened (File is not a zip file)",
        "b.txt: not a ROM: no ROM's name ends in .txt",
        "c.7z: unsupported kind: a 7z archive is not read: unpack it",
        "d.nes: unsupported kind: a rar archive is not read: unpack it",
        f"sub/d.md: imported: copied to {home}/integrations/{AIRSTRIKER}/rom.md",
        "sub/e.gen: not a ROM: it is empty",
        f"sub/f.sfc: too large: 2,048 MiB; a ROM may have {LARGEST_ROM // 2**20}",
        "sub/f.zip: corrupt zip: it cannot be opened (File is not a zip file)",
        "sub/film.mp4: not a ROM: no ROM's name ends in .mp4",
        "sub/g.gb: unreadable: there is no such file or folder",
        "sub/h.zip/in.zip: unsupported kind: a zip within a zip: unpack the outer one",
        "sub/h.zip/in.txt: not a ROM: no ROM's name ends in .txt",
        "sub/h.zip/in.md: not a ROM: a text",
        "sub/h.zip/in.nes: not a ROM: it is empty",
        "sub/i.zip: not a ROM: this zip is empty",
        "sub/image.iso: not a ROM: no ROM's name ends in .iso",
        "missing: unreadable: there is no such file or folder",
    ]
    assert [path.name for path in snapshot(home)] == ["rom.md"]


def test_file_of_a_cartridges_size_that_is_none_is_no_rom(downloads: Path) -> None:
    (downloads / "picture.png").write_bytes(b"\xff" * 4096)
    assert outcome_of(downloads) == ImportOutcome(
        str(downloads / "picture.png"), "not a ROM", None, "no ROM's name ends in .png"
    )


def test_unknown_rom_is_described_by_its_header_and_the_closest_names(downloads: Path) -> None:
    rom = bytearray(16384)
    rom[0x100:0x10C] = b"SEGA GENESIS"
    rom[0x150:0x15A] = b"RED BISHOP"
    rom[0x180:0x18E] = b"GM 00000000-01"
    rom[0x1F0] = ord("E")
    (downloads / "Sonic The Hedgehog (USA, Europe).bin").write_bytes(rom)
    outcome = outcome_of(downloads)
    assert (outcome.status, outcome.game, outcome.sha1) == ("unknown hash", None, sha1(bytes(rom)))
    assert outcome.reason == (
        f"SHA-1 {sha1(bytes(rom))} is of no known game; its header says 'RED BISHOP', Europe, revision 01; "
        "by its name another region or revision of SonicTheHedgehog-Genesis, or a changed copy"
    )
    (downloads / "Sonic The Hedgehog (USA, Europe).bin").rename(downloads / "Sonic Hedgehog 2.bin")
    assert outcome_of(downloads).reason.endswith(
        "; the closest names are SonicTheHedgehog2-Genesis, SonicTheHedgehog-Genesis, SonicTheHedgehog3-Genesis"
    )
    (downloads / "Sonic Hedgehog 2.bin").rename(downloads / "qqqqqq.bin")
    rom[0x150:0x15A] = b"\0" * 10
    (downloads / "qqqqqq.bin").write_bytes(rom)
    assert outcome_of(downloads).reason.endswith("; no game has a name like it")


def test_hash_that_is_told_of_an_unknown_rom_is_that_of_its_plain_form(downloads: Path) -> None:
    changed = DUEL[:-1] + b"?"
    (downloads / "a.smc").write_bytes(bytes(512) + changed)
    (downloads / "b.nes").write_bytes(RUNNER[:-1] + b"?")
    assert [outcome.sha1 for outcome in import_roms([downloads])] == [sha1(changed), sha1(RUNNER[16:-1] + b"?")]


def test_other_region_of_a_game_is_named_and_left(home: Path, downloads: Path) -> None:
    other = b"NES\x1a" + bytes(12) + b"Europe's"
    fitting = b"NES\x1a" + bytes(12) + b"USA's"
    folder = kite(
        home,
        f"{sha1(other[16:])} other  # Europe; revision A; https://example.org/kite",
        f"{sha1(fitting[16:])}  # USA; first release; https://example.org/kite",
    )
    (downloads / "kite.nes").write_bytes(other)
    outcome = outcome_of(downloads)
    assert (outcome.status, outcome.game) == ("other version", "Kite-Nes")
    assert outcome.reason == "it is Europe, revision A; the integration is for USA, first release"
    assert catalog.expected_sha1s("Kite-Nes") == (sha1(fitting[16:]),)
    assert not (folder / "rom.nes").exists()
    (downloads / "kite.nes").write_bytes(fitting)
    assert outcome_of(downloads).reason == f"USA, first release; copied to {folder}/rom.nes"


def test_hash_of_a_file_with_its_header_is_matched_and_stays_so(home: Path, downloads: Path) -> None:
    """Should a rom.sha be of an unusual form, the copy is what has that hash."""
    content = bytes(512) + DUEL[:-1] + b"!"
    folder = kite(home, sha1(content), console="Snes")
    (downloads / "kite.smc").write_bytes(content)
    assert outcome_of(downloads).status == "imported"
    before = snapshot(home)
    assert (folder / "rom.sfc").read_bytes() == content
    assert outcome_of(downloads).status == "already there"
    assert snapshot(home) == before
    assert not inspect_rom("Kite-Snes", folder / "rom.sfc").is_wrong


def test_nes_rom_without_its_header_is_told_what_it_lacks(home: Path, downloads: Path) -> None:
    (downloads / "runner.bin").write_bytes(RUNNER[16:])
    outcome = outcome_of(downloads)
    assert outcome.status == "unsupported kind"
    assert outcome.reason == (
        "it is NeatRunner-Nes without the 16-byte iNES header that the emulator needs: look for a copy whose"
        " first three bytes are NES"
    )
    assert snapshot(home) == {}


def test_rom_that_fits_two_games_is_there_for_both(home: Path, downloads: Path) -> None:
    (downloads / "runner.nes").write_bytes(RUNNER)
    kite(home, "ab" * 20)
    accept_rom([downloads], "Kite-Nes")
    outcomes = list(import_roms([downloads]))
    assert [(outcome.game, outcome.status) for outcome in outcomes] == [
        ("Kite-Nes", "already there"),
        ("NeatRunner-Nes", "imported"),
    ]
    assert (home / "integrations/NeatRunner-Nes/rom.nes").read_bytes() == RUNNER


def test_nes_file_without_its_magic_is_told_so(downloads: Path) -> None:
    (downloads / "zqxj.nes").write_bytes(bytes(2048))
    assert outcome_of(downloads).reason == (
        f"SHA-1 {sha1(bytes(2048))} is of no known game; it lacks the iNES header that every .nes file begins with; no "
        "game has a name like it"
    )


def test_folder_loops_end(downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    (downloads / "sub").mkdir()
    (downloads / "sub/back").symlink_to(downloads)
    (downloads / "sub/self").symlink_to(downloads / "sub")
    (downloads / "sub/knot.md").symlink_to(downloads / "sub/knot.md")
    outcomes = list(import_roms([downloads, downloads]))
    assert [(Path(outcome.name).name, outcome.status) for outcome in outcomes] == [
        ("game.md", "imported"),
        ("knot.md", "unreadable"),
    ]


def test_pipe_is_not_waited_for(downloads: Path) -> None:
    os.mkfifo(downloads / "pipe.md")
    assert outcome_of(downloads / "pipe.md").reason == "neither a file nor a folder"


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder that everybody may enter, seen by a user who is not root: root may read everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "closed").mkdir()
        (folder / "file.md").write_bytes(DASH)
        (folder / "closed").chmod(0)
        (folder / "file.md").chmod(0)
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if was_root:
                os.seteuid(0)
            (folder / "closed").chmod(0o700)


def test_what_may_not_be_read_is_named(as_nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEAT_RETRO_HOME", str(as_nobody / "home"))
    outcomes = list(import_roms([as_nobody, as_nobody / "closed", as_nobody / "closed/deep"]))
    assert [(outcome.name, outcome.status, outcome.reason) for outcome in outcomes] == [
        (str(as_nobody / "file.md"), "unreadable", "Permission denied"),
        (str(as_nobody / "closed/deep"), "unreadable", "Permission denied"),
        (str(as_nobody / "closed"), "unreadable", "this folder cannot be opened"),
        (str(as_nobody / "closed"), "unreadable", "this folder cannot be opened"),
    ]


def test_folder_that_may_not_be_written_is_named(as_nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEAT_RETRO_HOME", str(as_nobody / "closed/home"))
    (as_nobody / "open.md").write_bytes(DASH)
    with pytest.raises(RomError, match=r"NeatDash-Genesis/rom\.md: cannot be written: Permission denied"):
        list(import_roms([as_nobody / "open.md"]))


def test_folder_of_integrations_that_may_not_be_read_is_named(as_nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = as_nobody / "more"
    folder.mkdir()
    folder.chmod(0o100)
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(folder))
    monkeypatch.setenv("NEAT_RETRO_HOME", str(as_nobody / "home"))
    with pytest.raises(IntegrationError) as caught:
        list(import_roms([as_nobody]))
    assert str(caught.value) == (
        f"{folder}: this folder of integrations cannot be read: Permission denied.\n  Make it readable."
    )


def test_integration_of_the_users_own_is_matched_by_its_rom_sha(home: Path, downloads: Path) -> None:
    """An NES file is hashed without its header; the copy keeps it."""
    program = b"NES\x1a" + bytes(12) + b"a program of our own"
    folder = kite(home, "# ours", sha1(program[16:]).upper())
    (downloads / "kite.nes").write_bytes(program)
    assert outcome_of(downloads / "kite.nes").game == "Kite-Nes"
    assert (folder / "rom.nes").read_bytes() == program
    assert catalog.expected_sha1s("Kite-Nes") == (rom_sha1(folder / "rom.nes"),)


def test_sha1_of_airstriker_is_the_listed_one() -> None:
    assert catalog.expected_sha1s("Airstriker-Genesis") == (rom_sha1(STOCK_ROM),)


def test_unwritable_folder_is_named_and_nothing_is_left(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEAT_RETRO_HOME", str(tmp_path / "file"))
    with pytest.raises(RomError) as caught:
        list(import_roms([downloads]))
    assert str(caught.value) == (
        f"{tmp_path}/file/integrations/{AIRSTRIKER}/rom.md: cannot be written: Not a directory.\n"
        "  Free some space or make the folder writable, or set NEAT_RETRO_HOME to another one."
    )


def test_target_that_cannot_be_replaced_leaves_no_half_file(home: Path, downloads: Path) -> None:
    shutil.copy(STOCK_ROM, downloads / "game.md")
    blocked = home / "integrations" / AIRSTRIKER / "rom.md"
    blocked.mkdir(parents=True)
    (blocked / "file").touch()
    with pytest.raises(RomError, match="cannot be written: Is a directory"):
        list(import_roms([downloads]))
    assert list(blocked.parent.iterdir()) == [blocked]


# --- a ROM that its owner vouches for


def test_accepted_rom_counts_as_fitting_from_then_on(home: Path, downloads: Path) -> None:
    changed = DASH[:-1] + b"!"
    (downloads / "hack.smd").write_bytes(interleave(changed))
    assert outcome_of(downloads).status == "unknown hash"
    folder = home / "integrations/NeatDash-Genesis"
    accepted = accept_rom([downloads], "neatdash-genesis")
    assert (accepted.status, accepted.game, accepted.sha1) == ("accepted", "NeatDash-Genesis", sha1(changed))
    assert accepted.reason == (
        f"put into plain byte order; copied to {folder / 'rom.md'}; its SHA-1 is recorded in rom.sha"
    )
    assert (folder / "rom.md").read_bytes() == changed
    assert (folder / "rom.sha").read_text() == f"{sha1(changed)}\n"
    assert set(catalog.expected_sha1s("NeatDash-Genesis")) == {sha1(DASH), sha1(changed)}
    assert inspect_rom("NeatDash-Genesis", folder / "rom.md").status == "accepted"
    before = snapshot(home)
    assert outcome_of(downloads).status == "already there"
    assert accept_rom([downloads], "NeatDash-Genesis").status == "already there"
    assert snapshot(home) == before


def test_listed_rom_takes_the_place_of_an_accepted_one_but_not_the_other_way_round(home: Path, downloads: Path) -> None:
    changed = DASH[:-1] + b"!"
    (downloads / "a.md").write_bytes(changed)
    (downloads / "b.md").write_bytes(DASH)
    accept_rom([downloads / "a.md"], "NeatDash-Genesis")
    assert [outcome.status for outcome in import_roms([downloads])] == ["already there", "imported"]
    assert (home / "integrations/NeatDash-Genesis/rom.md").read_bytes() == DASH
    before = snapshot(home)
    assert [outcome.status for outcome in import_roms([downloads])] == ["already there"] * 2
    assert snapshot(home) == before
    assert accept_rom([downloads / "a.md"], "NeatDash-Genesis").status == "imported"  # its hash is on record
    assert (home / "integrations/NeatDash-Genesis/rom.md").read_bytes() == changed
    assert (home / "integrations/NeatDash-Genesis/rom.sha").read_text() == f"{sha1(changed)}\n"


def test_other_version_can_be_accepted_and_keeps_its_name(home: Path, downloads: Path) -> None:
    other = b"NES\x1a" + bytes(12) + b"Europe's"
    overlay = home.parent / "overlay/Kite-Nes"
    overlay.mkdir(parents=True)
    (overlay / "rom.sha").write_text(f"{'ab' * 20}\n{sha1(other[16:])} other  # Europe; revision A\n")
    (downloads / "kite.nes").write_bytes(other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEAT_RETRO_INTEGRATIONS", str(overlay.parent))
        assert outcome_of(downloads).status == "other version"
        assert accept_rom([downloads], "Kite-Nes").status == "accepted"
        rom = inspect_rom("Kite-Nes", home / "integrations/Kite-Nes/rom.nes")
        assert (rom.status, rom.version, rom.is_wrong) == ("accepted", "Europe, revision A", False)
        assert outcome_of(downloads).status == "already there"


def test_fitting_rom_needs_no_record(home: Path, downloads: Path) -> None:
    (downloads / "a.md").write_bytes(DASH)
    assert "recorded" not in accept_rom([downloads], "NeatDash-Genesis").reason
    assert [path.name for path in snapshot(home)] == ["rom.md"]


def test_record_is_added_to_what_rom_sha_says_already(home: Path, downloads: Path) -> None:
    folder = kite(home, "# ours", "ab" * 20)
    (folder / "rom.sha").write_text(f"# ours\n{'ab' * 20}")
    (downloads / "a.nes").write_bytes(RUNNER)
    accept_rom([downloads], "Kite-Nes")
    assert (folder / "rom.sha").read_text() == f"# ours\n{'ab' * 20}\n{sha1(RUNNER[16:])}\n"


def test_record_that_cannot_be_read_is_named_and_nothing_copied(home: Path, downloads: Path) -> None:
    record = home / "integrations/NeatDash-Genesis/rom.sha"
    record.mkdir(parents=True)
    (downloads / "a.md").write_bytes(DASH[:-1] + b"!")
    with pytest.raises(RomError) as caught:
        accept_rom([downloads], "NeatDash-Genesis")
    assert str(caught.value) == f"{record}: cannot be read: Is a directory.\n  Make it readable, or remove it."
    assert snapshot(home) == {}


def test_only_one_rom_of_the_right_console_is_accepted(home: Path, downloads: Path) -> None:
    (downloads / "a.md").write_bytes(DASH[:-1] + b"!")
    (downloads / "b.txt").write_text("no ROM")
    (downloads / "c.smc").write_bytes(DUEL)
    with pytest.raises(UsageError) as several:
        accept_rom([downloads], "NeatDash-Genesis")
    assert str(several.value) == (
        f"--as takes one ROM, but there are several: {downloads}/a.md and {downloads}/c.smc.\n"
        "  Name the one that is NeatDash-Genesis."
    )
    with pytest.raises(RomError) as none:
        accept_rom([downloads / "b.txt"], "NeatDash-Genesis")
    assert str(none.value) == (
        f"There is no ROM to import as NeatDash-Genesis.\n  {downloads}/b.txt: not a ROM: no ROM's name ends in .txt."
    )
    with pytest.raises(RomError) as foreign:
        accept_rom([downloads / "c.smc"], "NeatDash-Genesis")
    assert str(foreign.value) == (
        f"{downloads}/c.smc is a ROM for Snes; NeatDash-Genesis is a game for Genesis.\n"
        "  The games known here:  neat-retro games --all"
    )
    (downloads / "d.bin").write_bytes(RUNNER[16:-1] + b"!")
    with pytest.raises(RomError, match=r"d\.bin has no iNES header, without which the emulator cannot open an NES ROM"):
        accept_rom([downloads / "d.bin"], "NeatRunner-Nes")
    with pytest.raises(UnknownGameError, match="Did you mean 'NeatDash-Genesis'"):
        accept_rom([downloads / "a.md"], "NeatDish-Genesis")
    assert snapshot(home) == {}


# --- which ROMs are here


def test_roms_are_inspected_by_their_hash(home: Path) -> None:
    folder = kite(home, f"{sha1(RUNNER[16:])}  # Mars; second release", f"{sha1(b'other')} other  # Moon")
    rom = folder / "rom.nes"
    rom.write_bytes(RUNNER)
    found = inspect_rom("Kite-Nes", rom)
    assert (found.status, found.version, found.sha1) == ("listed", "Mars, second release", sha1(RUNNER[16:]))
    rom.write_bytes(bytes(16) + b"other")
    assert inspect_rom("Kite-Nes", rom).status == "unknown hash"
    rom.write_bytes(b"NES\x1a" + bytes(12) + b"other")
    found = inspect_rom("Kite-Nes", rom)
    assert (found.status, found.version, found.is_wrong) == ("other version", "Moon", True)
    (folder / "rom.sha").unlink()
    assert inspect_rom("Kite-Nes", rom).status == "no hash known"
    assert inspect_rom("Kite-Nes", folder / "rom.md").reason == "No such file or directory"
    rom.unlink()
    rom.mkdir()
    assert "Kite-Nes" not in [installed.game for installed in installed_roms()]


def test_all_roms_on_the_search_path_are_listed(home: Path, downloads: Path) -> None:
    (downloads / "dash.md").write_bytes(DASH)
    list(import_roms([downloads]))
    listed = {rom.game: rom for rom in installed_roms()}
    assert {AIRSTRIKER, "NeatDash-Genesis", "NeatDuel-Snes", "NeatRunner-Nes"} <= listed.keys()
    assert not any(rom.is_wrong for rom in listed.values())
    assert listed[AIRSTRIKER].path == STOCK_ROM
    assert listed["NeatDash-Genesis"].path == home / "integrations/NeatDash-Genesis/rom.md"
