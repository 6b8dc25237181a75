"""How near one process that trains from pixels comes to the emulator's own rate.

Everything of training is in the timed part: compiling the genomes, playing, fitness, speciation and reproduction.
The raw loop takes its turn after every genome, so both sides see the same machine.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import neat

from benchmarks.populations import experiment_of, job_of, jobs_of, opened, seeded
from benchmarks.raw import RawLoop, replay_checked
from benchmarks.table import Result
from neat_retro.evolution.combine import genome_fitness

GAMES = ("NeatRunner-Nes", "NeatDash-Genesis")


def skip_1() -> Iterator[Result]:
    """Decisions at every frame."""
    yield from (train(game, frame_skip=1) for game in GAMES)


def skip_4() -> Iterator[Result]:
    """Decisions at every fourth frame, as shipped."""
    yield from (train(game, frame_skip=4) for game in GAMES)


def train(game: str, frame_skip: int, population: int = 30, generations: int = 3, max_frames: int = 1200) -> Result:
    """Train a small population with the shipped config; return its frames a second over the raw loop's."""
    settings: dict[str, object] = {"NEAT.pop_size": population, "Episode.max_frames": max_frames}
    settings |= {"Episode.frame_skip": frame_skip} | ({"Actions.turbo": ""} if frame_skip == 1 else {})
    experiment = experiment_of(game, settings)
    with opened(experiment) as (stage, config):
        stage.play(jobs_of(config, experiment)[0])  # JIT and caches are not what is measured
        raw = RawLoop(stage.emulator, stage.rules)
        fitness = genome_fitness(experiment)
        frames, not_training = 0, 0.0

        def evaluate(genomes: list[tuple[int, Any]], config: neat.Config) -> None:
            nonlocal frames, not_training
            for key, genome in genomes:
                result = stage.play(job_of(key, genome, config, experiment))
                genome.fitness = fitness(result)
                frames += result.frames
                paused = time.perf_counter()
                for episode in result.episodes[-1:]:
                    replay_checked(raw, stage.emulator, episode)
                not_training += time.perf_counter() - paused

        with seeded():
            evolving = neat.Population(config)
            began = time.perf_counter()
            evolving.run(evaluate, generations)
            seconds = time.perf_counter() - began - not_training
    detail = f"{generations} generations of {population}, {frames:,} frames"
    return Result(game, frames / seconds / raw.rate, detail)
