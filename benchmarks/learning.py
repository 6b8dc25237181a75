"""`python -m benchmarks.learning [TASK ...]`: train shipped configs with many seeds and write down what came of it.

Every seed that is finished is a line of docs/learning/TASK.jsonl at once, and is not trained again by the next call.
One that was stopped goes on where it was. Other settings are tried by benchmarks/tuning.py.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import statistics
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import neat_retro
from benchmarks.learning_tasks import TASKS, Task, task_named
from benchmarks.record import Circumstances
from benchmarks.words import check_names, ended, positive
from neat_retro.agent.episode import EpisodeResult, Perturbation
from neat_retro.agent.players import Agent, RandomAgent
from neat_retro.errors import RunError
from neat_retro.evolution.champion import Champion, champion_agent, load_champion
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.jobs import Job
from neat_retro.evolution.run_folder import RunFolder
from neat_retro.experiment import Experiment
from neat_retro.output.evaluation import Plan

FOLDER = Path(__file__).parent.parent / "docs" / "learning"
NOOPS = 30  # frames: a champion's perturbed starts are up to half a second of waiting
RUNS = Path(__file__).parent.parent / "build" / "learning"  # seeds that are not finished, by commit
CONFIGS = Path(__file__).parent.parent / "neat-configs"
RANDOM_EPISODES = 1000
FIRST_SEED = 1  # tuning takes seeds from 101 on


@dataclass(frozen=True)
class SeedRun(Circumstances):
    """One seed trained. The lists have an entry a generation; `best_x` is None where the fitness knows no position.

    `completed` is how many of the task's perturbed starts the champion brought to the goal, None without a goal;
    `starts_x` how far it came from them on average.
    """

    seed: int
    solved: bool
    best_fitness: list[float]
    mean_fitness: list[float]
    best_x: list[float | None]
    species: list[int]
    episodes: int
    frames: int
    emulated: int
    seconds: float
    completed: int | None
    starts_x: float | None = None

    @property
    def generations(self) -> int:
        """How many were evaluated."""
        return len(self.best_fitness)


@dataclass(frozen=True)
class RandomPlay(Circumstances):
    """What the random agent reached in each of its episodes from the state itself."""

    fitness: list[float]
    furthest_x: list[float | None]
    goals: int


def main(words: Sequence[str]) -> int:
    """Train what `words` ask for."""
    parser = _parser()
    options = parser.parse_args(words)
    names = [task.name for task in TASKS]
    check_names(parser, "task", options.tasks, names)
    command = shlex.join(["python", "-m", "benchmarks.learning", *words])
    for name in options.tasks or names:
        task = task_named(name)
        seeds = range(FIRST_SEED, FIRST_SEED + min(task.seeds, options.seeds or task.seeds))
        train_seeds(
            task, seeds, {"Run.generations": task.generations}, FOLDER / f"{name}.jsonl", options.workers, command
        )
        play_at_random(task, FOLDER / f"{name}-random.jsonl", options.workers, command)
    return 0


def train_seeds(
    task: Task, seeds: Iterable[int], settings: Mapping[str, object], path: Path, workers: int | None, command: str
) -> None:
    """Train every seed that the file at `path` lacks, writing each as it is finished."""
    done = {run.seed for run in read_runs(path)}
    for seed in seeds:
        if seed not in done:
            now = Circumstances.now(command)
            folder = RUNS / now.commit / f"{path.stem}-{seed}"
            run = train_seed(task, experiment_of(task, {"Run.seed": seed, **settings}), workers, now, folder)
            _append(path, run)
            shutil.rmtree(folder)
            print(f"{path.stem:<13} {told(run, task.starts)}", flush=True)


def experiment_of(task: Task, settings: Mapping[str, object]) -> Experiment:
    """Return a task's experiment with other settings."""
    config = CONFIGS / task.config if task.config else None
    return neat_retro.load_experiment(task.game, config, {"Game.states": task.state, **task.settings, **settings})


