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
        """Return the added episodes of a generation: as its first true one, but without another wait before play."""
        first = true_starts[0]
        perturbation = replace(first.perturbation, noops=0)
        return tuple(replace(first, start=start, perturbation=perturbation) for start in self.starts)

    def with_other_draws(self) -> Curriculum:
        """Return what is left when the true starts are drawn anew: what was best before says nothing any more."""
        return replace(self, best=-math.inf, idle=0)

    def after(self, section: CurriculumSection, rules: Rules, ranked: Sequence[tuple[float, JobResult]]) -> Curriculum:
        """Return what the next generation trains with.

        `ranked` are the genomes' fitness from the true starts with their results, best first.
        """
        best = ranked[0][0]
        if best > self.best:
            return replace(self, best=best, idle=0)
        if self.idle + 1 < section.patience:
            return replace(self, idle=self.idle + 1)
        start = stuck_at([result.episodes for _, result in ranked], section, rules)
        if start is None or start in self.starts:
            return replace(self, idle=0)
        return replace(self, starts=(*self.starts, start)[-section.starts :], idle=0)


def stuck_at(ranked: Sequence[Sequence[EpisodeResult]], section: CurriculumSection, rules: Rules) -> Start | None:
    """Return a start `lead` frames before the place where most of the best fifth end; None if that is the start.

    `ranked` are the episodes of each genome, the best one's first; those that reached the goal ended nowhere. Of a
    stalled one the stall is cut off first.
    """
    best = ranked[: max(1, len(ranked) // 5)]
    ended = [episode for episodes in best for episode in episodes if episode.ending != "goal"]
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


def _place(episode: EpisodeResult) -> tuple[str, int]:
    x = episode.final_x
    return episode.spec.start.state, int(x // BIN) if x is not None else int(episode.frames // FRAME_BIN)
