"""A new integration is made whole from a ROM, and can be played; or nothing is made, and why is said."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from neat_retro.errors import IntegrationError, NeatRetroError, UsageError
from neat_retro.experiment import Draft
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator
from neat_retro.game.scaffold import draft_config, new_integration

OURS = Path(__file__).parents[2] / "integrations"
ROMS = {"NeatRunner-Nes": "rom.nes", "NeatDash-Genesis": "rom.md", "NeatDuel-Snes": "rom.sfc"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NEAT_RETRO_HOME", str(folder))
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    return folder


def a_rom(folder: Path, game: str) -> Path:
    """Return a copy of one of our ROMs, under a name that tells nothing."""
    rom = folder / f"unknown{Path(ROMS[game]).suffix}"
    shutil.copy(OURS / game / ROMS[game], rom)
    return rom


@pytest.mark.parametrize("game", ROMS)
def test_a_new_game_is_in_play_and_responds(home: Path, tmp_path: Path, game: str) -> None:
    console = game.rpartition("-")[2]
    rom = a_rom(tmp_path, game)
    made = new_integration(f"Kite-{console}", rom)
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
    new_integration("Kite-Nes", a_rom(tmp_path, "NeatRunner-Nes"), presses="wait 60, START 4, wait 80")
    (home / "integrations/Kite-Nes/data.json").write_bytes((OURS / "NeatRunner-Nes/data.json").read_bytes())
    with Emulator("Kite-Nes") as emulator:
        emulator.reset("Start")
        assert emulator.variables()["time"] == 200


def test_the_draft_is_a_config_that_lacks_nothing_but_x() -> None:
    experiment = Draft.from_text(draft_config("Kite-Nes"), "draft.cfg").experiment()
    assert dict(experiment.fitness) == {"distance": "furthest x"}
    assert (experiment.game.game, experiment.game.states) == ("Kite-Nes", ("Start",))


@pytest.mark.parametrize(
    ("name", "rom", "error", "words"),
    [
        ("Kite-Genesis", "rom.nes", UsageError, "rom.nes is a Nes ROM, and Kite-Genesis a name for Genesis. Name it"),
        ("Kite", "rom.nes", UsageError, "'Kite' is no name for a game. It has letters and digits, and ends in its"),
        ("Kite-Nees", "rom.nes", UsageError, "'Kite-Nees' is no name for a game. Did you mean 'Nes'?"),
        ("../Kite-Nes", "rom.nes", UsageError, "is no name for a game"),
        ("Kite-Nes", "rom.zip", UsageError, "rom.zip is a zip file. Unpack it first."),
        ("Kite-Nes", "rom.rom", UsageError, "rom.rom: no ROM's name ends so. stable-retro plays .32x .a26 "),
        ("Kite-Nes", "nothing.nes", IntegrationError, "nothing.nes: there is no such file."),
        ("neatrunner-Nes", "rom.nes", IntegrationError, "neatrunner-Nes is there already: "),
        ("SuperMarioBros-Nes", "rom.nes", IntegrationError, "SuperMarioBros-Nes is there already: "),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_made(
    home: Path, tmp_path: Path, name: str, rom: str, error: type[NeatRetroError], words: str
) -> None:
    for present in ("rom.nes", "rom.zip", "rom.rom"):
        (tmp_path / present).write_bytes((OURS / "NeatRunner-Nes/rom.nes").read_bytes())
    with pytest.raises(error, match=re.escape(words)):
        new_integration(name, tmp_path / rom)
    assert not home.exists()


@pytest.mark.parametrize(("ending", "console"), [("nes", "Nes"), ("gb", "GameBoy")])
def test_a_rom_that_no_core_opens_leaves_nothing(home: Path, tmp_path: Path, ending: str, console: str) -> None:
    rom = tmp_path / f"noise.{ending}"
    rom.write_bytes(b"noise")
    with pytest.raises(NeatRetroError):
        new_integration(f"Kite-{console}", rom)
    assert list((home / "integrations").iterdir()) == []


def test_wrong_presses_and_closed_folders_leave_nothing(home: Path, tmp_path: Path) -> None:
    rom = a_rom(tmp_path, "NeatRunner-Nes")
    with pytest.raises(UsageError, match="no button 'STRT'"):
        new_integration("Kite-Nes", rom, presses="STRT 5")
    assert not home.exists()
    home.write_text("a file")
    with pytest.raises(IntegrationError, match=r"Cannot write .*integrations: Not a directory\. Choose a --folder"):
        new_integration("Kite-Nes", rom)
