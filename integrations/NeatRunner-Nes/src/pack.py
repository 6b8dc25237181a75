"""Turns pictures and maps drawn as text into tiles, level data and C tables: `python pack.py FOLDER`.

art/*.txt are pictures (homebrew.tiles), levels/*.txt are maps; what a map's characters mean is said here, in SQUARES
and ACTORS. `python pack.py --sha ROM FILE` writes a ROM's SHA-1 the way stable-retro wants it.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

from homebrew.tiles import Picture, cut, nes, read_pictures

HERE = Path(__file__).parent
THEMES = ("meadow", "works", "heights", "core")
TITLE = "title"
FRAMES = 4  # of animated background tiles
FIELD_ROWS = 10
FIRST_ROW = 5
MOST_COLUMNS = 255

# Video memory for tiles: 2K of font and ground, 4K of sprites, 2K of sky and animation for each theme and frame.
TILES_BYTES = 64 * 1024
GROUND_TILES, SPRITE_TILES, THEME_TILES = 128, 256, 128
FONT_TILES = 64

# What a map's characters draw: picture, kind (squares.h), palette. The ground's edges are drawn by its neighbours.
SQUARES: dict[str, tuple[str, str, int]] = {
    ".": ("empty", "EMPTY", 0),
    "#": ("ground", "SOLID", 0),
    "B": ("girder", "SOLID", 1),
    "n": ("nozzle", "SOLID", 1),
    "^": ("spikes", "FLOOR_SPIKES", 1),
    "v": ("stalactites", "CEILING_SPIKES", 1),
    "~": ("acid", "ACID", 2),
    "a": ("acid_deep", "ACID", 2),
    "o": ("coin", "COIN", 2),
    "G": ("gate", "GATE", 1),
    "S": ("switch", "SWITCH", 2),
    "P": ("portal", "GOAL", 2),
    ",": ("grass", "EMPTY", 0),
    "r": ("rail", "EMPTY", 1),
}
# Scenery behind the hero, two squares wide and three high, which each landscape draws in its own way.
SCENERY = {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5}
SCENERY_TILES = 24
SKY_PALETTE = 3
# Squares that no map draws: what a gate and a switch become.
CHANGED = {"gate_open": ("EMPTY", 1), "switch_on": ("EMPTY", 2)}
EARTH = "#n"  # what the ground joins without an edge
EDGES = ("", "_left", "_right", "_both")  # which neighbours of a ground square are not ground
# What moves; a capital letter is half a period later. Those up to hopper can be jumped on.
ACTORS = {
    "w": "walker",
    "f": "flyer",
    "h": "hopper",
    "s": "spiny",
    "c": "crusher",
    "j": "jet",
    "m": "slider",
    "e": "lift",
}
STOMPABLE = ("walker", "flyer", "hopper")
PHASE = 0x80


@dataclass
class TileSet:
    """Tiles in the order they were first seen, each once."""

    most: int
    tiles: list[bytes] = field(default_factory=list)

    def number(self, tile: bytes) -> int:
        if tile not in self.tiles:
            self.tiles.append(tile)
            if len(self.tiles) > self.most:
                raise ValueError(f"more than {self.most} different tiles")
        return self.tiles.index(tile)

    def pack(self) -> bytes:
        return b"".join(self.tiles).ljust(self.most * 16, b"\0")


@dataclass(frozen=True)
class Square:
    """A square's four tiles and what it is."""

    name: str
    kind: str
    palette: int
    tiles: tuple[int, ...]


@dataclass(frozen=True)
class Map:
    """A level: its squares by column, and what moves in it."""

    name: str
    time: int
    columns: list[bytes]
    spawns: list[tuple[int, int, int]]  # column, row, kind
    gate: int


