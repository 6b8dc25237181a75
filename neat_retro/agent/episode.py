"""One episode: the inner loop that joins a game, its players and the rules.

An episode is told whole by its EpisodeSpec and its players: the same spec and networks give the same
EpisodeResult in any process.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from neat_retro.agent.expressions import Expression, Moment
from neat_retro.agent.furthest import FurthestState
from neat_retro.agent.observation import Floats, Look, Scene, Stack
from neat_retro.agent.players import Agent
from neat_retro.agent.rules import Rules
from neat_retro.agent.terms import TermState
from neat_retro.errors import ExperimentError
from neat_retro.experiment import EpisodeSection

Ending = Literal["goal", "life_lost", "done", "stalled", "frame_limit"]
ENDINGS: tuple[Ending, ...] = ("goal", "life_lost", "done", "stalled", "frame_limit")


class Game(Scene, Protocol):
    """What an episode needs of an emulator."""

    def reset(self, state: str) -> None:
        """Go to the first frame after a start state, no button pressed."""
        ...

    def step(self, masks: Sequence[int]) -> None:
        """Play one frame with a button mask per pad."""
        ...

    def lookup(self, name: str) -> int:
        """Return a variable's value now."""
        ...

    def scenario(self) -> tuple[float, bool]:
        """Return the scenario's reward for the last frame and whether it is done. Call it once a frame."""
        ...


@dataclass(frozen=True)
class Start:
    """Where an episode starts: a state's name, then a prefix of frames, each a mask per pad."""

    state: str
    prefix: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Perturbation:
    """How an episode is varied, drawn from its seed: the same for whoever plays it.

    `noops`: 0 to so many frames of waiting before play. `sticky`: how likely it is, at each frame of play, that the
    console is given the buttons of the frame before instead of those decided on (Machado et al. 2018, Journal of
    Artificial Intelligence Research 61, section 5.2, doi:10.1613/jair.5699).
    """

    noops: int = 0
    sticky: float = 0.0

    @classmethod
    def of(cls, section: EpisodeSection) -> Perturbation:
        """Return that of training."""
        return cls(section.noops, section.sticky)


@dataclass(frozen=True)
class EpisodeSpec:
    """Everything about an episode but who plays it."""

    start: Start
    seed: int = 0
    perturbation: Perturbation = Perturbation()

    def waiting_frames(self) -> int:
        """How many frames pass before play. The same for every genome that plays this spec."""
        most = self.perturbation.noops
        return random.Random(self.seed).randrange(most + 1) if most else 0

    def slips(self) -> Iterator[bool]:
        """Say for each frame of play whether the buttons stick. The same for every genome that plays this spec."""
        sticky = self.perturbation.sticky
        if not sticky:
            return repeat(False)
        rng = random.Random(f"sticky {self.seed}")
        return (rng.random() < sticky for _ in repeat(None))


def episode_seed(run_seed: int, state: str, episode: int) -> int:
    """Return the 63-bit seed of a state's n-th episode: the same for every genome, worker and machine."""
    digest = hashlib.sha256(f"{run_seed}/{state}/{episode}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@dataclass(frozen=True, eq=False)
class EpisodeResult:
    """What came of an episode.

    `terms` are the weighted fitness terms in the order of Rules.term_names. `decisions` are the masks played,
    (n_decisions, n_pads) uint16; with `frames` (of play, waiting excluded) they repeat the episode.
    `furthest_x` is the start position plus all ground gained; both x are None without a furthest term.
    `behaviour` is what [Novelty] asks for, read at the end; no file keeps it.
    """

    spec: EpisodeSpec
    terms: tuple[float, ...]
    ending: Ending
    frames: int
    waited: int
    final_x: float | None
    furthest_x: float | None
    decisions: npt.NDArray[np.uint16] = field(repr=False)
    behaviour: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not all(math.isfinite(term) for term in self.terms):
            raise ValueError(f"a fitness term is not a finite number: {self.terms}")

    @property
    def fitness(self) -> float:
        """The sum of the terms."""
        return sum(self.terms)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EpisodeResult):
            return NotImplemented
        return self.outcome() == other.outcome() and np.array_equal(self.decisions, other.decisions)

    def outcome(self) -> tuple[object, ...]:
        """Everything that is kept but the decisions: what two episodes that went the same way have in common."""
        return (self.spec, self.terms, self.ending, self.frames, self.waited, self.final_x, self.furthest_x)

    __hash__ = None  # type: ignore[assignment]


