"""`neat-retro integration`: make an integration and mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from neat_retro.errors import NeatRetroError, UsageError
from neat_retro.game import ram_search
from neat_retro.game.candidates import Candidate

integration = typer.Typer(help="Make the integration of a game, and mend it.", no_args_is_help=True)
_FALLS = "how often it falls while RIGHT, nothing, LEFT or anything is held"
_CAPTIONS = {
    "position": "pixels a frame while RIGHT, nothing or LEFT is held",
    "lives": _FALLS,
    "health": _FALLS,
    "timer": "every so many frames, in so many of a hundred steps at least, whatever is held",
}
KINDS = ", ".join(ram_search.SEARCHES)


@integration.command()
def find(
    game: Annotated[str, typer.Argument(metavar="GAME", help="A game of `neat-retro games`.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"What to look for: {KINDS}.")],
    state: Annotated[str | None, typer.Option(help="The start state to play from.")] = None,
    write: Annotated[str | None, typer.Option(metavar="NAME", help="Put it into data.json under this name.")] = None,
    choice: Annotated[int, typer.Option(metavar="RANK", help="Which one to write.", min=1)] = 1,
) -> None:
    """Search the memory for a position, lives, a timer or health, by how they behave while the game is played."""
    if write is not None:
        ram_search.check_name(game, write)
    elif choice != 1:
        raise UsageError(f"--choice {choice} goes with --write NAME.")
    found = ram_search.search(game, kind, state)
    if not found:
        raise NeatRetroError(f"Nothing in the memory behaves as {kind}. Try another start state:  --state STATE")
    _print_candidates(kind, found)
    if write is None:
        typer.echo("Put one into data.json:  --write NAME, and --choice RANK if it is not the first")
        return
    if choice > len(found):
        raise UsageError(f"--choice {choice}: {len(found)} were found.")
    written = ram_search.write_choice(game, write, found[choice - 1])
    typer.echo(f"wrote {' and '.join(written.names)} to {written.path}")
    if written.expression != write:
        typer.echo(f"In a config's [Variables]:  {write} = {written.expression}")


def _print_candidates(kind: str, found: Sequence[Candidate]) -> None:
    table = Table(caption=_CAPTIONS.get(kind))
    table.add_column("", justify="right")
    table.add_column("address", justify="right", no_wrap=True)
    table.add_column("hex", justify="right", no_wrap=True)
    table.add_column("type", no_wrap=True)
    for heading, _ in found[0].did:
        table.add_column(heading, justify="right")
    table.add_column("score", justify="right")
    for rank, candidate in enumerate(found, 1):
        parts = candidate.place.parts
        table.add_row(
            str(rank),
            "\n".join(str(part.address) for part in parts),
            "\n".join(f"0x{part.address:04X}" for part in parts),
            "\n".join(part.type for part in parts),
            *(text for _, text in candidate.did),
            f"{candidate.score:.2f}",
        )
    console = Console(highlight=False)
    console.print(table)
    for rank, candidate in enumerate(found, 1):
        if candidate.note:
            console.print(f"{rank} {candidate.note}")
        if len(candidate.place.parts) == 2:
            console.print(f"{rank} is in two bytes: the first times 256, plus the second")
        if candidate.copies:
            copies = ", ".join(str(place) for place in candidate.copies)
            console.print(f"{rank} has copies, which move alike: {copies}")
