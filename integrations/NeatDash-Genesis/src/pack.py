"""Turns the pictures in art/ and the levels in levels/ into C: `python pack.py build` writes assets.c and assets.h.

Run with the repository's root on PYTHONPATH. The same files give the same bytes on every machine.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from homebrew.tiles import Picture, cut, genesis, read_pictures

HERE = Path(__file__).parent
ROWS = 20  # blocks, WORLD_ROWS
BACKGROUND_COLUMNS, BACKGROUND_ROWS = 64, 28  # tiles
PALETTES = ("hero", "ground", "scenery", "things")
HERO, GROUND, SCENERY, THINGS = range(4)
HUD_LETTERS = 28
SYMBOLS = {"space": " ", "cell": "@", "face": "$", "cursor": ">", "dot": ".", "dash": "-", "bang": "!"}
ZONES = ("clover", "ember")
FLIP_X = 0x0800
VRAM_TILES = 0xA800 // 32  # below the table of sprites

COMMON_ART = ("hero", "things")


class Block(NamedTuple):
    """A kind of block: its picture, the palette of it, what it stands for in the hero's way."""

    picture: str
    palette: int
    shape: str
    effect: str = "EFFECT_NONE"


# The order is the block's number in the map. Number 0 is air and has no picture.
BLOCKS = (
    Block("", GROUND, "SHAPE_AIR"),
    Block("top_1", GROUND, "SHAPE_FULL"),
    Block("top_2", GROUND, "SHAPE_FULL"),
    Block("top_3", GROUND, "SHAPE_FULL"),
    Block("top_left", GROUND, "SHAPE_FULL"),
    Block("top_right", GROUND, "SHAPE_FULL"),
    Block("inner_1", GROUND, "SHAPE_FULL"),
    Block("inner_2", GROUND, "SHAPE_FULL"),
    Block("inner_3", GROUND, "SHAPE_FULL"),
    Block("inner_left", GROUND, "SHAPE_FULL"),
    Block("inner_right", GROUND, "SHAPE_FULL"),
    Block("under", GROUND, "SHAPE_FULL"),
    Block("steep_up", GROUND, "SHAPE_STEEP_UP"),
    Block("steep_down", GROUND, "SHAPE_STEEP_DOWN"),
    Block("gentle_up_low", GROUND, "SHAPE_GENTLE_UP_LOW"),
    Block("gentle_up_high", GROUND, "SHAPE_GENTLE_UP_HIGH"),
    Block("gentle_down_high", GROUND, "SHAPE_GENTLE_DOWN_HIGH"),
    Block("gentle_down_low", GROUND, "SHAPE_GENTLE_DOWN_LOW"),
    Block("ledge", GROUND, "SHAPE_LEDGE"),
    Block("crate", GROUND, "SHAPE_FULL"),
    Block("spikes", THINGS, "SHAPE_AIR", "EFFECT_KILL"),
    Block("hanging_spikes", THINGS, "SHAPE_AIR", "EFFECT_KILL"),
    Block("pool", GROUND, "SHAPE_AIR", "EFFECT_KILL"),
    Block("pool_deep", GROUND, "SHAPE_AIR", "EFFECT_KILL"),
    Block("cell", HERO, "SHAPE_AIR", "EFFECT_CELL"),
    Block("gate", THINGS, "SHAPE_FULL", "EFFECT_GATE"),
    Block("plant_1", GROUND, "SHAPE_AIR"),
    Block("plant_2", GROUND, "SHAPE_AIR"),
)
NUMBERS = {block.picture: number for number, block in enumerate(BLOCKS)}

# Letters of a level's map that are always the same block.
LETTERS = {
    ".": "",
    "/": "steep_up",
    "\\": "steep_down",
    "(": "gentle_up_low",
    "[": "gentle_up_high",
    "]": "gentle_down_high",
    ")": "gentle_down_low",
    "=": "ledge",
    "B": "crate",
    "^": "spikes",
    "v": "hanging_spikes",
    "~": "pool",
    "o": "cell",
    "X": "gate",
}
SLOPES = "/\\([])"