def pressed_frames(result: EpisodeResult, rules: Rules) -> list[tuple[int, ...]]:
    """Return the button masks of every frame of an episode's play, a mask per pad, as the console was given them."""
    decided = [
        tuple(rules.held(mask, frame) for mask in pads)
        for pads in result.decisions.tolist()
        for frame in range(rules.limits.frame_skip)
    ]
    pressed: list[tuple[int, ...]] = []
    for masks, slipped in zip(decided[: result.frames], result.spec.slips(), strict=False):
        held = pressed[-1] if pressed else (0,) * len(masks)
        pressed.append(held if slipped else masks)
    return pressed


class Frames(Protocol):
    """Where the frames of an episode come from."""

    def start(self, spec: EpisodeSpec, pads: int) -> int:
        """Go to the start of play; return the frames waited."""
        ...

    def step(self, masks: tuple[int, ...]) -> None:
        """Go to the next frame, with a button mask per pad."""
        ...

    def moment(self, before: Moment | None) -> Moment:
        """Return this frame's moment, after `before`, which is None at the start. Call it once a frame."""
        ...

    def look(self, moment: Moment) -> Look:
        """Return what an observer sees of this frame."""
        ...


class LiveFrames:
    """Frames as the emulator plays them. `on_frame` is called after each, from that of the start state on."""

    def __init__(self, game: Game, rules: Rules, on_frame: Callable[[], None] | None = None) -> None:
        self._game = game
        self._seen = on_frame
        self._rules = rules

    def start(self, spec: EpisodeSpec, pads: int) -> int:
        return go_to_start(self._game, pads, spec, self._seen or _nothing)

    def step(self, masks: tuple[int, ...]) -> None:
        self._game.step(masks)
        if self._seen is not None:
            self._seen()

    def moment(self, before: Moment | None) -> Moment:
        moment = self._rules.variables.read(self._game.lookup, before)
        if self._rules.needs_scenario:
            told = self._game.scenario()  # at the start, too: its own memory of the frame before begins there
            if before is not None:
                moment.scenario_reward, moment.scenario_done = told
        return moment

    def look(self, moment: Moment) -> Look:
        return self._rules.observer.look(self._game, moment)


def play_episode(
    game: Game,
    agents: Sequence[Agent],
    spec: EpisodeSpec,
    rules: Rules,
    on_frame: Callable[[], None] | None = None,
) -> EpisodeResult:
    """Play one episode, an agent per pad.

    `on_frame` is called after every emulated frame, from the first after the start state on; it only looks.
    """
    return play_frames(LiveFrames(game, rules, on_frame), agents, spec, rules)


def play_frames(frames: Frames, agents: Sequence[Agent], spec: EpisodeSpec, rules: Rules) -> EpisodeResult:
    """Play one episode on frames from anywhere."""
    play = Play(frames, len(agents), spec, rules)
    players = [agent.start(spec.seed + pad, rules.actions) for pad, agent in enumerate(agents)]
    while play.ending is None:
        inputs = play.observe()
        play.step(tuple([player.decide(inputs) for player in players]))
    return play.result()


class Play:
    """An episode going on: observe, then step, until `ending` says why it is over."""

    def __init__(self, frames: Frames, pads: int, spec: EpisodeSpec, rules: Rules) -> None:
        """Go to the start: the state, the spec's prefix, its waiting."""
        self.ending: Ending | None = None
        self.frames = 0
        self._source = frames
        self._pads = pads
        self._spec = spec
        self._rules = rules
        self._waited = frames.start(spec, pads)
        self._judge = _Judge(rules, frames)
        self._stack = Stack(rules.stack)
        self._decisions: list[tuple[int, ...]] = []
        self._slips = spec.slips()
        self._pressed = (0,) * pads

    def observe(self) -> Floats:
        """Return the network's inputs, (n_inputs,) float64. Call it once a decision: observations are stacked."""
        return self._stack.push(self._rules.observer.inputs(self._source.look(self._judge.moment)))

    def step(self, masks: tuple[int, ...]) -> None:
        """Hold a mask per pad for the frames of one decision, turbo for half of them, or until the episode ends."""
        self._decisions.append(masks)
        for frame in range(self._rules.limits.frame_skip):
            if not next(self._slips):
                self._pressed = tuple([self._rules.held(mask, frame) for mask in masks])
            self._source.step(self._pressed)
            self.frames += 1
            self.ending = self._judge.judge(self.frames)
            if self.ending is not None:
                return

    @property
    def fitness(self) -> float:
        """The sum of the terms so far."""
        return sum(self._judge.terms())

    def result(self) -> EpisodeResult:
        """Return what came of it, once it has ended."""
        if self.ending is None:
            raise ValueError("the episode has not ended")
        return EpisodeResult(
            spec=self._spec,
            terms=self._judge.terms(),
            ending=self.ending,
            frames=self.frames,
            waited=self._waited,
            final_x=self._judge.final_x(),
            furthest_x=self._judge.furthest_x(),
            decisions=np.array(self._decisions, dtype=np.uint16).reshape(len(self._decisions), self._pads),
            behaviour=self._judge.behaviour(),
        )


