"""`neat-retro roms` as a person runs it: every file answered for in words, and nothing left half-done."""

from __future__ import annotations

import hashlib
import os
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
GAMES = Path(__file__).parents[2] / "integrations"
DASH = (GAMES / "NeatDash-Genesis/rom.md").read_bytes()
DUEL = (GAMES / "NeatDuel-Snes/rom.sfc").read_bytes()
RUNNER = (GAMES / "NeatRunner-Nes/rom.nes").read_bytes()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's, under the name `home` from where the commands run."""
    monkeypatch.setenv("NEAT_RETRO_HOME", "home")
    return tmp_path / "home"


def succeeded(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    assert_fits(result.stdout)
    return result.stdout


def failed(result: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert_fits(result.stdout)
    return result.stdout, result.stderr


def assert_fits(told: str) -> None:
    """No line is wider than 80 columns, unless it is one word, such as a path."""
    assert [line for line in told.splitlines() if len(line) > 80 and len(line.split()) > 1] == []


def unwrapped(told: str) -> str:
    """Return an output with its paragraphs each on a line."""
    return re.sub(r"\n {4,6}(?! *\d)", " ", told)


def interleave(rom: bytes) -> bytes:
    pairs = np.frombuffer(rom, np.uint8).reshape(-1, 8192, 2)
    return bytes(512) + pairs[:, :, ::-1].transpose(0, 2, 1).tobytes()


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_mixed_folder_is_imported_and_every_file_answered_for(neat_retro: Run, tmp_path: Path, home: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "Neat Dash.smd").write_bytes(interleave(DASH))
    with zipfile.ZipFile(mine / "two.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Neat Duel (World).smc", bytes(512) + DUEL)
        archive.writestr("../../Neat Runner.bin", RUNNER)
    (mine / "again.gen").write_bytes(DASH)
    (mine / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    (mine / "film.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
    (mine / "notes.txt").write_text("no ROM")
    (mine / "Neat Dash (Europe).md").write_bytes(DASH[:-1] + b"!")
    with (mine / "huge.md").open("wb") as huge:
        huge.truncate(2 * 2**30)
    changed = hashlib.sha1(DASH[:-1] + b"!").hexdigest()
    before = snapshot(mine / "two.zip")
    told = succeeded(neat_retro("roms", "import", "mine"))
    assert unwrapped(told) == (
        f"mine/Neat Dash (Europe).md: unknown hash: SHA-1 {changed} is of no known game; by its name another region or "
        "revision of NeatDash-Genesis, or a changed copy\n"
        "mine/Neat Dash.smd: imported as NeatDash-Genesis: put into plain byte order; copied to "
        "home/integrations/NeatDash-Genesis/rom.md\n"
        "mine/again.gen: already there as NeatDash-Genesis: home/integrations/NeatDash-Genesis/rom.md was left as it "
        "is\n"
        "mine/broken.zip: corrupt zip: it cannot be opened (File is not a zip file)\n"
        "mine/film.rar: unsupported kind: a rar archive is not read: unpack it\n"
        "mine/huge.md: too large: 2,048 MiB; a ROM may have 64\n"
        "mine/notes.txt: not a ROM: no ROM's name ends in .txt\n"
        "mine/two.zip/Neat Duel (World).smc: imported as NeatDuel-Snes: taken without its copier's header of 512 "
        "bytes; copied to home/integrations/NeatDuel-Snes/rom.sfc\n"
        "mine/two.zip/../../Neat Runner.bin: imported as NeatRunner-Nes: copied to "
        "home/integrations/NeatRunner-Nes/rom.nes\n"
        "    3 imported\n"
        "    1 already there\n"
        "    1 unknown hash: if it is a game that is known here: neat-retro roms import FILE --as GAME; if it is a new "
        "one: neat-retro integration new NAME --rom FILE\n"
        "    1 unsupported kind: do what its line says, then import again\n"
        "    1 corrupt zip: copy or download it again\n"
        "    1 too large: no ROM is that large; if it holds ROMs, unpack it\n"
        "    1 not a ROM: nothing to do, unless it should be one\n"
        "ROMs end in .32x .a26 .bin .chd .fig .gb .gba .gbc .gen .gg .md .n64 .ndd .nds .nes .pce .rom .scd .sfc .smc "
        ".smd .sms .swc .u1 .unh .v64 .z64\n"
        "4 of 9 files ready to play; ROMs are kept in home/integrations\n"
    )
    assert {name: rom for name, (_, rom) in snapshot(home).items()} == {
        "integrations/NeatDash-Genesis/rom.md": DASH,
        "integrations/NeatDuel-Snes/rom.sfc": DUEL,
        "integrations/NeatRunner-Nes/rom.nes": RUNNER,
    }
    assert snapshot(mine / "two.zip") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "mine"]

    kept = snapshot(home)
    again = succeeded(neat_retro("roms", "import", "mine"))
    assert "    4 already there\n" in again
    assert "imported" not in again
    assert snapshot(home) == kept


def test_nothing_imported_is_said_and_ends_with_failure(neat_retro: Run, tmp_path: Path, home: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no ROM")
    told, error = failed(neat_retro("roms", "import", "notes.txt"))
    assert "    1 not a ROM: nothing to do, unless it should be one\n" in told
    assert error == (
        "neat-retro: Imported 0 games: no file is a ROM known here; see each line above.\n"
        "  To add a game:  neat-retro integration new NAME --rom FILE\n"
    )
    told, error = failed(neat_retro("roms", "import", "empty"))
    assert error == (
        "neat-retro: Imported 0 games: there is no file in the folder.\n  Name the folder that your ROMs are in.\n"
    )
    assert not home.exists()


def test_other_region_is_named_with_what_to_do(neat_retro: Run, tmp_path: Path, home: Path) -> None:
    (tmp_path / "overlay/Kite-Genesis").mkdir(parents=True)
    (tmp_path / "overlay/Kite-Genesis/rom.sha").write_text(
        f"{'ab' * 20}  # USA; first release; https://example.org/kite\n"
        f"{hashlib.sha1(DASH[:-1]).hexdigest()} other  # Europe; revision 1; https://example.org/kite\n"
    )
    (tmp_path / "kite.bin").write_bytes(DASH[:-1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEAT_RETRO_INTEGRATIONS", "overlay")
        told, _ = failed(neat_retro("roms", "import", "kite.bin"))
        assert unwrapped(told).startswith(
            "kite.bin: another region or revision of Kite-Genesis: it is Europe, revision 1; the integration is for "
            "USA, first release\n"
        )
        assert "    1 other version: look for the version that its line names, or take" in unwrapped(told)
        assert "--as GAME" in unwrapped(told)
        accepted = unwrapped(succeeded(neat_retro("roms", "import", "kite.bin", "--as", "kite-genesis")))
        assert accepted.startswith("kite.bin: accepted as Kite-Genesis: copied to home/integrations/Kite-Genesis/rom")
        listed = succeeded(neat_retro("roms", "list"))
        assert "Kite-Genesis: accepted with --as (Europe, revision 1)\n" in listed
        assert f"\n    {home}/integrations/Kite-Genesis/rom.md\n" in listed


def test_unlisted_rom_is_accepted_with_a_warning_and_verified_from_then_on(
    neat_retro: Run, tmp_path: Path, home: Path
) -> None:
    changed = DASH[:-1] + b"!"
    sha1 = hashlib.sha1(changed).hexdigest()
    (tmp_path / "hack.md").write_bytes(changed)
    told = succeeded(neat_retro("roms", "import", "hack.md", "--as", "NeatDash-Genesis"))
    assert unwrapped(told) == (
        "hack.md: accepted as NeatDash-Genesis: copied to home/integrations/NeatDash-Genesis/rom.md; its SHA-1 is "
        f"recorded in rom.sha\nWarning: SHA-1 {sha1} is not one that is known to fit: start states, and addresses in "
        "data.json, may be those of another version. See how it plays before you train.\n"
    )
    assert (home / "integrations/NeatDash-Genesis/rom.sha").read_text() == f"{sha1}\n"
    told = succeeded(neat_retro("roms", "verify"))
    assert f"NeatDash-Genesis: right, accepted with --as ({sha1})\n" in unwrapped(told)
    assert f"NeatRunner-Nes: right ({hashlib.sha1(RUNNER[16:]).hexdigest()})\n" in told


def test_several_roms_cannot_be_one_game(neat_retro: Run, tmp_path: Path, home: Path) -> None:
    (tmp_path / "a.md").write_bytes(DASH)
    (tmp_path / "b.md").write_bytes(DASH[:-1] + b"!")
    result = neat_retro("roms", "import", "a.md", "b.md", "--as", "NeatDash-Genesis")
    assert result.returncode == 2
    assert result.stderr == (
        "neat-retro: --as takes one ROM, but there are several: a.md and b.md.\n"
        "  Name the one that is NeatDash-Genesis.\n"
    )
    assert not home.exists()


def test_verify_names_each_wrong_rom_with_its_cure(neat_retro: Run, tmp_path: Path, home: Path) -> None:
    wrong = home / "integrations/NeatDash-Genesis/rom.md"
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(DASH[:-1])
    first = tmp_path / "first/NeatDuel-Snes/rom.sfc"
    first.parent.mkdir(parents=True)
    first.write_bytes(DUEL[:-1])
    own = home / "integrations/Kite-Nes/rom.nes"
    own.parent.mkdir(parents=True)
    own.write_bytes(RUNNER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEAT_RETRO_INTEGRATIONS", str(tmp_path / "first"))
        told, error = failed(neat_retro("roms", "verify"))
    lines = unwrapped(told).splitlines()
    assert (
        f"NeatDash-Genesis: WRONG: SHA-1 {hashlib.sha1(DASH[:-1]).hexdigest()} is not one that fits: "
        f"{wrong}. Import a copy that fits: neat-retro roms import FOLDER. Or keep this one: "
        "neat-retro roms import FILE --as NeatDash-Genesis" in lines
    )
    assert (
        f"NeatDuel-Snes: WRONG: SHA-1 {hashlib.sha1(DUEL[:-1]).hexdigest()} is not one that fits: {first}. That folder "
        "comes before yours: replace the file, or remove it." in lines
    )
    assert (
        f"Kite-Nes: cannot be checked: no SHA-1 is known for this game ({hashlib.sha1(RUNNER[16:]).hexdigest()})"
        in lines
    )
    assert error == "neat-retro: 2 ROMs on this machine are wrong.\n"

    (tmp_path / "right.md").write_bytes(DASH)
    succeeded(neat_retro("roms", "import", "right.md"))
    told = succeeded(neat_retro("roms", "verify"))
    assert "WRONG" not in told


def test_roms_are_listed_with_place_and_version(neat_retro: Run, home: Path) -> None:
    told = succeeded(neat_retro("roms", "list"))
    assert "NeatDash-Genesis: the version that the integration is for\n    " in told
    assert f"\n    {GAMES / 'NeatDash-Genesis/rom.md'}\n" in told
    assert told.endswith("Yours are kept in home/integrations\n")


def test_names_cannot_move_the_cursor_or_break_the_output(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    name = os.fsencode(tmp_path / "sub") + b"/a\x1b[2J\n\xff.md"
    Path(os.fsdecode(name)).write_bytes(b"x")
    with zipfile.ZipFile(tmp_path / "sub/b.zip", "w") as archive:
        archive.writestr("c\x1b[31m\r.md", b"\0" * 100)
    told, _ = failed(neat_retro("roms", "import", "sub"))
    assert "sub/a\\x1b[2J\\n\\udcff.md: not a ROM: a text\n" in told
    assert "sub/b.zip/c\\x1b[31m\\r.md: unknown hash: SHA-1" in unwrapped(told)
    assert "\x1b" not in told


def test_full_disk_is_named_and_nothing_half_written_is_left(tmp_path: Path, home: Path) -> None:
    """A limit on the size of files stands in for a full disk: the write fails halfway, as there."""
    (tmp_path / "dash.md").write_bytes(DASH)
    older = home / "integrations/NeatDash-Genesis/rom.md"
    older.parent.mkdir(parents=True)
    older.write_bytes(b"an older copy")
    result = subprocess.run(
        [sys.executable, "-m", "neat_retro", "roms", "import", "dash.md"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert failed(result)[1] == (
        "neat-retro: home/integrations/NeatDash-Genesis/rom.md: cannot be written: File too large.\n"
        "  Free some space or make the folder writable, or set NEAT_RETRO_HOME to another one.\n"
    )
    assert {name: rom for name, (_, rom) in snapshot(home).items()} == {
        "integrations/NeatDash-Genesis/rom.md": b"an older copy"
    }


# Runs a command and tells, last on stderr, the most memory that it held at once.
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def test_bombs_and_giants_cost_little_memory(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "bombs"
    folder.mkdir()
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("a.nes", "w") as bomb:
            for _ in range(300):
                bomb.write(bytes(2**20))
        for name in ("b.nes", "c.nes", "d.nes"):
            archive.writestr(name, bytes(60 * 2**20))
    for name in ("giant.nes", "giant.zip", "giant.bin", "giant.xyz"):
        with (folder / name).open("wb") as giant:
            giant.truncate(2 * 2**30)
    # Linux counts what a process had before it became this program: a small one starts it, not the tests'.
    command = [sys.executable, "-m", "neat_retro", "roms", "import", "bombs"]
    process = subprocess.run([sys.executable, "-c", MEASURED, *command], cwd=tmp_path, capture_output=True, text=True)
    told = unwrapped(process.stdout)
    assert process.returncode == 1
    assert "bombs/bomb.zip/a.nes: too large: 300 MiB; a ROM may have 64\n" in told
    assert told.count(": unknown hash: ") == 3
    assert told.count(": too large: 2,048 MiB; a ROM may have 64\n") == 2
    peak_kib = int(process.stderr.split()[-1]) // (1024 if sys.platform == "darwin" else 1)
    assert peak_kib < 600 * 1024
    assert not home.exists()


def test_a_rom_that_was_not_taken_as_the_game_is_a_failure(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "bare.nes").write_bytes(RUNNER[16:])
    result = neat_retro("roms", "import", "bare.nes", "--as", "NeatRunner-Nes")
    assert result.returncode == 1
    assert result.stdout.startswith("bare.nes: unsupported kind: it is NeatRunner-Nes without the 16-byte iNES header")
    assert result.stderr == "neat-retro: Not imported. To do:  do what its line says, then import again.\n"