# Letters that are things, with the argument (where in its rhythm it begins).
THING_LETTERS = {
    "w": ("THING_WALKER", 0),
    "d": ("THING_DRONE", 0),
    "m": ("THING_MINE", 0),
    "P": ("THING_PISTON", 0),
    "Q": ("THING_PISTON", 43),
    "R": ("THING_PISTON", 85),
    "J": ("THING_JET", 0),
    "K": ("THING_JET", 43),
    "L": ("THING_JET", 85),
    "s": ("THING_SPRING", 0),
    ">": ("THING_BOOSTER", 0),
    "-": ("THING_SHUTTLE", 0),
    "_": ("THING_SHUTTLE", 32),
    "|": ("THING_LIFT", 0),
    "!": ("THING_LIFT", 32),
    "k": ("THING_SWITCH", 0),
    "G": ("THING_BEACON", 0),
}


class Level(NamedTuple):
    """An act as its file says it: what is said in its first lines, and the map as rows of letters."""

    settings: dict[str, str]
    rows: list[str]


def read_level(path: Path) -> Level:
    """Read the `key = value` lines, then the sections (`: what it asks`), joined from left to right.

    A section need not draw the air above it: its rows are the lowest ones. Its last row goes on down to the map's
    lowest. Raises ValueError for rows of different widths, more rows than the map has, or a letter without a meaning.
    """
    settings: dict[str, str] = {}
    sections: list[list[str]] = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith(";"):
            continue
        if text.startswith(":"):
            sections.append([])
        elif not sections:
            key, _, value = text.partition("=")
            settings[key.strip()] = value.strip()
        else:
            strange = set(text) - set("#S") - LETTERS.keys() - THING_LETTERS.keys()
            if strange:
                raise ValueError(f"{path}, line {number}: {strange.pop()!r} means nothing")
            if sections[-1] and len(text) != len(sections[-1][0]):
                raise ValueError(f"{path}, line {number}: {len(text)} blocks, not {len(sections[-1][0])} as above")
            sections[-1].append(text)
    return Level(settings, join(sections, int(settings["ground_rows"]), path))


def join(sections: list[list[str]], ground_rows: int, path: Path) -> list[str]:
    rows = [""] * ROWS
    for section in sections:
        air = ROWS - ground_rows - len(section)
        if air < 0:
            raise ValueError(f"{path}: a section has {len(section)} rows; {ROWS - ground_rows} fit")
        last = "".join("#" if letter in "#" + SLOPES else letter if letter == "~" else "." for letter in section[-1])
        whole = ["." * len(section[0])] * air + section + [last] * ground_rows
        rows = [row + more for row, more in zip(rows, whole, strict=True)]
    return rows


def ground_picture(rows: list[str], column: int, row: int) -> str:
    """Choose the picture of a block of ground by what is around it."""

    def is_ground(dx: int, dy: int) -> bool:
        x, y = column + dx, row + dy
        if y >= ROWS or x < 0 or x >= len(rows[0]):
            return True
        return y >= 0 and rows[y][x] in "#" + SLOPES

    variety = (column * 7 + row * 5 + column * row) % 8
    if not is_ground(0, -1):
        if not is_ground(-1, 0):
            return "top_left"
        if not is_ground(1, 0):
            return "top_right"
        return "top_2" if variety == 3 else "top_3" if variety == 6 else "top_1"
    if not is_ground(0, 1):
        return "under"
    if not is_ground(-1, 0):
        return "inner_left"
    if not is_ground(1, 0):
        return "inner_right"
    return "inner_2" if variety == 1 else "inner_3" if variety == 4 else "inner_1"


