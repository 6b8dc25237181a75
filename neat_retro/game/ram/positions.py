"""Knows how a horizontal position behaves, and ranks the bytes of a recording by how like one they are.

A position grows while RIGHT is held, rests while nothing is, goes back or rests with LEFT, and does so pixel by pixel.
All this is seen in its low byte, which goes round at 256; the high byte is one that steps exactly when it does,
wherever it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neat_retro.game.ram.candidates import Candidate, Place, byte_at, word_of
from neat_retro.game.ram.probes import Play, Recording

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int16]

FASTEST = 24  # pixels a frame; what steps further is a death, a warp, or no position
# A hero slows down, and falls out of a jump, after the button was let go.
_GRACE_FRAMES = 16
_EXAMINED = 60  # of all bytes: the most like a position
_SAME_TRACK = 6.0  # pixels on average: copies may be a frame late
_AS_GOOD = 0.98  # of the best score: an original and its copies hardly differ
_SMOOTHNESS = 8  # one jump in a hundred moves costs so many hundredths
_SHORT = 64.0  # pixels: less ground than that proves little
_NO_HIGH_BYTE, _ODD_WORD = 0.3, 0.9


@dataclass(frozen=True)
class _Behaviour:
    """Pixels by direction held, each (n_bytes,), and the number of frames each was held."""

    right_up: Floats
    right_down: Floats
    left_up: Floats
    left_down: Floats
    idle: Floats
    jumps: Floats
    moves: Floats
    frames: tuple[int, int, int]

    def likeness(self) -> Floats:
        """Return how like a position each byte behaves, 0 to 1."""
        right = _share(self.right_up - self.right_down, self.right_up + self.right_down)
        pace = np.maximum(self.right_up - self.right_down, 1e-9) / max(self.frames[0], 1)
        rest = 1 - np.minimum(self.idle / max(self.frames[1], 1) / pace, 1)
        back = 1 - _share(self.left_up, self.left_up + self.left_down + 0.1 * self.right_up)
        smooth = 1 - _share(self.jumps, self.moves)
        ground = self.right_up / (self.right_up + _SHORT)
        return np.asarray(np.clip(right, 0, 1) * rest * back * smooth**_SMOOTHNESS * ground)

    def extent(self, likeness: Floats) -> Floats:
        """Return the weight of the ground covered: a level's position goes further than one on the screen."""
        furthest = self.right_up[likeness >= likeness.max() / 2].max()
        return np.asarray(np.minimum(self.right_up / max(furthest, 1.0), 1) ** (1 / 3))


@dataclass(frozen=True)
class _Found:
    index: int
    high: int | None
    carries: int
    score: float
    track: Floats