class Squares:
    """All squares by name, and the tiles they are drawn with."""

    def __init__(self) -> None:
        self.ground = TileSet(GROUND_TILES)
        self.animated = TileSet(THEME_TILES)
        self._frames: list[tuple[bytes, ...]] = []
        self.all: list[Square] = []
        font = read_pictures(HERE / "art" / "font.txt")
        glyphs = [nes(picture) for picture in font.values()]
        self.ground.tiles = glyphs + [bytes(15) + bytes([index + 1]) for index in range(FONT_TILES - len(glyphs))]
        self.icons = {name: number for number, name in enumerate(font) if len(name) > 1}
        still = read_pictures(HERE / "art" / "squares.txt")
        moving = read_pictures(HERE / "art" / "animated.txt")
        self.blank = self.ground.number(bytes(16))
        for picture, kind, palette in SQUARES.values():
            self._add(picture, kind, palette, still, moving)
        for part in SCENERY.values():
            tiles = tuple(self.scenery_tile + 4 * part + corner for corner in range(4))
            self.all.append(Square(f"scenery_{part}", "EMPTY", SKY_PALETTE, tiles))
        for picture, (kind, palette) in CHANGED.items():
            self._add(picture, kind, palette, still, moving)
        self.all.append(Square("portal_sky", "GOAL", 0, (self.blank,) * 4))

    def _add(self, name: str, kind: str, palette: int, still: dict[str, Picture], moving: dict[str, Picture]) -> None:
        if name == "ground":
            for depth in ("top", "deep"):
                for edge in EDGES:
                    self._still(f"ground_{depth}{edge}", kind, palette, still[f"ground_{depth}{edge}"])
        elif name == "empty":
            self.all.append(Square(name, kind, palette, (self.blank,) * 4))
        elif f"{name}.0" in moving:
            frames = [[nes(tile) for tile in cut(moving[f"{name}.{frame}"])] for frame in range(FRAMES)]
            tiles = tuple(self._moving(tuple(frame[part] for frame in frames)) for part in range(len(frames[0])))
            wide = len(moving[f"{name}.0"][0]) // 8
            if len(tiles) == 4:
                self.all.append(Square(name, kind, palette, tiles))
                return
            for top in range(0, len(tiles) // wide, 2):
                for left in range(0, wide, 2):
                    first = top * wide + left
                    part = (tiles[first], tiles[first + 1], tiles[first + wide], tiles[first + wide + 1])
                    self.all.append(Square(f"{name}_{top // 2}_{left // 2}", kind, palette, part))
        else:
            self._still(name, kind, palette, still[name])

    def _still(self, name: str, kind: str, palette: int, picture: Picture) -> None:
        tiles = tuple(self.ground.number(nes(tile)) for tile in cut(picture))
        self.all.append(Square(name, kind, palette, tiles))

    def _moving(self, frames: tuple[bytes, ...]) -> int:
        if frames not in self._frames:
            self._frames.append(frames)
        return GROUND_TILES + self._frames.index(frames)

    def index(self, name: str) -> int:
        return next(number for number, square in enumerate(self.all) if square.name == name)

    def theme_bank(self, frame: int) -> TileSet:
        bank = TileSet(THEME_TILES)
        bank.tiles = [frames[frame] for frames in self._frames]
        return bank

    @property
    def scenery_tile(self) -> int:
        """The number of the first of SCENERY_TILES tiles; all that is animated has been added before."""
        return GROUND_TILES + len(self._frames)


def read_map(path: Path, squares: Squares) -> Map:
    """Read a level's text file.

    Raises ValueError, with file and line, for a map of the wrong shape or a character that means nothing.
    """
    settings: dict[str, str] = {}
    rows: list[str] = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        if not line.strip() or line.startswith(";"):
            continue
        key, equals, value = line.partition("=")
        if equals and not rows:
            settings[key.strip()] = value.strip()
            continue
        if rows and len(line) != len(rows[0]):
            raise ValueError(f"{path}, line {number}: {len(line)} columns, but the rows above have {len(rows[0])}")
        for character in line:
            if character not in (*SQUARES, *SCENERY) and character.lower() not in ACTORS:
                raise ValueError(f"{path}, line {number}: {character!r} means nothing")
        rows.append(line)
    if len(rows) != FIELD_ROWS or len(rows[0]) > MOST_COLUMNS:
        raise ValueError(f"{path}: {len(rows)} rows of {len(rows[0])}, not {FIELD_ROWS} of at most {MOST_COLUMNS}")
    columns = []
    spawns = []
    gate = 0
    for column in range(len(rows[0])):
        characters = [row[column] for row in rows]
        if characters.count("o") > 1:
            raise ValueError(f"{path}: two coins in column {column}; the game remembers one a column")
        if "G" in characters:
            gate = column
        drawn = []
        for row, character in enumerate(characters):
            if character in SCENERY:
                drawn.append(squares.index(f"scenery_{SCENERY[character]}"))
                continue
            if character not in SQUARES:
                kind = list(ACTORS.values()).index(ACTORS[character.lower()])
                spawns.append((column, row + FIRST_ROW, kind | (PHASE if character.isupper() else 0)))
                character = "r" if character.lower() == "c" else "."
            drawn.append(squares.index(_square_name(rows, row, column, character)))
        above = [squares.index("portal_sky" if "P" in characters else "empty")] * FIRST_ROW
        columns.append(bytes(above) + bytes(drawn) + bytes(16 - FIRST_ROW - FIELD_ROWS))
    return Map(settings["name"], int(settings["time"]), columns, spawns, gate)


def _square_name(rows: list[str], row: int, column: int, character: str) -> str:
    name = SQUARES[character][0]
    if name == "empty" and any(other[column] == "P" for other in rows):
        return "portal_sky"  # looks empty, but is the goal: nobody leaps over a portal
    if name == "ground":
        depth = "top" if row == 0 or rows[row - 1][column] not in EARTH else "deep"
        left = column > 0 and rows[row][column - 1] not in EARTH
        right = column + 1 < len(rows[row]) and rows[row][column + 1] not in EARTH
        return f"ground_{depth}{EDGES[left + 2 * right]}"
    if name == "portal":
        top, left = row, column
        while rows[top - 1][column] == character:
            top -= 1
        while rows[row][left - 1] == character:
            left -= 1
        return f"portal_{row - top}_{column - left}"
    return name


def pack(out: Path) -> None:
    """Write tiles.bin, levels.bin, tables.c, tiles.h, levels.h and palettes.h."""
    squares = Squares()
    sprites = read_pictures(HERE / "art" / "sprites.txt")
    sprite_tiles, sprite_numbers = b"", {}
    for name, picture in sprites.items():
        sprite_numbers[name] = len(sprite_tiles) // 16
        sprite_tiles += b"".join(nes(tile) for tile in cut(picture))
    if len(sprite_tiles) > SPRITE_TILES * 16:
        raise ValueError(f"{len(sprite_tiles) // 16} sprite tiles; there is room for {SPRITE_TILES}")
    banks, skylines = b"", []
    for theme in THEMES:
        pictures = read_pictures(HERE / "art" / f"sky_{theme}.txt")
        scenery = [nes(tile) for square in _squares_of(pictures["scenery"]) for tile in cut(square)]
        first = squares.scenery_tile + SCENERY_TILES
        for frame in range(FRAMES):
            bank = squares.theme_bank(frame)
            # a tile that is animated must not be taken for sky that looks the same in one frame
            sky = TileSet(THEME_TILES + GROUND_TILES - first)
            numbers = [sky.number(nes(tile)) + first for tile in cut(pictures["sky"])]
            bank.tiles = bank.tiles + scenery + sky.tiles
            banks += bank.pack()
        skylines.append(numbers)
    title = TileSet(THEME_TILES)
    picture = read_pictures(HERE / "art" / f"sky_{THEMES[0]}.txt")["sky"]
    skylines.append([title.number(nes(tile)) + GROUND_TILES for tile in cut(picture)])
    logo = read_pictures(HERE / "art" / "logo.txt")["logo"]
    logo_tiles = [title.number(nes(tile)) + GROUND_TILES for tile in cut(logo)]
    banks += title.pack() * FRAMES
    tiles = squares.ground.pack().ljust(4096, b"\0") + sprite_tiles.ljust(4096, b"\0") + banks
    maps = [read_map(path, squares) for path in sorted((HERE / "levels").glob("*.txt"))]

    out.mkdir(exist_ok=True)
    (out / "tiles.bin").write_bytes(tiles.ljust(TILES_BYTES, b"\0"))
    (out / "levels.bin").write_bytes(b"".join(b"".join(level.columns).ljust(4096, b"\0") for level in maps))
    (out / "tiles.h").write_text(_tiles_header(squares, sprite_numbers))
    (out / "levels.h").write_text(_levels_header())
    size = f"#define LOGO_WIDTH {len(logo[0]) // 8}\n#define LOGO_ROWS {len(logo) // 8}\n"
    (out / "palettes.h").write_text(_PALETTES_HEADER + size)
    (out / "tables.c").write_text(_tables(squares, maps, skylines, logo_tiles))


def _squares_of(picture: Picture) -> list[Picture]:
    """Cut a picture into squares, row by row."""
    tops, lefts = range(0, len(picture), 16), range(0, len(picture[0]), 16)
    return [[row[left : left + 16] for row in picture[top : top + 16]] for top in tops for left in lefts]


_PALETTES_HEADER = """extern const unsigned char palettes[][32];
extern const unsigned char * const skylines[];
extern const unsigned char logo[];
"""


def _tiles_header(squares: Squares, sprites: dict[str, int]) -> str:
    lines = ["/* Made by pack.py. */", "#ifndef TILES_H", "#define TILES_H"]
    lines += [f"#define TILE_{name.upper()} {number}" for name, number in squares.icons.items()]
    letters = {"SPACE": " ", "DASH": "-", "0": "0", "1": "1"}
    lines += [f"#define TILE_{name} {ord(letter) - ord(' ')}" for name, letter in letters.items()]
    lines += [f"#define SQUARE_{square.name.upper()} {number}" for number, square in enumerate(squares.all)]
    lines += [f"#define SPRITE_{name.upper()} {number}" for name, number in sprites.items()]
    lines += [f"#define ACTOR_{name.upper()} {number}" for number, name in enumerate(ACTORS.values())]
    lines += [f"#define LAST_STOMPABLE ACTOR_{STOMPABLE[-1].upper()}", f"#define ACTOR_SQUASHED {len(ACTORS)}"]
    corners = ("top_left", "top_right", "bottom_left", "bottom_right")
    lines += [f"extern const unsigned char square_{name}[];" for name in (*corners, "palettes", "kinds")]
    return "\n".join([*lines, "#endif", ""])


def _levels_header() -> str:
    lines = ["/* Made by pack.py. */"]
    lines += ["extern const unsigned char level_widths[];", "extern const unsigned char level_times[][3];"]
    lines += ["extern const unsigned char gate_columns[];", "extern const unsigned char level_spawn_counts[];"]
    lines += ["extern const char * const level_names[];", "extern const unsigned char level_name_lefts[];"]
    return "\n".join([*lines, "extern const unsigned char * const level_spawns[];", ""])


def _tables(squares: Squares, maps: list[Map], skylines: list[list[int]], logo: list[int]) -> str:
    corners = ("top_left", "top_right", "bottom_left", "bottom_right")
    lines = ["/* Made by pack.py. */", '#include "squares.h"']
    for number, name in enumerate(corners):
        lines.append(_array(f"square_{name}", [square.tiles[number] for square in squares.all]))
    lines.append(_array("square_palettes", [square.palette for square in squares.all]))
    lines.append(_array("square_kinds", [square.kind for square in squares.all]))
    for number, level in enumerate(maps):
        ends = [*level.spawns, (255, 0, 0)]
        lines.append(_array(f"spawns_{number}", [spawn[part] for part in range(3) for spawn in ends]))
    lines.append(_array("level_spawns", [f"spawns_{number}" for number in range(len(maps))], "unsigned char * const"))
    lines.append(_array("level_spawn_counts", [len(level.spawns) for level in maps]))
    lines.append(_array("level_widths", [len(level.columns) for level in maps]))
    lines.append(_array("gate_columns", [level.gate for level in maps]))
    lines.append(_array("level_names", [f'"{level.name}"' for level in maps], "char * const"))
    lines.append(_array("level_name_lefts", [16 - (len(level.name) + 1) // 2 for level in maps]))
    lines.append(_array("logo", logo))
    times = ", ".join("{" + ", ".join(f"{level.time:03d}") + "}" for level in maps)
    lines.append(f"const unsigned char level_times[][3] = {{{times}}};")
    for number, numbers in enumerate(skylines):
        lines.append(_array(f"skyline_{number}", numbers))
    lines.append(_array("skylines", [f"skyline_{number}" for number in range(len(skylines))], "unsigned char * const"))
    palettes = ",\n".join("{" + ", ".join(f"0x{color}" for color in colors) + "}" for colors in _palettes())
    lines.append(f"const unsigned char palettes[][32] = {{\n{palettes}}};")
    return "\n".join([*lines, ""])


def _palettes() -> list[list[str]]:
    """Read art/palettes.txt: for each theme, 32 colours as the PPU numbers them, in hexadecimal."""
    themes: dict[str, list[str]] = {}
    for line in (HERE / "art" / "palettes.txt").read_text(encoding="ascii").splitlines():
        text = line.partition(";")[0].strip()
        if text.startswith("["):
            colors = themes.setdefault(text.strip("[]"), [])
        elif text:
            colors += text.split()
    return [themes[theme] for theme in (*THEMES, TITLE)]


def _array(name: str, values: list[int] | list[str], kind: str = "unsigned char") -> str:
    return f"const {kind} {name}[] = {{{', '.join(map(str, values))}}};"


def write_sha(rom: Path, out: Path) -> None:
    """stable-retro knows a NES game by the SHA-1 of its file without the 16 bytes of header."""
    out.write_text(hashlib.sha1(rom.read_bytes()[16:]).hexdigest() + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "--sha":
        write_sha(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        pack(Path(sys.argv[1]))
