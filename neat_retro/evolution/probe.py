"""Knows how a game behaves from a start state: what holds at once, what changes in random play, and what wraps.

This is the inside of a worker: a probe goes in, what was seen comes out, and nothing is judged here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from neat_retro.agent.episode import EpisodeSpec, Start, play_episode
from neat_retro.agent.expressions import Moment
from neat_retro.agent.players import Agent, RandomAgent, RhythmAgent
from neat_retro.agent.rules import Rules
from neat_retro.errors import IntegrationError
from neat_retro.experiment import EpisodeSection, Experiment
from neat_retro.game.emulator import Bytes, Emulator

RANDOM_FRAMES = 1000
_FIRST_FRAMES = 120  # of a state that is only looked at: two seconds
_REWARD = "reward_of_the_scenario"
_BYTE_EDGE = 16  # how near to its end a byte is before and after it wraps


class Playing(Protocol):
    """What a probe needs of a Stage."""

    @property
    def emulator(self) -> Emulator: ...

    @property
    def rules(self) -> Rules: ...

    def use(self, experiment: Experiment) -> None:
        """Play by these rules from now on."""
        ...


@dataclass(frozen=True)
class Probe:
    """Asks a worker what a start state is like.

    `plain` pays the scenario's reward, if that can be asked for, and nothing else; `config` is what a person trains
    with. `played` asks for all the random play, and `to_the_right` for a run to the right as well, in which positions
    wrap sooner.
    """

    state: str
    plain: Experiment
    config: Experiment | None
    played: bool
    to_the_right: bool


@dataclass(frozen=True)
class Seen:
    """What a start state is like.

    `refused` says why it cannot be restored; nothing else is known then. `endings` are the conditions of the config
    that hold at the start, by their keys, and `done` is the scenario's. `values` are the variables at the start.
    `changed` are those that changed in random play, `wrapped` the values before and after a byte went over its end.
    """

    state: str
    refused: str | None = None
    areas: tuple[tuple[int, int], ...] = ()
    values: Mapping[str, int] = dataclasses.field(default_factory=dict)
    done: bool = False
    endings: tuple[str, ...] = ()
    still: bool = False
    blank: bool = False
    changed: frozenset[str] = frozenset()
    rewarded: bool = False
    paid: tuple[bool, ...] = ()
    wrapped: Mapping[str, tuple[int, int]] = dataclasses.field(default_factory=dict)


def look(stage: Playing, probe: Probe) -> Seen:
    """Restore a state and play from it. Raises whatever the stage raises, but for a state that the core refuses."""
    emulator = stage.emulator
    try:
        emulator.reset(probe.state)
    except IntegrationError as error:
        return Seen(probe.state, refused=str(error))
    values = emulator.variables()
    stage.use(probe.plain)
    done = stage.rules.needs_scenario and emulator.scenario()[1]
    endings = _endings(stage, probe.config)
    watch = _Watch(emulator)
    by = probe.plain if probe.config is None else _paid_by_both(probe.config, probe.plain)
    by = _endless(by) if done or endings else by
    frames = RANDOM_FRAMES if probe.played else _FIRST_FRAMES
    *paid, rewarded = _play(stage, by, probe.state, frames, RandomAgent(), watch)
    if probe.played and probe.to_the_right:
        _play(stage, by, probe.state, frames, _runner(emulator), _Watch(emulator, watch.wrapped))
    return Seen(
        probe.state,
        areas=_areas(emulator),
        values=values,
        done=done,
        endings=endings,
        still=watch.still,
        blank=watch.blank,
        changed=frozenset(watch.changed),
        rewarded=rewarded,
        paid=tuple(paid),
        wrapped=watch.wrapped,
    )


def _endings(stage: Playing, config: Experiment | None) -> tuple[str, ...]:
    """Return the keys of [Episode] whose conditions hold at the start, where an emulator was just reset."""
    if config is None:
        return ()
    stage.use(config)
    moment: Moment = stage.rules.variables.read(stage.emulator.lookup, None)
    found = stage.rules.endings
    named = {"goal": found.goal, "life_lost": found.life_lost, "done": found.done}
    return tuple(key for key, condition in named.items() if condition is not None and condition(moment))


def _paid_by_both(config: Experiment, plain: Experiment) -> Experiment:
    """Return the config with one more term, the last: what the plain experiment pays."""
    (reward,) = plain.fitness.values()
    return dataclasses.replace(config, fitness={**config.fitness, _REWARD: reward})


def _endless(experiment: Experiment) -> Experiment:
    """Return the experiment without conditions that end an episode: one that holds at once would end all of them."""
    episode = dataclasses.replace(experiment.episode, done="none", goal="", life_lost="")
    return dataclasses.replace(experiment, episode=episode)


def _play(
    stage: Playing, experiment: Experiment, state: str, frames: int, agent: Agent, watch: _Watch
) -> tuple[bool, ...]:
    """Play so many frames, episode after episode, and return for each fitness term whether it ever paid."""
    paid: list[tuple[bool, ...]] = []
    left = frames
    while left > 0:
        limits: EpisodeSection = dataclasses.replace(experiment.episode, max_frames=left, stall_frames=0)
        stage.use(dataclasses.replace(experiment, episode=limits))
        watch.begin()
        spec = EpisodeSpec(Start(state), seed=len(paid))
        result = play_episode(stage.emulator, (agent,), spec, stage.rules, watch.see)
        paid.append(tuple(bool(term) for term in result.terms))
        left -= result.frames
    return tuple(any(terms) for terms in zip(*paid, strict=True))


def _runner(emulator: Emulator) -> Agent:
    """Return who holds RIGHT and jumps every half second, as far as the console has such buttons."""
    bits = {button: 1 << i for i, button in enumerate(emulator.buttons) if button}
    jump = bits.get("A", 0) | (bits.get("B", 0) if "C" in bits else 0)
    return RhythmAgent(jump, on=5, period=8, sweep=(bits.get("RIGHT", 0),))


def _areas(emulator: Emulator) -> tuple[tuple[int, int], ...]:
    """Return where the memory's areas begin and end; blocks that touch are one."""
    areas: list[tuple[int, int]] = []
    for start, block in sorted(emulator.memory_blocks().items()):
        if areas and areas[-1][1] == start:
            areas[-1] = (areas[-1][0], start + len(block))
        else:
            areas.append((start, start + len(block)))
    return tuple(areas)


