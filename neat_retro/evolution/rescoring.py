"""What-if fitness: the stored genomes of a run under other [Fitness] terms, from the buttons that they pressed.

What a network does hangs on what it sees, and not on what it is paid for. So its stored decisions, emulated again, come
to the fitness that the network would have under the new terms. Only a stall is judged by the terms. An episode that
would have stalled earlier is scored up to there; of one that stalled and would have gone on, nobody knows the rest.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neat_retro.agent.episode import Ending, EpisodeResult, EpisodeSpec, Perturbation
from neat_retro.agent.players import ScriptedAgent
from neat_retro.errors import RunError, UsageError
from neat_retro.evolution import resolve
from neat_retro.evolution.combine import genome_fitness
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.jobs import Job, JobResult
from neat_retro.evolution.run_folder import RunFolder
from neat_retro.experiment import Experiment, ObservationSection

MOST_UNKNOWN = 0.5  # of the genomes: what is left says little of a population

Played = tuple[EpisodeSpec, bytes]  # an episode and the decisions in it


@dataclass(frozen=True)
class Rescored:
    """A stored genome under the new terms. `new_fitness` is None where it cannot be known."""

    generation: int
    genome: int
    old_fitness: float
    new_fitness: float | None
    endings: tuple[Ending, ...]


@dataclass(frozen=True)
class Place:
    """A genome's places in the ranking under the run's own terms and under the new ones, from 1; ties share one."""

    genome: Rescored
    old_rank: int
    new_rank: int


@dataclass(frozen=True)
class GenerationChange:
    """How the new terms rank a generation.

    `correlation` is Spearman's, None where either ranking has only ties. `best` is the genome that was the best, and
    `new_best` the one that would have been, of those whose new fitness is known: all but `left_out`. It is the same
    one wherever that still is among the best, and None where none is known.
    """

    generation: int
    correlation: float | None
    best: Rescored
    new_best: Rescored | None
    left_out: int


@dataclass(frozen=True)
class Rescoring:
    """Every genome of the chosen generations, in the order in which they are stored, and the terms they come under."""

    run: Path
    fitness: Mapping[str, str]
    genomes: tuple[Rescored, ...]

    @property
    def left_out(self) -> tuple[Rescored, ...]:
        """The genomes whose fitness cannot be known."""
        return tuple(each for each in self.genomes if each.new_fitness is None)

    def ranking(self) -> list[Place]:
        """Return the genomes whose fitness is known, best first; one that lived on is there once, the first time."""
        known = [genome for genome in self.genomes if genome.new_fitness is not None]
        once = {(each.genome, each.old_fitness, each.new_fitness): each for each in reversed(known)}
        ranked = sorted(once.values(), key=lambda each: (-_known(each), each.generation, each.genome))
        old = _ranks([each.old_fitness for each in ranked])
        new = _ranks([_known(each) for each in ranked])
        return [Place(*places) for places in zip(ranked, old, new, strict=True)]

    def generations(self) -> list[GenerationChange]:
        """Return how each generation's ranking changes."""
        numbers = dict.fromkeys(each.generation for each in self.genomes)
        return [_change(number, [g for g in self.genomes if g.generation == number]) for number in numbers]

    def write_json(self, path: Path) -> None:
        """Write all of it, whole or not at all. Raises RunError where the file cannot be written."""
        content = {
            "run": str(self.run),
            "fitness": dict(self.fitness),
            "ranking": [
                dataclasses.asdict(place.genome) | {"old_rank": place.old_rank, "new_rank": place.new_rank}
                for place in self.ranking()
            ],
            "left_out": [dataclasses.asdict(genome) for genome in self.left_out],
            "generations": [dataclasses.asdict(change) for change in self.generations()],
        }
        write_atomically(path, json.dumps(content, indent=1) + "\n")


