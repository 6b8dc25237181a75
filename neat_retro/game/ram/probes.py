"""Knows what to press so that a game shows which of its bytes are positions, lives, timers or health.

The presses are drawn from a fixed seed: the same game and start state give the same recording.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from neat_retro.game.emulator import Emulator
from neat_retro.game.ram.memory import Bytes, History, Indices, Memory

Hash: TypeAlias = "hashlib._Hash"
Steering = Literal["RIGHT", "LEFT", "nothing", "play"]
# Buttons that pause, open menus or look up and down: a search presses none of them.
_IDLE_BUTTONS = ("START", "SELECT", "MODE", "PAUSE", "RUN", "UP", "DOWN", "LEFT", "RIGHT")


# A second and a half, in which a hero who can move has moved: no script lets go of RIGHT or LEFT so early.
_FIRST_FRAMES = 90


@dataclass(frozen=True)
class Script:
    """What one play holds. `parts` are held one after the other, each for so many frames, RIGHT, LEFT or nothing;
    where there are none, directions and buttons are drawn for `frames`, with these weights of RIGHT, nothing, LEFT."""

    name: Steering
    parts: tuple[tuple[int, int], ...] = ()
    frames: int = 0
    weights: tuple[int, int, int] = (1, 1, 1)
    buttons: float = 0.0  # how likely a button is held at any time


# Forwards, for a level's position, against obstacles that only jumps pass, and to and fro, for one on the screen.
POSITION_SCRIPTS = (
    Script("nothing", ((0, 120),)),
    Script("RIGHT", ((1, 120), (-1, 120))),
    Script("LEFT", ((-1, 90), (1, 90))),
    *[Script("play", frames=400)] * 3,
    *[Script("play", frames=600, weights=(6, 1, 1), buttons=0.6)] * 6,
)
# Long enough to die in a few times.
COUNTER_SCRIPTS = (
    Script("nothing", ((0, 1800),)),
    Script("RIGHT", ((1, 600),)),
    Script("LEFT", ((-1, 600),)),
    *[Script("play", frames=1800, weights=(6, 1, 1), buttons=0.6), Script("play", frames=1800, buttons=0.6)] * 2,
)


@dataclass(frozen=True)
class Play:
    """One play: `direction` is (n_frames,) int8, 1 for RIGHT, -1 for LEFT; `content` (n_frames + 1, n_bytes)."""

    name: Steering
    direction: npt.NDArray[np.int8]
    content: Bytes


@dataclass(frozen=True)
class Recording:
    """The bytes that changed in any of the plays: `addresses` is (n_bytes,), sorted, as in data.json.

    `answers` is whether the picture is another in the first frames when RIGHT or LEFT is held than when nothing is.
    """

    console: str
    addresses: Indices
    plays: tuple[Play, ...]
    answers: bool = True


def record(emulator: Emulator, console: str, state: str, scripts: Sequence[Script]) -> Recording:
    """Play every script from the start state and keep what the memory held in each frame."""
    emulator.reset(state)
    memory = Memory(emulator)
    rng = random.Random(0)
    names, directions, histories = [], [], []
    pictures: set[bytes] = set()
    for script in scripts:
        held = list(_frames(script, emulator.buttons, rng))
        names.append(script.name)
        directions.append(np.array([direction for direction, _ in held], np.int8))
        seen = hashlib.sha256()
        histories.append(_play(emulator, memory, state, [mask for _, mask in held], seen))
        if script.parts:
            pictures.add(seen.digest())
    changing = np.flatnonzero(np.any([history.changing() for history in histories], axis=0))
    plays = [
        Play(name, direction, history.columns(changing))
        for name, direction, history in zip(names, directions, histories, strict=True)
    ]
    return Recording(console, memory.addresses[changing], tuple(plays), answers=len(pictures) > 1)


def _play(emulator: Emulator, memory: Memory, state: str, masks: Sequence[int], seen: Hash) -> History:
    """Return what the memory held from the start state on, and add the first pictures to `seen`."""
    history = History()
    emulator.reset(state)
    history.add(memory.read())
    for frame, mask in enumerate(masks):
        emulator.step((mask,))
        history.add(memory.read())
        if frame < _FIRST_FRAMES:
            seen.update(emulator.screen().tobytes())
    return history


def _frames(script: Script, buttons: Sequence[str | None], rng: random.Random) -> Iterator[tuple[int, int]]:
    """Yield the direction and the button mask of each frame."""
    place = {name: 1 << bit for bit, name in enumerate(buttons) if name}
    steer = {1: place["RIGHT"], 0: 0, -1: place["LEFT"]}
    for direction, frames in script.parts:
        yield from [(direction, steer[direction])] * frames
    actions = [mask for name, mask in place.items() if name not in _IDLE_BUTTONS]
    played = 0
    while played < script.frames:
        direction, direction_frames = rng.choices((1, 0, -1), script.weights)[0], rng.randrange(20, 60)
        while direction_frames > 0 and played < script.frames:
            held = min(direction_frames, rng.randrange(4, 24), script.frames - played)
            action = rng.choice(actions) if rng.random() < script.buttons else 0
            yield from [(direction, steer[direction] | action)] * held
            direction_frames -= held
            played += held