def train_seed(
    task: Task, experiment: Experiment, workers: int | None, circumstances: Circumstances, folder: Path
) -> SeedRun:
    """Train one seed in a folder, or go on there, then let its champion play from perturbed starts.

    Raises KeyboardInterrupt where the training was interrupted.
    """
    seconds = _train(experiment, workers, folder, goes_on=not circumstances.commit.endswith("+"))
    history = RunFolder.open(folder).history()
    champion = load_champion(folder / "champion.pkl")
    played = _play_starts(task, champion, workers)
    positions = [episode.furthest_x for episode in played if episode.furthest_x is not None]
    return SeedRun(
        **vars(circumstances),
        seed=experiment.run.seed or 0,
        solved=all(episode.ending == "goal" for episode in champion.episodes),
        best_fitness=[round(record.best_fitness, 2) for record in history],
        mean_fitness=[round(record.mean_fitness, 2) for record in history],
        best_x=[record.best_x for record in history],
        species=[record.species for record in history],
        episodes=sum(sum(record.endings.values()) for record in history),
        frames=sum(record.frames for record in history),
        emulated=sum(record.emulated for record in history),
        seconds=round(seconds, 1),
        completed=sum(e.ending == "goal" for e in played) if experiment.episode.goal else None,
        starts_x=round(statistics.fmean(positions), 1) if positions else None,
    )


def _train(experiment: Experiment, workers: int | None, folder: Path, goes_on: bool) -> float:
    """Train in a folder, if it `goes_on` from where it was, and return how many seconds it took in all."""
    if folder.exists() and not goes_on:
        shutil.rmtree(folder)
    began = time.perf_counter()
    if not folder.exists():
        finished, before = neat_retro.train(experiment, folder, workers).finished, 0.0
    else:
        run = RunFolder.open(folder)
        before = sum(record.seconds for record in run.history())
        finished = run.status()[0] in ("finished", "solved") or neat_retro.resume(folder, workers=workers).finished
    if not finished:
        raise KeyboardInterrupt
    return before + time.perf_counter() - began


def _play_starts(task: Task, champion: Champion, workers: int | None) -> list[EpisodeResult]:
    states = (task.unseen,) if task.unseen else champion.experiment.game.states
    specs = Plan(states, task.starts, Perturbation(NOOPS)).specs()
    agent: Agent = champion_agent(champion)
    with WorkerPool(champion.experiment, workers or neat_retro.api.cores()) as pool:
        return [result.episodes[0] for result in pool.play([Job(0, (agent,), (spec,)) for spec in specs])]


def play_at_random(task: Task, path: Path, workers: int | None, command: str, episodes: int = RANDOM_EPISODES) -> None:
    """Write down what the random agent does with a task, if that is not known yet."""
    if path.exists():
        return
    circumstances = Circumstances.now(command)
    experiment = experiment_of(task, {"Game.states": task.unseen or task.state})
    specs = Plan(experiment.game.states, episodes // len(experiment.game.states), Perturbation()).specs()
    with WorkerPool(experiment, workers or neat_retro.api.cores()) as pool:
        played = [r.episodes[0] for r in pool.play([Job(0, (RandomAgent(),), (spec,)) for spec in specs])]
    goals = sum(episode.ending == "goal" for episode in played)
    fitness = [round(episode.fitness, 2) for episode in played]
    positions = [episode.furthest_x for episode in played]
    _append(path, RandomPlay(**vars(circumstances), fitness=fitness, furthest_x=positions, goals=goals))
    print(f"{task.name:<13} random agent: {goals} of {len(specs)}, fitness up to {max(fitness):.0f}", flush=True)


def told(run: SeedRun, starts: int) -> str:
    """Return a run as one line of text."""
    outcome = f"solved in generation {run.generations - 1}" if run.solved else f"not in {run.generations} generations"
    where = f"x {reached(run):.0f}, " if run.best_x[0] is not None else ""
    completed = f", {run.completed} of {starts} starts" if run.completed is not None else ""
    return (
        f"seed {run.seed}: {outcome}, {where}best {max(run.best_fitness):.0f}, {run.seconds:.0f} s, "
        f"{run.frames:,} frames{completed}"
    )


def reached(run: SeedRun) -> float:
    """Return the furthest x of a run; where there is none, its best fitness."""
    positions = [x for x in run.best_x if x is not None]
    return max(positions) if positions else max(run.best_fitness)


def read_runs(path: Path) -> list[SeedRun]:
    """Return the seeds that are finished, none where there is no file. Raises RunError for a line that is no seed."""
    runs = []
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else (), 1):
        try:
            runs.append(SeedRun(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise RunError(
                f"{path}, line {number} is not a seed's: {error}\n  Delete the line; that seed is then trained again."
            ) from error
    return runs


def _append(path: Path, value: SeedRun | RandomPlay) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if path.exists() else ""
    write_atomically(path, before + json.dumps(asdict(value)) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="the tasks, all if left out")
    parser.add_argument("--seeds", type=positive, help="so many of a task's seeds at most, the others another time")
    parser.add_argument("--workers", type=positive, help="worker processes, every core if left out")
    return parser


if __name__ == "__main__":
    sys.exit(ended(main))
