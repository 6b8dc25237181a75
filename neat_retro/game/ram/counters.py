"""Knows how lives and health behave, and ranks the bytes of a recording by how like one they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neat_retro.game.ram.candidates import Candidate, byte_at, merge_copies
from neat_retro.game.ram.memory import Indices
from neat_retro.game.ram.probes import Play, Recording, Steering

Values = npt.NDArray[np.int64]

_MOST_LIVES, _USUAL_LIVES = 99, 9
_SHORTEST_LIFE = 60  # frames; what falls again sooner counts something else
_NOTHING_LEFT = 255  # or so health says it
_HITS_PER_FRAME = 1 / 20


@dataclass(frozen=True)
class Course:
    """What one byte did in one play: its values, (n_frames + 1,), and when it changed (frames counted from 1)."""

    name: Steering
    values: Values
    frames: Values
    steps: Values  # going round at 256: -128 to 127

    @classmethod
    def of(cls, play: Play, index: int) -> Course:
        values = play.content[:, index].astype(np.int64)
        steps = ((np.diff(values) + 128) & 255) - 128
        frames = np.flatnonzero(steps)
        return cls(play.name, values, frames + 1, steps[frames])


def find_lives(recording: Recording) -> tuple[Candidate, ...]:
    """Return what is most like a number of lives: small, at rest for long, one fewer at a time; best first."""
    return _rank(recording, _falling_by_one(recording), _life_likeness)


def find_health(recording: Recording) -> tuple[Candidate, ...]:
    """Return what is most like health: full at first, less at every hit, full again in a new round; best first."""
    return _rank(recording, np.arange(len(recording.addresses)), _health_likeness)


def _falling_by_one(recording: Recording) -> Indices:
    """Return which bytes take at least two steps of -1 and hardly any others: all at once, for there may be 65,536."""
    falls, others = np.zeros((2, len(recording.addresses)), np.int64)
    for play in recording.plays:
        steps = play.content[1:] - play.content[:-1]  # going round at 256
        fallen = np.count_nonzero(steps == 255, axis=0)
        falls += fallen
        others += np.count_nonzero(steps, axis=0) - fallen
    return np.flatnonzero((falls >= 2) & (others <= falls / 2))


def _rank(
    recording: Recording, indices: Indices, likeness: Callable[[Sequence[Course]], float]
) -> tuple[Candidate, ...]:
    found = []
    for index in indices.tolist():
        courses = [Course.of(play, index) for play in recording.plays]
        score = likeness(courses)
        if score > 0:
            moments = [(n, int(frame)) for n, course in enumerate(courses) for frame in course.frames]
            found.append((Candidate(byte_at(int(recording.addresses[index])), score, _told(courses)), moments))
    return merge_copies(found)


def _life_likeness(courses: Sequence[Course]) -> float:
    start = int(courses[0].values[0])
    steps = np.concatenate([course.steps for course in courses])
    falls = int((steps == -1).sum())
    soon = sum(int((np.diff(course.frames) < _SHORTEST_LIFE).sum()) for course in courses)
    if start > _MOST_LIVES or soon > falls / 4:
        return 0.0
    usual = 1 <= start <= _USUAL_LIVES  # the tiles of a display have other numbers
    plays = sum(len(course.frames) > 0 for course in courses)
    return falls / (len(steps) + soon) * (1 if usual else 0.5) * (1 - 0.5**plays)


def _health_likeness(courses: Sequence[Course]) -> float:
    full = int(courses[0].values[0])
    values = np.concatenate([course.values for course in courses])
    changes = np.concatenate([np.diff(course.values) for course in courses])
    after = np.concatenate([course.values[1:] for course in courses])
    falls = int((changes < 0).sum())
    kinds = len(np.unique(values))
    # It rises to be full again, and to the sign that nothing is left.
    strange = int(((changes > 0) & (after != full) & (after != _NOTHING_LEFT)).sum())
    strange += int(((after > full) & (after != _NOTHING_LEFT)).any())
    if full < 3 or kinds < 4 or falls < 4 or falls > len(values) * _HITS_PER_FRAME or strange > falls / 4:
        return 0.0
    if any(_is_steady(course) for course in courses):
        return 0.0  # a timer
    hurt = sum(bool(len(course.frames)) for course in courses) / len(courses)
    return falls / (falls + strange) * hurt * (1 - 1 / kinds)


def _is_steady(course: Course) -> bool:
    intervals = np.diff(course.frames)
    return len(intervals) > 4 and bool((np.abs(intervals - np.median(intervals)) <= 1).mean() > 0.75)


def _told(courses: Sequence[Course]) -> tuple[tuple[str, str], ...]:
    told = [("start", str(courses[0].values[0]))]
    for name in ("RIGHT", "nothing", "LEFT", "play"):
        falls = sum(int((np.diff(course.values) < 0).sum()) for course in courses if course.name == name)
        told.append((name, str(falls)))
    return tuple(told)
