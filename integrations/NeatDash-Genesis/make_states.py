"""Makes the start states: boots the ROM and presses the buttons that lead to each act.

`python integrations/NeatDash-Genesis/make_states.py` from the root of the repository. A Genesis savestate ends in
bytes that the core never sets, so a state that plays as the old one does is left as it is.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import stable_retro

HERE = Path(__file__).parent
STATES = ("CloverCircuitZone.Act1", "CloverCircuitZone.Act2", "EmberFoundryZone.Act1", "EmberFoundryZone.Act2")

MODE_PLAY = 0x0C  # src/ram.h
PATIENCE = 600  # frames
COMPARED_FRAMES = 300

BUTTONS = {"B": 0, "START": 3, "UP": 4, "DOWN": 5, "LEFT": 6, "RIGHT": 7}


class Sight(NamedTuple):
    """What a frame shows and holds."""

    screen: bytes
    ram: bytes


def press(emulator: stable_retro.RetroEmulator, button: str = "", frames: int = 1) -> None:
    mask = np.zeros(12, np.uint8)
    if button:
        mask[BUTTONS[button]] = 1
    for _ in range(frames):
        emulator.set_button_mask(mask, 0)
        emulator.step()


def go_to_act(emulator: stable_retro.RetroEmulator, act: int) -> bytes:
    """Press START on the title, DOWN to the act, START; wait for the card to pass; return the state."""
    press(emulator, frames=60)
    press(emulator, "START", 2)
    press(emulator, frames=20)
    for _ in range(act):
        press(emulator, "DOWN", 2)
        press(emulator, frames=4)
    press(emulator, "START", 2)
    for _ in range(PATIENCE):
        press(emulator)
        if variables.lookup_value("game_mode") == MODE_PLAY:
            return bytes(emulator.get_state())
    raise RuntimeError(f"act {act} does not begin within {PATIENCE} frames")


def play(emulator: stable_retro.RetroEmulator, state: bytes) -> list[Sight]:
    """Return what is to be seen now and after a fixed run."""
    emulator.set_state(state)
    sights = [look(emulator)]
    for frame in range(COMPARED_FRAMES):
        press(emulator, "B" if frame % 50 < 20 else "RIGHT")
    return [*sights, look(emulator)]


def look(emulator: stable_retro.RetroEmulator) -> Sight:
    variables.update_ram()
    ram = b"".join(variables.memory.blocks[address] for address in sorted(variables.memory.blocks))
    return Sight(emulator.get_screen().tobytes(), ram)


def make(act: int) -> None:
    """Make one act's state, unless the one that is there plays the same."""
    emulator = stable_retro.RetroEmulator(str(HERE / "rom.md"))
    emulator.configure_data(variables)
    if not variables.load(str(HERE / "data.json"), str(HERE / "scenario.json")):
        raise RuntimeError("data.json does not load")
    state = go_to_act(emulator, act)
    path = HERE / f"{STATES[act]}.state"
    if path.exists() and play(emulator, gzip.decompress(path.read_bytes())) == play(emulator, state):
        print(f"{STATES[act]}: unchanged")
        return
    path.write_bytes(gzip.compress(state, mtime=0))
    print(f"{STATES[act]}: made")


def main() -> None:
    """Make each state in a process of its own: what a process did before is left in the state's last bytes."""
    for act in range(len(STATES)):
        subprocess.run([sys.executable, __file__, str(act)], check=True)


variables = stable_retro.data.GameData()

if __name__ == "__main__":
    if len(sys.argv) > 1:
        make(int(sys.argv[1]))
    else:
        main()
