"""Finds a way through a level: `python -m homebrew.search GAME STATE [--seed N]`.

An archive of the places that were reached, each with a savestate; again and again one of them is taken up and
explored at random, and new places join the archive. The first way to the goal is written as a BK2 movie to
integrations/GAME/movies/STATE.bk2. It proves that a level can be won, and knows nothing of the level.

Ecoffet et al. (2021), First return, then explore, Nature 590, doi:10.1038/s41586-020-03157-9.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from homebrew.levels import Level, Node
from homebrew.movies import movie_path, write_movie
from homebrew.sticky import sticky_draws

EXPLORE = 30  # decisions of one exploration
STICK = 0.7  # the chance that a decision repeats the last one
PHASES = 4  # hazards move: one place at several times, ...
PHASE_FRAMES = 24  # ... so many frames apart

Ram = npt.NDArray[np.uint8]
Values = Mapping[str, float]
# What tells two places apart.
PLACES: dict[str, Callable[[Ram, Values], tuple[int, ...]]] = {
    # the hero's column and row, and whether the level's gate is open
    "NeatRunner-Nes": lambda ram, now: (
        int(ram[0x6D]) * 16 + (int(ram[0x86]) >> 4),
        int(ram[0xCE]) >> 4,
        int(ram[0x705]),
    ),
    "NeatDash-Genesis": lambda ram, now: (int(now["x"]) // 32, int(now["y"]) // 24),
    "NeatDuel-Snes": lambda ram, now: (
        int(now["rounds_won"]) * 4 + int(now["enemy_rounds_won"]),
        int(now["own_health"]) // 8,
        int(now["their_health"]) // 4,
        int(now["x"]) // 32,
    ),
}


@dataclass
class Place:
    """A place reached, and the way to it from an earlier one."""

    node: Node
    parent: Place | None
    masks: tuple[int, ...]  # the decisions from there to here
    frames: int  # from the start
    progress: float
    visits: int = field(default=0)

    def way(self) -> list[int]:
        """Return the decisions from the start to here."""
        pieces, place = [], self
        while place.parent is not None:
            pieces.append(place.masks)
            place = place.parent
        return [mask for piece in reversed(pieces) for mask in piece]


class Archive:
    """The places that were reached: one for each key, the earliest; and all that ever were, in their order."""

    def __init__(self, start: Place) -> None:
        self.places: dict[tuple[int, ...], Place] = {(): start}
        self.order = [start]

    def lacks(self, key: tuple[int, ...], frames: int) -> bool:
        """Return whether nobody has been there, or only later than after so many frames."""
        return key not in self.places or frames < self.places[key].frames

    def add(self, key: tuple[int, ...], place: Place) -> None:
        self.places[key] = place
        self.order.append(place)

    def choose(self, rng: random.Random) -> Place:
        """Prefer places that are far and were seldom taken up."""
        pool = self.order[-200:] if rng.random() < 0.5 else self.order
        return max((rng.choice(pool) for _ in range(8)), key=lambda place: place.progress - 24 * place.visits)

    def furthest(self) -> float:
        return max(place.progress for place in self.order)


def search(level: Level, seed: int, most_frames: int) -> list[int]:
    """Return decisions, of the experiment's frame skip each, that reach the goal.

    Raises RuntimeError with the furthest progress where `most_frames` emulated frames do not get there.
    """
    rng = random.Random(seed)
    names = level.rules.actions.names
    masks = [level.mask(name) for name in names]
    weights = [2.0 if "RIGHT" in name else 1.0 for name in names]

    def draw() -> int:
        return rng.choices(masks, weights)[0]

    start = level.root()
    archive = Archive(Place(start, None, (), 0, level.progress(start.moment)))
    emulated, told = 0, time.monotonic()
    while emulated < most_frames:
        place = archive.choose(rng)
        place.visits += 1
        decisions = islice(sticky_draws(rng, draw, last=draw(), stick=STICK), EXPLORE)
        frames, way = explore(level, archive, place, decisions)
        if way is not None:
            return way
        emulated += frames
        if time.monotonic() - told > 20:
            told = time.monotonic()
            print(f"  {emulated:,} frames, {len(archive.places)} places, furthest {archive.furthest():g}", flush=True)
    raise RuntimeError(f"no way found in {most_frames:,} frames; the furthest progress was {archive.furthest():g}")


def explore(level: Level, archive: Archive, place: Place, decisions: Iterable[int]) -> tuple[int, list[int] | None]:
    """Play from a place until the decisions, the level or its time are over; what is new joins the archive.

    Returns how many frames were played, and the decisions from the start to the goal if it was reached.
    """
    emulator, key_of = level.stage.emulator, PLACES[level.game]
    skip, limit = level.rules.limits.frame_skip, level.rules.limits.max_frames
    moment, frames = place.node.moment, place.frames
    taken: list[int] = []
    emulator.restore(place.node.state)
    for mask in decisions:
        taken.append(mask)
        for _ in range(skip):
            moment, ending = level.step(moment, mask)
            frames += 1
            if ending is not None:
                break
        if ending == "goal" and frames <= limit:
            return frames - place.frames, [*place.way(), *taken]
        if ending is not None or frames > limit:
            break
        key = (*key_of(emulator.ram(), moment.now), frames // PHASE_FRAMES % PHASES)
        if archive.lacks(key, frames):
            node = Node(emulator.save(), moment)
            archive.add(key, Place(node, place, tuple(taken), frames, level.progress(moment)))
    return frames - place.frames, None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("game")
    parser.add_argument("state")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=4_000_000, help="emulate at most so many")
    parser.add_argument("--out", type=Path, help="the movie's file")
    asked = parser.parse_args()
    out: Path = asked.out or movie_path(asked.game, asked.state)
    with Level(asked.game, asked.state) as level:
        decisions = search(level, asked.seed, asked.frames)
        result = write_movie(level.stage, asked.state, decisions, out)
        if result.ending != "goal":
            raise RuntimeError(f"the way found ends in {result.ending} when it is played from the start")
    print(f"{asked.game} {asked.state}: won in {result.frames} frames, fitness {result.fitness:g}; wrote {out}")


if __name__ == "__main__":
    main()