def _nothing() -> None:
    return None


def go_to_start(game: Game, pads: int, spec: EpisodeSpec, seen: Callable[[], None]) -> int:
    """Reset, play the spec's prefix, wait; return the frames waited. `seen` is called after every frame."""
    game.reset(spec.start.state)
    seen()
    for masks in spec.start.prefix:
        game.step(masks)
        seen()
    waited = spec.waiting_frames()
    for _ in range(waited):
        game.step((0,) * pads)
        seen()
    return waited


class _Judge:
    """Reads the variables at every frame and keeps the terms, the stall clock and the endings."""

    def __init__(self, rules: Rules, frames: Frames) -> None:
        self._rules = rules
        self._frames = frames
        self._states: list[TermState] = [named.term.start() for named in rules.terms]
        self._weighted = [(state, named.weight) for state, named in zip(self._states, rules.terms, strict=True)]
        self._furthest = next((s for s in self._states if isinstance(s, FurthestState)), None)
        endings = rules.endings
        named: tuple[tuple[Ending, Expression | None], ...] = (
            ("goal", endings.goal), ("life_lost", endings.life_lost), ("done", endings.done),
        )  # fmt: skip
        self._conditions = [(ending, condition.evaluate) for ending, condition in named if condition is not None]
        self._best = [0.0] * len(self._states)
        self._best_frame = 0
        self.moment = frames.moment(None)
        for state in self._states:
            state.update(self.moment)

    def judge(self, frame: int) -> Ending | None:
        """Take in frame number `frame` of play and return what it ends, if it does."""
        self.moment = moment = self._frames.moment(self.moment)
        for index, (state, weight) in enumerate(self._weighted):
            state.update(moment)
            progress = state.progress
            if progress is not None and progress * weight > self._best[index]:
                self._best[index] = progress * weight
                self._best_frame = frame
        return self._ending(frame)

    def _ending(self, frame: int) -> Ending | None:
        for ending, condition in self._conditions:
            if condition(self.moment):
                return ending
        if self._rules.endings.scenario_done and self.moment.scenario_done:
            return "done"
        limits = self._rules.limits
        if limits.stall_frames and frame - self._best_frame >= limits.stall_frames:
            return "stalled"
        if frame >= limits.max_frames:
            return "frame_limit"
        return None

    def terms(self) -> tuple[float, ...]:
        """Return the weighted terms. Raises ExperimentError for one that is no finite number."""
        values = tuple(
            float(state.value * named.weight) for state, named in zip(self._states, self._rules.terms, strict=True)
        )
        for named, value in zip(self._rules.terms, values, strict=True):
            if not math.isfinite(value):
                raise ExperimentError(f"[Fitness] {named.name} came to {value} in play. Keep it a finite number.")
        return values

    def behaviour(self) -> tuple[float, ...]:
        """Return what novelty is told by. Raises ExperimentError for a number whose square is no finite one."""
        values = tuple(float(expression.evaluate(self.moment)) for expression in self._rules.behaviour)
        for value in values:
            if not math.isfinite(value * value):
                raise ExperimentError(
                    f"[Novelty] behaviour came to {value:g} in play. Keep it a finite number whose square is one."
                )
        return values

    def final_x(self) -> float | None:
        return float(self._furthest.term.position(self.moment)) if self._furthest else None

    def furthest_x(self) -> float | None:
        return self._furthest.reached if self._furthest else None
