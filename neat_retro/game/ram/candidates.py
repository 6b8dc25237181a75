"""What a search of the memory comes to: places that a data.json can name, best first, and what they did."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from neat_retro.game.ram.probes import Recording

BIG_ENDIAN = ("Genesis", "32x", "SCD", "Saturn", "FBNeo")
_SAME_FRAME = 2  # frames that a copy may be late


@dataclass(frozen=True)
class Part:
    """An address and a type, as in data.json."""

    address: int
    type: str


@dataclass(frozen=True)
class Place:
    """Where a value lies: one part, or a high and a low byte that do not lie side by side."""

    parts: tuple[Part, ...]

    def expression(self, names: tuple[str, ...]) -> str:
        """Return the value in terms of its parts' names."""
        return names[0] if len(names) == 1 else f"{names[0]} * 256 + {names[1]}"

    def __str__(self) -> str:
        return " * 256 + ".join(f"{part.address} {part.type}" for part in self.parts)


@dataclass(frozen=True)
class Candidate:
    """A place that behaves as what was searched for; `did` are (heading, what it did), `score` is at most 1.

    `copies` are places that changed alike, so that nothing tells them from `place`.
    """

    place: Place
    score: float
    did: tuple[tuple[str, str], ...]
    copies: tuple[Place, ...] = ()
    note: str = ""


def byte_at(address: int) -> Place:
    """Return the place of a single byte."""
    return Place((Part(address, "|u1"),))


def word_of(recording: Recording, high: int, low: int) -> Place:
    """Return the place of two bytes, given by their indices: a word where the console has it so, else a pair."""
    at_high, at_low = int(recording.addresses[high]), int(recording.addresses[low])
    if at_low == at_high + 1:
        return Place((Part(at_high, ">u2"),))
    if at_high == at_low + 1 and recording.console not in BIG_ENDIAN:
        return Place((Part(at_low, "<u2"),))
    return Place((Part(at_high, "|u1"), Part(at_low, "|u1")))


def merge_copies(found: Sequence[tuple[Candidate, Sequence[tuple[int, int]]]]) -> tuple[Candidate, ...]:
    """Return the candidates, best first, those that change at the same moments (play, frame) as one."""
    merged: list[tuple[Candidate, Sequence[tuple[int, int]]]] = []
    for candidate, moments in sorted(found, key=lambda pair: -pair[0].score):
        for place, (original, others) in enumerate(merged):
            if _together(moments, others):
                copies = (*original.copies, candidate.place)
                merged[place] = (dataclasses.replace(original, copies=copies), others)
                break
        else:
            merged.append((candidate, moments))
    return tuple(candidate for candidate, _ in merged)


def _together(moments: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    return len(moments) == len(others) and all(
        play == other_play and abs(frame - other) <= _SAME_FRAME
        for (play, frame), (other_play, other) in zip(moments, others, strict=True)
    )
