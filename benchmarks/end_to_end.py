"""A whole run by two processes against the tutorials' loop in one, with neat-python's own reproduction.

Ours is `neat_retro.train` from call to return: workers started, five generations of play, reproduction, checkpoints,
history. The loop would take an hour, so it is timed on a few genomes before and after, and scaled: seconds a frame
times the frames that our genomes played, and seconds a reproduction times the generations. Its checkpoints are left
out, in its favour.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import neat

import neat_retro
from benchmarks.populations import experiment_of, opened, population_of, seeded
from benchmarks.sharing import Watch
from benchmarks.table import Result
from benchmarks.tutorial import DENSE, GAME, GROUND, environment, plain_config, tutorial_loop

# As much to see and to press as the loop has.
OURS = {
    "Observation.downscale": 8,
    "Actions.kind": "threshold",
    "Actions.buttons": "all",
    "Run.stop_when_solved": False,
}


def two_processes(
    population: int = 150, generations: int = 5, max_frames: int = 600, genomes: int = 3, workers: int = 2
) -> Iterator[Result]:
    """As shipped otherwise; `genomes` are played by the loop before our run, and as many after it."""
    sizes = {"NEAT.pop_size": population, "Run.generations": generations, "Episode.max_frames": max_frames}
    experiment = experiment_of(GAME, {**DENSE, **OURS, **sizes}, savings=True, fitness=GROUND)
    with opened(experiment) as (stage, _):
        config = plain_config(stage.experiment)
        env = environment(stage)
        sampled = list(population_of(config).population.values())
        frames, seconds = 0, 0.0

        def sample(first: int) -> None:
            nonlocal frames, seconds
            for genome in sampled[first : first + genomes]:
                began = time.perf_counter()
                frames += tutorial_loop(env, genome, config, max_frames).frames
                seconds += time.perf_counter() - began

        sample(0)
        watch = Watch()
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            neat_retro.train(experiment, Path(folder) / "run", workers=workers, reporter=watch)
            ours_s = time.perf_counter() - began
        sample(genomes)
    breeding_s = _reproduction(config)
    loop_s = watch.demanded * seconds / frames + generations * breeding_s
    told = f"{generations} generations of {population}, {watch.demanded:,} frames in {ours_s:.0f} s"
    scaled = f"the loop scaled from {frames:,} frames, {1000 * seconds / frames:.1f} ms each"
    yield Result(GAME, loop_s / ours_s, f"{told}; {scaled}, and one reproduction, {breeding_s:.1f} s")


def _reproduction(config: neat.Config) -> float:
    """Seconds that neat-python takes to breed and speciate one generation; fitness is a genome's rank."""

    def evaluate(genomes: list[tuple[int, neat.DefaultGenome]], config: neat.Config) -> None:
        for rank, (_, genome) in enumerate(genomes):
            genome.fitness = float(rank)

    with seeded():
        evolving = neat.Population(config)
        began = time.perf_counter()
        evolving.run(evaluate, 1)
        return time.perf_counter() - began