def rescore(
    folder: RunFolder,
    experiment: Experiment,
    workers: int,
    generations: Container[int] | None = None,
    on_generation: Callable[[int, int], None] | None = None,
) -> Rescoring:
    """Emulate a run's stored decisions under `experiment`: the run's own with other [Fitness] terms. Writes nothing.

    `generations` are those wanted, all that are stored if left out; `on_generation` hears how many of how many are
    done. The result is the same for any number of workers.

    Raises UsageError where more than fitness was changed, ExperimentError for bad terms, and RunError where the stored
    decisions no longer lead to what was stored, or the fitness of more than half of the genomes cannot be known.
    """
    run = folder.experiment()
    _refuse_other_changes(run, experiment)
    stored = folder.generations()
    chosen = [number for number in stored if generations is None or number in generations]
    if not chosen:
        there = f"it has {stored[0]} to {stored[-1]}" if stored else "none is evaluated yet"
        raise RunError(f"{folder.path} has no such generation: {there}.")
    perturbation = Perturbation.of(run.episode)
    with WorkerPool(experiment, workers) as pool:
        experiment, _ = resolve.fit(experiment, pool.facts())
        found = pool.rehearsed()
        if not found.repeats:
            raise RunError(
                f"{folder.path} cannot be rescored: the same buttons from the same start do not lead to the same"
                " fitness,\n  be it for the game or for a fitness term of your own."
            )
        old, new = genome_fitness(run), genome_fitness(experiment)
        pool.use(_unseeing(run, found.restores))
        bests = {number: max(folder.results(number, perturbation), key=old) for number in chosen}
        _check(folder, bests, pool)
        pool.use(_unseeing(experiment, found.restores))
        rescored: list[Rescored] = []
        known: dict[Played, EpisodeResult] = {}
        for done, number in enumerate(chosen, 1):
            genomes = folder.results(number, perturbation)
            known = _play(folder.generation_path(number), genomes, known, pool)
            rescored += [_rescored(number, genome, known, old, new) for genome in genomes]
            if on_generation is not None:
                on_generation(done, len(chosen))
    rescoring = Rescoring(folder.path, experiment.fitness, tuple(rescored))
    _refuse_mostly_unknown(rescoring)
    return rescoring


def _refuse_other_changes(run: Experiment, experiment: Experiment) -> None:
    for target, option in experiment.origins.items():
        section, _, name = target.partition(".")
        if section not in ("Fitness", "Variables") and target != "Episode.combine":
            raise UsageError(
                f"{option}: only [Fitness] can be rescored, with [Variables] of its own, and [Episode] combine. With"
                f" another\n  [{section}] {name} the networks could have played otherwise: train a new run with it."
            )
        if section == "Variables" and run.variables.get(name) not in (None, experiment.variables.get(name)):
            raise UsageError(
                f"{option}: the run has a variable {name} already, by which its episodes may end or its networks see."
                "\n  Choose another name."
            )


def _unseeing(experiment: Experiment, restores: bool) -> Experiment:
    """Return an experiment for agents that do not look: nothing is observed for them."""
    nothing = ObservationSection(kind="variables", variables=("0",))
    episode = dataclasses.replace(experiment.episode, share=experiment.episode.share and restores)
    return dataclasses.replace(experiment, observation=nothing, episode=episode)


def _check(folder: RunFolder, bests: dict[int, JobResult], pool: WorkerPool) -> None:
    """Emulate stored genomes under the run's own terms. Raises RunError where one comes to another result."""
    once = {best.key: (number, best) for number, best in reversed(bests.items())}  # one that lived on is there often
    episodes = [(number, best.key, episode) for number, best in once.values() for episode in best.episodes]
    replays = pool.play([_job(key, episode) for _, key, episode in episodes])
    for (number, key, episode), replay in zip(episodes, replays, strict=True):
        if replay.episodes[0] != episode:
            raise _otherwise(folder.generation_path(number), key)


def _play(
    path: Path, genomes: Sequence[JobResult], known: Mapping[Played, EpisodeResult], pool: WorkerPool
) -> dict[Played, EpisodeResult]:
    """Return what comes of each episode of a generation; twins are played once, and those `known` are not."""
    stored = {_played(episode): (genome.key, episode) for genome in genomes for episode in genome.episodes}
    new = [played for played in stored if played not in known]
    results = pool.play([_job(*stored[played]) for played in new])
    now = dict(known) | {played: result.episodes[0] for played, result in zip(new, results, strict=True)}
    for played, (key, episode) in stored.items():
        if not _could_be(episode, now[played]):
            raise _otherwise(path, key)
    return {played: now[played] for played in stored}


