"""How outputs press buttons. A mask is an int: bit i is button i of the console, in the core's order.

Kinds: `threshold` (an output per button, pressed where the output is above `cut`) and `argmax` (an output
per named combination, the largest wins; of equals the first). Opposite directions cancel out, and START,
SELECT and MODE are pressed only where the experiment names them: a network that may pause learns to pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from neat_retro.errors import ExperimentError, did_you_mean
from neat_retro.experiment import ActionsSection

Buttons = tuple[str | None, ...]
DIRECTIONS = ("UP", "DOWN", "LEFT", "RIGHT")
OPPOSITES = (("UP", "DOWN"), ("LEFT", "RIGHT"))
MENU_BUTTONS = ("START", "SELECT", "MODE")
ACTION_KINDS = ("threshold", "argmax")


class ActionSet(Protocol):
    """One way of turning outputs into buttons."""

    @property
    def size(self) -> int:
        """How many outputs it takes."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """What each output stands for."""
        ...

    def decode(self, outputs: npt.NDArray[np.float64]) -> int:
        """Return the button mask for a network's outputs, (size,)."""
        ...

    def chosen(self, mask: int) -> tuple[bool, ...]:
        """Return which outputs had their way where `mask` was decided on, (size,)."""
        ...


@dataclass(frozen=True)
class Threshold:
    """An output per button. A bit of 0 stands for an output that presses nothing."""

    names: tuple[str, ...]
    bits: tuple[int, ...]
    cut: float
    opposites: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.bits)

    def decode(self, outputs: npt.NDArray[np.float64]) -> int:
        mask = 0
        for output, bit in zip(outputs.tolist(), self.bits, strict=True):
            if output > self.cut:
                mask |= bit
        return release_opposites(mask, self.opposites)

    def chosen(self, mask: int) -> tuple[bool, ...]:
        return tuple(mask & bit != 0 for bit in self.bits)


@dataclass(frozen=True)
class Argmax:
    """An output per combination of buttons."""

    names: tuple[str, ...]
    masks: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.masks)

    def decode(self, outputs: npt.NDArray[np.float64]) -> int:
        return self.masks[outputs.argmax()]

    def chosen(self, mask: int) -> tuple[bool, ...]:
        return tuple(mask == each for each in self.masks)


def make_actions(section: ActionsSection, buttons: Buttons, where: str) -> ActionSet:
    """Return the action set that [Actions] describes on a console with these buttons. Raises ExperimentError."""
    if section.kind == "threshold":
        if section.combos:
            raise ExperimentError(f"{where}: combos are for kind = argmax; kind is threshold. Change one of the two.")
        return _threshold(section, buttons, where)
    if section.kind == "argmax":
        return _argmax(section, buttons, where)
    raise ExperimentError(
        f"{where}: no kind of actions {section.kind!r}.{did_you_mean(section.kind, ACTION_KINDS)}"
        f" Kinds: {', '.join(ACTION_KINDS)}."
    )


def _threshold(section: ActionsSection, buttons: Buttons, where: str) -> Threshold:
    opposites = opposite_masks(buttons)
    if section.buttons == ("all",):
        # As tutorials have it: an output for each of the core's buttons, those of the menu without effect.
        bits = tuple(0 if b is None or b in MENU_BUTTONS else 1 << i for i, b in enumerate(buttons))
        return Threshold(tuple(b or "-" for b in buttons), bits, section.cut, opposites)
    names = section.buttons or playing_buttons(buttons)
    _refuse_twice([name.upper() for name in names], names, where)
    return Threshold(tuple(names), tuple(_bit(name, buttons, where) for name in names), section.cut, opposites)


def _argmax(section: ActionsSection, buttons: Buttons, where: str) -> Argmax:
    combos = section.combos or tuple(_default_combos(section.buttons or playing_buttons(buttons)))
    masks = tuple(combo_mask(combo, buttons, where) for combo in combos)
    _refuse_twice(masks, combos, where)
    return Argmax(tuple(combos), masks)


def turbo_mask(section: ActionsSection, actions: ActionSet, buttons: Buttons, where: str) -> int:
    """Return the mask of the buttons that are let go in the second half of every decision. Raises ExperimentError."""
    pressed = {name.strip().upper() for combo in actions.names for name in combo.split("+")}
    mask = 0
    for name in section.turbo:
        mask |= _bit(name, buttons, where)
        if name.upper() not in pressed:
            raise ExperimentError(f"{where}: turbo has {name}, which no action presses. Remove one or add the other.")
    return mask


def _refuse_twice(meanings: Sequence[int | str], names: Sequence[str], where: str) -> None:
    """Raise ExperimentError for an output that means the same as one before it: only one could be learnt."""
    for place, meaning in enumerate(meanings):
        first = meanings.index(meaning)
        if first < place:
            raise ExperimentError(f"{where}: {names[place]} presses the same as {names[first]}. Remove one.")


def playing_buttons(buttons: Buttons) -> tuple[str, ...]:
    """The console's buttons without those of its menu."""
    return tuple(b for b in buttons if b is not None and b not in MENU_BUTTONS)


def _default_combos(names: Sequence[str]) -> list[str]:
    """One direction and one button at a time, and nothing at all."""
    directions = [name for name in names if name.upper() in DIRECTIONS]
    presses = [name for name in names if name.upper() not in DIRECTIONS]
    return ["nothing", *directions, *presses, *(f"{d}+{b}" for d in directions for b in presses)]


def combo_mask(combo: str, buttons: Buttons, where: str) -> int:
    """Return the mask of `RIGHT+A`; `nothing` is 0. Raises ExperimentError."""
    if combo.lower() == "nothing":
        return 0
    mask = 0
    for name in combo.split("+"):
        bit = _bit(name.strip(), buttons, where)
        if mask & bit:
            raise ExperimentError(f"{where}: {combo} presses {name.strip()} twice. Remove one.")
        mask |= bit
    if release_opposites(mask, opposite_masks(buttons)) != mask:
        raise ExperimentError(f"{where}: {combo} presses opposite directions. Choose one.")
    return mask


def _bit(name: str, buttons: Buttons, where: str) -> int:
    named = [b for b in buttons if b is not None]
    if name.upper() not in named:
        raise ExperimentError(f"{where}: no button {name!r}.{did_you_mean(name, named)} Buttons: {', '.join(named)}.")
    return 1 << buttons.index(name.upper())


def opposite_masks(buttons: Buttons) -> tuple[int, ...]:
    """The masks of each pair of opposite directions that this console has."""
    return tuple(
        (1 << buttons.index(a)) | (1 << buttons.index(b)) for a, b in OPPOSITES if a in buttons and b in buttons
    )


def release_opposites(mask: int, opposites: Sequence[int]) -> int:
    """Return the mask without directions that are pressed against each other."""
    for pair in opposites:
        if mask & pair == pair:
            mask &= ~pair
    return mask


def button_names(mask: int, buttons: Buttons) -> str:
    """Return a mask as a person writes it: `RIGHT+A`, or `nothing`."""
    return "+".join(b for i, b in enumerate(buttons) if b is not None and mask >> i & 1) or "nothing"
