"""The promise: an agent is a value that hands out players, and a seed is all the chance there is."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from neat_retro.agent.actions import make_actions
from neat_retro.agent.players import IdleAgent, NetworkAgent, RandomAgent, RhythmAgent, ScriptedAgent
from neat_retro.experiment import ActionsSection

ACTIONS = make_actions(ActionsSection(buttons=("LEFT", "RIGHT", "A")), ("A", "LEFT", "RIGHT"), "here")
LEFT, RIGHT, A = 2, 4, 1
SEEN = np.zeros(2)


def masks(agent, decisions, seed=0):
    player = agent.start(seed, ACTIONS)
    return [player.decide(SEEN) for _ in range(decisions)]


@dataclass(frozen=True)
class Counter:
    """A network whose first output grows by one at each activation: it has a memory, as recurrent ones have."""

    def start(self):
        return CounterState()


class CounterState:
    count = 0

    def activate(self, inputs):
        self.count += 1
        return np.array([self.count - 2.0, inputs[0], 0.0])


def test_a_network_presses_what_its_outputs_say():
    agent = NetworkAgent(Counter())
    assert masks(agent, 4) == [0, 0, LEFT, LEFT]
    assert agent.start(0, ACTIONS).decide(np.ones(2)) == RIGHT


def test_every_episode_of_a_network_begins_without_memory():
    agent = NetworkAgent(Counter())
    assert masks(agent, 3) == masks(agent, 3)


def test_a_random_agent_is_decided_by_its_seed():
    assert masks(RandomAgent(), 50, seed=3) == masks(RandomAgent(), 50, seed=3)
    assert masks(RandomAgent(), 50, seed=3) != masks(RandomAgent(), 50, seed=4)
    assert set(masks(RandomAgent(), 200)) == {0, LEFT, RIGHT, A, LEFT | A, RIGHT | A}


def test_an_idle_agent_presses_nothing():
    assert masks(IdleAgent(), 3) == [0, 0, 0]


def test_a_scripted_agent_repeats_its_script_and_then_lets_go():
    agent = ScriptedAgent((LEFT, A, RIGHT))
    assert masks(agent, 5) == masks(agent, 5) == [LEFT, A, RIGHT, 0, 0]


def test_a_rhythm_presses_for_part_of_each_period_over_a_sweep():
    agent = RhythmAgent(pressed=A, on=1, period=3, sweep=(LEFT, RIGHT), hold=2)
    assert masks(agent, 6) == masks(agent, 6) == [LEFT | A, LEFT, RIGHT, RIGHT | A, LEFT, LEFT]


@pytest.mark.parametrize(
    "agent", [RandomAgent(), IdleAgent(), ScriptedAgent((1, 2)), RhythmAgent(1, 1, 2), NetworkAgent(Counter())]
)
def test_an_agent_crosses_a_process_border(agent):
    assert pickle.loads(pickle.dumps(agent)) == agent
