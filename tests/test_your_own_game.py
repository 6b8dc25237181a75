"""The tutorial docs/your-own-game.md is true: its commands print what it shows, and a network learns."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/your-own-game.md"
SHOWN_HOME = "/home/you/.local/share/neat-retro"
STEP = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
# Networks differ between Python's minor versions, speeds between machines: their numbers are not compared.
NUMBERS_DIFFER = ("train", "replay", "--champion")


@dataclass(frozen=True)
class Step:
    """A command of the page, and the output that is shown below it; a line `...` stands for lines left out."""

    arguments: tuple[str, ...]
    shown: str


def steps() -> list[Step]:
    blocks = re.findall(r"^```\n(.*?)^```\n", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    commands = [found for block in blocks for found in STEP.findall(block)]
    found = [(shlex.split(command.replace("\\\n", " ")), shown) for command, shown in commands]
    assert all(words[0] == "neat-retro" for words, _ in found)
    return [Step(tuple(words[1:]), shown) for words, shown in found]


def unknown_rom() -> bytes:
    """Return NeatDash's ROM with other words in the remarks of its header, which the game does not read."""
    rom = bytearray((ROOT / "integrations/NeatDash-Genesis/rom.md").read_bytes())
    assert rom[0x1C8:0x1CC] == b"    "
    rom[0x1C8:0x1CC] = b"KITE"
    return bytes(rom)


def said(text: str, numbers: bool) -> str:
    """Return a text as it is compared: without space at the ends of lines, and perhaps without its numbers."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(lines if numbers else (re.sub(r" +", " ", re.sub(r"\d[\d,.]*", "#", line)) for line in lines))


def assert_shown(shown: str, printed: str) -> None:
    """Fail unless what was printed is what is shown, with any lines where that has `...`."""
    pattern = re.escape(shown).replace(re.escape("..."), r"(?:.*\n)*?.*")
    assert re.fullmatch(pattern, printed), f"the page shows\n{shown}\n\nbut this was printed:\n{printed}"


def test_the_tutorial_is_true_from_the_rom_to_the_champion(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "work"
    folder.mkdir()
    (folder / "kite.md").write_bytes(unknown_rom())
    environment = os.environ | {"NEAT_RETRO_HOME": str(home), "COLUMNS": "80"}
    for name in ("DISPLAY", "NEAT_RETRO_INTEGRATIONS"):
        environment.pop(name, None)
    done: list[str] = []
    for step in steps():
        result = subprocess.run(
            [sys.executable, "-m", "neat_retro", *step.arguments],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        output = (result.stdout + result.stderr).replace(str(home), SHOWN_HOME)
        assert result.returncode == (1 if step.arguments[0] == "roms" else 0), output
        numbers = not any(word in step.arguments for word in NUMBERS_DIFFER)
        assert_shown(said(step.shown, numbers), said(output, numbers))
        if step.arguments[0] == "train":
            assert max(int(x) for x in re.findall(r"^gen .* x (\d+) ", output, re.MULTILINE)) > 0
            assert int(re.findall(r"furthest x (\d+)", output)[-1]) > 0
        if "--verify" in step.arguments:
            assert "Verified: stored actions and network both repeat the run" in output
        done.append(" ".join(step.arguments[:2]))
    assert done == [
        "roms import", "integration new", "integration state", "integration find", "integration find",
        "integration watch", "integration check", "doctor Kite-Genesis", "train --config",
        "integration watch", "replay runs/kite/champion.pkl", "replay runs/kite/champion.pkl",
    ]  # fmt: skip
    film = cv2.VideoCapture(str(folder / "kite.mp4"))
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) > 60
    film.release()
    assert (folder / "kite.md").read_bytes() == unknown_rom()


def test_the_page_is_found_from_where_a_person_begins() -> None:
    assert "(docs/your-own-game.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(../docs/your-own-game.md)" in (ROOT / "integrations/README.md").read_text(encoding="utf-8")
