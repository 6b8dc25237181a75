"""Where a population is stuck, it also trains from starts just before the place where its best genomes end.

Starts from within an episode, as reverse curricula have them: Florensa et al. (2017), arXiv:1707.05300, and Salimans &
Chen (2018), arXiv:1812.03381; here they are found by the population itself, and the true starts stay in the fitness.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Start, pressed_frames
from neat_retro.agent.rules import Rules
from neat_retro.evolution.jobs import JobResult
from neat_retro.experiment import CurriculumSection

BIN = 64.0  # ends no further apart than this, in units of x, are at one place
FRAME_BIN = 60.0  # the same in frames of play, where the fitness knows no position


@dataclass(frozen=True)
class Curriculum:
    """The starts that were added so far. `best` is the best fitness from the true starts, `idle` for how many
    generations it has stood."""

    starts: tuple[Start, ...] = ()
    best: float = -math.inf
    idle: int = 0

    def episodes(self, true_starts: Sequence[EpisodeSpec]) -> tuple[EpisodeSpec, ...]:
        """Return the added episodes of a generation, with the perturbation and seed of its first true one."""
        return tuple(replace(true_starts[0], start=start) for start in self.starts)

    def after(self, section: CurriculumSection, rules: Rules, ranked: Sequence[tuple[float, JobResult]]) -> Curriculum:
        """Return what the next generation trains with.

        `ranked` are the genomes' fitness from the true starts with their results, best first.
        """
        best = ranked[0][0]
        if best > self.best:
            return replace(self, best=best, idle=0)
        if self.idle + 1 < section.patience:
            return replace(self, idle=self.idle + 1)
        start = stuck_at([result.episodes[0] for _, result in ranked], section, rules)
        kept = (*self.starts, start)[-section.starts :] if start else self.starts
        return replace(self, starts=kept, idle=0)


def stuck_at(episodes: Sequence[EpisodeResult], section: CurriculumSection, rules: Rules) -> Start | None:
    """Return a start `lead` frames before the place where most of the best fifth end; None if that is the start.

    A stalled one ended where it made its last gain.
    """
    ended = [episode for episode in episodes[: max(1, len(episodes) // 5)] if episode.ending != "goal"]
    if not ended:
        return None
    places = Counter(_place(episode) for episode in ended)
    most = max(places.values())
    there = next(episode for episode in ended if places[_place(episode)] == most)  # the best of them
    frames = pressed_frames(there, rules)
    cut = section.lead + rules.stall(there.ending)
    if len(frames) <= cut:
        return None
    before = there.spec.start
    waited = ((0,) * there.decisions.shape[1],) * there.waited
    return Start(before.state, (*before.prefix, *waited, *frames[:-cut]))


def _place(episode: EpisodeResult) -> int:
    x = episode.final_x
    return int(x // BIN) if x is not None else int(episode.frames // FRAME_BIN)
