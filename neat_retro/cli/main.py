"""The `neat-retro` command: its groups, and how an error becomes a message and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Annotated, Any

import typer

from neat_retro import __version__
from neat_retro.cli import looking, playing, training, versus
from neat_retro.errors import NeatRetroError
from neat_retro.evolution.interrupts import heed_one_interrupt

app = typer.Typer(
    name="neat-retro",
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
app.command(name="versus")(versus.versus)
app.command(name="games")(looking.games)
app.command(name="runs")(looking.runs)
app.add_typer(looking.roms, name="roms")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"neat-retro {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    traceback: Annotated[bool, typer.Option(help="Show where in the code an error was raised.")] = False,
) -> None:
    _show_traceback.value = traceback


class _Flag:
    value = False


_show_traceback = _Flag()


def main() -> None:
    """Run the command line and exit: 0 for success, 1 for failure, 2 for usage, 130 after an interrupt."""
    signal.signal(signal.SIGTERM, _interrupt)
    heed_one_interrupt()
    try:
        app(prog_name="neat-retro")
    except NeatRetroError as error:
        if _show_traceback.value:
            raise
        sys.stderr.write(f"neat-retro: {error}\n")
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing to say, and nobody to say it to.
        _print_no_more()
        raise SystemExit(1) from None
    except OSError as error:
        if error.errno != errno.ENOSPC or _show_traceback.value:
            raise
        _print_no_more()
        sys.stderr.write(f"neat-retro: Cannot print: {error.strerror}.\n")
        raise SystemExit(1) from None


def _print_no_more() -> None:
    """Lead stdout to nowhere: what it still holds is written when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
