"""Builds the test game into a folder of integrations: `python build_nesplat.py FOLDER`.

Nesplat is a small platformer whose variables lie where Super Mario Bros. keeps its own. cc65 compiles it; its
start state is made by booting it on the real core.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

GAME = "Nesplat-Nes"
SOURCE = Path(__file__).parent / GAME
BOOT_FRAMES = 30

VARIABLES = {
    "coins": (1886, "|u1"),
    "levelLo": (1884, "|i1"),
    "lives": (1882, "|i1"),
    "score": (2013, ">n6"),
    "time": (2040, ">n3"),
    "xscrollHi": (1818, "|u1"),
    "xscrollLo": (1820, "|u1"),
}


def build(folder: Path) -> None:
    """Compile the ROM, write its integration and make the state Level1-1."""
    game = folder / GAME
    game.mkdir(parents=True)
    rom = game / "rom.nes"
    command = ["cl65", "-t", "none", "-O", "-C", "nes.cfg", "-o", str(rom.absolute()), "crt0.s", "main.c"]
    with tempfile.TemporaryDirectory() as workshop:  # cl65 leaves its object files beside the source
        shutil.copytree(SOURCE, workshop, dirs_exist_ok=True)
        subprocess.run(command, cwd=workshop, check=True)
    info = {name: {"address": address, "type": kind} for name, (address, kind) in VARIABLES.items()}
    (game / "data.json").write_text(json.dumps({"info": info}))
    scenario = {
        "done": {"variables": {"lives": {"op": "equal", "reference": -1}}},
        "reward": {"variables": {"xscrollLo": {"reward": 1}}},
    }
    (game / "scenario.json").write_text(json.dumps(scenario))
    (game / "metadata.json").write_text(json.dumps({"default_state": "Level1-1"}))
    (game / "rom.sha").write_text(hashlib.sha1(rom.read_bytes()[16:]).hexdigest() + "\n")
    make_state(game)


def make_state(game: Path) -> None:
    import stable_retro

    emulator = stable_retro.RetroEmulator(str(game / "rom.nes"))
    for _ in range(BOOT_FRAMES):
        emulator.step()
    (game / "Level1-1.state").write_bytes(gzip.compress(emulator.get_state(), mtime=0))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
