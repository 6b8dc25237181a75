"""Who holds a pad: a network, or one of the baselines that it must beat.

An agent is a small value that crosses process borders; `start` hands out the Player of one episode.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from neat_retro.agent.actions import ActionSet
from neat_retro.agent.network import CompiledNetwork, NetworkState

Floats = npt.NDArray[np.float64]


class Player(Protocol):
    """One pad during one episode."""

    def decide(self, inputs: Floats) -> int:
        """Return the button mask to hold until the next decision; `inputs` is (n_inputs,) float64."""
        ...


class Agent(Protocol):
    """Hands out players."""

    def start(self, seed: int, actions: ActionSet) -> Player:
        """Return a player for one episode. `seed` is for an agent's own randomness, where it has any."""
        ...


@dataclass(frozen=True)
class NetworkAgent:
    """Plays what a network says."""

    network: CompiledNetwork

    def start(self, seed: int, actions: ActionSet) -> Player:
        return _NetworkPlayer(self.network.start(), actions)


@dataclass(frozen=True)
class _NetworkPlayer:
    state: NetworkState
    actions: ActionSet

    def decide(self, inputs: Floats) -> int:
        return self.actions.decode(self.state.activate(inputs))


@dataclass(frozen=True)
class ObservedAgent:
    """Plays as another agent does; `inputs` grows by what it is given at each decision, (n_inputs,) float64."""

    agent: Agent
    inputs: list[Floats] = field(default_factory=list)

    def start(self, seed: int, actions: ActionSet) -> Player:
        return _ObservedPlayer(self.agent.start(seed, actions), self.inputs)


@dataclass(frozen=True)
class _ObservedPlayer:
    player: Player
    inputs: list[Floats]

    def decide(self, inputs: Floats) -> int:
        self.inputs.append(inputs)
        return self.player.decide(inputs)


@dataclass(frozen=True)
class RandomAgent:
    """Draws each output anew from 0..1 at every decision: the least that learning must beat."""

    def start(self, seed: int, actions: ActionSet) -> Player:
        return _RandomPlayer(random.Random(seed), actions)


@dataclass(frozen=True)
class _RandomPlayer:
    rng: random.Random
    actions: ActionSet

    def decide(self, inputs: Floats) -> int:
        return self.actions.decode(np.array([self.rng.random() for _ in range(self.actions.size)]))


@dataclass(frozen=True)
class IdleAgent:
    """Presses nothing."""

    def start(self, seed: int, actions: ActionSet) -> Player:
        return self

    def decide(self, inputs: Floats) -> int:
        return 0


@dataclass(frozen=True)
class ScriptedAgent:
    """Repeats recorded decisions; past their end it presses nothing."""

    masks: tuple[int, ...]

    def start(self, seed: int, actions: ActionSet) -> Player:
        return _ScriptedPlayer(list(reversed(self.masks)))


@dataclass(frozen=True)
class _ScriptedPlayer:
    remaining: list[int]

    def decide(self, inputs: Floats) -> int:
        return self.remaining.pop() if self.remaining else 0


@dataclass(frozen=True)
class RhythmAgent:
    """A blind rhythm: holds `pressed` for `on` of every `period` decisions, over masks that take turns.

    `sweep` are the masks held meanwhile, each for `hold` decisions (LEFT, then RIGHT, and again). What such a
    rhythm reaches says how much of a score needs no eyes.
    """

    pressed: int
    on: int
    period: int
    sweep: tuple[int, ...] = (0,)
    hold: int = 1

    def start(self, seed: int, actions: ActionSet) -> Player:
        return _RhythmPlayer(self)


@dataclass
class _RhythmPlayer:
    rhythm: RhythmAgent
    decisions: int = 0

    def decide(self, inputs: Floats) -> int:
        rhythm, now = self.rhythm, self.decisions
        self.decisions += 1
        swept = rhythm.sweep[now // rhythm.hold % len(rhythm.sweep)]
        return swept | (rhythm.pressed if now % rhythm.period < rhythm.on else 0)
