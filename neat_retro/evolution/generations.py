"""The outer loop: evaluate, judge, save, reproduce. neat-python owns the evolution; this joins it to the games."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import neat
import numpy as np
import numpy.typing as npt
from neat.population import CompleteExtinctionException
from neat.reporting import BaseReporter

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec
from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import NetworkAgent
from neat_retro.agent.rules import Rules
from neat_retro.errors import EvolutionError, NeatRetroError, RunError
from neat_retro.evolution.champion import Champion, current_versions, load_champion
from neat_retro.evolution.checkpoint import Checkpoint, save_checkpoint
from neat_retro.evolution.combine import genome_fitness
from neat_retro.evolution.fingerprint import population_sha256
from neat_retro.evolution.imprint import Way
from neat_retro.evolution.jobs import GameFacts, Job, JobResult, training_episodes
from neat_retro.evolution.random_state import GlobalRandom
from neat_retro.evolution.reporter import Best, Reporter, RunEnd, RunStart
from neat_retro.evolution.run_folder import GenerationRecord, RunFolder, generation_arrays
from neat_retro.evolution.savings import SavingEvaluator
from neat_retro.evolution.schedule import expected_frames
from neat_retro.experiment import Experiment


class Evolution(BaseReporter):  # type: ignore[misc]
    """A run going on. It listens to neat-python's population to know when a generation is evaluated."""

    def __init__(
        self,
        experiment: Experiment,
        rules: Rules,
        facts: GameFacts,
        evaluator: SavingEvaluator,
        folder: RunFolder,
        start: Checkpoint,
        reporter: Reporter,
    ) -> None:
        self._experiment = experiment
        self._rules = rules
        self._facts = facts
        self._evaluator = evaluator
        self._folder = folder
        self._reporter = reporter
        self._population = start.population
        self._population.add_reporter(self)
        self._random = GlobalRandom(start.random_state)
        self._best_fitness = start.best_fitness
        self._fitness = genome_fitness(experiment)
        self._curriculum = start.curriculum
        self._archive = start.archive
        self._true_starts: tuple[EpisodeSpec, ...] = ()
        self._history = [r for r in folder.history() if r.generation < start.generation]
        self._results: list[JobResult] = []
        self._solved = False
        self._last_record = time.perf_counter()

    def run(self, workers: int, notes: Sequence[str] = ()) -> RunEnd:
        """Go on to the last generation, to a solution or to an interrupt. `notes` are for the reporter."""
        first = self._population.generation
        size = self._population.config.pop_size
        try:
            self._folder.write_status("running")
            told = (*notes, *self._evaluator.begin())
            self._reporter.run_started(RunStart(self._experiment, self._folder.path, workers, first, size, told))
            state, reason = self._generations()
        except KeyboardInterrupt:
            return self._end("interrupted", f"interrupted in generation {self._population.generation}")
        except BaseException as error:
            with contextlib.suppress(RunError):  # on a full disk the first error says it
                self._folder.write_status("failed", _reason(error))
            self._reporter.run_failed(error)
            raise
        return self._end(state, reason)

    def _end(self, state: str, reason: str) -> RunEnd:
        self._folder.write_status(state, reason)
        path = self._folder.champion_path
        champion = load_champion(path) if path.exists() else None
        end = RunEnd(reason, state != "interrupted", self._folder.path, champion)
        self._reporter.run_ended(end)
        return end

    def _generations(self) -> tuple[str, str]:
        """Return the state in which the run ends, `finished` or `solved`, and why in words."""
        last = self._experiment.run.generations
        while self._population.generation < last:
            generation = self._population.generation
            self._advance()
            if self._population.generation == generation:
                threshold = self._population.config.fitness_threshold
                return "solved", f"the fitness threshold {threshold:g} was reached in generation {generation}"
            self._save()
            if self._solved and self._experiment.run.stop_when_solved:
                return "solved", f"solved: the goal was reached in generation {generation}"
        return "finished", f"all {last} generations were evaluated" if last > 1 else "1 generation was evaluated"

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
                    f"  and start a new run:  {self._folder.new_run_command()} --set Section.key=value"
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
        self._true_starts = training_episodes(self._experiment, self._population.generation)
        episodes = (*self._true_starts, *self._curriculum.episodes(self._true_starts))
        played = {result.key: result.frames for result in self._results}
        parents = self._population.reproduction.ancestors
        unknown = statistics.fmean(played.values()) if played else 0.0
        jobs = [
            Job(
                key,
                (NetworkAgent(compile_genome(genome, config.genome_config)),),
                episodes,
                expected_frames=expected_frames(key, parents, played, unknown),
            )
            for key, genome in genomes
        ]
        done = 0

        def count(result: JobResult) -> None:
            nonlocal done
            done += 1
            self._reporter.genome_done(done, len(jobs), result)

        self._results = self._evaluator.play(jobs, count)
        for (_, genome), result in zip(genomes, self._results, strict=True):
            genome.fitness = self._fitness(self._from_true_starts(result))

    def post_evaluate(self, config: neat.Config, population: dict[int, Any], species: Any, best: Any) -> None:
        """Record the generation. neat-python calls this between evaluation and reproduction."""
        with self._random.swapped():
            self._report(config, population, species)
            self._weigh()
            if config.genome_config.imprint_prob:
                self._observe(config, species)

    def _weigh(self) -> None:
        """Say what each genome is worth as a parent: its fitness from every start, and how new its ends are."""
        worth = {result.key: self._fitness(result) for result in self._results}
        if self._rules.behaviour:
            section = self._experiment.novelty
            results = [self._from_true_starts(result) for result in self._results]
            behaviours = np.array([[value for e in result.episodes for value in e.behaviour] for result in results])
            self._archive = self._archive.with_generation(behaviours, section.neighbours)
            novelty = self._archive.novelty(behaviours, section.neighbours)
            for result, value in zip(results, novelty, strict=True):
                worth[result.key] += section.weight * float(value)
        self._population.reproduction.worth = worth

    def _observe(self, config: neat.Config, species: Any) -> None:
        """Tell those who may get children what they saw and did: their episodes are played once more."""
        genomes = {genome.key: genome for genome in self._population.reproduction.parents(config, species)}
        episodes = self._results[0].specs
        jobs = [
            Job(key, (NetworkAgent(compile_genome(genome, config.genome_config)),), episodes, observed=True)
            for key, genome in genomes.items()
        ]
        for result in self._evaluator.play(jobs):
            pairs = zip(result.observations, result.episodes, strict=True)
            genomes[result.key].ways = tuple(self._way(inputs, episode) for inputs, episode in pairs)

    def _way(self, inputs: npt.NDArray[np.float32], episode: EpisodeResult) -> Way:
        chosen = np.array([self._rules.actions.chosen(mask) for mask in episode.decisions[:, 0].tolist()])
        idle = self._rules.stall(episode.ending) // self._rules.limits.frame_skip
        return Way(inputs, chosen, episode.ending, idle)

    def _report(self, config: neat.Config, population: dict[int, Any], species: Any) -> None:
        generation = self._population.generation
        keys = [result.key for result in self._results]
        scored = [(self._fitness(result), result) for result in map(self._from_true_starts, self._results)]
        ranked = sorted(scored, key=lambda pair: -pair[0])
        fitness, result = ranked[0]
        agent = NetworkAgent(compile_genome(population[result.key], config.genome_config))
        arrays = generation_arrays(
            [population[key] for key in keys],
            self._population.reproduction.ancestors,
            species.genome_to_species,
            self._results,
            self._rules.term_names,
        )
        self._folder.write_generation(generation, arrays)
        if self._true_starts != training_episodes(self._experiment, max(0, generation - 1)):
            self._best_fitness = None  # it was reached in other episodes
            self._curriculum = self._curriculum.with_other_draws()
        if self._best_fitness is None or fitness > self._best_fitness:
            self._crown(population[result.key], fitness, agent, result)
        record = self._record(scored, population, len(species.species))
        self._history.append(record)
        self._folder.write_history(self._history)
        self._solved = all(episode.ending == "goal" for episode in result.episodes)
        self._reporter.generation_done(record, Best(generation, result.key, fitness, agent, result.episodes))
        if self._experiment.curriculum.patience:
            self._learn_where_stuck(ranked)

    def _from_true_starts(self, result: JobResult) -> JobResult:
        """Return a result without the episodes that the curriculum added."""
        return dataclasses.replace(result, episodes=result.episodes[: len(self._true_starts)])

    def _learn_where_stuck(self, ranked: Sequence[tuple[float, JobResult]]) -> None:
        before = self._curriculum.starts
        section = self._experiment.curriculum
        self._curriculum = self._curriculum.after(section, self._rules, ranked)
        if self._curriculum.starts != before:
            start = self._curriculum.starts[-1]
            self._reporter.noted(
                f"No better one for {section.patience} generations: from the next on, genomes also start"
                f" {len(start.prefix)} frames into {start.state}, {section.lead} before most of the best end."
            )

    def _crown(self, genome: Any, fitness: float, agent: NetworkAgent, won: JobResult) -> None:
        """Replay a new best once with its trajectory hashed, and keep it. `won` is the result that it has to repeat."""
        generation = self._population.generation
        genome = copy.deepcopy(genome)
        genome.fitness = fitness
        traced = self._evaluator.play([Job(genome.key, (agent,), self._true_starts, traced=True)])[0]
        for note in self._evaluator.compare(won, traced):
            self._reporter.noted(note)
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
        self._best_fitness = fitness
        self._reporter.champion_found(champion)

    def _record(
        self, scored: Sequence[tuple[float, JobResult]], population: dict[int, Any], species: int
    ) -> GenerationRecord:
        """Return the generation's line; all but its frames tell of the true starts alone."""
        episodes = [episode for _, result in scored for episode in result.episodes]
        positions = [e.furthest_x for e in episodes if e.furthest_x is not None]
        fitnesses = [fitness for fitness, _ in scored]
        now = time.perf_counter()
        seconds, self._last_record = now - self._last_record, now
        return GenerationRecord(
            generation=self._population.generation,
            best_fitness=max(fitnesses),
            mean_fitness=statistics.fmean(fitnesses),
            best_x=max(positions) if positions else None,
            species=species,
            frames=sum(result.frames for result in self._results),
            emulated=sum(result.emulated for result in self._results),
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
        text = self._experiment.to_text()
        checkpoint = Checkpoint(
            generation, text, population, self._random.state, self._best_fitness, self._curriculum, self._archive
        )
        save_checkpoint(self._folder.checkpoint_path(generation), checkpoint)
        self._folder.keep_checkpoints(self._experiment.run.checkpoints)


def _reason(error: BaseException) -> str:
    """Return an error in one line; one that is not ours says its kind, for its words alone may say little."""
    first = next(iter(str(error).splitlines()), "")
    return first if isinstance(error, NeatRetroError) else ": ".join(filter(None, (type(error).__name__, first)))
