"""Reads pictures drawn in text files and packs them into each console's tile format. Standard library only.

A picture is a name in brackets and rows of palette indices, one character a pixel (`.` is 0, then 1-9 and A-F):

    [coin]
    ..1111..
    .122221.

Lines that begin with `#` are comments. Formats: https://www.nesdev.org/wiki/PPU_pattern_tables (NES),
https://www.plutiedev.com/tiles (Genesis), https://snes.nesdev.org/wiki/Tiles (SNES).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

Picture = list[list[int]]  # rows of palette indices
TILE = 8

_PIXELS = {".": 0, **{digit: int(digit, 16) for digit in "0123456789ABCDEF"}}


def read_pictures(path: Path) -> dict[str, Picture]:
    """Return the pictures of a text file by name, in the order of the file.

    Raises ValueError with file and line for a character that is no pixel, or a picture whose rows differ in width.
    """
    pictures: dict[str, Picture] = {}
    rows: Picture = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            rows = pictures.setdefault(text.strip("[]"), [])
            if rows:
                raise ValueError(f"{path}, line {number}: {text} is drawn twice")
            continue
        try:
            row = [_PIXELS[pixel] for pixel in text]
        except KeyError as error:
            raise ValueError(f"{path}, line {number}: {error} is no pixel; write . or a digit 0-9, A-F") from None
        if rows and len(row) != len(rows[0]):
            raise ValueError(f"{path}, line {number}: {len(row)} pixels, but the rows above have {len(rows[0])}")
        rows.append(row)
    return pictures


def cut(picture: Picture) -> Iterator[Picture]:
    """Yield the 8 x 8 tiles of a picture, row by row from the top left.

    Raises ValueError where the picture's sides are no multiples of 8.
    """
    height, width = len(picture), len(picture[0])
    if height % TILE or width % TILE:
        raise ValueError(f"a picture of {width} x {height} pixels does not fill tiles of {TILE} x {TILE}")
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            yield [row[left : left + TILE] for row in picture[top : top + TILE]]


def nes(tile: Picture) -> bytes:
    """Pack a tile of 4 colours: the low bits of 8 rows, then the high bits (16 bytes)."""
    return bytes(_plane(row, bit) for bit in (0, 1) for row in tile)


def genesis(tile: Picture) -> bytes:
    """Pack a tile of 16 colours: two pixels a byte, the left one in the high nibble (32 bytes)."""
    return bytes(row[left] << 4 | row[left + 1] for row in tile for left in range(0, TILE, 2))


def snes_4(tile: Picture) -> bytes:
    """Pack a tile of 4 colours (backgrounds of 2 bits): low and high bits of each row in turn (16 bytes)."""
    return bytes(_plane(row, bit) for row in tile for bit in (0, 1))


def snes_16(tile: Picture) -> bytes:
    """Pack a tile of 16 colours: bits 0 and 1 of the rows, then bits 2 and 3 (32 bytes)."""
    return bytes(_plane(row, low + bit) for low in (0, 2) for row in tile for bit in (0, 1))


def _plane(row: list[int], bit: int) -> int:
    return sum((pixel >> bit & 1) << (TILE - 1 - column) for column, pixel in enumerate(row))
