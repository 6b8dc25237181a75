"""`neat-retro integration`: make an integration and mend it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from neat_retro.errors import NeatRetroError, UsageError
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.interrupts import held_back
from neat_retro.game import catalog
from neat_retro.game.draft import draft_config
from neat_retro.game.ram import KINDS
from neat_retro.output.target import check_target

if TYPE_CHECKING:
    from neat_retro.game.ram.candidates import Candidate
    from neat_retro.game.roms.unlisted import NewRom
    from neat_retro.game.start_states import StartState

integration = typer.Typer(help="Make the integration of a game, and mend it.", no_args_is_help=True)
_FALLS = "how often it falls while RIGHT, nothing, LEFT or anything is held"
_CAPTIONS = {
    "position": "pixels a frame while RIGHT, nothing or LEFT is held",
    "lives": _FALLS,
    "health": _FALLS,
    "timer": "every so many frames, in so many of a hundred steps at least, whatever is held",
}
_NO_ANSWER = """\
Warning: at {state}, RIGHT and LEFT change nothing on the screen. Is it a title,
  a menu, a level's name or a pause? What is found from there is hardly right.
  Look at its picture, and make a state in which the hero can move:
  neat-retro integration state {game} Level1 --from {state} \\
    --press "START 5, wait 120"
"""
_ONE_COLOUR = """\
The picture has one colour. Either the game shows nothing yet: wait longer, with
  --press; or its file is damaged, or not for this console."""
_COPIES_TOLD = 3


@integration.command()
def check(
    game: Annotated[str, typer.Argument(metavar="GAME", help="A game of `neat-retro games --all`.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE.cfg", help="The config it is trained with. Default: the shipped one.")
    ] = None,
) -> None:
    """Say everything that is wrong with a game's data.json, scenario.json, states and config."""
    with held_back():
        from neat_retro.evolution.inspection import inspect
        from neat_retro.output.findings import report_lines
    report = inspect(game, config)
    for line in report_lines(report):
        typer.echo(line)
    if report.count("error"):
        raise typer.Exit(1)


@integration.command()
def schemas() -> None:
    """Say how an editor completes and checks data.json, scenario.json and metadata.json."""
    with held_back():
        from neat_retro.output.findings import schema_lines
    for line in schema_lines():
        typer.echo(line)


@integration.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that ends in its console, such as MyGame-Nes.")],
    rom: Annotated[Path, typer.Option(metavar="FILE", help="The game's ROM. It is copied.")],
    press: Annotated[
        str | None, typer.Option(metavar="PRESSES", help="What leads to the first state. Default: START, twice.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(metavar="DIR", help="Integrations other than your own.")] = None,
) -> None:
    """Make the folder of a new game from its ROM, with a first start state, and begin a config for it here."""
    config = Path(f"{name}.cfg")
    if os.path.lexists(config):
        raise UsageError(f"{config} is there already. Move it away, or go to another folder.")
    with held_back():
        from neat_retro.game import scaffold
        from neat_retro.output.picture import write_picture
    picture = f"{scaffold.FIRST_STATE}.png"
    with scaffold.new_integration(name, rom, folder, press) as made:
        write_picture(made.unfinished / picture, made.state.picture)
        write_atomically(config, draft_config(name, scaffold.FIRST_STATE))
    typer.echo(f"wrote {made.folder}\nwrote {config}")
    _show(made.state, made.folder / picture)
    _tell_of_rom(name, made.rom)
    if folder is not None and folder.absolute() not in catalog.search_path():
        export = f"export NEAT_RETRO_INTEGRATIONS={shlex.quote(str(folder.absolute()))}"
        typer.echo(f"Games in {folder} are found with:\n  {export}")
    typer.echo(
        "Next:\n"
        "  1. Look at the picture. If play has not begun, make a better start state:\n"
        f"     neat-retro integration state {name} Level1 \\\n"
        '       --press "wait 120, START 5, wait 60"\n'
        f"     and name it in {config}: states = Level1\n"
        "  2. Find the position:\n"
        f"     neat-retro integration find {name} position --write x\n"
        "  3. Train:\n"
        f"     neat-retro train --config {config}"
    )


def _tell_of_rom(name: str, rom: NewRom) -> None:
    """Say what was done to the ROM, and that its game is known, where it is."""
    if rom.change:
        typer.echo(f"The ROM was {rom.change}; the file you gave is as it was.")
    for game in map(catalog.short_name, rom.known_as):
        typer.echo(
            f"This is the ROM of {game}, which is known here.\n"
            f"{name} is a game of its own, with none of the variables, states and\n"
            f"configs of {game}. Those are seen with:\n"
            f"  neat-retro games {game}"
        )
    for game in map(catalog.short_name, rom.other_of):
        typer.echo(f"This is another region or revision of {game}: its data.json may help,  neat-retro games {game}")


@integration.command()
def state(
    game: Annotated[str, typer.Argument(metavar="GAME", help="A game of `neat-retro games`.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new state's name.")],
    press: Annotated[
        str | None, typer.Option(metavar="PRESSES", help='Such as "wait 120, START 5, wait 60, RIGHT+A 30".')
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="STATE", help="Press from there, not from power on.")
    ] = None,
    from_bk2: Annotated[Path | None, typer.Option(metavar="FILE", help="Take a moment of a BK2 movie.")] = None,
    frame: Annotated[int | None, typer.Option(metavar="N", help="Which moment, from 0.", min=0)] = None,
    folder: Annotated[Path | None, typer.Option(metavar="DIR", help="Integrations other than your own.")] = None,
    picture: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Where its picture goes.")] = None,
) -> None:
    """Make a start state, and show its picture."""
    if (press is None) == (from_bk2 is None):
        raise UsageError("Give one of --press PRESSES and --from-bk2 FILE.")
    if (from_bk2 is None) != (frame is None) or (from_bk2 and start):
        raise UsageError("--from-bk2 FILE goes with --frame N, and --from STATE with --press.")
    with held_back():
        from neat_retro.game import start_states
        from neat_retro.output.picture import write_picture
    target = start_states.state_target(game, name, folder)
    if picture is not None:
        check_target(picture, "picture", ".png")
    if from_bk2 is not None and frame is not None:
        made = start_states.movie_state(game, from_bk2, frame)
    else:
        made = start_states.pressed_state(game, press or "", start)
    shown = picture or target.with_name(f"{name}.png")
    with start_states.new_state(made, target):
        write_picture(shown, made.picture)
    typer.echo(f"wrote {target}")
    _show(made, shown)


