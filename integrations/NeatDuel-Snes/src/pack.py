"""Turns the drawings and texts of art/ into what the assembler and the compiler read: `python pack.py art build`.

Standard library and homebrew.tiles only.
"""

from __future__ import annotations

import sys
from itertools import chain, pairwise
from pathlib import Path

from draw_fighters import draw, read_poses, read_wardrobe

from homebrew.tiles import TILE, Picture, cut, read_pictures, snes_4, snes_16

FIGHTERS = ("rook", "wren")
DRAWINGS = 32  # of a fighter, 16 in a bank
FIRST_DRAWING_BANK = 1  # two banks a fighter
FIRST_ART_BANK, ART_BANKS = 5, 2
BANK_START = 0x8000
BANK_SIZE = 0x8000
FIRST_LETTER, LETTERS = 32, 64
HUD_TILES = 16
BIG_LETTERS = "0123456789ADEFGHIKMNORSTUVW!."  # as 16 x 16 pictures; digits first
FIRST_SPRITE_TILE = 128
SPRITES = 16  # of 16 x 16, eight in a double row of tiles
LAYER_WIDTH, LAYER_HEIGHT = 512, 256
LAYERS = ("near", "far", "title")
PALETTES = {"near.txt": 2, "far.txt": 3, "title.txt": 4}  # of a file's pictures
SCREEN_HEIGHT = 224
SKY_STEP = 4  # lines of one colour


