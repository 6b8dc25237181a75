"""Episodes on remembered frames are those that the emulator would play, to the last input."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

import neat_retro
from neat_retro.agent.actions import ActionSet
from neat_retro.agent.episode import (
    EpisodeResult,
    EpisodeSpec,
    LiveFrames,
    Perturbation,
    Start,
    play_frames,
    pressed_frames,
)
from neat_retro.agent.expressions import Moment
from neat_retro.agent.rules import Rules
from neat_retro.agent.sharing import SharedFrames
from neat_retro.evolution.resolve import settle
from neat_retro.evolution.worker import Stage

GAMES = ["NeatRunner-Nes", "NeatDash-Genesis", "NeatDuel-Snes", "Airstriker-Genesis"]
EPISODES = 10


class Walker:
    """Presses at random, each mask for a while; two of the same `seed` part after `common` decisions."""

    def __init__(self, seed: int, common: int, own: int) -> None:
        self._chances = random.Random(seed), random.Random(f"{seed} {own}")
        self._common = common
        self.seen: list[bytes] = []

    def start(self, seed: int, actions: ActionSet) -> Walker:
        self._masks = actions.masks  # type: ignore[attr-defined]
        self._mask = 0
        return self

    def decide(self, inputs: np.ndarray[Any, Any]) -> int:
        self.seen.append(inputs.tobytes())
        chance = self._chances[len(self.seen) > self._common]
        if chance.random() < 0.2:
            self._mask = chance.choice(self._masks)
        return self._mask


@pytest.fixture(params=GAMES)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    settings = {"Run.seed": 1, "Episode.max_frames": 400}
    with Stage(settle(neat_retro.load_experiment(request.param, settings=settings))) as stage:
        yield stage


def walks(stage: Stage) -> Iterator[tuple[EpisodeSpec, int]]:
    """Return specs and walkers' numbers; each spec comes several times, its walkers part ever later."""
    state = stage.experiment.game.states[0]
    return ((EpisodeSpec(Start(state), n % 2, Perturbation(7)), n) for n in range(EPISODES))


def walk(frames: Any, spec: EpisodeSpec, number: int, rules: Rules) -> tuple[EpisodeResult, list[bytes]]:
    walker = Walker(seed=1, common=3 * number, own=number)
    return play_frames(frames, (walker,), spec, rules), walker.seen


@pytest.mark.parametrize("most_bytes", [2**26, 2**20], ids=["all is remembered", "most is forgotten"])
def test_a_shared_episode_is_the_one_that_is_emulated_whole(stage: Stage, most_bytes: int) -> None:
    emulator, rules = stage.emulator, stage.rules
    shared = SharedFrames(emulator, rules, most_bytes)
    demanded = emulated = 0
    endings = set()
    for spec, number in walks(stage):
        before = emulator.frames
        told, seen = walk(shared, spec, number, rules)
        emulated += emulator.frames - before
        live, live_seen = walk(LiveFrames(emulator, rules), spec, number, rules)  # leaves the emulator elsewhere
        assert (told, seen) == (live, live_seen)
        demanded += told.frames + told.waited + 1
        endings.add(told.ending)
    assert emulated < demanded or most_bytes == 2**20, "nothing was shared"


def test_the_same_episode_again_is_not_emulated(stage: Stage) -> None:
    shared = SharedFrames(stage.emulator, stage.rules)
    spec, number = next(walks(stage))
    once = walk(shared, spec, number, stage.rules)
    before = stage.emulator.frames
    assert walk(shared, spec, number, stage.rules) == once
    assert stage.emulator.frames == before


def test_its_bytes_are_those_that_python_allocates(stage: Stage) -> None:
    shared = SharedFrames(stage.emulator, stage.rules)
    first, *rest = walks(stage)
    walk(shared, *first, stage.rules)
    counted = shared.bytes
    tracemalloc.start()
    try:
        for spec, number in rest:
            walk(shared, spec, number, stage.rules)
        allocated, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert shared.bytes - counted == pytest.approx(allocated, rel=0.25)


def test_its_memory_is_bounded(stage: Stage) -> None:
    """Past its bound it forgets, at the next start, down to the half; what it counts then is what there is."""
    most_bytes = 2**21
    shared = SharedFrames(stage.emulator, stage.rules, most_bytes)
    forgot = False
    for repeat in range(6):
        for spec, number in walks(stage):
            before = shared.bytes
            shared.start(spec, 1)
            assert shared.bytes <= most_bytes
            forgot |= shared.bytes < before
            assert shared.bytes == sum(node.size for node in shared._nodes())
            walk(shared, spec, 100 * repeat + number, stage.rules)
    assert forgot


def test_it_agrees_with_retro_env_in_screens_variables_done_and_fitness(stage: Stage) -> None:
    """stable-retro's RetroEnv.step plays the decisions again; OpenCV and its own info and done judge them."""
    rules, skip = stage.rules, stage.rules.limits.frame_skip
    shared = SharedFrames(stage.emulator, rules)
    for spec, number in walks(stage):
        result, seen = walk(shared, spec, number, rules)
        waiting = [0] * result.waited
        pressed = [masks[0] for masks in pressed_frames(result, rules)]
        frames = retro_env_frames(stage, spec, [*waiting, *pressed])[len(waiting) :]
        moment: Moment | None = None
        states = [named.term.start() for named in rules.terms]
        for _, info, _ in frames:
            moment = rules.variables.read(info.__getitem__, moment)
            for state in states:
                state.update(moment)
        fitness = [state.value * named.weight for state, named in zip(states, rules.terms, strict=True)]
        assert tuple(fitness) == result.terms
        assert [done for *_, done in frames[:-1]] == [False] * result.frames
        ours = stage.experiment.episode.done not in ("scenario", "none")  # RetroEnv knows none of a config's
        known = ("goal", "life_lost", "done") if ours else ("goal", "life_lost")
        assert frames[-1][2] == (result.ending == "done") or result.ending in known
        seeing = stage.experiment.observation
        if seeing.kind == "grayscale":
            looks = [frame[0] for frame in frames[::skip]][: len(seen)]
            assert seen == [opencv_inputs(screen, seeing.downscale, seeing.normalise) for screen in looks]


def opencv_inputs(screen: np.ndarray[Any, Any], block: int, normalise: str) -> bytes:
    height, width, _ = screen.shape
    gray = cv2.cvtColor(screen, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (width // block, height // block), interpolation=cv2.INTER_AREA)
    if normalise == "0..1":
        return (small.astype(np.float64) * (1 / 255)).tobytes()
    around = cv2.boxFilter(small, cv2.CV_32S, (3, 3), normalize=False, borderType=cv2.BORDER_REPLICATE)
    return ((9 * small.astype(np.int32) - around) / 576).tobytes()


def retro_env_frames(stage: Stage, spec: EpisodeSpec, masks: list[int]) -> list[tuple[Any, dict[str, Any], bool]]:
    """Return (screen, info, done) of each frame, that after the reset first."""
    env = stage.emulator._env
    env.initial_state = stage.emulator._state(spec.start.state)
    screen, _ = env.reset()
    frames = [(screen.copy(), env.data.lookup_all(), False)]
    for mask in masks:
        screen, _, done, _, info = env.step([mask >> button & 1 for button in range(env.num_buttons)])
        frames.append((screen.copy(), info, bool(done)))
    return frames