def _show(made: StartState, path: Path) -> None:
    from neat_retro.output.picture import half_blocks

    typer.echo(f"wrote {path}, what it shows")
    if (made.picture == made.picture[0, 0]).all():
        typer.echo(_ONE_COLOUR)
    console = Console()
    if console.is_terminal:
        console.print(half_blocks(made.picture))


@integration.command()
def watch(
    game: Annotated[str, typer.Argument(metavar="GAME", help="A game of `neat-retro games`.")],
    start: Annotated[str | None, typer.Option("--state", metavar="STATE", help="The start state.")] = None,
    champion: Annotated[Path | None, typer.Option(metavar="FILE.pkl", help="A champion plays.")] = None,
    keyboard: Annotated[bool, typer.Option("--keyboard", help="You play, in the window.")] = False,
    window: Annotated[bool, typer.Option(help="Show the screen, where there is a display.")] = True,
    frames: Annotated[int | None, typer.Option(metavar="N", help="End after so many.", min=1)] = None,
) -> None:
    """Show the game's variables while it is played: by random buttons, a champion, or you."""
    if champion is not None and (keyboard or start):
        raise UsageError("--champion plays from its own state: leave --keyboard and --state out.")
    if keyboard and not window:
        raise UsageError("--keyboard plays in the window: leave --no-window out.")
    name = catalog.resolve_game(game)
    catalog.rom_path(name)
    with held_back():
        from neat_retro.evolution.champion import load_champion
        from neat_retro.game.ram import search as ram_search
        from neat_retro.output import live
    winner = load_champion(champion) if champion is not None else None
    first = winner.episodes[0].spec.start.state if winner else ram_search.start_state(name, start)
    typer.echo(f"{catalog.short_name(name)}, {first}{'' if frames else '. Ctrl-C ends it.'}")
    if keyboard:
        typer.echo(f"Buttons and keys: {live.key_help(name)}")
    tally = live.watch_variables(name, first, winner, keyboard, window, frames)
    if not tally.now:
        typer.echo(f"data.json names no variables yet. Find one:\n  neat-retro integration find {name} position")


@integration.command()
def find(
    game: Annotated[str, typer.Argument(metavar="GAME", help="A game of `neat-retro games`.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"What to look for: {', '.join(KINDS)}.")],
    state: Annotated[str | None, typer.Option(help="The start state to play from.")] = None,
    write: Annotated[str | None, typer.Option(metavar="NAME", help="Put it into data.json under this name.")] = None,
    choice: Annotated[int, typer.Option(metavar="RANK", help="Which one to write.", min=1)] = 1,
) -> None:
    """Search the memory for a position, lives, a timer or health, by how they behave while the game is played."""
    with held_back():
        from neat_retro.game.ram import search as ram_search
    if write is not None:
        ram_search.check_name(game, write)
    elif choice != 1:
        raise UsageError(f"--choice {choice} goes with --write NAME.")
    search = ram_search.search(game, kind, state)
    found = search.candidates
    if not search.answers:
        typer.echo(_NO_ANSWER.format(state=search.state, game=catalog.short_name(catalog.resolve_game(game))), err=True)
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
            copies = [str(place) for place in candidate.copies[:_COPIES_TOLD]]
            if len(candidate.copies) > _COPIES_TOLD:
                copies.append(f"and {len(candidate.copies) - _COPIES_TOLD} more")
            console.print(f"{rank} has copies, which move alike: {', '.join(copies)}")
