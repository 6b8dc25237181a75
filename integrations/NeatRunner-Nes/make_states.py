"""Makes the start states: boots the ROM and presses buttons, as a person would, up to each level's first picture.

`python integrations/NeatRunner-Nes/make_states.py` writes the same files every time.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import stable_retro

HERE = Path(__file__).resolve().parent
BUTTONS = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
LEVELS = ("Level1-1", "Level1-2", "Level1-3", "Level1-4")
BOOT_FRAMES = 60
TICKS = 0x0700  # the game counts the pictures of a level here
LONGEST_CARD = 300


def press(emulator: stable_retro.RetroEmulator, button: str | None, frames: int) -> None:
    """Hold one button, or none, for so many frames."""
    mask = np.zeros(len(BUTTONS), np.uint8)
    if button:
        mask[BUTTONS.index(button)] = 1
    emulator.set_button_mask(mask, 0)
    for _ in range(frames):
        emulator.step()


def main() -> None:
    emulator = stable_retro.RetroEmulator(str(HERE / "rom.nes"))
    data = stable_retro.data.GameData()
    data.set_variable("ticks", {"address": TICKS, "type": "|u1"})
    emulator.configure_data(data)
    power_on = emulator.get_state()
    for number, name in enumerate(LEVELS):
        emulator.set_state(power_on)
        press(emulator, None, BOOT_FRAMES)
        for _ in range(number):
            press(emulator, "RIGHT", 4)
            press(emulator, None, 4)
        press(emulator, "START", 4)
        for _ in range(LONGEST_CARD):
            press(emulator, None, 1)
            data.update_ram()
            if data.lookup_value("ticks"):
                break
        else:
            raise RuntimeError(f"{name} did not begin within {LONGEST_CARD} frames")
        (HERE / f"{name}.state").write_bytes(gzip.compress(emulator.get_state(), mtime=0))
        print(f"wrote {name}.state")


if __name__ == "__main__":
    main()
