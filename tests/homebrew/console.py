"""A game of ours on the real core, read through the variables of the game that it stands in for."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import stable_retro

from homebrew.movies import INTEGRATIONS, movie_masks, movie_path
from neat_retro.agent.expressions import Moment, parse_expression
from neat_retro.agent.fitness import parse_terms

STOCK = Path(stable_retro.__file__).parent / "data" / "stable"

Values = dict[str, int]


class Console:
    """A switched-on console with one pad; there can be only one in a process.

    `buttons` are the pad's, by their bit in a mask, None where a bit has none. `own_variables`, an address and a type
    each, are those that data.json does not have, and `derived` are computed from all of these. `work_ram` is the
    address of the block of memory that `sight` returns.
    """

    def __init__(
        self,
        game: str,
        rom: str,
        *,
        data: Path,
        scenario: Path,
        buttons: Sequence[str | None],
        own_variables: Mapping[str, tuple[int, str]],
        derived: Mapping[str, Callable[[Values], int]],
        work_ram: int,
    ) -> None:
        self.game = game
        self.buttons = buttons
        self.derived = derived
        self.work_ram = work_ram
        self.emulator = stable_retro.RetroEmulator(str(INTEGRATIONS / game / rom))
        self.variables = stable_retro.data.GameData()
        self.emulator.configure_data(self.variables)
        assert self.variables.load(str(data), str(scenario))
        for name, (address, kind) in own_variables.items():
            self.variables.set_variable(name, {"address": address, "type": kind})
        self.emulator.step()

    def start(self, state: str) -> None:
        self.emulator.set_state(gzip.decompress((INTEGRATIONS / self.game / f"{state}.state").read_bytes()))
        self.step("")

    def step(self, combo: str = "", frames: int = 1) -> None:
        self.step_mask(sum(1 << self.buttons.index(button) for button in combo.split("+") if button), frames)

    def step_mask(self, mask: int, frames: int = 1) -> None:
        pressed = np.array([mask >> button & 1 for button in range(len(self.buttons))], np.uint8)
        self.emulator.set_button_mask(pressed, 0)
        for _ in range(frames):
            self.emulator.step()

    def play(self, combo: str, frames: int) -> list[Values]:
        """Return the variables after each frame."""
        seen = []
        for _ in range(frames):
            self.step(combo)
            seen.append(self.values())
        return seen

    def values(self) -> Values:
        """Return every variable."""
        now = {name: int(value) for name, value in self.variables.lookup_all().items()}
        return now | {name: derive(now) for name, derive in self.derived.items()}

    def __getitem__(self, name: str) -> int:
        return self.values()[name]

    def sight(self) -> tuple[bytes, bytes]:
        """Return the screen, and all of the work RAM."""
        self.variables.update_ram()
        return self.emulator.get_screen().tobytes(), bytes(self.variables.memory.blocks[self.work_ram])


def won(console: Console, state: str) -> list[Values]:
    """Play a state's winning movie; return the variables after each of its frames."""
    console.start(state)
    seen = [console.values()]
    for mask in movie_masks(movie_path(console.game, state), len(console.buttons)):
        console.step_mask(mask)
        seen.append(console.values())
    return seen


def fitness(term: str, seen: Sequence[Values]) -> float:
    """Return what a term, such as `gain score`, pays for these frames."""
    names = tuple(seen[0])
    (named,) = parse_terms({"term": term}, lambda where: lambda text: parse_expression(text, names, where), "cfg")
    state = named.term.start()
    for before, now in zip([seen[0], *seen], seen, strict=False):
        state.update(Moment(now, before, seen[0]))
    return state.value