def main(art: Path, build: Path) -> None:
    poses = read_poses(art / "poses.txt")
    if len(poses) > DRAWINGS:
        raise ValueError(f"{len(poses)} poses, but two banks hold {DRAWINGS} drawings")
    for name in FIGHTERS:
        wardrobe = read_wardrobe(art / f"{name}_wardrobe.txt")
        heads = read_pictures(art / f"{name}_heads.txt")
        drawings = [pack_drawing(draw(pose, wardrobe, heads)) for pose in poses.values()]
        packed = b"".join(drawings).ljust(2 * BANK_SIZE, b"\0")
        for half in range(2):
            (build / f"{name}_{half}.bin").write_bytes(packed[half * BANK_SIZE : (half + 1) * BANK_SIZE])

    header = Header("poses.h", "POSES_H", "The drawings of a fighter, in the order of art/poses.txt.")
    header.define("FIRST_DRAWING_BANK", FIRST_DRAWING_BANK)
    for number, name in enumerate(poses):
        header.define(f"POSE_{name.upper()}", number)
    sprites = read_pictures(art / "sprites.txt")
    for number, name in enumerate(sprites):
        header.define(f"TILE_{name.upper()}", FIRST_SPRITE_TILE + number // 8 * 32 + number % 8 * 2)
    header.declare("void choose_pose(void); /* of `me` */")
    header.write(build)

    sections = {"SPRITES": pack_sprites(list(sprites.values())), "FONT": pack_font(art)}
    layers = compose(art)
    tiles = {"near": TileSet(), "far": TileSet()}
    maps = {name: tiles["far" if name == "far" else "near"].map(picture) for name, picture in layers.items()}
    sections["NEAR_TILES"] = tiles["near"].packed()
    sections["FAR_TILES"] = tiles["far"].packed()
    sections |= {f"{name.upper()}_MAP": cells for name, cells in maps.items()}
    header = Header("art.h", "ART_H", "Where the pictures lie: bank, address, length in bytes.")
    header.define("TILE_BIG_LETTERS", LETTERS + HUD_TILES)
    header.define("FIRST_LETTER", FIRST_LETTER)
    numbers = [max(BIG_LETTERS.find(chr(FIRST_LETTER + at)), 0) for at in range(LETTERS)]
    header.declare(f"#define BIG_LETTER_NUMBERS {', '.join(map(str, numbers))} /* by character */")
    banks = [bytearray() for _ in range(ART_BANKS)]
    for name, content in sections.items():
        number = next((at for at, bank in enumerate(banks) if len(bank) + len(content) <= BANK_SIZE), None)
        if number is None:
            raise ValueError(f"{name} does not fit into the {ART_BANKS} banks for pictures any more")
        header.define(f"ART_{name}_BANK", FIRST_ART_BANK + number)
        header.define(f"ART_{name}", BANK_START + len(banks[number]))
        header.define(f"ART_{name}_LENGTH", len(content))
        banks[number] += content
    header.write(build)
    for number, bank in enumerate(banks):
        (build / f"art_{number}.bin").write_bytes(bank.ljust(BANK_SIZE, b"\0"))
    (build / "palette.bin").write_bytes(read_palettes(art / "palettes.txt"))
    (build / "sky.bin").write_bytes(sky_table(art / "sky.txt"))


class Header:
    """A C header of numbers."""

    def __init__(self, name: str, guard: str, title: str) -> None:
        self._name = name
        self._lines = [f"/* {title} Written by pack.py. */", "", f"#ifndef {guard}", f"#define {guard}", ""]

    def define(self, name: str, value: int) -> None:
        self._lines.append(f"#define {name} {value}U")

    def declare(self, line: str) -> None:
        self._lines += ["", line]

    def write(self, build: Path) -> None:
        (build / self._name).write_text("\n".join([*self._lines, "", "#endif", ""]), encoding="ascii")


class TileSet:
    """The different tiles of some layers; a tile that is another one mirrored is not kept twice."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._tiles: list[Picture] = []
        self._number([[0] * TILE for _ in range(TILE)])  # tile 0 is empty

    def map(self, layer: Picture) -> bytes:
        """Return the map of a layer of 64 x 32 tiles: its left 32 columns, then its right ones, two bytes a tile.

        Raises ValueError for a tile in which two palettes meet.
        """
        cells = [self._cell(tile) for tile in cut(layer)]
        columns = LAYER_WIDTH // TILE
        halves = ([cell for at, cell in enumerate(cells) if at % columns // 32 == half] for half in range(2))
        return b"".join(cell.to_bytes(2, "little") for half in halves for cell in half)

    def packed(self) -> bytes:
        return b"".join(snes_16(tile) for tile in self._tiles)

    def _cell(self, colored: Picture) -> int:
        palettes = {pixel >> 4 for row in colored for pixel in row if pixel} or {0}
        if len(palettes) > 1:
            raise ValueError("pictures of two files meet in a tile of 8 x 8, which has one palette")
        (palette,) = palettes
        tile = [[pixel & 15 for pixel in row] for row in colored]
        across = [row[::-1] for row in tile]
        for flip, picture in ((0, tile), (0x4000, across), (0x8000, tile[::-1]), (0xC000, across[::-1])):
            number = self._numbers.get(str(picture))
            if number is not None:
                return number | palette << 10 | flip
        return self._number(tile) | palette << 10

    def _number(self, tile: Picture) -> int:
        self._numbers[str(tile)] = len(self._tiles)
        self._tiles.append(tile)
        if len(self._tiles) > 512:
            raise ValueError("a layer's pictures take more than 512 different tiles")
        return len(self._tiles) - 1


def pack_drawing(picture: Picture) -> bytes:
    """Pack 64 x 64 pixels for four sprites of 32 x 32: rows of 16 tiles, the upper half left of the lower half."""
    upper, lower = picture[:32], picture[32:]
    return b"".join(snes_16(tile) for tile in cut([[*top, *bottom] for top, bottom in zip(upper, lower, strict=True)]))


def pack_sprites(pictures: list[Picture]) -> bytes:
    """Pack pictures of 16 x 16, eight in a double row of 16 tiles."""
    blank = [[0] * 16 for _ in range(16)]
    pictures = pictures + [blank] * (SPRITES - len(pictures))
    rows = [
        list(chain.from_iterable(picture[y] for picture in pictures[at : at + 8]))
        for at in range(0, SPRITES, 8)
        for y in range(16)
    ]
    return b"".join(snes_16(tile) for tile in cut(rows))


def pack_font(art: Path) -> bytes:
    """Pack the letters, the pieces of the heads-up display, and letters of double size."""
    letters = {chr(int(code)): picture for code, picture in read_pictures(art / "font.txt").items()}
    blank = [[0] * TILE for _ in range(TILE)]
    tiles = [with_shadow(letters.get(chr(code), blank)) for code in range(FIRST_LETTER, FIRST_LETTER + LETTERS)]
    hud = list(read_pictures(art / "hud.txt").values())
    tiles += [*hud, *[blank] * (HUD_TILES - len(hud))]
    for letter in BIG_LETTERS:
        tiles += cut(with_outline(doubled(letters[letter])))
    return b"".join(snes_4(tile) for tile in tiles)


def doubled(letter: Picture) -> Picture:
    """Return a letter of double size with smooth diagonals (Scale2x, https://www.scale2x.it/algorithm)."""

    def at(row: int, column: int) -> int:
        return letter[row][column] if 0 <= row < TILE and 0 <= column < TILE else 0

    big = [[0] * 2 * TILE for _ in range(2 * TILE)]
    for row in range(TILE):
        for column in range(TILE):
            above, below = at(row - 1, column), at(row + 1, column)
            left, right = at(row, column - 1), at(row, column + 1)
            corners = {(0, 0): (left, above), (0, 1): (above, right), (1, 0): (below, left), (1, 1): (right, below)}
            for (down, across), (one, other) in corners.items():
                smooth = one == other and above != below and left != right
                big[2 * row + down][2 * column + across] = one if smooth else letter[row][column]
    return big


def with_outline(letter: Picture) -> Picture:
    """Return a big letter whose upper half is bright (colour 3), with a dark outline (colour 2)."""
    side = len(letter)
    outlined = [[pixel and (3 if row < side // 2 - 1 else 1) for pixel in letter[row]] for row in range(side)]
    around = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    for row, column in ((row, column) for row in range(side) for column in range(side)):
        if not letter[row][column] and any(
            0 <= row + down < side and 0 <= column + across < side and letter[row + down][column + across]
            for down, across in around
        ):
            outlined[row][column] = 2
    return outlined


def with_shadow(letter: Picture) -> Picture:
    """Return a letter (colour 1) with a shadow (colour 2) to its lower right."""
    shadowed = [row[:] for row in letter]
    for row, column in ((row, column) for row in range(TILE) for column in range(TILE)):
        if not letter[row][column] and any(
            row >= down and column >= right and letter[row - down][column - right]
            for down, right in ((1, 1), (1, 0), (0, 1))
        ):
            shadowed[row][column] = 2
    return shadowed


def compose(art: Path) -> dict[str, Picture]:
    """Return the layers, with the pictures placed as art/stage.txt says; a pixel is 16 * palette + colour."""
    pictures: dict[str, Picture] = {}
    for file, palette in PALETTES.items():
        for name, picture in read_pictures(art / file).items():
            pictures[name] = [[palette << 4 | pixel if pixel else 0 for pixel in row] for row in picture]
    layers: dict[str, Picture] = {name: [[0] * LAYER_WIDTH for _ in range(LAYER_HEIGHT)] for name in LAYERS}
    for line in (art / "stage.txt").read_text(encoding="ascii").splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        layer, name, place, *repeat = words
        left, top = (int(number) for number in place.split(","))
        step = int(repeat[1]) if repeat else LAYER_WIDTH
        for column in range(left, LAYER_WIDTH, step):
            paste(layers[layer], pictures[name], column, top)
    return layers


def paste(canvas: Picture, picture: Picture, left: int, top: int) -> None:
    for row, pixels in enumerate(picture, start=top):
        for column, pixel in enumerate(pixels, start=left):
            if pixel and 0 <= row < LAYER_HEIGHT and 0 <= column < LAYER_WIDTH:
                canvas[row][column] = pixel


def color(text: str) -> bytes:
    """Return RRGGBB as the console has it: five bits each, blue highest."""
    red, green, blue = (int(text[at : at + 2], 16) >> 3 for at in (0, 2, 4))
    return (blue << 10 | green << 5 | red).to_bytes(2, "little")


def read_palettes(path: Path) -> bytes:
    packed = bytearray(512)
    for line in path.read_text(encoding="ascii").splitlines():
        words = line.split("#")[0].split()
        if words:
            start, *colors = words
            packed[int(start) * 2 : (int(start) + len(colors)) * 2] = b"".join(color(text) for text in colors)
    return bytes(packed)


def sky_table(path: Path) -> bytes:
    """Return the HDMA table of the sky: every few lines, colour 0 (its number twice, then its two bytes)."""
    texts = (line.split("#")[0].split() for line in path.read_text(encoding="ascii").splitlines())
    stops = [(int(words[0]), bytes.fromhex(words[1])) for words in texts if words]
    table = bytearray()
    for line in range(0, SCREEN_HEIGHT, SKY_STEP):
        (above, upper), (below, lower) = next(pair for pair in pairwise(stops) if pair[0][0] <= line < pair[1][0])
        mixed = bytes(
            (one * (below - line) + other * (line - above)) // (below - above)
            for one, other in zip(upper, lower, strict=True)
        )
        table += bytes((SKY_STEP, 0, 0)) + color(mixed.hex())
    return bytes(table) + b"\0"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
