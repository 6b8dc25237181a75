"""The commands of `neat-retro`, in their groups."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from neat_retro import __version__
from neat_retro.cli import doctor, integration, looking, playing, rescoring, roms, training, versus
from neat_retro.cli.main import show_traceback
from neat_retro.errors import UsageError
from neat_retro.game.search_path import look_here_first


class _Commands(TyperGroup):
    """The commands, and a word for who writes an option of all of them behind one."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if getattr(error, "option_name", None) != "--integrations":
                raise
            raise UsageError(
                "--integrations comes before the command:\n"
                f"  neat-retro --integrations DIR {ctx.invoked_subcommand} ..."
            ) from None


app = typer.Typer(
    name="neat-retro",
    cls=_Commands,
    help="Evolve neural networks with NEAT that learn to play console games.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="train")(training.train)
app.command(name="resume")(training.resume)
app.command(name="replay")(playing.replay)
app.command(name="evaluate")(playing.evaluate)
app.command(name="rescore")(rescoring.rescore)
app.command(name="versus")(versus.versus)
app.command(name="games")(looking.games)
app.command(name="runs")(looking.runs)
app.command(name="doctor")(doctor.doctor)
app.add_typer(roms.app, name="roms")
app.add_typer(integration.integration, name="integration")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"neat-retro {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    integrations: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Look for games' files in this folder first; may be repeated."),
    ] = None,
    traceback: Annotated[bool, typer.Option(help="Show where in the code an error was raised.")] = False,
) -> None:
    show_traceback.value = traceback
    look_here_first(integrations or ())
