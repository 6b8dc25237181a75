"""The promise: a spec and its players tell an episode whole, frame by frame, and how it ended."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neat_retro.agent.episode import (
    EpisodeResult,
    EpisodeSpec,
    Perturbation,
    Start,
    episode_seed,
    play_episode,
    pressed_frames,
)
from neat_retro.agent.observation import GameShape
from neat_retro.agent.players import IdleAgent, RandomAgent, ScriptedAgent
from neat_retro.agent.rules import compile_rules
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Draft, read_draft

BUTTONS = ("A", "LEFT", "RIGHT")
A, LEFT, RIGHT = 1, 2, 4
WALK = "[Fitness]\nx = furthest x\n"


class FakeGame:
    """A character on a line: RIGHT and LEFT walk 2 a frame, A scores 1; `events` set variables at a frame.

    Frames are counted from the reset's own frame, which is number 0.
    """

    def __init__(self, events=None, done_at=None):
        self.events = events or {}
        self.done_at = done_at
        self.played = []
        self.states = []
        self.frame = -1
        self.values = {}

    def reset(self, state):
        self.states.append(state)
        self.values = {"x": 10, "score": 0, "lives": 3, "level": 1, "frame": 0}
        self.scored = 0
        self.played.clear()
        self.frame = 0

    def step(self, masks):
        self.frame += 1
        self.played.append(tuple(masks))
        for mask in masks:
            self.values["x"] += 2 * bool(mask & RIGHT) - 2 * bool(mask & LEFT)
            self.values["score"] += mask & A
        self.values["frame"] = self.frame
        self.values |= self.events.get(self.frame, {})

    def lookup(self, name):
        return self.values[name]

    def screen(self):
        return np.full((8, 8, 3), self.values["x"] % 256, np.uint8)

    def ram(self):
        return np.array([self.values["x"] % 256, self.frame % 256], np.uint8)

    def scenario(self):
        reward = self.values["score"] - self.scored
        self.scored = self.values["score"]
        return float(reward), self.done_at is not None and self.frame >= self.done_at


class Watcher:
    """Presses one mask, and keeps what it was shown."""

    def __init__(self, mask=0):
        self.mask = mask
        self.seen = []

    def start(self, seed, actions):
        self.seed = seed
        return self

    def decide(self, inputs):
        self.seen.append(inputs.tolist())
        return self.mask


def rules(text=WALK, **episode):
    """The rules of a config; `episode` are keys of [Episode]."""
    draft = Draft.from_text(text, "file.cfg")
    for key, value in ({"frame_skip": 1, "max_frames": 40, "done": "none"} | episode).items():
        draft.set("Episode", key, str(value))
    shape = GameShape((8, 8), 2, BUTTONS)
    return compile_rules(draft.experiment(), shape, ("x", "score", "lives", "level", "frame"))


def play(game=None, agent=None, spec=None, on_frame=None, compiled=None, text=WALK, **episode):
    agents = agent if isinstance(agent, tuple) else (agent or ScriptedAgent((RIGHT,) * 100),)
    game = game or FakeGame()
    return play_episode(
        game, agents, spec or EpisodeSpec(Start("Level1")), compiled or rules(text, **episode), on_frame
    )


# --- endings


@pytest.mark.parametrize(
    ("ending", "frames", "events", "keys"),
    [
        ("goal", 7, {7: {"level": 2}}, {"goal": "level > start(level)"}),
        ("life_lost", 7, {7: {"lives": 2}}, {"life_lost": "lives"}),
        ("done", 7, {7: {"level": 9}}, {"done": "level == 9"}),
        ("done", 7, {}, {"done": "scenario"}),
        ("frame_limit", 40, {}, {}),
        ("frame_limit", 7, {}, {"max_frames": 7}),
    ],
)
@pytest.mark.parametrize("frame_skip", [1, 4, 60])
def test_every_ending_is_recorded_at_its_own_frame(ending, frames, events, keys, frame_skip):
    result = play(FakeGame(events, done_at=7), **({"frame_skip": frame_skip} | keys))
    assert (result.ending, result.frames) == (ending, frames)
    assert len(result.decisions) == math.ceil(frames / frame_skip)


def test_a_player_who_gains_nothing_stalls():
    result = play(agent=ScriptedAgent((RIGHT,) * 5), stall_frames=8)
    assert (result.ending, result.frames) == ("stalled", 5 + 8)


def test_a_player_who_never_gains_stalls_at_once():
    assert play(agent=IdleAgent(), stall_frames=8).frames == 8


EVERYTHING = {7: {"level": 2, "lives": 2}}


@pytest.mark.parametrize(
    ("ending", "keys"),
    [
        ("goal", {"goal": "level == 2", "life_lost": "lives", "done": "scenario", "stall_frames": 7, "max_frames": 7}),
        ("life_lost", {"life_lost": "lives", "done": "scenario", "stall_frames": 7, "max_frames": 7}),
        ("done", {"done": "scenario", "stall_frames": 7, "max_frames": 7}),
        ("stalled", {"stall_frames": 7, "max_frames": 7}),
        ("frame_limit", {"max_frames": 7}),
    ],
)
def test_of_endings_in_one_frame_the_weightiest_is_recorded(ending, keys):
    result = play(FakeGame(EVERYTHING, done_at=7), agent=IdleAgent(), **keys)
    assert (result.ending, result.frames) == (ending, 7)


def test_only_new_bests_hold_off_a_stall():
    ever_further = ScriptedAgent(((RIGHT,) * 6 + (LEFT,) * 5 + (RIGHT,) * 5) * 9)
    result = play(agent=ever_further, stall_frames=15, max_frames=200)
    assert (result.ending, result.frames) == ("stalled", 8 * 16 + 6 + 15)
    back_to_the_old_best = ScriptedAgent((RIGHT,) * 6 + ((LEFT,) * 5 + (RIGHT,) * 5) * 20)
    result = play(agent=back_to_the_old_best, stall_frames=15, max_frames=200)
    assert (result.ending, result.frames) == ("stalled", 6 + 15)


def test_frames_played_are_no_progress():
    assert play(text=WALK + "alive = per_frame 1\n", agent=IdleAgent(), stall_frames=8).ending == "stalled"


def test_a_loss_with_a_negative_weight_is_no_progress():
    """A clock that costs fitness runs on; it must not hold off a stall."""
    clock = "[Fitness]\nclock = change frame times -0.1\n"
    assert play(text=clock, agent=IdleAgent(), stall_frames=8).ending == "stalled"
    gain = "[Fitness]\nback = change x times -1\n"
    assert play(text=gain, agent=ScriptedAgent((LEFT,) * 100), stall_frames=8).ending == "frame_limit"


# --- what counts


def test_terms_are_judged_at_every_frame_and_not_only_at_decisions():
    one_frame = {6: {"lives": 2}, 7: {"lives": 3}}
    text = "[Fitness]\ndeaths = penalty 100 when lives < 3\nseen = bonus 5 when frame == 6\n"
    result = play(FakeGame(one_frame), text=text, frame_skip=4)
    assert result.terms == (-100.0, 5.0)
    ended = play(FakeGame(one_frame), text=text, frame_skip=4, goal="lives < 3")
    assert (ended.ending, ended.frames) == ("goal", 6)


def test_terms_carry_their_weights_and_fitness_is_their_sum():
    text = "[Fitness]\nx = furthest x times 0.5\nscore = gain score times 10\nalive = per_frame -1\n"
    result = play(agent=ScriptedAgent((RIGHT | A, RIGHT)), text=text, max_frames=5)
    assert result.terms == (2.0, 10.0, -5.0)
    assert result.fitness == 7.0


def test_final_and_furthest_x_are_told_where_there_is_an_x():
    result = play(agent=ScriptedAgent((RIGHT,) * 5 + (LEFT,) * 2), max_frames=10)
    assert (result.furthest_x, result.final_x) == (20.0, 16.0)
    plain = play(text="[Fitness]\nscore = gain score\n")
    assert (plain.furthest_x, plain.final_x) == (None, None)


def test_behaviour_is_what_was_asked_for_at_the_last_frame():
    text = WALK + "[Novelty]\nbehaviour = x, max(score, 1) * 2\n"
    result = play(agent=ScriptedAgent((RIGHT | A,) * 5 + (LEFT,) * 2), text=text, max_frames=10)
    assert result.behaviour == (16.0, 10.0)
    assert play().behaviour == ()


def test_the_scenarios_reward_begins_with_play():
    """What was scored while waiting is the scenario's memory of the frame before, and not the player's."""
    spec = EpisodeSpec(Start("Level1", prefix=((A,), (A,))))
    result = play(agent=ScriptedAgent((A,)), spec=spec, text="[Fitness]\nreward = scenario_reward\n")
    assert result.terms == (1.0,)


@pytest.mark.parametrize("term", [math.nan, math.inf, -math.inf])
def test_a_fitness_that_is_no_number_is_refused(term):
    result = play()
    with pytest.raises(ValueError, match="not a finite number"):
        dataclasses.replace(result, terms=(1.0, term))


# --- frames


@pytest.mark.parametrize("frame_skip", [1, 3])
def test_every_emulated_frame_is_shown_once_and_in_order(frame_skip):
    game, shown = FakeGame(), []
    spec = EpisodeSpec(Start("Level1", prefix=((RIGHT,), (0,))), seed=5, perturbation=Perturbation(noops=9))
    result = play(game, spec=spec, frame_skip=frame_skip, on_frame=lambda: shown.append(game.frame))
    assert shown == list(range(1 + 2 + result.waited + result.frames))


@pytest.mark.parametrize(("frame_skip", "on"), [(2, 1), (3, 2), (4, 2), (7, 4)])
def test_a_turbo_button_is_let_go_in_the_second_half_of_every_decision(frame_skip, on):
    text, game = WALK + "[Actions]\nturbo = A\n", FakeGame()
    result = play(
        game, ScriptedAgent((RIGHT | A, RIGHT, A)), text=text, frame_skip=frame_skip, max_frames=3 * frame_skip
    )
    off = frame_skip - on
    expected = [(RIGHT | A,)] * on + [(RIGHT,)] * off + [(RIGHT,)] * frame_skip + [(A,)] * on + [(0,)] * off
    assert game.played == expected == pressed_frames(result, rules(text, frame_skip=frame_skip))
    assert result.decisions[:, 0].tolist() == [RIGHT | A, RIGHT, A]


def test_a_button_that_sticks_is_held_as_it_was_pressed_in_the_frame_before():
    text, game = WALK + "[Actions]\nturbo = A\n", FakeGame()
    spec = EpisodeSpec(Start("Level1"), seed=5, perturbation=Perturbation(sticky=0.4))
    result = play(game, ScriptedAgent((RIGHT | A,) * 20), spec, text=text, frame_skip=2, max_frames=40)
    decided = [(RIGHT | A,), (RIGHT,)] * 20
    pressed = []
    for masks, slipped in zip(decided, spec.slips(), strict=False):
        pressed.append((pressed[-1] if pressed else (0,)) if slipped else masks)
    assert game.played == pressed == pressed_frames(result, rules(text, frame_skip=2))
    assert pressed != decided


def test_looking_changes_nothing():
    assert play(agent=RandomAgent(), on_frame=lambda: None) == play(agent=RandomAgent())


def test_an_episode_is_the_state_the_prefix_the_waiting_then_play():
    game = FakeGame()
    spec = EpisodeSpec(Start("Cave", prefix=((RIGHT,), (A,))), seed=5, perturbation=Perturbation(noops=9))
    result = play(game, spec=spec, agent=ScriptedAgent((LEFT, A)), frame_skip=3, max_frames=5)
    assert game.states == ["Cave"]
    assert result.waited == spec.waiting_frames() > 0
    expected = [(RIGHT,), (A,)] + [(0,)] * result.waited + [(LEFT,)] * 3 + [(A,)] * 2
    assert game.played == expected
    assert result.frames == 5


def test_an_agent_sees_the_frame_before_each_decision():
    watcher = Watcher(RIGHT)
    play(agent=watcher, text=WALK + "[Observation]\nkind = variables\nvariables = x\n", frame_skip=3, max_frames=9)
    assert watcher.seen == [[10.0], [16.0], [22.0]]


def test_stacked_observations_are_those_of_decisions():
    watcher = Watcher(RIGHT)
    text = WALK + "[Observation]\nkind = variables\nvariables = x\nstack = 2\n"
    play(agent=watcher, text=text, frame_skip=3, max_frames=9)
    assert watcher.seen == [[10.0, 10.0], [10.0, 16.0], [16.0, 22.0]]


def test_a_pad_each_is_held_by_its_agent():
    game = FakeGame()
    first, second = Watcher(RIGHT), Watcher(A)
    spec = EpisodeSpec(Start("Level1"), seed=40)
    result = play(game, agent=(first, second), spec=spec, max_frames=3)
    assert game.played == [(RIGHT, A)] * 3
    assert result.decisions.tolist() == [[RIGHT, A]] * 3
    assert (first.seed, second.seed) == (40, 41)


# --- chance


def test_the_waiting_is_drawn_from_the_seed_and_nothing_else():
    spec = EpisodeSpec(Start("Level1"), seed=11, perturbation=Perturbation(noops=30))
    waits = {play(agent=agent, spec=spec).waited for agent in (IdleAgent(), RandomAgent(), ScriptedAgent((A,)))}
    assert waits == {spec.waiting_frames()}


def test_waiting_takes_every_length_up_to_the_most():
    waits = {EpisodeSpec(Start("s"), seed, Perturbation(3)).waiting_frames() for seed in range(100)}
    assert waits == {0, 1, 2, 3}
    assert EpisodeSpec(Start("s"), 5).waiting_frames() == 0


def pressed_by(agent, sticky, seed=7, frames=2000):
    game = FakeGame()
    spec = EpisodeSpec(Start("Level1"), seed, Perturbation(sticky=sticky))
    play(game, agent, spec, text="[Fitness]\nx = gain x\n", frame_skip=1, max_frames=frames)
    return np.array(game.played)[:, 0]


def test_sticky_buttons_are_those_of_the_frame_before_as_often_as_asked_for():
    decided = np.tile([RIGHT, A], 1000)
    agent = ScriptedAgent(tuple(decided.tolist()))
    pressed = pressed_by(agent, sticky=0.25)
    before = np.concatenate([[0], pressed[:-1]])
    assert np.all((pressed == decided) | (pressed == before))
    stuck = (pressed == before)[decided != before]
    assert 0.2 < stuck.mean() < 0.3
    np.testing.assert_array_equal(pressed_by(agent, sticky=0.0), decided)


def test_buttons_stick_on_the_same_frames_whoever_plays():
    one, other = (pressed_by(ScriptedAgent(masks * 50), 0.5, frames=100) for masks in ((RIGHT, A), (LEFT, A)))
    np.testing.assert_array_equal(one == A, other == A)
    again = pressed_by(ScriptedAgent((RIGHT, A) * 50), 0.5, seed=8, frames=100)
    assert np.any(again != one)


def test_seeds_are_those_of_every_machine_and_differ_by_run_state_and_episode():
    assert episode_seed(1, "Level1", 0) == 3473067292460751804
    seeds = {episode_seed(run, state, number) for run in (1, 2) for state in ("a", "b") for number in range(50)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**63 for seed in seeds)


# --- results


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**63 - 1),
    frame_skip=st.integers(1, 5),
    noops=st.integers(0, 10),
    sticky=st.sampled_from([0.0, 0.3]),
    dies_at=st.integers(1, 60),
)
def test_recorded_decisions_repeat_an_episode(seed, frame_skip, noops, sticky, dies_at):
    text = "[Fitness]\nx = furthest x\nscore = gain score\nreward = scenario_reward times 0.1\n"
    compiled = rules(text, frame_skip=frame_skip, life_lost="lives", stall_frames=25)
    spec = EpisodeSpec(Start("Level1"), seed, Perturbation(noops, sticky))
    game = FakeGame({dies_at: {"lives": 2}})
    first = play(game, RandomAgent(), spec, compiled=compiled)
    played = list(game.played)
    again = play(game, ScriptedAgent(tuple(first.decisions[:, 0].tolist())), spec, compiled=compiled)
    assert again == first
    assert game.played == played


def test_results_differ_where_their_decisions_differ():
    walked, rested = play(agent=ScriptedAgent((RIGHT,))), play(agent=ScriptedAgent((RIGHT, LEFT)))
    same_outcome = dataclasses.replace(walked, decisions=rested.decisions)
    assert walked == play(agent=ScriptedAgent((RIGHT,)))
    assert walked != rested
    assert walked != same_outcome
    assert walked.outcome() == same_outcome.outcome()


def test_a_result_crosses_a_process_border():
    result = play(agent=RandomAgent())
    assert pickle.loads(pickle.dumps(result)) == result


# --- the same on a real emulator

CONFIG = """
[Game]
game = Airstriker-Genesis-v0
states = Level1
[Fitness]
score = gain score
alive = per_frame 0.01
[Episode]
max_frames = 900
done = lives < start(lives)
"""
SPEC = EpisodeSpec(Start("Level1"), seed=2, perturbation=Perturbation(noops=30))


def play_airstriker(agent):
    with Stage(Draft.from_text(CONFIG, "airstriker.cfg").experiment()) as stage:
        return stage.trace((agent,), SPEC)


def summary(result: EpisodeResult, trajectory):
    """Everything of a result, as JSON gives it back."""
    told = [trajectory, *result.outcome()[1:], result.decisions.tolist()]
    return json.loads(json.dumps(told))


@pytest.fixture(scope="module")
def random_airstriker():
    return play_airstriker(RandomAgent())


def test_a_random_episode_on_the_emulator_is_repeated_by_its_decisions(random_airstriker):
    result, trajectory = random_airstriker
    assert result.frames > 100
    assert result.terms[0] > 0
    scripted = ScriptedAgent(tuple(result.decisions[:, 0].tolist()))
    assert play_airstriker(scripted) == (result, trajectory)


def test_a_fresh_process_plays_the_same_episode(random_airstriker):
    result, trajectory = random_airstriker
    script = (
        "import sys, json\n"
        "from neat_retro.agent.episode import EpisodeSpec, Perturbation, Start\n"
        "from neat_retro.agent.players import ScriptedAgent\n"
        "from neat_retro.evolution.worker import Stage\n"
        "from neat_retro.experiment import Draft\n"
        "config, masks = json.load(sys.stdin)\n"
        "spec = EpisodeSpec(Start('Level1'), seed=2, perturbation=Perturbation(noops=30))\n"
        "with Stage(Draft.from_text(config, 'airstriker.cfg').experiment()) as stage:\n"
        "    result, trajectory = stage.trace((ScriptedAgent(tuple(masks)),), spec)\n"
        "print(json.dumps([trajectory, *result.outcome()[1:], result.decisions.tolist()]))\n"
    )
    request = json.dumps([CONFIG, result.decisions[:, 0].tolist()])
    run = subprocess.run(
        [sys.executable, "-c", script], input=request, capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(run.stdout) == summary(result, trajectory)


@pytest.mark.parametrize("seed", [1, 2])
def test_furthest_x_on_the_emulator_is_the_furthest_x_that_was_seen(nesplat, seed):
    """Through deaths, which throw the player back, and 8-bit halves of a 16-bit position."""
    experiment = read_draft(nesplat).experiment()
    experiment = dataclasses.replace(
        experiment,
        fitness={"distance": "furthest x"},
        episode=dataclasses.replace(experiment.episode, life_lost="", done="none", goal="", stall_frames=0),
    )
    seen = []
    with Stage(experiment) as stage:
        actions = stage.rules.actions
        rng = random.Random(seed)
        chosen = rng.choices([1, 2, 3, 4], k=600)  # nearly always to the right
        agent = ScriptedAgent(tuple(actions.masks[index] for index in chosen))
        emulator = stage.emulator

        def look():
            seen.append({name: emulator.lookup(name) for name in ("xscrollHi", "xscrollLo", "lives")})

        result = play_episode(emulator, (agent,), EpisodeSpec(Start("Level1-1"), seed), stage.rules, look)
    positions = [now["xscrollHi"] * 256 + now["xscrollLo"] for now in seen]
    assert len({now["lives"] for now in seen}) > 1
    assert result.furthest_x == max(positions) > positions[0] + 100
    assert result.terms == (result.furthest_x - positions[0],)
