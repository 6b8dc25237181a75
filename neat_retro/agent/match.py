"""One match: two players against each other, each by the rules it was trained with, and who won.

Unlike an episode a match has no fitness: a referee looks at every frame from both sides. The same spec and
seats give the same MatchResult in any process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from neat_retro.agent.episode import EpisodeSpec, Game, go_to_start
from neat_retro.agent.expressions import Expression, Moment, parse_expression
from neat_retro.agent.fitness import parse_terms
from neat_retro.agent.observation import GameShape, Stack
from neat_retro.agent.players import Agent
from neat_retro.agent.rules import Rules
from neat_retro.agent.sides import OtherSide, Sides, View, parse_sides
from neat_retro.agent.terms import FitnessTerm, HealthGap, Parse
from neat_retro.agent.variables import Variables, derive, needed
from neat_retro.errors import ExperimentError
from neat_retro.experiment import Experiment

MatchEnding = Literal["won", "done", "frame_limit"]
PADS = 2


@dataclass(frozen=True)
class Seat:
    """Who holds a pad, and the rules of its own experiment: what it sees, how it presses, how often."""

    agent: Agent
    rules: Rules


@dataclass(frozen=True)
class Referee:
    """[Versus], parsed: when player one has won, who leads at the end, and what a match looks like from pad two.

    `gap` is the health_gap of [Fitness], if there is one.
    """

    sides: Sides
    variables: Variables
    won: Expression
    lead: tuple[Expression, ...]
    gap: FitnessTerm | None
    max_frames: int


@dataclass(frozen=True, eq=False)
class MatchResult:
    """What came of a match. `winner` is a pad, 0 or 1, or None for a draw.

    `gap` is the damage that pad 0 dealt minus what it took, None where no term tells. `masks` are the buttons
    that were pressed, (n_frames, 2) uint16; after the start and its waiting they repeat the match.
    """

    spec: EpisodeSpec
    winner: int | None
    ending: MatchEnding
    frames: int
    waited: int
    gap: float | None
    masks: npt.NDArray[np.uint16] = field(repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MatchResult):
            return NotImplemented
        return self.outcome() == other.outcome() and np.array_equal(self.masks, other.masks)

    def outcome(self) -> tuple[object, ...]:
        """Everything but the buttons."""
        return (self.spec, self.winner, self.ending, self.frames, self.waited, self.gap)

    __hash__ = None  # type: ignore[assignment]


def compile_referee(experiment: Experiment, shape: GameShape, game_variables: Iterable[str]) -> Referee:
    """Parse [Versus] of `experiment`. Raises ExperimentError where it says too little, or what the game has not."""
    section = experiment.versus
    game_variables = tuple(game_variables)
    derived = derive(experiment.variables, game_variables, experiment.source)
    known = (*game_variables, *derived)
    if not section.won:
        raise ExperimentError(
            f"{experiment.section_place('Versus')} has no won. Say when player one has won: won = rounds_won >= 2"
        )

    def parse_at(where: str) -> Parse:
        return lambda text: parse_expression(text, known, where)

    won = parse_at(experiment.line("Versus", "won"))(section.won)
    lead = tuple(parse_at(experiment.line("Versus", "lead"))(text) for text in section.lead)
    terms = parse_terms(experiment.fitness, parse_at, experiment.source)
    gap = next((named.term for named in terms if isinstance(named.term, HealthGap)), None)
    return Referee(
        sides=parse_sides(experiment, game_variables, shape.buttons),
        variables=needed(derived, (won, *lead, *(gap.expressions if gap else ()))),
        won=won,
        lead=lead,
        gap=gap,
        max_frames=section.max_frames,
    )


def play_match(
    game: Game,
    seats: Sequence[Seat],
    spec: EpisodeSpec,
    referee: Referee,
    on_frame: Callable[[], None] | None = None,
) -> MatchResult:
    """Play one match between two seats, pad one's first. `on_frame` looks after every emulated frame."""
    seen = on_frame or (lambda: None)
    waited = go_to_start(game, PADS, spec, seen)
    game.scenario()  # brings the scenario's own memory of the frame before up to the start of play
    views: tuple[View, View] = (game, OtherSide(game, referee.sides))
    pads = [_Pad(seat, view, spec.seed + pad) for pad, (seat, view) in enumerate(zip(seats, views, strict=True))]
    judge = _Judge(referee, views)
    pressed: list[tuple[int, int]] = []
    ending: MatchEnding | None = None
    while ending is None:
        one, two = (pad.press(len(pressed)) for pad in pads)
        masks = one, referee.sides.turned(two)
        pressed.append(masks)
        game.step(masks)
        for pad in pads:
            pad.look()
        ending = judge.judge(len(pressed), game.scenario()[1])
        seen()
    return MatchResult(
        spec=spec,
        winner=judge.winner(),
        ending=ending,
        frames=len(pressed),
        waited=waited,
        gap=judge.gap(),
        masks=np.array(pressed, dtype=np.uint16).reshape(len(pressed), PADS),
    )


class _Pad:
    """A seat during one match: it looks at every frame and decides at every `frame_skip`th."""

    def __init__(self, seat: Seat, view: View, seed: int) -> None:
        self._rules = seat.rules
        self._view = view
        self._player = seat.agent.start(seed, seat.rules.actions)
        self._stack = Stack(seat.rules.stack)
        self._moment = seat.rules.variables.read(view.lookup, None)
        self._mask = 0

    def look(self) -> None:
        self._moment = self._rules.variables.read(self._view.lookup, self._moment)

    def press(self, frame: int) -> int:
        """Return the mask for the frame after `frame` frames of play, in player one's words."""
        since = frame % self._rules.limits.frame_skip
        if since == 0:
            observation = self._rules.observer.observe(self._view, self._moment)
            self._mask = self._player.decide(self._stack.push(observation))
        return self._rules.held(self._mask, since)


class _Judge:
    """Reads the match from both sides, so that what holds for one player holds for the other."""

    def __init__(self, referee: Referee, views: Sequence[View]) -> None:
        self._referee = referee
        self._views = views
        self._moments: list[Moment] = [referee.variables.read(view.lookup, None) for view in views]
        self._gap = referee.gap.start() if referee.gap else None
        if self._gap:
            self._gap.update(self._moments[0])

    def judge(self, frame: int, scenario_done: bool) -> MatchEnding | None:
        """Take in frame number `frame` of play and return what it ends, if it does."""
        self._moments = [
            self._referee.variables.read(view.lookup, moment)
            for view, moment in zip(self._views, self._moments, strict=True)
        ]
        if self._gap:
            self._gap.update(self._moments[0])
        if any(self._referee.won(moment) for moment in self._moments):
            return "won"
        if scenario_done:
            return "done"
        return "frame_limit" if frame >= self._referee.max_frames else None

    def winner(self) -> int | None:
        """Return the pad that has won; else the one with more of the first `lead` that differs; else None."""
        won = [bool(self._referee.won(moment)) for moment in self._moments]
        if any(won):
            return None if all(won) else won.index(True)
        for expression in self._referee.lead:
            mine, theirs = (expression(moment) for moment in self._moments)
            if mine != theirs:
                return 0 if mine > theirs else 1
        return None

    def gap(self) -> float | None:
        return float(self._gap.value) if self._gap else None
