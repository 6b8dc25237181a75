"""`neat-retro games` and `neat-retro runs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from neat_retro.cli.game_files import file_lines
from neat_retro.errors import NeatRetroError, UsageError
from neat_retro.evolution.interrupts import held_back
from neat_retro.game import catalog
from neat_retro.game.overlays import game_files

if TYPE_CHECKING:
    from neat_retro.evolution.run_folder import RunFolder

_OTHER_COLUMNS = 55  # what the table of the games needs for all but their names
_VERIFIED = {True: "yes", False: "no", None: "?"}


def games(
    game: Annotated[str | None, typer.Argument(help="Tell where each file of this game is taken from.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the games that have neither ROM nor config.")] = False,
) -> None:
    """List the games: whether the ROM is here, whether there is a config, which states."""
    if game is not None:
        if everything:
            raise UsageError("--all lists every game. Leave it out, or the GAME.")
        console = Console()
        for line in file_lines(game_files(game), console.width):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        return
    listed = [g for g in catalog.playable_games() if everything or g.rom_present or g.has_config]
    console = Console()
    table = Table()
    longest = max((len(catalog.short_name(each.name)) for each in listed), default=0)
    table.add_column("game", overflow="fold", width=min(longest, max(console.width - _OTHER_COLUMNS, 10)))
    table.add_column("ROM")
    table.add_column("verified")
    table.add_column("config")
    table.add_column("states", overflow="fold")
    for each in listed:
        table.add_row(
            catalog.short_name(each.name),
            "yes" if each.rom_present else "-",
            _VERIFIED[catalog.metadata(each.name).verified],
            "yes" if each.has_config else "-",
            _shorten(each.states) or "-",
        )
    console.print(table)
    console.print("verified: whether its integration was run with its ROM; ?: nobody says", highlight=False)
    hidden = len(catalog.playable_games()) - len(listed)
    if hidden:
        console.print(f"{hidden} more games are known: neat-retro games --all", highlight=False)
    console.print("Where a game's files come from:  neat-retro games GAME", highlight=False)
    console.print("Import your ROMs:  neat-retro roms import FOLDER", highlight=False)


def _shorten(states: tuple[str, ...], most: int = 2) -> str:
    shown = ", ".join(states[:most])
    return f"{shown} and {len(states) - most} more" if len(states) > most else shown


def runs(
    folder: Annotated[Path, typer.Argument(help="The folder that the runs are in.")] = Path("runs"),
) -> None:
    """List the runs: generation, best fitness, state."""
    found = sorted(path.parent for path in folder.glob("*/experiment.cfg"))
    if not found:
        raise UsageError(f"No runs in {folder}. Start one:  neat-retro train --game GAME")
    with held_back():
        from neat_retro.evolution.run_folder import RunFolder
    table = Table()
    for heading in ("run", "generation", "best fitness", "state"):
        numeric = heading in ("generation", "best fitness")
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for path in found:
        table.add_row(str(path), *_run_cells(RunFolder(path)))
    Console().print(table)


def _run_cells(run: RunFolder) -> tuple[str, str, str]:
    try:
        history = run.history()
        total = run.experiment().run.generations
    except NeatRetroError as error:
        return "?", "?", str(error).splitlines()[0]
    state, reason = run.status()
    told = reason if reason.startswith(state) else ": ".join(filter(None, (state, reason)))
    if not history:
        return f"0 of {total}", "-", told
    best = max(record.best_fitness for record in history)
    return f"{history[-1].generation + 1} of {total}", f"{best:.6g}", told
