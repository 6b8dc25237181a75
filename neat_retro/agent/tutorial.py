"""Seeing and pressing as the well-known tutorial scripts do, so that their winners replay as they were trained.

The scripts resize RetroEnv's RGB frame with cv2's linear default to (height // 8, width // 8) - OpenCV's
(width, height), so the picture comes out transposed in shape -, turn it gray as if it were BGR, feed the raw
0-255 bytes to neat-python and hand the outputs to `env.step`, which takes int(output) per button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from neat_retro.agent.actions import ActionSet
from neat_retro.agent.expressions import Moment
from neat_retro.agent.observation import Floats, Look, Observer, Scene
from neat_retro.agent.players import Player

DOWNSCALE = 8


class TutorialPixels(Observer):
    """Raw gray bytes, (height // 8) * (width // 8) of them."""

    def __init__(self, screen: tuple[int, int]) -> None:
        height, width = screen
        self._size = (height // DOWNSCALE, width // DOWNSCALE)
        self.size = self._size[0] * self._size[1]

    def look(self, scene: Scene, moment: Moment) -> Look:
        small = cv2.resize(scene.screen(), self._size)
        return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).reshape(-1)

    def inputs(self, look: Look) -> Floats:
        return look.astype(np.float64)


@dataclass(frozen=True)
class TutorialButtons:
    """`int(output)` per button of the core, shifted to its bit; the emulator then filters as RetroEnv does."""

    names: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.names)

    def decode(self, outputs: npt.NDArray[np.float64]) -> int:
        mask = 0
        for bit, output in enumerate(outputs):
            mask |= int(output) << bit
        return mask & 0xFFFF

    def chosen(self, mask: int) -> tuple[bool, ...]:
        return tuple(mask >> bit & 1 != 0 for bit in range(self.size))


@dataclass(frozen=True)
class TutorialAgent:
    """A neat-python network of its own, fed uint8 scalars as the scripts feed it.

    Not the compiled one: uint8 times weight is a numpy float64, which Python's sum() adds without the
    compensation that it gives to floats from 3.12 on.
    """

    network: Any

    def start(self, seed: int, actions: ActionSet) -> Player:
        if hasattr(self.network, "reset"):
            self.network.reset()
        return _TutorialPlayer(self.network, actions)


@dataclass(frozen=True)
class _TutorialPlayer:
    network: Any
    actions: ActionSet

    def decide(self, inputs: Floats) -> int:
        pixels: Sequence[np.uint8] = list(inputs.astype(np.uint8))
        return self.actions.decode(np.array(self.network.activate(pixels)))
