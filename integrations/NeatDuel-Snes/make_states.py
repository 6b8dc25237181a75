"""Makes the start states: boots the ROM and presses buttons as a person would. `python make_states.py`

A state that is there already is kept if the new one plays the same: same screen and memory now, and after 300 frames
of the same buttons.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import stable_retro
from stable_retro.data import GameData

FOLDER = Path(__file__).parent
STATES = ("Easy", "Normal", "Hard", "TwoPlayers")  # in the order of the menu
START_OF_MENU = 1  # the cursor stands on Normal
BOOT_FRAMES = 60
FIGHT = 3
PATIENCE = 600  # frames
BUTTONS = ("B", "Y", "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A", "X", "L", "R")

Emulator = stable_retro.RetroEmulator


def press(emulator: Emulator, button: str | None, frames: int) -> None:
    mask = np.zeros(len(BUTTONS), np.uint8)
    if button:
        mask[BUTTONS.index(button)] = 1
    emulator.set_button_mask(mask, 0)
    for _ in range(frames):
        emulator.step()


def variables(emulator: Emulator) -> GameData:
    """Return what reads the emulator's memory by the names of data.json."""
    game = GameData(data=str(FOLDER / "data.json"), scenario=str(FOLDER / "scenario.json"))
    emulator.configure_data(game)
    return game


def memory(emulator: Emulator) -> list[bytes]:
    """Return the console's memory."""
    game = variables(emulator)
    game.update_ram()
    return [bytes(block) for _, block in sorted(game.memory.blocks.items())]


def make(emulator: Emulator, boot: bytes, number: int) -> bytes:
    """Return the state at the first frame of the fight, from the menu's item of that number."""
    game = variables(emulator)
    emulator.set_state(boot)
    away = number - START_OF_MENU
    for _ in range(abs(away)):
        press(emulator, "DOWN" if away > 0 else "UP", 2)
        press(emulator, None, 2)
    press(emulator, "START", 2)
    for _ in range(PATIENCE):
        press(emulator, None, 1)
        if game.lookup_value("scene") == FIGHT:
            return bytes(emulator.get_state())
    raise RuntimeError(f"{STATES[number]}: no fight within {PATIENCE} frames of the menu")


def course(emulator: Emulator, state: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield screen and memory at the state, and after 300 frames of fixed buttons."""
    emulator.set_state(state)
    for pressed in (None, "RIGHT", "Y", "X", "A", "UP", "DOWN"):
        press(emulator, pressed, 50 if pressed else 1)
        yield emulator.get_screen().tobytes(), memory(emulator)


def main() -> None:
    emulator = Emulator(str(FOLDER / "rom.sfc"))
    press(emulator, None, BOOT_FRAMES)
    boot = emulator.get_state()
    for number, name in enumerate(STATES):
        path = FOLDER / f"{name}.state"
        state = make(emulator, boot, number)
        kept = path.exists() and list(course(emulator, gzip.decompress(path.read_bytes()))) == list(
            course(emulator, state)
        )
        if not kept:
            path.write_bytes(gzip.compress(state, mtime=0))
        print(name, "is as it was" if kept else "is new")


if __name__ == "__main__":
    main()
