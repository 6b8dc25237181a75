"""How a single screen is shown: as a PNG file, and in a terminal, two pixels a character."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style
from rich.text import Text

from neat_retro.evolution.files import write_atomically

Screen = npt.NDArray[np.uint8]


def png(screen: Screen) -> bytes:
    """Return a screen, (height, width, 3) uint8 RGB, as the content of a PNG file."""
    _, encoded = cv2.imencode(".png", cv2.cvtColor(screen, cv2.COLOR_RGB2BGR))
    return encoded.tobytes()


def half_blocks(screen: Screen, width: int = 64) -> Text:
    """Return a screen as text of `width` columns: each character is an upper pixel on a lower one."""
    rows = round(screen.shape[0] * width / screen.shape[1] / 2) * 2
    small = cv2.resize(screen, (width, rows), interpolation=cv2.INTER_AREA)
    text = Text(end="", no_wrap=True)
    for upper, lower in zip(small[::2], small[1::2], strict=True):
        for over, under in zip(upper.tolist(), lower.tolist(), strict=True):
            text.append("▀", Style(color=Color.from_rgb(*over), bgcolor=Color.from_rgb(*under)))
        text.append("\n")
    return text


def write_picture(path: Path, screen: Screen) -> None:
    """Write a screen as a PNG file, whole or not at all. Raises RunError."""
    write_atomically(path, png(screen))
