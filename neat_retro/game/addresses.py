"""Knows which addresses a console's memory has, and says of a variable that lies elsewhere what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from neat_retro.game import catalog
from neat_retro.game.integration import Variable
from neat_retro.game.json_source import Finding

Areas = tuple[tuple[int, int], ...]  # the console's memory: where each area of it begins, and where it is over

# What the cores map, as their memory was seen with stable-retro 1.0.1; of a SNES cartridge's own RAM, all there may be.
# Other consoles' memory is known once their game is open.
_AREAS: dict[str, Areas] = {
    "Nes": ((0, 0x800), (0x6000, 0x8000)),
    "Genesis": ((0xFF0000, 0x1000000),),
    "Snes": ((0, 0x2000), (0x700000, 0x800000)),
    "GameBoy": ((0x8000, 0xE000), (0xFE00, 0xFEA0), (0xFF80, 0x10000)),
    "Atari2600": ((0x80, 0x100),),
}


def memory_areas(console: str) -> Areas:
    """Return the areas of a console's memory as far as they are known without a game; none where they are not."""
    return _AREAS.get(console, ())


def outside(variables: Iterable[Variable], areas: Areas) -> tuple[Variable, ...]:
    """Return the variables that do not lie in the console's memory; none where that is not known."""
    return tuple(v for v in variables if areas and not _inside(v.address, v.width, areas))


def addresses_outside(game: str, data: Path | None, variables: Iterable[Variable], areas: Areas) -> Iterator[Finding]:
    """Yield an error, in the file `data`, for each variable of a game that does not lie in the console's memory."""
    listed = ", ".join(f"{first} to {last - 1} (0x{first:X} to 0x{last - 1:X})" for first, last in areas)
    for variable in outside(variables, areas):
        where = f"{variable.address} (0x{variable.address:X})"
        what = f"variable {variable.name!r}: address {where} is outside of the console's RAM."
        yield Finding("error", data, variable.line, what, f"RAM: {listed}.{_other_address(game, variable, areas)}")


def _inside(address: int, width: int, areas: Areas) -> bool:
    return any(first <= address and address + width <= last for first, last in areas)


def _other_address(game: str, variable: Variable, areas: Areas) -> str:
    """Return what the author may have meant: an offset without its base, a longer address, or a mirror of the RAM."""
    console = catalog.console(game)
    base = catalog.consoles().get(console, {}).get("rambase", 0)
    others = [variable.address + base, variable.address & 0xFFFFFF]
    others += [variable.address % 0x800] if console == "Nes" and variable.address < 0x2000 else []
    for other in others:
        if _inside(other, variable.width, areas):
            return f"\n  Perhaps you meant {other} (0x{other:X})."
    return ""
