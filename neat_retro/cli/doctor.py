"""`neat-retro doctor`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neat_retro.errors import UsageError
from neat_retro.evolution.interrupts import held_back

if TYPE_CHECKING:
    from neat_retro.output.doctor import Finding

_COLOURS = {"ok": typer.colors.GREEN, "missing": typer.colors.YELLOW, "problem": typer.colors.RED}


def doctor(
    game: Annotated[
        str | None, typer.Argument(metavar="GAME", help="The game, as `neat-retro games` lists it.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A config; one for neat-python 0.92 will do.")] = None,
    write_config: Annotated[
        Path | None, typer.Option(metavar="OUT.cfg", help="Write that config, completed for this version.")
    ] = None,
) -> None:
    """Say what is ready and what is not: this machine, a game, a config. Exits 0 if training can begin, else 1.

    Without GAME it is what `neat-retro train` trains. What is `missing` is optional.
    """
    if write_config is not None and config is None:
        raise UsageError("--write-config completes a config: name it with --config FILE.")
    with held_back():
        from neat_retro.output.doctor import Checkup
    checkup = Checkup(game, config, write_config)
    width = shutil.get_terminal_size().columns
    found, last = [], ""
    for heading, finding in checkup.findings():
        if heading != last:
            typer.echo(heading)
        last = heading
        found.append(finding)
        _print(finding, width)
    if checkup.completed_config:
        typer.echo(f"\n# {config}, as --write-config OUT.cfg would write it for this version:\n")
        typer.echo(checkup.completed_config, nl=False)
    _end(found, checkup.train_command)


def _print(finding: Finding, width: int) -> None:
    first, *others = finding.lines(width)
    mark = typer.style(finding.status, fg=_COLOURS[finding.status])
    typer.echo(first.replace(finding.status, mark, 1))
    for line in others:
        typer.echo(line)


def _end(found: list[Finding], train: str) -> None:
    """Say `ready`, or the commands that make it so; then exit 1."""
    from neat_retro.output.doctor import commands_of, is_ready

    typer.echo()
    if is_ready(found):
        optional = any(finding.status == "missing" for finding in found)
        typer.echo("ready" + (" (what is missing is optional):" if optional else ":"))
        typer.echo(f"  {train}")
        return
    commands = commands_of(found)
    typer.echo("Not ready. What makes it so:" if commands else "Not ready: see the problems above.")
    for command in commands:
        typer.echo(f"  {command}")
    if commands and any(finding.status == "problem" and not finding.command for finding in found):
        typer.echo("  and what the other problems above say")
    raise typer.Exit(1)


# Where a package cannot be imported that the other commands need.
alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
alone.command(name="doctor")(doctor)


@alone.callback()
def _commands() -> None:
    """neat-retro, as far as it works: a package cannot be imported."""
