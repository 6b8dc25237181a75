"""A new integration is made whole from a ROM, and can be played; or nothing is made, and why is said."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from neat_retro.agent.actions import make_actions
from neat_retro.errors import IntegrationError, NeatRetroError, RomError, UsageError
from neat_retro.experiment import Draft
from neat_retro.game import catalog
from neat_retro.game.draft import draft_config
from neat_retro.game.emulator import Emulator
from neat_retro.game.roms.unlisted import read_rom
from neat_retro.game.scaffold import Scaffold, new_integration

OURS = Path(__file__).parents[2] / "integrations"
ROMS = {"NeatRunner-Nes": "rom.nes", "NeatDash-Genesis": "rom.md", "NeatDuel-Snes": "rom.sfc"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NEAT_RETRO_HOME", str(folder))
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    return folder


def made_of(name: str, rom: Path, presses: str | None = None) -> Scaffold:
    with new_integration(name, rom, presses=presses) as made:
        return made


def a_rom(folder: Path, game: str) -> Path:
    """Return a copy of one of our ROMs, under a name that tells nothing."""
    rom = folder / f"unknown{Path(ROMS[game]).suffix}"
    shutil.copy(OURS / game / ROMS[game], rom)
    return rom


@pytest.mark.parametrize("game", ROMS)
def test_a_new_game_is_in_play_and_responds(home: Path, tmp_path: Path, game: str) -> None:
    console = game.rpartition("-")[2]
    rom = a_rom(tmp_path, game)
    made = made_of(f"Kite-{console}", rom)
    folder = home / f"integrations/Kite-{console}"
    assert made.folder == folder
    names = {"data.json", "scenario.json", "metadata.json", "rom.sha", ROMS[game], "Start.state"}
    assert {path.name for path in folder.iterdir()} == names
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert (folder / ROMS[game]).read_bytes() == rom.read_bytes()
    header = 16 if console == "Nes" else 0
    sha1 = hashlib.sha1(rom.read_bytes()[header:]).hexdigest()
    assert (folder / "rom.sha").read_text() == f"{sha1}\n"
    assert catalog.default_state(f"kite-{console.lower()}") == "Start"
    with Emulator(f"Kite-{console}") as emulator:
        ends = []
        for button in (0, 1 << emulator.buttons.index("RIGHT")):
            emulator.reset("Start")
            for _ in range(60):
                emulator.step((button,))
            ends.append(emulator.screen().tobytes())
        assert ends[0] != ends[1]
        assert emulator.variables() == {}


def test_the_first_state_can_be_led_to(home: Path, tmp_path: Path) -> None:
    made_of("Kite-Nes", a_rom(tmp_path, "NeatRunner-Nes"), presses="wait 60, START 4, wait 80")
    (home / "integrations/Kite-Nes/data.json").write_bytes((OURS / "NeatRunner-Nes/data.json").read_bytes())
    with Emulator("Kite-Nes") as emulator:
        emulator.reset("Start")
        assert emulator.variables()["time"] == 200


@pytest.mark.parametrize(
    ("console", "combos"),
    [
        ("Nes", "nothing RIGHT RIGHT+A RIGHT+B RIGHT+A+B LEFT A DOWN"),
        ("Snes", "nothing RIGHT RIGHT+B RIGHT+Y RIGHT+B+Y LEFT B DOWN"),
        ("Genesis", "nothing RIGHT RIGHT+A RIGHT+B RIGHT+C LEFT A DOWN"),
        ("PCEngine", "nothing RIGHT RIGHT+I RIGHT+II RIGHT+I+II LEFT I DOWN"),
        ("Atari2600", "nothing RIGHT RIGHT+BUTTON LEFT BUTTON DOWN"),
    ],
)
def test_the_draft_is_a_config_that_lacks_nothing_but_x(console: str, combos: str) -> None:
    draft = Draft.from_text(draft_config(f"Kite-{console}", "Start"), "draft.cfg")
    assert set(draft.sections) >= {"Observation", "Actions", "Episode", "NEAT", "DefaultGenome", "DefaultReproduction"}
    experiment = draft.experiment()
    assert dict(experiment.fitness) == {"distance": "furthest x"}
    assert (experiment.game.game, experiment.game.states) == (f"Kite-{console}", ("Start",))
    assert experiment.actions.combos == tuple(combos.split())
    assert (experiment.observation.kind, experiment.observation.normalise) == ("grayscale", "contrast")
    assert experiment.neat["NEAT"]["pop_size"] == "200"


@pytest.mark.parametrize("console", sorted(catalog.consoles()))
def test_every_console_has_the_drafts_buttons(console: str) -> None:
    experiment = Draft.from_text(draft_config(f"Kite-{console}-v0", "Start"), "draft.cfg").experiment()
    actions = make_actions(experiment.actions, tuple(catalog.consoles()[console]["buttons"]), "draft.cfg")
    assert len(actions.names) >= 6


def interleaved(plain: bytes) -> bytes:
    """Return a Genesis ROM as a Super Magic Drive dumps it: a header, then blocks of odd bytes and even ones."""
    blocks = (plain[start : start + 0x4000] for start in range(0, len(plain), 0x4000))
    head = bytes([len(plain) // 0x4000, 3]) + bytes(6) + b"\xaa\xbb" + bytes(502)
    return head + b"".join(block[1::2] + block[::2] for block in blocks)


@pytest.mark.parametrize(
    ("game", "name", "wrap", "kept", "change"),
    [
        ("NeatRunner-Nes", "kite.bin", bytes, "rom.nes", ""),
        ("NeatDash-Genesis", "kite.bin", bytes, "rom.md", ""),
        ("NeatDash-Genesis", "kite.smd", interleaved, "rom.md", "put into plain byte order"),
        ("NeatDuel-Snes", "kite.smc", lambda rom: bytes(512) + rom, "rom.sfc", "taken without its copier's header"),
        ("NeatDuel-Snes", "kite.swc", bytes, "rom.sfc", ""),
    ],
)
def test_a_rom_in_another_form_is_kept_as_the_emulator_wants_it(
    home: Path, tmp_path: Path, game: str, name: str, wrap: Callable[[bytes], bytes], kept: str, change: str
) -> None:
    console = game.rpartition("-")[2]
    plain = (OURS / game / ROMS[game]).read_bytes()
    (tmp_path / name).write_bytes(wrap(plain))
    made = made_of(f"Kite-{console}", tmp_path / name)
    assert (made.folder / kept).read_bytes() == plain
    assert made.rom.change.startswith(change)
    assert bool(made.rom.change) == bool(change)
    assert (tmp_path / name).read_bytes() == wrap(plain)
    assert made.state.picture.std() > 10, "the game is there to be seen"


def test_the_rom_in_a_zip_is_taken_and_what_is_known_of_it_is_told(home: Path, tmp_path: Path) -> None:
    rom = (OURS / "NeatRunner-Nes/rom.nes").read_bytes()
    with zipfile.ZipFile(tmp_path / "kite.zip", "w") as packed:
        packed.writestr("README.txt", "A game.")
        packed.writestr("Kite (World).nes", rom)
    made = made_of("Kite-Nes", tmp_path / "kite.zip")
    assert (made.folder / "rom.nes").read_bytes() == rom
    assert (made.rom.known_as, made.rom.other_of) == (("NeatRunner-Nes",), ())
    changed = rom[:15] + b"\x00" + rom[16:-1] + bytes([rom[-1] ^ 1])
    (tmp_path / "changed.nes").write_bytes(changed)
    assert read_rom(tmp_path / "changed.nes").known_as == ()


@pytest.mark.parametrize(
    ("name", "rom", "error", "words"),
    [
        (
            "Kite-Genesis",
            "rom.nes",
            UsageError,
            "rom.nes is a ROM for Nes, and Kite-Genesis a name for Genesis. Name it",
        ),
        ("Kite", "rom.nes", UsageError, "'Kite' is no name for a game. It has letters and digits, 100 at most, and"),
        (
            "K" * 300 + "-Nes",
            "rom.nes",
            UsageError,
            "K-Nes' is no name for a game. It has letters and digits, 100 at m",
        ),
        ("Kite", "rom.md", UsageError, "ends in its console: MyGame-Genesis.\n  Consoles: 32x, Atari2600, "),
        ("Kite-Nees", "rom.nes", UsageError, "'Kite-Nees' is no name for a game. Did you mean 'Nes'?"),
        ("../Kite-Nes", "rom.nes", UsageError, "is no name for a game"),
        ("Kite-FBNeo", "rom.bin", UsageError, "A game for FBNeo is a zip of many files, and cannot be made from"),
        ("Kite-Nes", "two.zip", UsageError, "two.zip/a.nes and "),
        ("Kite-Nes", "none.zip", RomError, "none.zip/README.txt: no ROM's name ends in .txt. Name a ROM's file"),
        ("Kite-Nes", "broken.zip", RomError, "There is no ROM in "),
        ("Kite-Nes", "rom.xyz", RomError, "rom.xyz: no ROM's name ends so, and no ROM's header is in it.\n  Is it a"),
        ("Kite-Nes", "bare.nes", RomError, "bare.nes has no iNES header, without which the emulator cannot open"),
        ("Kite-Nes", "nothing.nes", RomError, "nothing.nes: there is no such file or folder. Name a ROM's file"),
        ("Kite-Nes", ".", UsageError, " is a folder. Name the ROM's file."),
        ("neatrunner-Nes", "rom.nes", IntegrationError, "neatrunner-Nes is there already: "),
        ("SuperMarioBros-Nes", "rom.nes", IntegrationError, "SuperMarioBros-Nes is there already: "),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_made(
    home: Path, tmp_path: Path, name: str, rom: str, error: type[NeatRetroError], words: str
) -> None:
    nes = (OURS / "NeatRunner-Nes/rom.nes").read_bytes()
    contents = {"rom.nes": nes, "rom.md": bytes(range(256)) * 64, "rom.bin": bytes(range(256)) * 64}
    contents |= {"rom.xyz": bytes(range(256)) * 64, "bare.nes": nes[16:], "broken.zip": b"PK\x03\x04" + bytes(40)}
    for present, content in contents.items():
        (tmp_path / present).write_bytes(content)
    for present, names in (("two.zip", ("a.nes", "b.nes")), ("none.zip", ("README.txt",))):
        with zipfile.ZipFile(tmp_path / present, "w") as packed:
            for inner in names:
                packed.writestr(inner, nes if inner.endswith("nes") else "A text.")
    with pytest.raises(error, match=re.escape(words)):
        made_of(name, tmp_path / rom)
    assert not home.exists()


def test_what_fails_before_the_end_leaves_nothing(home: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyError), new_integration("Kite-Nes", a_rom(tmp_path, "NeatRunner-Nes")) as made:
        assert (made.unfinished / "Start.state").is_file()
        raise KeyError
    assert list((home / "integrations").iterdir()) == []


def test_a_rom_that_no_core_opens_leaves_nothing(home: Path, tmp_path: Path) -> None:
    rom = tmp_path / "noise.gb"
    rom.write_bytes(b"\x81" + bytes(range(200)))
    with pytest.raises(NeatRetroError):
        made_of("Kite-GameBoy", rom)
    assert list((home / "integrations").iterdir()) == []


def test_wrong_presses_and_closed_folders_leave_nothing(home: Path, tmp_path: Path) -> None:
    rom = a_rom(tmp_path, "NeatRunner-Nes")
    with pytest.raises(UsageError, match="no button 'STRT'"):
        made_of("Kite-Nes", rom, presses="STRT 5")
    assert not home.exists()
    home.write_text("a file")
    with pytest.raises(IntegrationError, match=r"Cannot write .*integrations: Not a directory\. Choose a --folder"):
        made_of("Kite-Nes", rom)
