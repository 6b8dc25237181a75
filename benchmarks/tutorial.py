"""One process against the loop of the well-known tutorials: same genomes, same buttons, same fitness.

The loops are written as people write them: cv2 shrinks the frame, neat-python's `activate` is fed from a numpy array,
`env.step` plays. They share the emulator with ours, since a process can have one, and take turns genome by genome.
Where buttons or fitness differ a benchmark stops. Fed numpy scalars, `activate` adds up from left to right; our kernel
does so up to Python 3.11, and from 3.12 on it compensates, as Python does with its own floats.
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import neat
import numpy as np

from benchmarks.populations import experiment_of, job_of, opened, population_of
from benchmarks.table import Result
from neat_retro.agent.actions import Argmax
from neat_retro.agent.rules import TUTORIAL
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Experiment
from neat_retro.experiment.neat_keys import OURS

GAME = "NeatDash-Genesis"
PATIENCE = 250  # frames without new ground, as in the scripts
SHIPPED = "NeatRunner-Nes"
# 40 x 28 pixels and 12 buttons: about 6,700 connections.
DENSE: Mapping[str, object] = {
    "Actions.combos": "",
    "DefaultGenome.feed_forward": False,
    "DefaultGenome.initial_connection": "partial_direct 0.5",
    "Episode.frame_skip": 1,
    "Episode.stall_frames": PATIENCE,
    "Episode.goal": "",
}
GROUND = {"distance": "furthest screen_x"}


@dataclass(frozen=True)
class Played:
    """What a loop did: the mask that its network chose at every decision, its fitness and its frames."""

    masks: list[int]
    fitness: float
    frames: int


Loop = Callable[[Any], Played]


def one_process(genomes: int = 8, max_frames: int = 600) -> Iterator[Result]:
    """Recurrent, 1,120 inputs, 12 outputs, about 6,700 connections, a decision at every frame."""
    kinds = {"Observation.kind": TUTORIAL, "Actions.kind": TUTORIAL}
    sizes = {"NEAT.pop_size": genomes, "Episode.max_frames": max_frames}
    with opened(experiment_of(GAME, {**DENSE, **kinds, **sizes}, fitness=GROUND)) as (stage, _):
        config = plain_config(stage.experiment)
        env = environment(stage)
        yield _compare(stage, config, lambda genome: tutorial_loop(env, genome, config, max_frames))


def shipped(genomes: int = 30, max_frames: int = 600) -> Iterator[Result]:
    """The default config, its observation and actions written by hand in the same manner."""
    experiment = experiment_of(SHIPPED, {"NEAT.pop_size": genomes, "Episode.max_frames": max_frames})
    with opened(experiment) as (stage, _):
        config = plain_config(stage.experiment)
        env = environment(stage)
        actions = stage.rules.actions
        assert isinstance(actions, Argmax)
        combos = [[mask >> button & 1 for button in range(env.num_buttons)] for mask in actions.masks]

        def loop(genome: Any) -> Played:
            played = shipped_loop(env, genome, config, combos, experiment)
            return Played([actions.masks[choice] for choice in played.masks], played.fitness, played.frames)

        yield _compare(stage, config, loop)


def plain_config(experiment: Experiment) -> neat.Config:
    """The experiment as neat-python reads it by itself, with its own genome: it ignores our sections, not our keys."""
    theirs = {
        name: {key: text for key, text in keys.items() if key not in OURS.get(name, {})}
        for name, keys in experiment.neat.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config"
        path.write_text(dataclasses.replace(experiment, neat=theirs).to_text())
        kinds = (neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation)
        return neat.Config(*kinds, str(path))


def environment(stage: Stage) -> Any:
    """The stage's RetroEnv, to be used as scripts use it."""
    env = stage.emulator._env
    env.initial_state = stage.emulator._state(stage.experiment.game.states[0])
    return env