def find_positions(recording: Recording) -> tuple[Candidate, ...]:
    """Return what is most like a horizontal position, best first; bytes that move alike are one candidate."""
    if not len(recording.addresses):
        return ()  # a dead console
    steps = [signed_steps(play) for play in recording.plays]
    behaviour = _observe(recording.plays, steps)
    likeness = behaviour.likeness()
    scores = likeness * behaviour.extent(likeness)
    best = np.argsort(-scores, kind="stable")[:_EXAMINED]
    found = [_examine(recording, steps, int(index), float(scores[index])) for index in best if scores[index] > 0]
    found.sort(key=lambda one: -one.score)
    groups: list[list[_Found]] = []
    for one in found:
        group = next((group for group in groups if _same(group[0].track, one.track)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return tuple(_candidate(recording, behaviour, _first_in_memory(group)) for group in groups)


def signed_steps(play: Play) -> Steps:
    """Return what each byte changes by in each frame, going round at 256: -128 to 127, (n_frames, n_bytes)."""
    return (play.content[1:] - play.content[:-1]).view(np.int8).astype(np.int16)


def _observe(plays: Sequence[Play], steps: Sequence[Steps]) -> _Behaviour:
    sums = {name: np.zeros(steps[0].shape[1]) for name in _Behaviour.__dataclass_fields__ if name != "frames"}
    frames = [0, 0, 0]
    for play, step in zip(plays, steps, strict=True):
        settled = _settled(play.direction)
        jumps = np.abs(step) > FASTEST
        walked = np.where(jumps, 0, step)
        held = [walked[settled & (play.direction == direction)] for direction in (1, 0, -1)]
        frames = [count + len(part) for count, part in zip(frames, held, strict=True)]
        sums["right_up"] += held[0].clip(min=0).sum(axis=0)
        sums["right_down"] -= held[0].clip(max=0).sum(axis=0)
        sums["idle"] += np.abs(held[1]).sum(axis=0)
        sums["left_up"] += held[2].clip(min=0).sum(axis=0)
        sums["left_down"] -= held[2].clip(max=0).sum(axis=0)
        sums["jumps"] += jumps.sum(axis=0)
        sums["moves"] += (step != 0).sum(axis=0)
    return _Behaviour(**sums, frames=(frames[0], frames[1], frames[2]))


def _settled(direction: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Return in which frames the direction has been held for a while."""
    age, last, settled = 0, None, []
    for now in direction.tolist():
        age, last = (age + 1 if now == last else 0), now
        settled.append(age > _GRACE_FRAMES)
    return np.array(settled)


def _examine(recording: Recording, steps: Sequence[Steps], index: int, score: float) -> _Found:
    """Look for the high byte of a low one, and judge it by that.

    The right one leaves the fewest jumps: a step of the word is small where the low byte went round, too.
    """
    jumps, alone, carries = np.zeros(len(recording.addresses)), 0, 0
    tracks = []
    for play, step in zip(recording.plays, steps, strict=True):
        low = np.diff(play.content[:, index].astype(np.int32))
        jumps += (np.abs(step.astype(np.int32) * 256 + low[:, None]) > FASTEST).sum(axis=0)
        walked = np.abs(step[:, index]) <= FASTEST
        alone += int((np.abs(low) > FASTEST).sum())
        carries += int((walked & (np.abs(low) > FASTEST)).sum())
        tracks.append(np.cumsum(np.where(walked, step[:, index], 0)))
    track = np.concatenate(tracks).astype(float)
    jumps[index] = np.inf
    distance = np.abs(recording.addresses - recording.addresses[index])
    high = int(np.lexsort((distance, jumps))[0])
    if jumps[high] >= alone:
        return _Found(index, None, carries, score * (_NO_HIGH_BYTE if carries > 1 else 1), track)
    place = word_of(recording, high, index)
    odd = recording.console == "Genesis" and place.parts[0].address % 2 == 1  # a 68000 has words at even addresses only
    return _Found(index, high, carries, score * (_ODD_WORD if odd else 1), track)


def _place(recording: Recording, found: _Found) -> Place:
    if found.high is None:
        return byte_at(int(recording.addresses[found.index]))
    return word_of(recording, found.high, found.index)


def _candidate(recording: Recording, behaviour: _Behaviour, group: Sequence[_Found]) -> Candidate:
    first, index = group[0], group[0].index
    right = float(behaviour.right_up[index] - behaviour.right_down[index])
    left = float(behaviour.left_up[index] - behaviour.left_down[index])
    amounts = (right, float(behaviour.idle[index]), left)
    paces = [amount / max(count, 1) for amount, count in zip(amounts, behaviour.frames, strict=True)]
    note = "goes round at 256, and no high byte was found" if first.carries > 1 and first.high is None else ""
    return Candidate(
        place=_place(recording, first),
        score=first.score,
        did=(("RIGHT", f"{paces[0]:+.2f}"), ("nothing", f"{paces[1]:.2f}"), ("LEFT", f"{paces[2]:+.2f}")),
        copies=tuple(_place(recording, other) for other in group[1:]),
        note=note,
    )


def _same(track: Floats, other: Floats) -> bool:
    return bool(np.abs(track - other).mean() < min(_SAME_TRACK, np.abs(track).mean() / 10))


def _first_in_memory(group: Sequence[_Found]) -> list[_Found]:
    """Return the group with the lowest place of those that are as good as its best in front: copies come later."""
    front = min((one for one in group if one.score >= _AS_GOOD * group[0].score), key=lambda one: one.index)
    return [front, *(one for one in group if one is not front)]


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0))