def _job(key: int, episode: EpisodeResult) -> Job:
    script = tuple(ScriptedAgent(tuple(pad)) for pad in episode.decisions.T.tolist())
    return Job(key, script, (episode.spec,), expected_frames=episode.frames)


def _played(episode: EpisodeResult) -> Played:
    return episode.spec, episode.decisions.tobytes()


def _could_be(stored: EpisodeResult, played: EpisodeResult) -> bool:
    """Whether an episode under the new terms differs from the stored one in its stall alone."""
    same = (played.ending, played.frames) == (stored.ending, stored.frames)
    earlier = played.ending == "stalled" and played.frames <= stored.frames
    later = stored.ending == "stalled" and played.frames >= stored.frames
    return played.waited == stored.waited and (same or earlier or later)


def _otherwise(path: Path, key: int) -> RunError:
    return RunError(
        f"{path}: the stored buttons of genome {key} no longer lead to what was stored.\n"
        "  The ROM, the emulator, experiment.cfg or a fitness term of your own is not what it was."
    )


def _rescored(
    generation: int,
    genome: JobResult,
    known: Mapping[Played, EpisodeResult],
    old: Callable[[JobResult], float],
    new: Callable[[JobResult], float],
) -> Rescored:
    episodes = tuple(known[_played(episode)] for episode in genome.episodes)
    # Past its last decision a script presses nothing, where the network would have decided.
    unknown = any(len(now.decisions) > len(e.decisions) for now, e in zip(episodes, genome.episodes, strict=True))
    return Rescored(
        generation=generation,
        genome=genome.key,
        old_fitness=old(genome),
        new_fitness=None if unknown else new(JobResult(genome.key, episodes, emulated=0)),
        endings=tuple(episode.ending for episode in (genome.episodes if unknown else episodes)),
    )


def _refuse_mostly_unknown(rescoring: Rescoring) -> None:
    unknown, every = len(rescoring.left_out), len(rescoring.genomes)
    if unknown > MOST_UNKNOWN * every:
        raise RunError(
            f"{unknown} of {every} genomes stalled, and under these terms would have gone on: nobody knows how far.\n"
            "  That is too many for a ranking. Train a new run with these terms."
        )


def _change(number: int, genomes: Sequence[Rescored]) -> GenerationChange:
    known = [genome for genome in genomes if genome.new_fitness is not None]
    best = max(genomes, key=lambda genome: genome.old_fitness)
    new_best = max(known, key=lambda genome: (_known(genome), genome is best), default=None)
    return GenerationChange(number, _spearman(known), best, new_best, len(genomes) - len(known))


def _known(genome: Rescored) -> float:
    assert genome.new_fitness is not None
    return genome.new_fitness


def _ranks(values: Sequence[float]) -> list[int]:
    """Return how many values are greater than each, plus 1."""
    negated = -np.asarray(values, dtype=np.float64)
    return [int(greater) + 1 for greater in np.searchsorted(np.sort(negated), negated)]


def _spearman(genomes: Sequence[Rescored]) -> float | None:
    """Return the correlation of the old ranks with the new, ties at their mean rank; None where all are tied.

    Spearman (1904), American Journal of Psychology 15(1), doi:10.2307/1412159.
    """
    old = _mean_ranks([genome.old_fitness for genome in genomes])
    new = _mean_ranks([_known(genome) for genome in genomes])
    spread = float(np.sqrt((old @ old) * (new @ new)))
    return float(old @ new) / spread if spread else None


def _mean_ranks(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return ranks, ties at their mean, less the mean of all."""
    _, place, count = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    centred: np.ndarray[tuple[int], np.dtype[np.float64]] = ranks - (len(values) + 1) / 2
    return centred
