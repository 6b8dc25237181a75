"""Plays every blind rhythm of a level: a combination held, a button pressed for p of every q frames, every phase.

All rhythms are played at once, frame by frame. Those that pressed alike so far share one emulation, and so do those
whose consoles have come to the same memory: from there on only what they press tells them apart.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homebrew.levels import Level, Node

MERGE_FRAMES = 4  # look for equal memories so often: reading a console's memory takes most of a frame's time
# Memory that the rest of a game does not depend on, so that it may differ (src/build/rom.map tells the addresses):
# NeatRunner's count of spare time, the pose of the sprite drawn last, the stack, the sprites, the clock of the poses.
IDLE_MEMORY = {"NeatRunner-Nes": (slice(0x29, 0x2A), slice(0x37, 0x38), slice(0x100, 0x300), slice(0x335, 0x336))}

Rhythms = npt.NDArray[np.int64]  # (n, 3): p, q, phase


@dataclass(frozen=True)
class Outcome:
    """How far all the rhythms came."""

    rhythms: int
    finished: int
    best: tuple[int, int, int]  # p, q, phase
    furthest: float
    emulated: int  # frames that were emulated for all of them


def all_rhythms(longest: int) -> Rhythms:
    """Return p of q frames in every phase, for every q up to `longest` and 0 < p < q."""
    return np.array([(p, q, phase) for q in range(2, longest + 1) for p in range(1, q) for phase in range(q)])


def play_rhythms(level: Level, held: str, pressed: str, longest: int = 64) -> Outcome:
    """Hold `held` all the time and press `pressed` in every rhythm, until all have ended."""
    rhythms = all_rhythms(longest)
    p, q, phase = rhythms.T
    low, high = level.mask(held), level.mask(held) | level.mask(pressed)
    root = level.root()
    groups: list[tuple[Node, npt.NDArray[np.int64]]] = [(root, np.arange(len(rhythms)))]
    finished, emulated, furthest, best = 0, 0, level.progress(root.moment), 0
    for frame in range(level.rules.limits.max_frames):
        merged: dict[object, tuple[Node, list[npt.NDArray[np.int64]]]] = {}
        for node, members in groups:
            on = (frame + phase[members]) % q[members] < p[members]
            for mask, playing in ((low, members[~on]), (high, members[on])):
                if not playing.size:
                    continue
                after, ending = level.play(node, mask, 1)
                emulated += 1
                reached = level.progress(after.moment)
                if ending is None and reached > furthest:
                    furthest, best = reached, int(playing[0])
                if ending == "goal":
                    finished += playing.size
                elif ending is None:
                    key = _memory(level) if frame % MERGE_FRAMES == 0 else object()
                    merged.setdefault(key, (after, []))[1].append(playing)
        groups = [(node, np.concatenate(parts)) for node, parts in merged.values()]
        if not groups:
            break
    p_best, q_best, phase_best = (int(value) for value in rhythms[best])
    return Outcome(len(rhythms), finished, (p_best, q_best, phase_best), furthest, emulated)


def _memory(level: Level) -> bytes:
    ram = level.stage.emulator.ram().copy()
    for idle in IDLE_MEMORY.get(level.game, ()):
        ram[idle] = 0
    return hashlib.blake2b(ram.tobytes()).digest()
