"""`neat-retro integration`: what is known of a game, checked and made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neat_retro.evolution.inspection import inspect
from neat_retro.output.findings import report_lines, schema_lines

integration = typer.Typer(help="What is known of a game: check it, make it.", no_args_is_help=True)


@integration.command()
def check(
    game: Annotated[str, typer.Argument(metavar="GAME", help="A game of `neat-retro games --all`.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE.cfg", help="The config it is trained with. Default: the shipped one.")
    ] = None,
) -> None:
    """Say everything that is wrong with a game's data.json, scenario.json, states and config."""
    report = inspect(game, config)
    for line in report_lines(report):
        typer.echo(line)
    if report.count("error"):
        raise typer.Exit(1)


@integration.command()
def schemas() -> None:
    """Say how an editor completes and checks data.json, scenario.json and metadata.json."""
    for line in schema_lines():
        typer.echo(line)
