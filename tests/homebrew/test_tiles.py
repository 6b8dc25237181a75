"""Pictures drawn as text come out as the tiles of each console."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homebrew import tiles

PIXELS = st.lists(st.lists(st.integers(0, 15), min_size=8, max_size=8), min_size=8, max_size=8)


def drawn(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "art.txt"
    path.write_text(text)
    return path


def test_pictures_are_read_by_name_in_their_order(tmp_path: Path) -> None:
    path = drawn(tmp_path, "# the hero\n[b]\n.1\n2F\n\n[a]\n0\n")
    assert list(tiles.read_pictures(path).items()) == [("b", [[0, 1], [2, 15]]), ("a", [[0]])]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a]\n.1\n.x\n", r"line 3: 'x' is no pixel"),
        ("[a]\n.1\n.11\n", r"line 3: 3 pixels, but the rows above have 2"),
        ("[a]\n1\n[a]\n", r"line 3: \[a\] is drawn twice"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tiles.read_pictures(drawn(tmp_path, text))


def test_a_picture_is_cut_row_by_row() -> None:
    picture = [[column // 8 + row // 8 * 2 for column in range(16)] for row in range(24)]
    assert [tile[0][0] for tile in tiles.cut(picture)] == [0, 1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="16 x 23 pixels"):
        list(tiles.cut(picture[1:]))


@given(PIXELS)
def test_every_format_gives_the_pixels_back(tile: list[list[int]]) -> None:
    """Decoded bit by bit, as the consoles' pages tell it."""
    four = [[pixel & 3 for pixel in row] for row in tile]
    nes, snes4 = tiles.nes(four), tiles.snes_4(four)
    genesis, snes16 = tiles.genesis(tile), tiles.snes_16(tile)
    for y in range(8):
        for x in range(8):
            bit = 7 - x
            assert (nes[y] >> bit & 1) | (nes[8 + y] >> bit & 1) << 1 == four[y][x]
            assert (snes4[2 * y] >> bit & 1) | (snes4[2 * y + 1] >> bit & 1) << 1 == four[y][x]
            assert genesis[4 * y + x // 2] >> (4 if x % 2 == 0 else 0) & 15 == tile[y][x]
            planes = (snes16[2 * y], snes16[2 * y + 1], snes16[16 + 2 * y], snes16[17 + 2 * y])
            assert sum((plane >> bit & 1) << n for n, plane in enumerate(planes)) == tile[y][x]
    assert (len(nes), len(snes4), len(genesis), len(snes16)) == (16, 16, 32, 32)
