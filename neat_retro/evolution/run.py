"""The outer loop: evaluate, judge, save, reproduce. neat-python owns the evolution; this joins it to the games."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import neat
from neat.population import CompleteExtinctionException
from neat.reporting import BaseReporter

from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import NetworkAgent
from neat_retro.agent.rules import Rules
from neat_retro.errors import CorruptPickleError, EvolutionError, NeatRetroError, RunError
from neat_retro.evolution import resolve
from neat_retro.evolution.champion import Champion, current_versions, load_champion
from neat_retro.evolution.checkpoint import (
    Checkpoint,
    RandomState,
    load_checkpoint,
    save_checkpoint,
    seed_random,
)
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.fingerprint import population_sha256
from neat_retro.evolution.jobs import GameFacts, Job, JobResult, training_episodes
from neat_retro.evolution.offspring import descend
from neat_retro.evolution.reporter import Best, Reporter, RunEnd, RunStart
from neat_retro.evolution.run_folder import GenerationRecord, RunFolder, generation_arrays
from neat_retro.experiment import Experiment


def train(
    experiment: Experiment,
    run_dir: Path,
    workers: int,
    reporter: Reporter | None = None,
    ancestor: Champion | None = None,
) -> RunEnd:
    """Evolve a population from scratch, or from an ancestor, in a new folder.

    An interrupt (Ctrl-C) ends the run in good order: the RunEnd then says `finished` False. Raises
    ExperimentError, GameError, RunError or EvolutionError; before the first generation nothing is written.
    """
    experiment = resolve.settle(experiment)
    if os.path.lexists(run_dir):
        RunFolder.create(run_dir)  # raises, before a worker starts
    with WorkerPool(experiment, workers) as pool:
        facts = pool.facts()
        experiment, rules = resolve.fit(experiment, facts)
        config = resolve.neat_config(experiment)
        numbers = _GlobalRandom(seed_random(experiment.seed))
        with numbers.swapped():
            population = descend(ancestor, config) if ancestor else _create(config)
        pool.use(experiment)
        start = Checkpoint(0, experiment.to_text(), population, numbers.state, None)
        folder = _new_folder(run_dir, experiment, start)
        try:
            return _Evolution(experiment, rules, facts, pool, folder, start, reporter or Reporter()).run(workers)
        finally:
            folder.unlock()


def resume(run_dir: Path, workers: int, generations: int | None = None, reporter: Reporter | None = None) -> RunEnd:
    """Continue a run from its last checkpoint, as if it had never stopped.

    `generations` is the run's new total. Raises RunError where the run is complete, or its experiment.cfg was
    changed since it was written.
    """
    folder = RunFolder.open(run_dir)
    experiment = _unchanged_experiment(folder, generations)
    folder.lock()
    try:
        with WorkerPool(experiment, workers) as pool:
            facts = pool.facts()
            experiment, rules = resolve.fit(experiment, facts)
            if folder.champion_path.exists():
                champion = load_champion(folder.champion_path)
                resolve.check_rom(experiment, facts.rom_sha1, champion.rom_sha1, str(run_dir))
            start = _latest_checkpoint(folder, resolve.neat_config(experiment))
            if start.generation >= experiment.run.generations:
                raise RunError(
                    f"{run_dir} has done its {start.generation} generations."
                    f" Give it more:  neat-retro resume {run_dir} --generations {start.generation + 50}"
                )
            folder.write_experiment(experiment)
            return _Evolution(experiment, rules, facts, pool, folder, start, reporter or Reporter()).run(workers)
    finally:
        folder.unlock()


def mean_fitness(result: JobResult) -> float:
    """Return a genome's fitness: the mean over its episodes. The only place where episodes become fitness."""
    return statistics.fmean(episode.fitness for episode in result.episodes)


def _new_folder(run_dir: Path, experiment: Experiment, start: Checkpoint) -> RunFolder:
    """Make a run's folder, locked, with all that `resume` needs; where that fails, leave none."""
    folder = RunFolder.create(run_dir)
    try:
        folder.lock()
        folder.write_experiment(experiment)
        save_checkpoint(folder.checkpoint_path(0), start)
    except BaseException:
        folder.unlock()
        shutil.rmtree(run_dir, ignore_errors=True)
        raise
    return folder


def _create(config: neat.Config) -> neat.Population:
    return neat.Population(config)


def _unchanged_experiment(folder: RunFolder, generations: int | None) -> Experiment:
    """Return the run's experiment with its new total of generations; refuse any other change."""
    experiment = folder.experiment()
    checkpoints = folder.checkpoints()
    if not checkpoints:
        raise RunError(f"{folder.path} has no checkpoint to go on from. Start anew with `neat-retro train`.")
    stored = _stored_experiment(checkpoints)
    if stored is not None and _settings(stored) != _settings(experiment):
        changed = ", ".join(_differences(stored, experiment))
        raise RunError(
            f"{folder.path / 'experiment.cfg'} was changed since the run was saved: {changed}.\n"
            "  A resumed run must be the run that was interrupted. Undo the change, or start a new run from the\n"
            f"  champion:  neat-retro train --config {folder.path / 'experiment.cfg'} --from {folder.champion_path}"
        )
    if generations is not None:
        experiment = dataclasses.replace(experiment, run=dataclasses.replace(experiment.run, generations=generations))
    return experiment


