"""`neat-retro games GAME`: a game's files as lines for a terminal, each with where it lies and what it hides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from neat_retro.game import catalog
from neat_retro.game.integration import Metadata
from neat_retro.game.overlays import FoundFile, GameFiles
from neat_retro.game.search_path import SearchFolder

VERIFIED = {
    True: "Verified: it was run with its ROM.",
    False: "Not verified: it was never run with its ROM.",
    None: "Nobody says whether it was run with its ROM.",
}


def file_lines(files: GameFiles, width: int) -> Iterator[str]:
    """Yield the lines that tell all of a game's files; paths are folded at their slashes to fit `width`."""
    yield files.game
    yield from _trust(files.metadata)
    yield ""
    yield "The first of these folders that has a file wins:"
    numbers = {folder: number for number, folder in enumerate(files.folders, 1)}
    for folder, number in numbers.items():
        lines = fold(folder.path, width - 22)
        yield f"  {number} {folder.label:<16}  {lines[0]}"
        yield from (f"{'':22}{line}" for line in lines[1:])
    yield f"The game's files lie in their {files.game}/."
    yield ""
    rows = [("file", "taken from", "hides that in"), *_rows(files, numbers)]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, place, hidden in rows:
        yield f"  {name:<{first}}  {place:<{second}}  {hidden}".rstrip()
    yield ""
    yield from _states(files, width)
    yield from _config(files, width)


def fold(path: Path, width: int) -> list[str]:
    """Return a path as lines that end in slashes, the home folder as ~."""
    home = Path.home()
    text = f"~/{path.relative_to(home)}" if path.is_relative_to(home) and path != home else str(path)
    lines = [""]
    for part in text.replace("/", "/\n").splitlines():
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return lines


def _trust(metadata: Metadata) -> Iterator[str]:
    yield VERIFIED[metadata.verified]
    if metadata.sources:
        yield "What it knows of the game is from:"
        yield from (f"  {place}" for place in metadata.sources)


def _rows(files: GameFiles, numbers: dict[SearchFolder, int]) -> Iterator[tuple[str, str, str]]:
    def row(name: str, file: FoundFile, missing: str = "missing") -> tuple[str, str, str]:
        taken = f"{numbers[file.places[0]]} {file.places[0].label}" if file.places else missing
        return name, taken, ", ".join(str(numbers[place]) for place in file.places[1:])

    yield from (row(file.name, file) for file in files.files)
    yield row(files.rom.name, files.rom, "missing:  neat-retro roms import FOLDER")
    for _, group in groupby(sorted(files.states, key=lambda state: [numbers[p] for p in state.places]), _places):
        states = list(group)
        yield row("1 state" if len(states) == 1 else f"{len(states)} states", states[0])


def _places(file: FoundFile) -> tuple[SearchFolder, ...]:
    return file.places


def _states(files: GameFiles, width: int) -> Iterator[str]:
    if not files.states:
        yield f"No start state. {catalog.how_to_make_a_state(files.game)}"
        return
    default = files.metadata.default_state
    line = "States:"
    for state in files.states:
        name = state.name.removesuffix(".state")
        told = f" {name}{' (default)' if name == default else ''}{',' if state is not files.states[-1] else ''}"
        if len(line) + len(told) > width:
            yield line
            line = " "
        line += told
    yield line


def _config(files: GameFiles, width: int) -> Iterator[str]:
    if files.config is None:
        yield "No config. Write one:  neat-retro train --config FILE  (docs/experiment.md)"
        return
    own = catalog.same_game(files.config.stem, files.game)
    lines = fold(files.config, width - 8)
    yield f"Config: {lines[0]}"
    yield from (f"{'':8}{line}" for line in lines[1:])
    if not own:
        yield "  because it names this game in [Game] games"
