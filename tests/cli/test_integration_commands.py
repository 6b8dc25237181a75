"""From a ROM to a start state and a variable, as a person types it; the search itself is judged in tests/game."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
ROM = Path(__file__).parents[2] / "integrations/NeatRunner-Nes/rom.nes"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's, beside the folder that commands run in."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NEAT_RETRO_HOME", str(folder))
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    return folder


def told_by(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    return result.stdout


def test_a_rom_becomes_a_game_with_states_and_a_variable(neat_retro: Run, home: Path, tmp_path: Path) -> None:
    folder = home / "integrations/Kite-Nes"
    told = told_by(neat_retro("integration", "new", "Kite-Nes", "--rom", ROM, timeout=300))
    assert told.startswith(
        f"wrote {folder}\nwrote Kite-Nes.cfg\nwrote {folder / 'Start.png'}, what it shows\n"
        "This is the ROM of NeatRunner-Nes, which is known here.\n"
        "Kite-Nes is a game of its own, with none of the variables, states and\n"
        "configs of NeatRunner-Nes. Those are seen with:\n"
        "  neat-retro games NeatRunner-Nes\nNext:\n"
    )
    assert "neat-retro integration find Kite-Nes position --write x" in told
    assert cv2.imread(str(folder / "Start.png")).shape == (224, 240, 3)

    made = neat_retro("integration", "new", "Kite-Nes", "--rom", ROM, timeout=300)
    assert (made.returncode, made.stderr) == (
        2,
        "neat-retro: Kite-Nes.cfg is there already. Move it away, or go to another folder.\n",
    )
    press = ("--press", "wait 60, START 4, wait 80")
    told = told_by(neat_retro("integration", "state", "kite-nes", "Level1", *press, timeout=300))
    assert told == f"wrote {folder / 'Level1.state'}\nwrote {folder / 'Level1.png'}, what it shows\n"
    again = neat_retro("integration", "state", "kite-nes", "Level1", *press, timeout=300)
    assert again.returncode == 1
    assert "Level1.state is there already. Choose another name, or remove it first." in again.stderr

    without = neat_retro("train", "--config", "Kite-Nes.cfg", "--generations", "1", timeout=300)
    assert without.returncode == 1
    assert "no variable 'x'" in without.stderr
    find = ("integration", "find", "Kite-Nes", "lives", "--state", "Level1", "--write", "lives")
    told = told_by(neat_retro(*find, timeout=600))
    assert f"wrote lives to {folder / 'data.json'}\n" in told
    assert all(len(line) <= 80 for line in told.splitlines() if "/" not in line)
    assert json.loads((folder / "data.json").read_text()) == {"info": {"lives": {"address": 0x75A, "type": "|u1"}}}
    watch = ("integration", "watch", "Kite-Nes", "--state", "Level1", "--frames", "60", "--no-window")
    assert told_by(neat_retro(*watch, timeout=300)) == "Kite-Nes, Level1\nframe     60  lives 2\n"


def test_a_rom_that_shows_nothing_and_a_folder_with_a_space_are_told(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "cut.md").write_bytes((ROM.parents[1] / "NeatDash-Genesis/rom.md").read_bytes()[:300])
    folder = tmp_path / "my games"
    told = told_by(neat_retro("integration", "new", "Cut-Genesis", "--rom", "cut.md", "--folder", folder, timeout=300))
    assert "The picture has one colour. Either the game shows nothing yet: wait longer, with\n" in told
    assert f"are found with:\n  export NEAT_RETRO_INTEGRATIONS='{folder}'\n" in told


def test_a_search_from_a_title_is_warned_of(neat_retro: Run) -> None:
    told_by(neat_retro("integration", "state", "NeatDash-Genesis", "Title", "--press", "wait 100", timeout=300))
    told = neat_retro("integration", "find", "neatdash-genesis", "position", "--state", "Title", timeout=600)
    assert told.returncode == 1
    assert told.stderr.startswith("Warning: at Title, RIGHT and LEFT change nothing on the screen. Is it a title,\n")
    assert "  neat-retro integration state NeatDash-Genesis Level1 --from Title \\\n" in told.stderr
    assert "neat-retro: Nothing in the memory behaves as position. Try another start state" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("new", "Kite", "--rom", ROM), 2, "'Kite' is no name for a game."),
        (("new", "Kite-Nes"), 2, "--rom"),
        (("state", "NeatRunner-Nes", "A"), 2, "Give one of --press PRESSES and --from-bk2 FILE."),
        (("state", "NeatRunner-Nes", "A", "--from-bk2", "a.bk2"), 2, "--from-bk2 FILE goes with --frame N"),
        (("state", "NeatRunner-Nes", "A", "--press", "STRT 5"), 2, "no button 'STRT'. Did you mean 'START'?"),
        (("state", "NeatRunner-Nes", "A", "--press", "A 5", "--picture", "a.gif"), 2, "Name it a.png."),
        (("find", "NeatRunner-Nes", "live"), 2, "No search for 'live'. Did you mean 'lives'?"),
        (("find", "NeatRunner-Nes", "lives", "--choice", "2"), 2, "--choice 2 goes with --write NAME."),
        (("find", "NeatRunner-Nes", "lives", "--write", "lives"), 1, "has a variable 'lives' already"),
        (("find", "NeatRuner-Nes", "lives"), 1, "Did you mean 'NeatRunner-Nes'?"),
        (("watch", "SuperMarioBros-Nes"), 1, "neat-retro roms import"),
    ],
)
def test_wrong_words_are_refused_and_leave_nothing(
    neat_retro: Run, tmp_path: Path, arguments: tuple[object, ...], code: int, words: str
) -> None:
    told = neat_retro("integration", *arguments, timeout=300)
    assert told.returncode == code
    assert words in " ".join(told.stderr.split()) or words in told.stderr
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []
