"""A game opened as training opens it, and the population that training would begin with."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import neat

from neat_retro import api
from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import NetworkAgent
from neat_retro.evolution import resolve
from neat_retro.evolution.jobs import Job, training_episodes
from neat_retro.evolution.random_state import GlobalRandom, seed_random
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import EpisodeSection, Experiment

SEED = 1
SAVINGS = ("reuse", "share")  # the switches of [Episode] that spare emulation


def experiment_of(
    game: str,
    settings: Mapping[str, object] | None = None,
    savings: bool = False,
    fitness: Mapping[str, str] | None = None,
) -> Experiment:
    """Return a shipped experiment with `settings`, seeded, and maybe another fitness.

    Without `savings` every demanded frame is emulated.
    """
    known = {field.name for field in dataclasses.fields(EpisodeSection)}
    switches = {f"Episode.{name}": savings for name in SAVINGS if name in known}
    draft = api.load_draft(game, None, {"Run.seed": SEED, **switches, **(settings or {})})
    if fitness is not None:
        draft.sections["Fitness"] = dict(fitness)
    return resolve.settle(draft.experiment())


@contextmanager
def opened(experiment: Experiment) -> Iterator[tuple[Stage, neat.Config]]:
    """Open a game in this process and yield it with neat-python's config, its sizes filled in."""
    with Stage(experiment) as stage:
        fitted, _ = resolve.fit(experiment, stage.facts())
        stage.use(fitted)
        yield stage, resolve.neat_config(fitted)


def seeded() -> AbstractContextManager[None]:
    """Lend neat-python the random numbers that a run with our seed draws."""
    return GlobalRandom(seed_random(SEED)).swapped()


def population_of(config: neat.Config) -> neat.Population:
    """Return the population of generation 0: the one that a run with our seed begins with."""
    with seeded():
        return neat.Population(config)


def job_of(key: int, genome: Any, config: neat.Config, experiment: Experiment) -> Job:
    """Return a genome's job: its network and the training episodes."""
    agent = NetworkAgent(compile_genome(genome, config.genome_config))
    return Job(key, (agent,), training_episodes(experiment))


def jobs_of(config: neat.Config, experiment: Experiment) -> list[Job]:
    """Return the jobs of generation 0."""
    genomes = population_of(config).population
    return [job_of(key, genome, config, experiment) for key, genome in genomes.items()]
