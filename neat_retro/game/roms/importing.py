"""Decides which game a file is the ROM of, and copies it into the user's folder, whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neat_retro.errors import RomError, UsageError
from neat_retro.game import catalog
from neat_retro.game.roms.files import Candidate, Refusal, Refused, find_candidates
from neat_retro.game.roms.formats import INES_MAGIC, RomForm, console_of_ending, forms, plain_form, rom_endings
from neat_retro.game.roms.headers import RomHeader, recognise
from neat_retro.game.roms.installed import inspect_rom, user_rom_folder, user_sha1s
from neat_retro.game.roms.known_games import GamesOfHash, known_games
from neat_retro.game.roms.known_hashes import KnownHash
from neat_retro.game.roms.names import closest_games, is_same_name

ImportStatus = Literal["imported", "accepted", "already there", "other version", "unknown hash"] | Refusal


@dataclass(frozen=True)
class ImportOutcome:
    """What became of one file: `game` is the folder name it was recognised as, `reason` a phrase for a person.

    `accepted` is a ROM that was copied though its hash is not known to fit. `name` is where the file lies, in a zip
    too; `sha1` is given where the file may be a ROM.
    """

    name: str
    status: ImportStatus
    game: str | None
    reason: str
    sha1: str = ""


def import_roms(paths: Sequence[Path]) -> Iterator[ImportOutcome]:
    """Copy every ROM whose hash fits a game into the user's folder, and yield the outcome of each file in turn.

    A ROM that fits several games is copied for each, with an outcome for each. A file that is there already is left
    alone, so importing twice changes nothing. The originals are only read.

    Raises RomError if the user's folder cannot be written.
    """
    known = known_games()
    for found in find_candidates(paths):
        if isinstance(found, Refused):
            yield ImportOutcome(found.name, found.status, None, found.reason)
        else:
            yield from _import(found, known)


def accept_rom(paths: Sequence[Path], game: str) -> ImportOutcome:
    """Copy the one ROM among the files as that of `game`, whatever its hash, which is recorded beside the copy.

    Raises UsageError if there are several, RomError if there is none, if it is another console's, or if the user's
    folder cannot be written; then nothing changed.
    """
    folder_name = catalog.resolve_game(game)
    candidate = _only_candidate(paths, folder_name)
    fitting = {known.sha1: known for known in catalog.known_hashes(folder_name) if known.fits}
    form = next((form for form in forms(candidate.content) if form.sha1 in fitting), None)
    if form is None:
        return _place_unlisted(candidate, folder_name)
    target = _target(folder_name, candidate.ending)
    if inspect_rom(folder_name, target).sha1 not in ("", form.sha1):
        return _copy(candidate, form, folder_name, fitting[form.sha1].version)
    return _place(candidate, form, folder_name, fitting[form.sha1].version)


def _import(candidate: Candidate, known: GamesOfHash) -> Iterator[ImportOutcome]:
    readings = list(forms(candidate.content))
    matches = {game: (form, found) for form in readings[::-1] for game, found in known.get(form.sha1, {}).items()}
    fitting = {game: match for game, match in matches.items() if match[1].fits}
    for game, (form, hashed) in fitting.items():
        yield _place(candidate, form, game, hashed.version)
    if not matches:
        yield _explain(candidate, readings)
    elif not fitting:
        yield from (_name_other(candidate, form, game, found) for game, (form, found) in matches.items())


def _name_other(candidate: Candidate, form: RomForm, game: str, other: KnownHash) -> ImportOutcome:
    """Say which version of a game this is, when it is one that the game's integration does not fit."""
    wanted = next((known.version for known in catalog.known_hashes(game) if known.fits), "")
    reason = f"it is {other.version or 'another version'}"
    reason += f"; the integration is for {wanted}" if wanted else ""
    return ImportOutcome(candidate.name, "other version", game, reason, form.sha1)


def _explain(candidate: Candidate, readings: Sequence[RomForm]) -> ImportOutcome:
    """Say of a file that no game knows what can be said."""
    header = next((header for form in readings if (header := recognise(form.rom))), None)
    if header is None and candidate.ending not in rom_endings():
        reason = f"no ROM's name ends in {candidate.ending}" if candidate.ending else "its name has no ending"
        return ImportOutcome(candidate.name, "not a ROM", None, reason)
    sha1 = plain_form(candidate.content, candidate.ending).sha1
    return ImportOutcome(candidate.name, "unknown hash", None, _describe_unknown(candidate, header, sha1), sha1)


def _describe_unknown(candidate: Candidate, header: RomHeader | None, sha1: str) -> str:
    console = header.console if header else console_of_ending(candidate.ending)
    names = [Path(candidate.name).name, header.title if header else ""]
    said = [f"SHA-1 {sha1} is of no known game"]
    if header and str(header):
        said.append(f"its header says {header}")
    if candidate.ending == ".nes" and header is None:
        said.append("it lacks the iNES header that every .nes file begins with")
    closest = closest_games(names, console)
    if closest and any(is_same_name(name, closest[0]) for name in names):
        said.append(f"by its name another region or revision of {closest[0]}, or a changed copy")
    elif closest:
        said.append(f"the closest names are {', '.join(closest)}")
    else:
        said.append("no game has a name like it")
    return "; ".join(said)