def _stored_experiment(checkpoints: Sequence[Path]) -> Experiment | None:
    from neat_retro import safe_pickle
    from neat_retro.experiment import Draft

    for path in reversed(checkpoints):
        try:
            content = safe_pickle.load(path, "checkpoint")
        except CorruptPickleError:
            continue
        if isinstance(content, dict) and isinstance(content.get("experiment"), str):
            return Draft.from_text(content["experiment"], str(path)).experiment()
    return None


def _settings(experiment: Experiment) -> Experiment:
    """What may not change: everything but how long the run goes on and how much of it is kept."""
    run = dataclasses.replace(experiment.run, generations=1, checkpoints=1)
    return dataclasses.replace(experiment, run=run)


def _differences(old: Experiment, new: Experiment) -> list[str]:
    before, after = _lines(old), _lines(new)
    return [
        f"{key} = {after.get(key, '(none)')} (was {before.get(key, '(none)')})"
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]


def _lines(experiment: Experiment) -> dict[str, str]:
    from neat_retro.experiment import Draft

    sections = Draft.from_text(_settings(experiment).to_text(), "").sections
    return {f"{name}.{key}": value for name, keys in sections.items() for key, value in keys.items()}


def _latest_checkpoint(folder: RunFolder, config: neat.Config) -> Checkpoint:
    for path in reversed(folder.checkpoints()):
        try:
            return load_checkpoint(path, config)
        except CorruptPickleError:
            continue
    raise RunError(f"No checkpoint in {folder.path / 'checkpoints'} can be read. Start anew with `neat-retro train`.")


class _GlobalRandom:
    """Keeps neat-python's random numbers, which it draws from the global generator, apart from everybody else's."""

    def __init__(self, state: RandomState) -> None:
        self.state = state

    @contextlib.contextmanager
    def swapped(self) -> Iterator[None]:
        """Exchange `state` with the global generator's, and back at the end.

        Within one `swapped` neat-python draws; a second one within that gives a reporter its own numbers again.
        """
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        outside = random.getstate()
        random.setstate(self.state)
        self.state = outside


