"""The Gymnasium environment keeps Gymnasium's promises, and pays what an episode of ours pays."""

from __future__ import annotations

import gzip
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.utils.passive_env_checker import env_render_passive_checker

import neat_retro
from neat_retro.agent.actions import button_names
from neat_retro.agent.episode import EpisodeSpec, Perturbation, Start, play_episode
from neat_retro.agent.players import ScriptedAgent
from neat_retro.environment import NeatRetroEnv
from neat_retro.errors import ExperimentError, NeatRetroError, UnknownStateError, UsageError
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Experiment
from neat_retro.game.emulator import Emulator

Settings = dict[str, object]
Open = Callable[..., NeatRetroEnv]

OBSERVATIONS: dict[str, Settings] = {
    "grayscale": {},
    "grayscale stacked, -1..1": {"Observation.stack": 3, "Observation.normalise": "-1..1"},
    "variables": {"Observation.kind": "variables", "Observation.variables": "x / 1840, lives, time / 200"},
    "ram": {"Observation.kind": "ram", "Observation.ram": "0x0:0x100", "Observation.normalise": "none"},
    "tutorial": {"Observation.kind": "tutorial"},
}
ACTIONS: dict[str, Settings] = {
    "argmax": {},
    "threshold": {"Actions.kind": "threshold", "Actions.combos": "", "Actions.cut": 1.5},
    "tutorial": {"Actions.kind": "tutorial", "Actions.combos": ""},
}
BOUNDS = {
    "grayscale": (0.0, 1.0),
    "grayscale stacked, -1..1": (-1.0, 1.0),
    "variables": (float(np.finfo(np.float32).min), float(np.finfo(np.float32).max)),
    "ram": (0.0, 255.0),
    "tutorial": (0.0, 255.0),
}


@pytest.fixture
def open_env(nesplat: Path) -> Iterator[Open]:
    """Opens environments of the platformer, one after the other, and closes the last."""
    opened: list[NeatRetroEnv] = []

    def open_one(settings: Settings | None = None, render_mode: str | None = None) -> NeatRetroEnv:
        while opened:
            opened.pop().close()
        opened.append(neat_retro.make_env(experiment(nesplat, settings), render_mode))
        return opened[0]

    yield open_one
    while opened:
        opened.pop().close()


def experiment(config: Path, settings: Settings | None = None) -> Experiment:
    return neat_retro.load_experiment(config=config, settings=settings or {})


@pytest.mark.parametrize("actions", ACTIONS)
@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_gymnasiums_own_checker_finds_nothing(open_env: Open, observation: str, actions: str) -> None:
    settings = {**OBSERVATIONS[observation], **ACTIONS[actions], "Episode.noops": 30}
    env = open_env(settings, "rgb_array")
    env.spec = EnvSpec("NeatRetro-v0", nondeterministic=False)  # has the checker compare two runs
    # Its checks of rendering and closing would open a second emulator; they follow here and below.
    check_env(env, skip_render_check=True, skip_close_check=True)
    env_render_passive_checker(env)


@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_observations_are_those_of_the_network_within_true_bounds(open_env: Open, observation: str) -> None:
    settings = OBSERVATIONS[observation]
    env = open_env(settings)
    space = env.observation_space
    assert isinstance(space, gym.spaces.Box)
    assert (float(space.low.min()), float(space.high.max())) == BOUNDS[observation]
    assert (float(space.low.max()), float(space.high.min())) == BOUNDS[observation]
    seen = [env.reset(seed=3)[0], *(env.step(RIGHT)[0] for _ in range(8))]
    expected = network_inputs(env, [RIGHT] * 8)
    assert space.dtype == np.float32
    np.testing.assert_array_equal(seen, np.array(expected, dtype=np.float32))
    assert not np.array_equal(seen[0], seen[-1])


RIGHT = 1  # the second of the config's combos


def network_inputs(env: NeatRetroEnv, actions: list[int]) -> list[np.ndarray[Any, Any]]:
    """What a network sees that takes these actions, in the environment's own emulator."""
    stage = stage_of(env)
    seen: list[np.ndarray[Any, Any]] = []

    class Watcher:
        def start(self, seed: int, actions: Any) -> Watcher:
            return self

        def decide(self, inputs: np.ndarray[Any, Any]) -> int:
            seen.append(inputs.copy())
            return masks_of(stage)[actions[min(len(seen), len(actions)) - 1]]

    play_episode(stage.emulator, (Watcher(),), EpisodeSpec(Start("Level1-1")), stage.rules)
    return seen[: len(actions) + 1]


