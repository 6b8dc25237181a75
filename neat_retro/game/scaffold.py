"""Makes the folder of a new integration from a ROM alone: whole, with a first start state, or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neat_retro.errors import IntegrationError, UsageError, did_you_mean
from neat_retro.game import catalog
from neat_retro.game.apart import run_apart
from neat_retro.game.emulator import Emulator
from neat_retro.game.files import write_whole
from neat_retro.game.presses import Press, parse_presses
from neat_retro.game.roms.installed import rom_sha1
from neat_retro.game.roms.unlisted import NewRom, read_rom
from neat_retro.game.start_states import StartState, play_presses, take_state

FIRST_STATE = "Start"
# Boot, title and menu of most games.
_BOOT_FRAMES, _HELD_FRAMES, _WAIT_FRAMES, _STARTS = 240, 5, 150, 2
_STILL_FRAMES = 60
_START_BUTTONS = ("START", "RUN", "PAUSE")
_LONGEST_NAME = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9]*-([A-Za-z0-9]+)(-v\d+)?")


@dataclass(frozen=True)
class Scaffold:
    """What was made: the folder, the start state in it, and what is known of the ROM, as `NewRom` has it.

    `unfinished` is where the folder lies until it has its name.
    """

    folder: Path
    unfinished: Path
    state: StartState
    rom: NewRom


def console_of(name: str, rom: NewRom) -> str:
    """Return the console of a game to be named so and made from this ROM. Raises UsageError where they do not fit."""
    match = _NAME.fullmatch(name) if len(name) <= _LONGEST_NAME else None
    if match is None or match[1] not in catalog.consoles():
        asked = name.rpartition("-")[2]
        closest = did_you_mean(asked, catalog.consoles()) if "-" in name and asked not in catalog.consoles() else ""
        raise UsageError(
            f"{name!r} is no name for a game.{closest} It has letters and digits, {_LONGEST_NAME} at most, and ends in "
            f"its console: MyGame-{rom.console or 'Nes'}.\n  Consoles: {', '.join(sorted(catalog.consoles()))}."
        )
    if not rom.is_for(match[1]):
        raise UsageError(
            f"{rom.name} is a ROM for {rom.console}, and {name} a name for {match[1]}. Name it MyGame-{rom.console}."
        )
    if rom.ending_for(match[1]) == ".zip":
        raise UsageError(f"A game for {match[1]} is a zip of many files, and cannot be made from {rom.name}.")
    return match[1]


@contextmanager
def new_integration(
    name: str, rom: Path, integrations: Path | None = None, presses: str | None = None
) -> Iterator[Scaffold]:
    """Make the folder `name` of `integrations`, the user's if left out: ROM, hash, empty data and a start state.

    The ROM may be in any form that `roms import` knows; its copy has plain bytes. The first state is made by
    `presses` from power on, or by START, pressed twice. Everything is made beside it and renamed at the end of the
    `with` block: where that fails, nothing was made.

    Raises UsageError, GameError, or NeatRetroError where the emulator dies of the ROM.
    """
    integrations = integrations if integrations is not None else catalog.user_folder() / "integrations"
    new = read_rom(rom)
    console = console_of(name, new)
    _refuse_taken(name, integrations)
    parsed = parse_presses(presses, tuple(catalog.consoles()[console]["buttons"])) if presses is not None else None
    with _workshop(integrations) as workshop:
        folder = workshop / name
        target = folder / f"rom{new.ending_for(console)}"
        write_whole(target, new.rom)
        write_whole(folder / "rom.sha", f"{rom_sha1(target)}\n".encode())
        write_whole(folder / "data.json", _json({"info": {}}))
        write_whole(folder / "scenario.json", _json({"done": {}, "reward": {}}))
        write_whole(folder / "metadata.json", _json({"default_state": FIRST_STATE}))
        died = f"The emulator died of {new.name}. It is no ROM for {console}, or a damaged one."
        state = run_apart(_first_state, name, workshop, parsed, died=died)
        write_whole(folder / f"{FIRST_STATE}.state", state.content)
        yield Scaffold(integrations / name, folder, state, new)
        try:
            folder.rename(integrations / name)
        except OSError as error:
            raise IntegrationError(f"Cannot write {integrations / name}: {error.strerror or error}.") from error


def _refuse_taken(name: str, integrations: Path) -> None:
    """Raise IntegrationError where a game of this name is known, or its folder there."""
    known = [game for game in catalog.game_names() if catalog.same_game(game, name)]
    places = [integrations / name, *(path / game for game in known for path in catalog.search_path())]
    there = next((place for place in places if os.path.lexists(place)), None)
    if there is not None:
        raise IntegrationError(f"{name} is there already: {there}. Choose another name.")


@contextmanager
def _workshop(integrations: Path) -> Iterator[Path]:
    """Give a folder beside the integrations that no search looks into, and that is gone afterwards."""
    workshop = integrations / f".unfinished-{secrets.token_hex(4)}"
    try:
        workshop.mkdir(parents=True)
    except OSError as error:
        raise IntegrationError(f"Cannot write {integrations}: {error.strerror or error}. Choose a --folder.") from error
    try:
        yield workshop
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


def _first_state(name: str, workshop: Path, presses: tuple[Press, ...] | None) -> StartState:
    """Boot the game, in a process of its own, and return the state to begin with."""
    os.environ["NEAT_RETRO_INTEGRATIONS"] = str(workshop)
    with Emulator(name) as emulator:
        play_presses(emulator, presses if presses is not None else _usual(emulator))
        if presses is None and _stands_still(emulator):  # START pauses a game that had begun
            play_presses(emulator, _start(emulator))
        return take_state(emulator)


def _usual(emulator: Emulator) -> tuple[Press, ...]:
    return (Press(0, _BOOT_FRAMES), *_start(emulator) * _STARTS)


def _start(emulator: Emulator) -> tuple[Press, ...]:
    masks = [1 << bit for bit, name in enumerate(emulator.buttons) if name in _START_BUTTONS]
    return (Press(masks[0] if masks else 0, _HELD_FRAMES), Press(0, _WAIT_FRAMES))


def _stands_still(emulator: Emulator) -> bool:
    """Tell whether RIGHT changes nothing in the picture, though START did: the game may be paused."""
    before = emulator.save()
    first = emulator.screen().copy()
    right = 1 << emulator.buttons.index("RIGHT")
    play_presses(emulator, [Press(right, _STILL_FRAMES)])
    still = np.array_equal(first, emulator.screen())
    emulator.restore(before)
    play_presses(emulator, [Press(0, 1)])
    return still
