"""Knows the notation of button presses, `wait 120, START 5, RIGHT+A 30`, and reads a BK2 movie as presses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neat_retro.errors import IntegrationError, UsageError, did_you_mean

MOST_FRAMES = 216_000  # an hour
_WAIT = "wait"


@dataclass(frozen=True)
class Press:
    """A button mask (bit i is button i) that is held for so many frames."""

    mask: int
    frames: int


@dataclass(frozen=True)
class Movie:
    """A movie's start state, empty for power on, and player one's mask in every frame."""

    state: bytes
    masks: tuple[int, ...]


def parse_presses(text: str, buttons: Sequence[str | None]) -> tuple[Press, ...]:
    """Return the presses that a text asks for: `wait N` or `BUTTON+BUTTON N`, N frames each, separated by commas.

    `buttons` are the console's, in the order of the mask. Raises UsageError, naming the part that is wrong.
    """
    known = {name: 1 << bit for bit, name in enumerate(buttons) if name}
    presses = tuple(_press(part.strip(), known) for part in text.split(","))
    if sum(press.frames for press in presses) > MOST_FRAMES:
        raise UsageError(f"--press takes more than {MOST_FRAMES} frames, an hour. Begin --from a state instead.")
    return presses


def read_movie(path: Path, buttons: int) -> Movie:
    """Return a BK2 movie for a pad of so many buttons. Raises IntegrationError where the file is none."""
    import stable_retro

    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for a name that is too long
        raise IntegrationError(f"{path} is no file. Name a BK2 movie, such as replay --bk2 writes.")
    try:
        movie = stable_retro.Movie(str(path))
    except RuntimeError as error:
        raise IntegrationError(
            f"{path} is not a BK2 movie, or a damaged one. Name another, or give --press."
        ) from error
    state = bytes(movie.get_state() or b"")
    masks = []
    while movie.step():
        masks.append(sum(bool(movie.get_key(button, 0)) << button for button in range(buttons)))
    return Movie(state, tuple(masks))


def _press(part: str, known: dict[str, int]) -> Press:
    words = part.split()
    if len(words) != 2 or not words[1].isdecimal() or not 0 < int(words[1]) <= MOST_FRAMES:
        raise UsageError(
            f"--press: {part!r} should be a button and a number of frames.\n"
            '  For example:  --press "wait 120, START 5, wait 60, RIGHT+A 30"'
        )
    what, frames = words[0], int(words[1])
    if what.casefold() == _WAIT:
        return Press(0, frames)
    mask = 0
    for name in what.split("+"):
        if name.upper() not in known:
            closest = did_you_mean(name, (*known, _WAIT))
            raise UsageError(f"--press: no button {name!r}.{closest}\n  The buttons are {', '.join(known)}.")
        mask |= known[name.upper()]
    return Press(mask, frames)
