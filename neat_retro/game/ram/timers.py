"""Knows how a timer behaves, and ranks the bytes of a recording by how like one they are.

A timer takes equal steps at equal intervals whatever is pressed. It may be a number, packed BCD, or a digit a byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neat_retro.game.ram.candidates import BIG_ENDIAN, Candidate, Part, Place, byte_at, merge_copies
from neat_retro.game.ram.counters import Course, Values
from neat_retro.game.ram.probes import Recording

_LEAST_TICKS = 5
_LEAST_STEADINESS = 0.75
_MOST_DIGITS = 6
# Timers that a player sees fall, and take their time.
_RISING, _FAST, _EVERY_FRAME, _LONE_DIGIT = 0.5, 0.5, 0.3, 0.5
_FAST_FRAMES = 10


@dataclass(frozen=True)
class _Reading:
    """A byte read as a number: `values` are all of its values while nothing was pressed, going round at `modulus`."""

    place: Place
    values: Values
    modulus: int
    weight: float = 1.0

    @property
    def steps(self) -> Values:
        half = self.modulus // 2
        steps = (np.diff(self.values) + half) % self.modulus - half
        return np.asarray(steps[steps != 0])

    @property
    def evenness(self) -> float:
        """The share of its steps that are of one, in the direction of most."""
        return max(float((self.steps == 1).mean()), float((self.steps == -1).mean()))


def find_timers(recording: Recording) -> tuple[Candidate, ...]:
    """Return what is most like a timer, best first: falling before rising, slow before fast."""
    found = []
    for index in range(len(recording.addresses)):
        courses = [Course.of(play, index) for play in recording.plays]
        idle = next(course for course in courses if course.name == "nothing")
        if len(idle.frames) < _LEAST_TICKS:
            continue
        period = int(np.median(np.diff(idle.frames)))
        steady = min(_steadiness([idle], period), _steadiness(courses, period))
        if steady < _LEAST_STEADINESS:
            continue
        reading = _read(recording, idle, index)
        falling = float((reading.steps < 0).mean()) > 0.5
        score = steady * reading.evenness * reading.weight * (1 if falling else _RISING)
        score *= _EVERY_FRAME if period == 1 else _FAST if period < _FAST_FRAMES else 1
        did = (
            ("start", str(reading.values[0])),
            ("a step of", "-1" if falling else "+1"),
            ("every", f"{period} frames" if period > 1 else "frame"),
            ("steady", f"{steady:.0%}"),
        )
        moments = [(n, int(frame)) for n, course in enumerate(courses) for frame in course.frames]
        found.append((Candidate(reading.place, score, did), moments))
    return merge_copies([pair for pair in found if pair[0].score > 0])


def _steadiness(courses: Sequence[Course], period: int) -> float:
    """Return the share of all intervals that have the period, give or take a frame. A death breaks one."""
    intervals = np.concatenate([np.diff(course.frames) for course in courses])
    return float((np.abs(intervals - period) <= 1).mean())


def _read(recording: Recording, idle: Course, index: int) -> _Reading:
    """Return the byte, with those before or after it that step when it goes round, as what has the evenest steps."""
    address = int(recording.addresses[index])
    readings = [_Reading(byte_at(address), idle.values, 256)]
    before, _ = _with_higher(recording, idle.values, address - 1, 256)
    after, _ = _with_higher(recording, idle.values, address + 1, 256)
    if before is not None:
        readings.append(_Reading(Place((Part(address - 1, ">u2"),)), before, 65536))
    elif after is not None and recording.console not in BIG_ENDIAN:
        readings.append(_Reading(Place((Part(address, "<u2"),)), after, 65536))
    tens, units = idle.values // 16, idle.values % 16
    if max(tens.max(), units.max()) <= 9 and len(np.unique(tens)) > 1:
        readings.append(_Reading(Place((Part(address, "|d1"),)), tens * 10 + units, 100))
    if idle.values.max() <= 9:
        readings.append(_digits(recording, idle.values, address))
    return max(readings, key=lambda reading: reading.evenness * reading.weight)


def _digits(recording: Recording, last: Values, address: int) -> _Reading:
    """Return the number whose last digit lies at `address`."""
    number, width = last, 1
    while width < _MOST_DIGITS:
        longer, digit = _with_higher(recording, number, address - width, 10**width)
        if longer is None or digit.max() > 9:
            break
        number, width = longer, width + 1
    if width == 1:
        return _Reading(byte_at(address), number, 10, _LONE_DIGIT)
    return _Reading(Place((Part(address - width + 1, f">n{width}"),)), number, 10**width)


def _with_higher(recording: Recording, lower: Values, address: int, base: int) -> tuple[Values | None, Values]:
    """Return `lower` with the byte at `address` above it, if that makes its steps more even, and that byte."""
    [indices] = np.nonzero(recording.addresses == address)
    if not len(indices):
        return None, lower
    idle = next(play for play in recording.plays if play.name == "nothing")
    higher = idle.content[:, indices[0]].astype(np.int64)
    joint = higher * base + lower
    return (joint if _unit_share(joint) > _unit_share(lower) else None), higher


def _unit_share(values: Values) -> float:
    """Return the share of the steps that are of one, in the direction of most."""
    steps = np.diff(values)
    steps = steps[steps != 0]
    return max(float((steps == 1).mean()), float((steps == -1).mean())) if len(steps) else 0.0