def stage_of(env: NeatRetroEnv) -> Stage:
    assert env._stage is not None
    return env._stage


def masks_of(stage: Stage) -> tuple[int, ...]:
    masks: tuple[int, ...] = stage.rules.actions.masks  # type: ignore[attr-defined]
    return masks


def test_same_seed_gives_the_same_waiting_and_another_seed_another(open_env: Open) -> None:
    env = open_env({"Episode.noops": 60, "Observation.kind": "ram"})
    first = env.reset(seed=5)[0]
    unseeded = [env.reset()[0] for _ in range(3)]
    np.testing.assert_array_equal(env.reset(seed=5)[0], first)
    np.testing.assert_array_equal([env.reset()[0] for _ in range(3)], unseeded)
    assert len({env.reset(seed=seed)[0].tobytes() for seed in range(8)}) > 4


@pytest.mark.parametrize("noops", [0, 40])
def test_rewards_sum_to_the_fitness_of_an_episode(open_env: Open, noops: int) -> None:
    env = open_env({"Episode.noops": noops, "Episode.max_frames": 1500})
    env.action_space.seed(11)
    env.reset(seed=7)
    # What reset() drew is drawn again here: the state's number, then the episode's seed.
    draws = np.random.Generator(np.random.PCG64(7))
    draws.integers(1)
    spec = EpisodeSpec(Start("Level1-1"), int(draws.integers(2**31)), Perturbation(noops))
    actions, rewards, ending = play(env, lambda: max(int(env.action_space.sample()), RIGHT))

    stage = stage_of(env)
    agent = ScriptedAgent(tuple(masks_of(stage)[action] for action in actions))
    result = play_episode(stage.emulator, (agent,), spec, stage.rules)
    assert ending == {"ending": result.ending, "frames": result.frames, "fitness": result.fitness}
    assert sum(rewards) == pytest.approx(result.fitness)
    assert result.decisions.shape == (len(actions), 1)
    assert (result.waited > 0) == (noops > 0)
    assert min(rewards) < 0 < max(rewards)


def play(env: NeatRetroEnv, act: Callable[[], Any]) -> tuple[list[int], list[float], dict[str, Any]]:
    actions, rewards = [], []
    while True:
        actions.append(act())
        _, reward, terminated, truncated, last = env.step(actions[-1])
        rewards.append(reward)
        if terminated or truncated:
            return actions, rewards, last


@pytest.mark.parametrize(
    ("settings", "action", "ending", "terminated"),
    [
        ({}, RIGHT, "life_lost", True),
        ({"Episode.life_lost": "", "Episode.done": "lives < 2"}, RIGHT, "done", True),
        ({"Episode.goal": "x > 20", "Episode.stall_frames": 0}, RIGHT, "goal", True),
        ({"Episode.stall_frames": 40}, 0, "stalled", False),
        ({"Episode.max_frames": 50, "Episode.stall_frames": 0}, 0, "frame_limit", False),
    ],
)
def test_the_game_terminates_and_limits_truncate(
    open_env: Open, settings: Settings, action: int, ending: str, terminated: bool
) -> None:
    env = open_env(settings)
    env.reset(seed=0)
    for _ in itertools.count():
        _, _, over, cut, info = env.step(action)
        if over or cut:
            break
        assert info["ending"] is None
    assert (info["ending"], over, cut) == (ending, terminated, not terminated)
    assert isinstance(over, bool) and isinstance(cut, bool)
    with pytest.raises(gym.error.ResetNeeded, match=r"Call reset\(\) before step\(\)"):
        env.step(action)
    assert env.reset()[1] == {"ending": None, "frames": 0, "fitness": 0.0}
    env.step(action)


def test_step_before_the_first_reset_is_refused(open_env: Open) -> None:
    with pytest.raises(gym.error.ResetNeeded):
        open_env().step(0)


def test_a_step_is_a_decision_of_frame_skip_frames(open_env: Open) -> None:
    env = open_env({"Episode.frame_skip": 7})
    env.reset(seed=0)
    assert [env.step(0)[4]["frames"] for _ in range(3)] == [7, 14, 21]