def _place(candidate: Candidate, form: RomForm, game: str, version: str) -> ImportOutcome:
    """Copy a ROM whose hash is known to fit, unless one that does is there already."""
    if _needs_ines_header(game) and not form.rom.startswith(INES_MAGIC):
        reason = (
            f"it is {catalog.short_name(game)} without the 16-byte iNES header that the emulator needs: look for a copy"
            " whose first three bytes are NES"
        )
        return ImportOutcome(candidate.name, "unsupported kind", None, reason, form.sha1)
    target = _target(game, candidate.ending)
    there = inspect_rom(game, target)
    is_vouched_for_only = form.sha1 in user_sha1s(game)
    if there.status == "listed" or (there.status == "accepted" and is_vouched_for_only):
        return ImportOutcome(candidate.name, "already there", game, f"{target} was left as it is", form.sha1)
    return _copy(candidate, form, game, version)


def _copy(candidate: Candidate, form: RomForm, game: str, version: str) -> ImportOutcome:
    target = _target(game, candidate.ending)
    _write_all({target: form.rom})
    reason = "; ".join(filter(None, (version, form.change, f"copied to {target}")))
    return ImportOutcome(candidate.name, "imported", game, reason, form.sha1)


def _only_candidate(paths: Sequence[Path], game: str) -> Candidate:
    """Return the one file that may be a ROM, if there is just one."""
    chosen: Candidate | None = None
    refused: list[Refused] = []
    for found in find_candidates(paths):
        if isinstance(found, Refused):
            refused.append(found)
        elif chosen is None:
            chosen = found
        else:
            raise UsageError(
                f"--as takes one ROM, but there are several: {chosen.name} and {found.name}.\n"
                f"  Name the one that is {catalog.short_name(game)}."
            )
    if chosen:
        return chosen
    why = f"{refused[0].name}: {refused[0].status}: {refused[0].reason}." if refused else "The folder is empty."
    raise RomError(f"There is no ROM to import as {catalog.short_name(game)}.\n  {why}")


def _place_unlisted(candidate: Candidate, game: str) -> ImportOutcome:
    """Copy a ROM that its owner vouches for, and record its hash, so that it counts as one that fits."""
    form = plain_form(candidate.content, candidate.ending)
    header = recognise(form.rom)
    console = catalog.console(game)
    of_console = header.console if header else console_of_ending(candidate.ending)
    if of_console not in (None, console):
        raise RomError(
            f"{candidate.name} is a ROM for {of_console}; {catalog.short_name(game)} is a game for {console}.\n"
            "  The games known here:  neat-retro games --all"
        )
    if _needs_ines_header(game) and not form.rom.startswith(INES_MAGIC):
        raise RomError(
            f"{candidate.name} has no iNES header, without which the emulator cannot open an NES ROM.\n"
            "  Look for a copy of it whose first three bytes are NES."
        )
    target = _target(game, candidate.ending)
    record = user_rom_folder(game) / "rom.sha"
    _write_all({record: f"{_lines_of(record)}{form.sha1}\n", target: form.rom})
    reason = "; ".join(filter(None, (form.change, f"copied to {target}; its SHA-1 is recorded in {record.name}")))
    return ImportOutcome(candidate.name, "accepted", game, reason, form.sha1)


def _lines_of(file: Path) -> str:
    """Return a text file's whole lines; nothing if there is no such file."""
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise RomError(f"{file}: cannot be read: {error.strerror}.\n  Make it readable, or remove it.") from error
    return text if not text or text.endswith("\n") else f"{text}\n"


def _needs_ines_header(game: str) -> bool:
    return catalog.console(game) == "Nes"


def _target(game: str, ending: str) -> Path:
    """Return the copy's place, named so that stable-retro finds the game's console, whatever the original's name."""
    consoles = catalog.consoles()
    console = next((name for name in (catalog.console(game), console_of_ending(ending)) if name in consoles), None)
    accepted = [f".{known}" for known in consoles[console]["ext"]] if console else []
    return user_rom_folder(game) / f"rom{ending if ending in accepted or not accepted else accepted[0]}"


def _write_all(files: dict[Path, bytes | str]) -> None:
    """Write all files whole or none: under names of their own, synced to the disk, then renamed in this order."""
    unfinished = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished[path].open("wb") as file:
                file.write(content.encode(errors="surrogateescape") if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
        for path in files:
            unfinished[path].replace(path)
    except OSError as error:
        target = list(files)[-1]
        with contextlib.suppress(OSError):
            target.parent.rmdir()  # if it is empty
        raise RomError(
            f"{target}: cannot be written: {error.strerror or error}.\n"
            "  Free some space or make the folder writable, or set NEAT_RETRO_HOME to another one."
        ) from error
    finally:
        for path in unfinished.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