def plant_picture(rows: list[str], column: int, row: int) -> str:
    """Let something grow, here and there, where nothing is but ground below."""
    variety = (column * 11 + column // 5 * 3) % 16
    grows = variety in (2, 9) and row + 1 < ROWS and rows[row + 1][column] == "#"
    return f"plant_{1 + (variety == 9)}" if grows else ""


def pack_blocks(rows: list[str]) -> bytes:
    """Number the blocks, column by column."""
    packed = bytearray()
    for column in range(len(rows[0])):
        for row in range(ROWS):
            letter = rows[row][column]
            name = ground_picture(rows, column, row) if letter == "#" else LETTERS.get(letter, "")
            if letter == ".":
                name = plant_picture(rows, column, row)
            if letter == "~" and rows[row - 1][column] == "~":
                name = "pool_deep"
            packed.append(NUMBERS[name])
    return bytes(packed)


def pack_things(rows: list[str]) -> list[str]:
    """Return C initialisers of the things on the map, by column."""
    return [
        f"{{{column}, {row}, {THING_LETTERS[rows[row][column]][0]}, {THING_LETTERS[rows[row][column]][1]}, 0}}"
        for column in range(len(rows[0]))
        for row in range(ROWS)
        if rows[row][column] in THING_LETTERS
    ]


def find_start(rows: list[str]) -> tuple[int, int]:
    """Return where the hero's feet stand: the middle of the lower edge of the block with the S."""
    row, column = next((row, line.index("S")) for row, line in enumerate(rows) if "S" in line)
    return column * 16 + 8, row * 16 + 16


def sprite_tiles(picture: Picture) -> list[bytes]:
    """Cut a picture into tiles in the order of a sprite: down first, then to the right."""
    tiles = [genesis(tile) for tile in cut(picture)]
    columns = len(picture[0]) // 8
    return [tiles[row * columns + column] for column in range(columns) for row in range(len(picture) // 8)]


def double(picture: Picture) -> Picture:
    """Enlarge a letter twice, and shade its lower half."""
    shaded = [[pixel if row < 4 or pixel != 6 else 4 for pixel in line] for row, line in enumerate(picture)]
    return [[pixel for pixel in line for _ in range(2)] for line in shaded for _ in range(2)]


class Sheet:
    """Tiles in the order in which they lie in video memory, and the names of some of them."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.tiles: list[bytes] = []
        self.names: dict[str, int] = {}

    def add(self, name: str, tiles: list[bytes]) -> None:
        if name:
            self.names[name] = self.first + len(self.tiles)
        self.tiles += tiles


def constant(name: str) -> str:
    """Return the C name of a picture, or nothing for all but the first of a series."""
    stem, _, number = name.rpartition("_")
    if number.isdigit():
        return f"TILE_{stem.upper()}" if number == "1" else ""
    return f"TILE_{name.upper()}"


def common_sheet(letters: list[Picture]) -> Sheet:
    """Return the tiles that every screen has: letters, the hero, the things."""
    sheet = Sheet(0)
    sheet.add("TILE_NOTHING", [bytes(32)])
    sheet.add("TILE_FONT", [genesis(letter) for letter in letters])
    big = [tile for letter in letters[ord("0") - ord(" ") :] for tile in sprite_tiles(double(letter))]
    sheet.add("TILE_BIG_FONT", big)
    sheet.add("TILE_HUD", [bytes(32)] * HUD_LETTERS)
    for file in COMMON_ART:
        for name, picture in read_pictures(HERE / f"art/{file}.txt").items():
            sheet.add(constant(name), sprite_tiles(picture))
    sheet.add("TILE_ZONE", [])
    return sheet


def read_letters() -> list[Picture]:
    """Return the letters from space to Z; what the font lacks is blank."""
    pictures = {SYMBOLS.get(name, name): picture for name, picture in read_pictures(HERE / "art/font.txt").items()}
    blank = [[0] * 8] * 8
    return [pictures.get(chr(code), blank) for code in range(ord(" "), ord("Z") + 1)]


class Plane(NamedTuple):
    """The tiles of a picture on a plane, and which of them is where."""

    tiles: list[bytes]
    cells: list[int]


def pack_plane(picture: Picture, columns: int, palette: int, first_tile: int, plane: Plane) -> None:
    """Add a picture, repeated to so many columns of tiles; keep each tile, and its mirror image, once."""
    wide = len(picture[0]) // 8
    cut_tiles = list(cut(picture))
    for row in range(len(picture) // 8):
        for column in range(columns):
            tile = cut_tiles[row * wide + column % wide]
            straight, mirrored = genesis(tile), genesis([line[::-1] for line in tile])
            if straight not in plane.tiles and mirrored in plane.tiles:
                plane.cells.append(palette << 13 | FLIP_X | first_tile + plane.tiles.index(mirrored))
                continue
            if straight not in plane.tiles:
                plane.tiles.append(straight)
            plane.cells.append(palette << 13 | first_tile + plane.tiles.index(straight))


def pack_background(path: Path, first_tile: int) -> Plane:
    """Put the pictures of a file below each other, each repeated to the plane's width."""
    plane = Plane([], [])
    for name, picture in read_pictures(path).items():
        columns = len(picture[0]) // 8
        if columns > BACKGROUND_COLUMNS or BACKGROUND_COLUMNS % columns:
            raise ValueError(f"{path}: {name} is {columns} tiles wide, which does not divide {BACKGROUND_COLUMNS}")
        pack_plane(picture, BACKGROUND_COLUMNS, SCENERY, first_tile, plane)
    if len(plane.cells) != BACKGROUND_COLUMNS * BACKGROUND_ROWS:
        raise ValueError(f"{path}: {len(plane.cells) // BACKGROUND_COLUMNS} rows of tiles, not {BACKGROUND_ROWS}")
    return plane


def read_strips(path: Path) -> list[str]:
    """Read `lines drift speed speed_a_line` of each strip; C initialisers."""
    lines = [line.split("#")[0].split() for line in path.read_text(encoding="ascii").splitlines()]
    return [f"{{{', '.join(numbers)}}}" for numbers in lines if numbers]


def read_colours(path: Path) -> list[int]:
    """Read the four palettes, `name RRGGBB ...`, and round them to the console's 3 bits a channel."""
    palettes = {}
    for line in path.read_text(encoding="ascii").splitlines():
        name, *colours = line.split() or ["#"]
        if not name.startswith("#"):
            if len(colours) != 16:
                raise ValueError(f"{path}: {name} has {len(colours)} colours, not 16")
            palettes[name] = [genesis_colour(colour) for colour in colours]
    return [colour for name in PALETTES for colour in palettes[name]]


def genesis_colour(rgb: str) -> int:
    """Turn RRGGBB into the bits ....BBB.GGG.RRR."""
    red, green, blue = ((int(rgb[at : at + 2], 16) * 7 + 127) // 255 for at in (0, 2, 4))
    return blue << 9 | green << 5 | red << 1


def c_array(kind: str, name: str, values: list[str]) -> str:
    lines = [", ".join(values[at : at + 16]) for at in range(0, len(values), 16)]
    return f"const {kind} {name}[] = {{\n" + "".join(f"    {line},\n" for line in lines) + "};\n"


def c_tiles(name: str, tiles: list[bytes]) -> str:
    data = b"".join(tiles)
    longs = [f"0x{int.from_bytes(data[at : at + 4], 'big'):08X}" for at in range(0, len(data), 4)]
    return c_array("u32", name, longs)


def block_cells(first: int, cell_tile: int) -> list[str]:
    """Return the four tiles of each block, left to right, top to bottom; zone blocks lie at `first` in their order."""
    cells = ["{0, 0, 0, 0}"]
    number = 0
    for block in BLOCKS[1:]:
        if block.picture == "cell":  # a sprite's order, because it is a common picture
            tiles = [cell_tile, cell_tile + 2, cell_tile + 1, cell_tile + 3]
        else:
            tiles = [first + number * 4 + quarter for quarter in range(4)]
            number += 1
        cells.append("{" + ", ".join(str(block.palette << 13 | tile) for tile in tiles) + "}")
    return cells


class Source:
    """What is written: the arrays of assets.c, and the constants of assets.h."""

    def __init__(self) -> None:
        self.arrays = ['#include "assets.h"\n']
        self.constants: dict[str, int] = {}

    def write(self, folder: Path) -> None:
        constants = "".join(f"    {name} = {number},\n" for name, number in self.constants.items())
        (folder / "assets.h").write_text(HEADER.replace("CONSTANTS", constants), encoding="ascii")
        (folder / "assets.c").write_text("\n".join(self.arrays), encoding="ascii")


HEADER = """/* Written by pack.py. */
#ifndef ASSETS_H
#define ASSETS_H

#include "scenery.h"
#include "things.h"
#include "types.h"
#include "world.h"

enum {
CONSTANTS};

extern const u32 common_tiles[], font_tiles[], logo_tiles[];
extern const u16 logo_cells[];
extern const u8 block_shapes[], block_effects[];
extern const u16 block_cells[][4];
extern const struct Scenery sceneries[];
extern const struct Act acts[];

#endif
"""


def pack_common(source: Source) -> int:
    """Pack what every screen has; return the first tile of the zone's own."""
    letters = read_letters()
    common = common_sheet(letters)
    first = common.names["TILE_ZONE"]
    cells = block_cells(first, common.names["TILE_CELL"])
    zone_blocks = [name for name in NUMBERS if name not in ("", "cell")]
    source.arrays += [
        c_tiles("common_tiles", common.tiles),
        c_tiles("font_tiles", [genesis(letter) for letter in letters]),
        c_array("u8", "block_shapes", [block.shape for block in BLOCKS]),
        c_array("u8", "block_effects", [block.effect for block in BLOCKS]),
        "const u16 block_cells[][4] = {\n" + "".join(f"    {row},\n" for row in cells) + "};\n",
    ]
    source.constants |= common.names | {
        "COMMON_TILES": len(common.tiles),
        "TILE_POOL": first + 4 * zone_blocks.index("pool"),
        "BLOCK_TOP": NUMBERS["top_1"],
        "BLOCK_INNER": NUMBERS["inner_1"],
    }
    return first


def pack_zones(source: Source, first: int) -> int:
    """Pack blocks, background and colours of the zones; return how many tiles the largest of them has."""
    sceneries, most_tiles = [], 0
    for zone in ZONES:
        pictures = read_pictures(HERE / f"art/{zone}_blocks.txt")
        names = [block.picture for block in BLOCKS[1:] if block.picture != "cell"]
        tiles = [genesis(tile) for name in names for tile in cut(pictures[name])]
        background = pack_background(HERE / f"art/{zone}_background.txt", first + len(tiles))
        tiles += background.tiles
        most_tiles = max(most_tiles, len(tiles))
        ripples = [genesis(tile) for name in ("pool", "pool_2", "pool_3", "pool_4") for tile in cut(pictures[name])]
        strips = read_strips(HERE / f"art/{zone}_strips.txt")
        colours = read_colours(HERE / f"art/{zone}_palettes.txt")
        source.arrays += [
            c_tiles(f"{zone}_tiles", tiles),
            c_tiles(f"{zone}_ripples", ripples),
            c_array("u16", f"{zone}_cells", [str(cell) for cell in background.cells]),
            c_array("struct Strip", f"{zone}_strips", strips),
            c_array("u16", f"{zone}_colours", [f"0x{colour:03X}" for colour in colours]),
        ]
        fields = (f"{zone}_tiles", len(tiles), f"{zone}_cells", f"{zone}_strips", len(strips))
        sceneries.append("{" + ", ".join(map(str, (*fields, f"{zone}_colours", f"{zone}_ripples"))) + "}")
    source.arrays.append(c_array("struct Scenery", "sceneries", sceneries))
    return most_tiles


def pack_logo(source: Source, first: int) -> None:
    """Pack the name on the title screen; its tiles lie behind those of the largest zone."""
    picture = read_pictures(HERE / "art/logo.txt")["logo"]
    columns, plane = len(picture[0]) // 8, Plane([], [])
    pack_plane(picture, columns, HERO, first, plane)
    print(f"{first + len(plane.tiles)} tiles of {VRAM_TILES}")
    if first + len(plane.tiles) > VRAM_TILES:
        raise ValueError("the pictures have more tiles than there is video memory")
    source.arrays.append(c_tiles("logo_tiles", plane.tiles))
    source.arrays.append(c_array("u16", "logo_cells", [str(cell) for cell in plane.cells]))
    source.constants |= {
        "TILE_LOGO": first,
        "LOGO_TILES": len(plane.tiles),
        "LOGO_COLUMNS": columns,
        "LOGO_ROWS": len(plane.cells) // columns,
    }


def pack_acts(source: Source) -> None:
    """Pack the levels, in the order of zones and acts."""
    acts = []
    for path in sorted((HERE / "levels").glob("*.txt")):
        level = read_level(path)
        name = path.stem.replace("-", "_")
        things = pack_things(level.rows)
        source.arrays.append(c_array("u8", f"{name}_blocks", [str(number) for number in pack_blocks(level.rows)]))
        source.arrays.append(c_array("struct ActThing", f"{name}_things", things))
        said = level.settings
        fields = [f'"{said["zone_name"]}"', f"{name}_blocks", f"{name}_things", len(things), len(level.rows[0])]
        fields += [*find_start(level.rows), said["seconds"], said["zone"], said["act"]]
        acts.append("{" + ", ".join(map(str, fields)) + "}")
    source.arrays.append(c_array("struct Act", "acts", acts))
    source.constants["ACT_COUNT"] = len(acts)


def main(folder: Path) -> None:
    source = Source()
    first = pack_common(source)
    most_tiles = pack_zones(source, first)
    pack_logo(source, first + most_tiles)
    pack_acts(source)
    source.write(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