@pytest.mark.parametrize(("kind", "pressed"), [("threshold", "RIGHT+A"), ("tutorial", "RIGHT+A")])
def test_binary_actions_press_their_buttons(open_env: Open, kind: str, pressed: str) -> None:
    env = open_env(ACTIONS[kind])
    stage = stage_of(env)
    names = stage.rules.actions.names
    action = np.array([name in ("RIGHT", "A") for name in names], dtype=np.int8)
    held: list[int] = []
    step = stage.emulator.step

    def spy(masks: tuple[int, ...]) -> None:
        held.extend(masks)
        step(masks)

    stage.emulator.step = spy  # type: ignore[assignment, method-assign]
    env.reset(seed=0)
    env.step(action)
    assert [button_names(mask, stage.emulator.buttons) for mask in held] == [pressed] * 4


def test_combinations_are_actions_by_their_number(open_env: Open) -> None:
    env = open_env()
    assert env.action_space == gym.spaces.Discrete(7)
    fastest = []
    for action in (0, RIGHT, 3):  # nothing, RIGHT, RIGHT+B
        env.reset(seed=0)
        fastest.append(max(play(env, lambda action=action: action)[1]))
    assert fastest == [0, 4, 8]  # pixels in four frames: standing, walking, running


def test_seed_draws_the_start_state_unless_one_is_asked_for(open_env: Open, later_state: str) -> None:
    env = open_env({"Game.states": f"Level1-1, {later_state}", "Observation.kind": "ram"})
    starts = {state: env.reset(options={"state": state})[0].tobytes() for state in ("Level1-1", later_state)}
    drawn = [env.reset(seed=seed)[0].tobytes() for seed in range(12)]
    assert set(drawn) == set(starts.values()) and len(set(drawn)) == 2
    assert drawn == [env.reset(seed=seed)[0].tobytes() for seed in range(12)]
    with pytest.raises(UnknownStateError, match="no start state 'Level9-9'"):
        env.reset(options={"state": "Level9-9"})


@pytest.fixture
def later_state(nesplat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a second start state of the platformer: some frames into the level."""
    folder = tmp_path / "Nesplat-Nes"
    folder.mkdir()
    with Emulator("Nesplat-Nes") as emulator:
        emulator.reset("Level1-1")
        for _ in range(40):
            emulator.step((0,))
        (folder / "Later.state").write_bytes(gzip.compress(emulator._em.get_state()))
    search = os.environ["NEAT_RETRO_INTEGRATIONS"]
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", f"{tmp_path}{os.pathsep}{search}")
    return "Later"


def test_render_gives_a_copy_of_the_screen(open_env: Open) -> None:
    env = open_env(render_mode="rgb_array")
    env.reset(seed=0)
    before = env.render()
    assert before is not None
    kept = before.copy()
    assert (before.shape, before.dtype) == ((224, 240, 3), np.uint8)
    np.testing.assert_array_equal(before, stage_of(env).emulator.screen())
    for _ in range(24):
        env.step(RIGHT)
    np.testing.assert_array_equal(before, kept)
    assert not np.array_equal(env.render(), kept)
    env = open_env()
    env.reset(seed=0)
    assert env.render() is None


def test_a_window_is_not_offered(nesplat: Path) -> None:
    with pytest.raises(UsageError, match="render_mode = 'human' should be 'rgb_array' or None"):
        NeatRetroEnv(experiment(nesplat), "human")


def test_close_lets_another_be_opened(open_env: Open, nesplat: Path) -> None:
    env = open_env(render_mode="rgb_array")
    env.reset(seed=0)
    with pytest.raises(NeatRetroError, match="stable-retro allows one"):
        NeatRetroEnv(experiment(nesplat))
    env.close()
    env.close()
    other = NeatRetroEnv(experiment(nesplat))
    other.reset(seed=0)
    other.close()
    for call in (env.reset, env.render):
        with pytest.raises(gym.error.ClosedEnvironmentError, match="was closed"):
            call()
    with pytest.raises(gym.error.ResetNeeded):
        env.step(0)


def test_an_experiment_that_does_not_fit_leaves_no_emulator_behind(nesplat: Path) -> None:
    with pytest.raises(ExperimentError) as caught:
        NeatRetroEnv(experiment(nesplat, {"Fitness.rings": "gain rings"}))
    with Emulator("Nesplat-Nes") as emulator:  # while `caught` keeps all that there was alive
        emulator.reset("Level1-1")
    assert "no variable 'rings'" in str(caught.value)
