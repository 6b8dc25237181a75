"""How much faster genomes in arrays are bred than neat-python's own: reproduce and speciate, the same config for both.

`rows` gives the ratios; `python -m benchmarks.reproduction` prints beside them what else a generation asks of genomes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neat

from benchmarks.populations import seeded
from benchmarks.table import Result
from neat_retro.agent.network import compile_genome
from neat_retro.evolution.checkpoint import Checkpoint, save_checkpoint
from neat_retro.evolution.fingerprint import population_sha256
from neat_retro.evolution.genome import DefaultGenome
from neat_retro.evolution.reproduction import DefaultReproduction
from neat_retro.experiment.neat_keys import DEFAULTS

# About 6,700 connections: half of what 1,120 pixels and 12 buttons can have.
NETWORK = {"num_inputs": "1120", "num_outputs": "12", "initial_connection": "partial_direct 0.5"}
GENERATIONS = 5  # of ours that are timed around neat-python's one


def rows(sizes: tuple[int, ...] = (150, 500), network: dict[str, str] | None = None) -> Iterator[Result]:
    """Yield how often ours would breed a generation while neat-python breeds it once.

    Seconds are the process's own, so other processes on the machine count for neither.
    """
    for size in sizes:
        for feed_forward in (False, True):
            yield compare(size, feed_forward, network or NETWORK)


def compare(size: int, feed_forward: bool, network: dict[str, str]) -> Result:
    """Time generations of ours before and after one of neat-python's.

    neat-python's feed-forward crossover looks for a cycle anew for every gene. Of its children only the first few are
    made, and the time of the others is extrapolated: they would take an hour.
    """
    ours, theirs = (_population(kind, size, feed_forward, network) for kind in (DefaultGenome, neat.DefaultGenome))
    _bred(ours)  # numba's first calls
    seconds = [_bred(ours) for _ in range(GENERATIONS)]
    connections = statistics.fmean(len(genome.connections) for genome in theirs.population.values())
    neat_seconds = _extrapolated(theirs) if feed_forward else _bred(theirs)
    seconds += [_bred(ours) for _ in range(GENERATIONS)]
    median = statistics.median(seconds)
    told = "extrapolated" if feed_forward else "measured"
    detail = f"{median * 1e3:.0f} ms against {neat_seconds:.1f} s ({told}), {connections:,.0f} connections"
    return Result(
        f"{'feed-forward' if feed_forward else 'recurrent'}, population {size}", neat_seconds / median, detail
    )


def _population(kind: type, size: int, feed_forward: bool, network: dict[str, str]) -> neat.Population:
    sections = {name: dict(keys) for name, keys in DEFAULTS.items()}
    sections["NEAT"]["pop_size"] = str(size)
    sections["DefaultGenome"] |= {**network, "feed_forward": str(feed_forward)}
    with tempfile.TemporaryDirectory() as folder, seeded():
        path = Path(folder) / "neat.cfg"
        path.write_text(
            "\n".join(
                f"[{name}]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items())
                for name, keys in sections.items()
            )
        )
        kinds = (kind, DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation)
        return neat.Population(neat.Config(*kinds, str(path)))


def _bred(population: neat.Population) -> float:
    """Replace a population by its next generation; return the seconds that neat-python took for it."""
    _judge(population)
    began = time.process_time()
    population.population = population.reproduction.reproduce(
        population.config, population.species, population.config.pop_size, population.generation
    )
    population.species.speciate(population.config, population.population, population.generation)
    population.generation += 1
    return time.process_time() - began


def _extrapolated(population: neat.Population, children: int = 2) -> float:
    """The seconds for a generation, were every child as slow as the first few."""
    _judge(population)
    config = population.config
    parents = sorted(population.population.values(), key=lambda genome: genome.fitness)[-10:]
    config.genome_config.innovation_tracker = population.reproduction.innovation_tracker
    began = time.process_time()
    for key in range(children):
        child = config.genome_type(-key)
        child.configure_crossover(*random.sample(parents, 2), config.genome_config)
        child.mutate(config.genome_config)
    each = (time.process_time() - began) / children
    began = time.process_time()
    population.species.speciate(config, population.population, population.generation)
    return float(each * (config.pop_size - _elites(population))) + time.process_time() - began


def _elites(population: neat.Population) -> int:
    """How many genomes of the next generation are no children."""
    return int(population.config.reproduction_config.elitism) * len(population.species.species)


def _judge(population: neat.Population) -> None:
    """Give every genome a fitness, the same for both kinds."""
    for key, genome in population.population.items():
        genome.fitness = random.Random(key).random()


def other_work(size: int = 150, network: dict[str, str] | None = None) -> dict[str, float]:
    """Return the milliseconds of what else a generation does with its genomes: compile, hash and save them all."""
    population = _population(DefaultGenome, size, False, network or NETWORK)
    for _ in range(GENERATIONS):
        _bred(population)
    _judge(population)
    genomes = population.population.values()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Checkpoint(0, "", population, random.getstate(), None)
        work: dict[str, Callable[[], Any]] = {
            "compile": lambda: [compile_genome(genome, population.config.genome_config) for genome in genomes],
            "hash": lambda: population_sha256(genomes),
            "save": lambda: save_checkpoint(Path(folder) / "checkpoint.pkl", checkpoint),
        }
        return {name: _milliseconds(task) for name, task in work.items()}


def _milliseconds(task: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(GENERATIONS):
        began = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - began)
    return 1e3 * statistics.median(seconds)


def main() -> None:
    """Print the ratios, and what else a generation's genomes cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reproduction", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[150, 500], help="populations to compare")
    for result in rows(tuple(parser.parse_args().sizes)):
        print(f"{result.variant:<28} {result.value:6.0f}x   {result.detail}", flush=True)
    work = other_work()
    told = ", ".join(f"{name} {milliseconds:.0f} ms" for name, milliseconds in work.items())
    print(f"population 150: {told}; together {sum(work.values()):.0f} ms, the disk's time included")


if __name__ == "__main__":
    main()
