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
from neat_retro.game.roms.files import LARGEST_ROM
from neat_retro.game.roms.installed import rom_sha1
from neat_retro.game.start_states import StartState, play_presses, take_state

FIRST_STATE = "Start"
# Boot, title and menu of most games.
_BOOT_FRAMES, _HELD_FRAMES, _WAIT_FRAMES, _STARTS = 240, 5, 150, 2
_STILL_FRAMES = 60
_START_BUTTONS = ("START", "RUN", "PAUSE")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9]*-([A-Za-z0-9]+)(-v\d+)?")


@dataclass(frozen=True)
class Scaffold:
    """What was made: the folder, and the start state in it."""

    folder: Path
    state: StartState


def check_new(name: str, rom: Path, integrations: Path) -> None:
    """Raise where no integration `name` can be made from this ROM: UsageError, or IntegrationError if it is there."""
    ending = rom.suffix.lower()
    extensions = {known: console for known, console in catalog.rom_extensions().items() if known != ".zip"}
    if not rom.is_file():
        raise IntegrationError(f"{rom}: there is no such file.")
    if ending == ".zip":
        raise UsageError(f"{rom} is a zip file. Unpack it first.")
    if ending not in extensions:
        raise UsageError(f"{rom}: no ROM's name ends so. stable-retro plays {' '.join(sorted(extensions))}.")
    console = extensions[ending]
    match = _NAME.fullmatch(name)
    if match is None or match[1] not in catalog.consoles():
        asked = name.rpartition("-")[2]
        closest = did_you_mean(asked, catalog.consoles()) if "-" in name else ""
        raise UsageError(
            f"{name!r} is no name for a game.{closest} It has letters and digits, and ends in its console: "
            f"MyGame-{console}."
        )
    if match[1] != console:
        raise UsageError(f"{rom} is a {console} ROM, and {name} a name for {match[1]}. Name it MyGame-{console}.")
    if rom.stat().st_size > LARGEST_ROM:
        raise IntegrationError(f"{rom} has {rom.stat().st_size:,} bytes; a ROM may have {LARGEST_ROM:,}.")
    known = [game for game in catalog.game_names() if catalog.same_game(game, name)]
    there = integrations / name
    if known or there.exists():
        where = (
            there if there.exists() else next(p / known[0] for p in catalog.search_path() if (p / known[0]).exists())
        )
        raise IntegrationError(f"{name} is there already: {where}. Choose another name.")


def new_integration(name: str, rom: Path, integrations: Path | None = None, presses: str | None = None) -> Scaffold:
    """Make the folder `name` of `integrations`, the user's if left out: ROM, hash, empty data and a start state.

    The first state is made by `presses` from power on, or by START, pressed twice. Everything is made beside it and
    then renamed. Raises UsageError, GameError, or NeatRetroError where the emulator dies of the ROM.
    """
    integrations = integrations if integrations is not None else catalog.user_folder() / "integrations"
    check_new(name, rom, integrations)
    parsed = parse_presses(presses, _buttons(rom)) if presses is not None else None
    with _workshop(integrations) as workshop:
        folder = workshop / name
        target = folder / f"rom{rom.suffix.lower()}"
        write_whole(target, rom.read_bytes())
        write_whole(folder / "rom.sha", f"{rom_sha1(target)}\n".encode())
        write_whole(folder / "data.json", _json({"info": {}}))
        write_whole(folder / "scenario.json", _json({"done": {}, "reward": {}}))
        write_whole(folder / "metadata.json", _json({"default_state": FIRST_STATE}))
        died = f"The emulator died of {rom}. It is no ROM of this console, or a damaged one."
        state = run_apart(_first_state, name, workshop, parsed, died=died)
        write_whole(folder / f"{FIRST_STATE}.state", state.content)
        try:
            folder.rename(integrations / name)
        except OSError as error:
            raise IntegrationError(f"Cannot write {integrations / name}: {error.strerror or error}.") from error
    return Scaffold(integrations / name, state)


def draft_config(name: str) -> str:
    """Return a config for the new game, to be completed: fitness is the ground gained in x."""
    return f"""# {name}: how far to the right. Find x first:
#   neat-retro integration find {name} position --write x

[Game]
game = {name}
states = {FIRST_STATE}

# Where the position was found in two bytes, take the # away:
#[Variables]
#x = xHi * 256 + xLo

[Fitness]
distance = furthest x

[Episode]
max_frames = 3600
stall_frames = 240
done = none
# Once lives are found as well (neat-retro integration find {name} lives --write lives):
#life_lost = lives

[NEAT]
pop_size = 100
"""


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


def _buttons(rom: Path) -> tuple[str | None, ...]:
    return tuple(catalog.consoles()[catalog.rom_extensions()[rom.suffix.lower()]]["buttons"])


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