class _Watch:
    """What is seen of every frame."""

    def __init__(self, emulator: Emulator, wrapped: dict[str, tuple[int, int]] | None = None) -> None:
        self._emulator = emulator
        self._before: Mapping[str, int] | None = None
        self._first: Bytes | None = None
        self.changed: set[str] = set()
        self.wrapped = {} if wrapped is None else wrapped
        self.still = True
        self.blank = True

    def begin(self) -> None:
        """Begin an episode: its first frame follows none."""
        self._before = None

    def see(self) -> None:
        now = self._emulator.variables()
        for name, value in now.items() if self._before else ():
            before = self._before[name] if self._before else value
            if value != before:
                self.changed.add(name)
                if _wraps(before, value):
                    self.wrapped.setdefault(name, (before, value))
        self._before = now
        self._see_screen()

    def _see_screen(self) -> None:
        if not (self.still or self.blank):
            return
        screen = self._emulator.screen()
        if self._first is None:
            self._first = screen.copy()
        self.still = self.still and np.array_equal(screen, self._first)
        self.blank = self.blank and bool((screen == screen[0, 0]).all())


def _wraps(before: int, now: int) -> bool:
    """Tell whether a byte went over its end, signed or not: 255 to 0, 0 to 255, 127 to -128, -128 to 127."""
    low, high = min(before, now), max(before, now)
    unsigned = low < _BYTE_EDGE and 255 - _BYTE_EDGE < high <= 255 and low >= 0
    return unsigned or (low < -128 + _BYTE_EDGE and 127 - _BYTE_EDGE < high <= 127)