def tutorial_loop(env: Any, genome: Any, config: neat.Config, max_frames: int) -> Played:
    """The tutorials' game, with the ground gained as fitness."""
    ob, _ = env.reset()
    inx, iny, _ = env.observation_space.shape
    inx, iny = int(inx / 8), int(iny / 8)
    net = neat.nn.RecurrentNetwork.create(genome, config)
    info = env.data.lookup_all()
    lives, start, furthest = info["lives"], info["screen_x"], info["screen_x"]
    chosen = []
    frames = counter = 0
    done = False
    while not done:
        frames += 1
        ob = cv2.resize(ob, (inx, iny))
        ob = cv2.cvtColor(ob, cv2.COLOR_BGR2GRAY)
        ob = np.reshape(ob, (inx, iny))
        outputs = net.activate(ob.flatten())
        ob, _, terminated, _, info = env.step(outputs)
        chosen.append(outputs)
        if info["screen_x"] > furthest:
            furthest = info["screen_x"]
            counter = 0
        else:
            counter += 1
        done = terminated or info["lives"] < lives or counter == PATIENCE or frames == max_frames
    masks = [sum(int(output) << button for button, output in enumerate(outputs)) for outputs in chosen]
    return Played(masks, furthest - start, frames)


def shipped_loop(env: Any, genome: Any, config: neat.Config, combos: list[list[int]], experiment: Experiment) -> Played:
    """NeatRunner's shipped config as a script; its masks are indices into `combos`."""
    limits, block = experiment.episode, experiment.observation.downscale
    ob, _ = env.reset()
    height, width, _ = env.observation_space.shape
    net = neat.nn.FeedForwardNetwork.create(genome, config)
    info = env.data.lookup_all()
    lives, level = info["lives"], info["levelHi"] * 4 + info["levelLo"]
    start = furthest = info["xscrollHi"] * 256 + info["xscrollLo"]
    finished = died = False
    chosen: list[int] = []
    frames = counter = 0
    done = False
    while not done:
        ob = cv2.cvtColor(ob, cv2.COLOR_RGB2GRAY)
        ob = cv2.resize(ob, (width // block, height // block), interpolation=cv2.INTER_AREA)
        around = cv2.boxFilter(ob, cv2.CV_32S, (3, 3), normalize=False, borderType=cv2.BORDER_REPLICATE)
        outputs = net.activate(((9 * ob.astype(np.int32) - around) / 576).flatten())  # normalise = contrast
        chosen.append(outputs.index(max(outputs)))
        for _ in range(limits.frame_skip):
            ob, _, terminated, _, info = env.step(combos[chosen[-1]])
            frames += 1
            x = info["xscrollHi"] * 256 + info["xscrollLo"]
            if x > furthest:
                furthest = x
                counter = 0
            else:
                counter += 1
            finished = info["levelHi"] * 4 + info["levelLo"] > level
            died = info["lives"] < lives
            stalled = counter == limits.stall_frames
            done = terminated or finished or died or stalled or frames == limits.max_frames
            if done:
                break
    return Played(chosen, furthest - start + 1000 * finished, frames)


def _compare(stage: Stage, config: neat.Config, loop: Loop) -> Result:
    """Play generation 0 by ours and by the loop in turns; raises ValueError where they part."""
    genomes = list(population_of(config).population.items())
    first_key, first = genomes[0]
    stage.play(job_of(first_key, first, config, stage.experiment))  # JIT is not what is measured
    ours_s = loop_s = 0.0
    frames = 0
    for key, genome in genomes:
        began = time.perf_counter()
        [result] = stage.play(job_of(key, genome, config, stage.experiment)).episodes
        between = time.perf_counter()
        played = loop(genome)
        ours_s += between - began
        loop_s += time.perf_counter() - between
        if played != Played(result.decisions[:, 0].tolist(), result.fitness, result.frames):
            raise ValueError(f"genome {key} came to {result}, and in the loop to {played}")
        frames += result.frames
    size = sum(len(genome.connections) for _, genome in genomes) / len(genomes)
    detail = f"{len(genomes)} genomes of {size:,.0f} connections, {frames:,} frames, every button and fitness equal"
    return Result(stage.experiment.game.game, loop_s / ours_s, detail)
