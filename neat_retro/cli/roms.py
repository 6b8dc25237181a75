"""`neat-retro roms import`, `roms list` and `roms verify`."""

from __future__ import annotations

import shutil
import textwrap
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from neat_retro.errors import RomError, UsageError
from neat_retro.game import catalog
from neat_retro.game.roms.formats import rom_endings
from neat_retro.game.roms.importing import ImportOutcome, ImportStatus, accept_rom, import_roms
from neat_retro.game.roms.installed import InstalledRom, installed_roms, user_rom_folder

app = typer.Typer(help="The ROMs on this machine: import, list, verify.", no_args_is_help=True)

# What to do about each kind of outcome, in the order in which the summary has them.
_CURES: dict[ImportStatus, str] = {
    "imported": "",
    "already there": "",
    "other version": "look for the version that its line names, or take this one all the same with --as GAME",
    "unknown hash": "if it is a game that is known here: neat-retro roms import FILE --as GAME; if it is a new one: "
    "neat-retro integration new NAME --rom FILE",
    "unsupported kind": "do what its line says, then import again",
    "corrupt zip": "copy or download it again",
    "too large": "no ROM is that large; if it holds ROMs, unpack it",
    "not a ROM": "nothing to do, unless it should be one",
    "unreadable": "check the path, and that you may read it",
}


@app.command(name="import")
def import_(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders and zip files.")],
    as_game: Annotated[
        str | None, typer.Option("--as", metavar="GAME", help="Take one ROM as this game's, whatever its hash.")
    ] = None,
) -> None:
    """Copy the ROMs whose hash is known into your data folder, and say what became of each file."""
    if not all(paths):
        raise UsageError("An empty PATH is no file or folder. Write . for the folder you are in.")
    chosen = [Path(path) for path in paths]
    if as_game is not None:
        _accept(chosen, as_game)
        return
    statuses: Counter[ImportStatus] = Counter()
    for outcome in import_roms(chosen):
        statuses[outcome.status] += 1
        _tell(outcome)
    _summarise(statuses)


@app.command(name="list")
def list_() -> None:
    """List the ROMs on this machine: which game's, which version, where."""
    for rom in installed_roms():
        _echo(f"{catalog.short_name(rom.game)}: {_standing(rom)}")
        typer.echo(f"    {_printable(str(rom.path))}")
    _echo(f"Yours are kept in {_kept_in()}")


@app.command()
def verify() -> None:
    """Compare every ROM's SHA-1 with those that fit its game; a wrong one ends this with exit code 1."""
    wrong = 0
    for rom in installed_roms():
        game = catalog.short_name(rom.game)
        if rom.is_wrong:
            wrong += 1
            _echo(f"{game}: WRONG: {_standing(rom)}: {rom.path}. {_cure(rom)}")
        else:
            _echo(f"{game}: {_verdict(rom)}")
    if wrong:
        raise RomError(f"{wrong} {_plural('ROM', wrong)} on this machine {'is' if wrong == 1 else 'are'} wrong.")


def _accept(paths: list[Path], game: str) -> None:
    outcome = accept_rom(paths, game)
    _tell(outcome)
    if outcome.status == "accepted":
        _echo(
            f"Warning: SHA-1 {outcome.sha1} is not one that is known to fit: start states, and addresses in data.json, "
            "may be those of another version. See how it plays before you train."
        )
    elif outcome.status not in ("imported", "already there"):
        raise RomError(f"Not imported. To do:  {_CURES[outcome.status]}.")


def _tell(outcome: ImportOutcome) -> None:
    status: str = outcome.status
    if outcome.game:
        name = catalog.short_name(outcome.game)
        status = f"another region or revision of {name}" if status == "other version" else f"{status} as {name}"
    _echo(f"{outcome.name}: {status}: {outcome.reason}")


def _summarise(statuses: Counter[ImportStatus]) -> None:
    ready = statuses["imported"] + statuses["already there"]
    for status, cure in _CURES.items():
        if statuses[status]:
            _echo(f"{statuses[status]:>5} {status}{f': {cure}' if cure else ''}", indent=6)
    if statuses["not a ROM"]:
        _echo(f"ROMs end in {' '.join(rom_endings())}")
    if ready:
        _echo(f"{ready} of {statuses.total()} files ready to play; ROMs are kept in {_kept_in()}")
    elif statuses:
        raise RomError(
            "Imported 0 games: no file is a ROM known here; see each line above.\n"
            "  To add a game:  neat-retro integration new NAME --rom FILE"
        )
    else:
        raise RomError("Imported 0 games: there is no file in the folder.\n  Name the folder that your ROMs are in.")


def _kept_in() -> Path:
    return catalog.user_folder() / "integrations"


def _standing(rom: InstalledRom) -> str:
    """Say which version a ROM is, or what is wrong with it."""
    described = {
        "listed": rom.version or "the version that the integration is for",
        "accepted": f"accepted with --as{f' ({rom.version})' if rom.version else ''}",
        "no hash known": "no SHA-1 is known for this game",
        "other version": f"{rom.version or 'another version'}, which the integration is not for",
        "unknown hash": f"SHA-1 {rom.sha1} is not one that fits",
        "unreadable": f"it cannot be read ({rom.reason})",
    }
    return described[rom.status]


def _verdict(rom: InstalledRom) -> str:
    if rom.status == "no hash known":
        return f"cannot be checked: {_standing(rom)} ({rom.sha1})"
    return f"right{', accepted with --as' if rom.status == 'accepted' else ''} ({rom.sha1})"


def _cure(rom: InstalledRom) -> str:
    game = catalog.short_name(rom.game)
    folders = [folder / rom.game for folder in catalog.search_path()]
    mine = folders.index(user_rom_folder(rom.game).absolute())
    if rom.path.parent in folders[:mine]:
        return "That folder comes before yours: replace the file, or remove it."
    if rom.status == "unreadable":
        return "Make it readable, or import your copy: neat-retro roms import FOLDER"
    return (
        "Import a copy that fits: neat-retro roms import FOLDER. Or keep this one: neat-retro roms import "
        f"FILE --as {game}"
    )


def _echo(text: str, indent: int = 4) -> None:
    """Print a paragraph, wrapped to the terminal; a word, such as a path or a hash, stays whole."""
    width = shutil.get_terminal_size().columns
    lines = textwrap.wrap(
        _printable(text),
        width,
        subsequent_indent=" " * indent,
        drop_whitespace=True,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    typer.echo("\n".join(lines))


def _printable(text: str) -> str:
    """Return a text in which no file's name can move the cursor or break the output's encoding."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode() for letter in text
    )


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"
