"""Knows how a colour frame becomes a small gray picture in one pass, in the very levels that OpenCV gives.

OpenCV's way is cvtColor(RGB2GRAY), then resize(INTER_AREA). One compiled pass takes less than half of the time.
A test compares them, level for level. `local_contrast` is what boxFilter makes of the small picture, likewise.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neat_retro.agent.kernels import compiled

Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]

LARGEST_BLOCK = 32  # as far as the test compares
# Luma of ITU-R BT.601 in 1/32768: 0.299, 0.587, 0.114, as OpenCV rounds them.
RED, GREEN, BLUE, HALF = np.uint32(9798), np.uint32(19235), np.uint32(3735), np.uint32(16384)
SHIFT = np.uint32(15)
CONTRAST_UNIT = 64  # gray levels: what stands out from its surroundings comes to about 1


@compiled
def split_row(row: Bytes, red: Bytes, green: Bytes, blue: Bytes) -> None:
    """Part a row of RGB pixels, (3 * width,), into its colours. Apart from what follows, LLVM vectorises both."""
    for x in range(len(red)):
        red[x] = row[3 * x]
        green[x] = row[3 * x + 1]
        blue[x] = row[3 * x + 2]


@compiled
def add_gray(red: Bytes, green: Bytes, blue: Bytes, sums: Counts) -> None:
    """Add each pixel's gray level, rounded as cvtColor does, to `sums`, (width,)."""
    for x in range(len(red)):
        weighted = np.uint32(red[x]) * RED + np.uint32(green[x]) * GREEN + np.uint32(blue[x]) * BLUE
        sums[x] += (weighted + HALF) >> SHIFT


@compiled
def gray_level(total: int, block: int) -> np.uint8:
    """The mean of a block x block sum as INTER_AREA rounds it: to even in float32, but half up for 2 x 2."""
    if block == 2:
        return np.uint8((total + 2) >> 2)
    return np.uint8(np.rint(np.float32(total) * np.float32(1.0 / (block * block))))


@compiled
def gray_blocks(screen: Bytes, block: int, colours: Bytes, sums: Counts, small: Bytes) -> None:
    """Write the gray level of every block x block pixels to `small`, (height // block, width // block).

    `screen` is (height, 3 * width), a multiple of `block` both ways; `colours`, (3, width), and `sums`, (width,),
    are scratch.
    """
    for y in range(small.shape[0]):
        sums[:] = 0
        for row in range(block * y, block * (y + 1)):
            split_row(screen[row], colours[0], colours[1], colours[2])
            add_gray(colours[0], colours[1], colours[2], sums)
        for x in range(small.shape[1]):
            total = 0
            for column in range(block * x, block * (x + 1)):
                total += sums[column]
            small[y, x] = gray_level(total, block)


@compiled
def local_contrast(small: Bytes, contrast: Floats) -> None:
    """Write each pixel less the mean of the 3 x 3 around it, over CONTRAST_UNIT, to `contrast`, (height, width).

    At the picture's edge its last row or column counts twice.
    """
    height, width = small.shape
    for y in range(height):
        above, below = max(y - 1, 0), min(y + 1, height - 1)
        for x in range(width):
            left, right = max(x - 1, 0), min(x + 1, width - 1)
            total = 0
            for row in (above, y, below):
                total += int(small[row, left]) + int(small[row, x]) + int(small[row, right])
            contrast[y, x] = (9 * int(small[y, x]) - total) / (9 * CONTRAST_UNIT)