class _Evolution(BaseReporter):  # type: ignore[misc]
    """A run going on. It listens to neat-python's population to know when a generation is evaluated."""

    def __init__(
        self,
        experiment: Experiment,
        rules: Rules,
        facts: GameFacts,
        pool: WorkerPool,
        folder: RunFolder,
        start: Checkpoint,
        reporter: Reporter,
    ) -> None:
        self._experiment = experiment
        self._rules = rules
        self._facts = facts
        self._pool = pool
        self._folder = folder
        self._reporter = reporter
        self._population = start.population
        self._population.add_reporter(self)
        self._random = _GlobalRandom(start.random_state)
        self._best_fitness = start.best_fitness
        self._episodes = training_episodes(experiment)
        self._history = [r for r in folder.history() if r.generation < start.generation]
        self._results: list[JobResult] = []
        self._solved = False
        self._last_record = time.perf_counter()

    def run(self, workers: int) -> RunEnd:
        """Go on to the last generation, to a solution or to an interrupt."""
        first = self._population.generation
        size = self._population.config.pop_size
        try:
            self._folder.write_status("running")
            self._reporter.run_started(RunStart(self._experiment, self._folder.path, workers, first, size))
            reason = self._generations()
        except KeyboardInterrupt:
            return self._end("interrupted", f"interrupted in generation {self._population.generation}")
        except NeatRetroError as error:
            with contextlib.suppress(RunError):  # on a full disk the first error says it
                self._folder.write_status("failed", str(error).splitlines()[0])
            raise
        return self._end("finished", reason)

    def _end(self, state: str, reason: str) -> RunEnd:
        self._folder.write_status(state, reason)
        path = self._folder.champion_path
        champion = load_champion(path) if path.exists() else None
        end = RunEnd(reason, state == "finished", self._folder.path, champion)
        self._reporter.run_ended(end)
        return end

    def _generations(self) -> str:
        last = self._experiment.run.generations
        while self._population.generation < last:
            generation = self._population.generation
            self._advance()
            if self._population.generation == generation:
                threshold = self._population.config.fitness_threshold
                return f"the fitness threshold {threshold:g} was reached in generation {generation}"
            self._save()
            if self._solved and self._experiment.run.stop_when_solved:
                return f"solved: the goal was reached in generation {generation}"
        return f"all {last} generations were evaluated"

    def _advance(self) -> None:
        """Let neat-python evaluate one generation and breed the next."""
        with self._random.swapped():
            try:
                self._population.run(self._evaluate, 1)
            except CompleteExtinctionException as error:
                raise EvolutionError(
                    f"The population died out in generation {self._population.generation}: every species stagnated.\n"
                    "  Raise [DefaultStagnation] max_stagnation or species_elitism, or set [NEAT]"
                    " reset_on_extinction = True,\n"
                    f"  and start a new run:  neat-retro train --config {self._folder.path / 'experiment.cfg'}"
                    f" --from {self._folder.champion_path} --set Section.key=value"
                ) from error
            except RuntimeError as error:
                if "min_species_size" not in str(error):
                    raise
                raise self._too_many_species() from error

    def _too_many_species(self) -> EvolutionError:
        species = len(self._population.species.species)
        size = self._population.config.pop_size
        return EvolutionError(
            f"Generation {self._population.generation} split into {species} species, too many for neat-python to share"
            f" a population of {size} among.\n"
            "  Raise [DefaultSpeciesSet] compatibility_threshold or the population, or lower"
            " [DefaultReproduction] min_species_size and elitism."
        )

    def _evaluate(self, genomes: list[tuple[int, Any]], config: neat.Config) -> None:
        """Give every genome its fitness: neat-python's fitness function."""
        with self._random.swapped():
            self._play(genomes, config)

    def _play(self, genomes: list[tuple[int, Any]], config: neat.Config) -> None:
        jobs = [
            Job(key, (NetworkAgent(compile_genome(genome, config.genome_config)),), self._episodes)
            for key, genome in genomes
        ]
        done = 0

        def count(result: JobResult) -> None:
            nonlocal done
            done += 1
            self._reporter.genome_done(done, len(jobs), result)

        self._results = self._pool.play(jobs, count)
        for (_, genome), result in zip(genomes, self._results, strict=True):
            genome.fitness = mean_fitness(result)

    def post_evaluate(self, config: neat.Config, population: dict[int, Any], species: Any, best: Any) -> None:
        """Record the generation. neat-python calls this between evaluation and reproduction."""
        with self._random.swapped():
            self._report(config, population, species, best)

    def _report(self, config: neat.Config, population: dict[int, Any], species: Any, best: Any) -> None:
        generation = self._population.generation
        keys = [result.key for result in self._results]
        best_result = self._results[keys.index(best.key)]
        agent = NetworkAgent(compile_genome(best, config.genome_config))
        arrays = generation_arrays(
            [population[key] for key in keys],
            self._population.reproduction.ancestors,
            species.genome_to_species,
            self._results,
            self._rules.term_names,
        )
        self._folder.write_generation(generation, arrays)
        if self._best_fitness is None or best.fitness > self._best_fitness:
            self._crown(best, agent, generation)
        record = self._record(generation, population, len(species.species))
        self._history.append(record)
        self._folder.write_history(self._history)
        self._solved = all(episode.ending == "goal" for episode in best_result.episodes)
        self._reporter.generation_done(record, Best(generation, best.key, best.fitness, agent, best_result.episodes))

    def _crown(self, genome: Any, agent: NetworkAgent, generation: int) -> None:
        """Replay a new best once with its trajectory hashed, and keep it."""
        traced = self._pool.play([Job(genome.key, (agent,), self._episodes, traced=True)])[0]
        champion = Champion(
            genome=genome,
            experiment=self._experiment,
            rom_sha1=self._facts.rom_sha1,
            generation=generation,
            episodes=traced.episodes,
            trajectories=traced.trajectories,
            versions=current_versions(),
        )
        champion.save(self._folder.champion_of(generation))
        champion.save(self._folder.champion_path)
        self._best_fitness = genome.fitness
        self._reporter.champion_found(champion)

    def _record(self, generation: int, population: dict[int, Any], species: int) -> GenerationRecord:
        episodes = [episode for result in self._results for episode in result.episodes]
        positions = [e.furthest_x for e in episodes if e.furthest_x is not None]
        fitnesses = [genome.fitness for genome in population.values()]
        now = time.perf_counter()
        seconds, self._last_record = now - self._last_record, now
        return GenerationRecord(
            generation=generation,
            best_fitness=max(fitnesses),
            mean_fitness=statistics.fmean(fitnesses),
            best_x=max(positions) if positions else None,
            species=species,
            frames=sum(result.frames for result in self._results),
            seconds=seconds,
            endings=dict(sorted(Counter(e.ending for e in episodes).items())),
            population_sha256=population_sha256(population.values()),
        )

    def _save(self) -> None:
        """Write the checkpoint of the generation that comes next, and forget what nobody needs."""
        population = self._population
        ancestors = population.reproduction.ancestors
        population.reproduction.ancestors = {key: ancestors.get(key, ()) for key in population.population}
        generation = population.generation
        checkpoint = Checkpoint(
            generation, self._experiment.to_text(), population, self._random.state, self._best_fitness
        )
        save_checkpoint(self._folder.checkpoint_path(generation), checkpoint)
        self._folder.keep_checkpoints(self._experiment.run.checkpoints)
