"""A run from its first line to its last: `train` begins one in a new folder, `resume` goes on with one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import neat

from neat_retro.evolution import resolve
from neat_retro.evolution.champion import Champion
from neat_retro.evolution.checkpoint import Checkpoint, save_checkpoint
from neat_retro.evolution.continuation import experiment_to_resume, newest_checkpoint
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.generations import Evolution
from neat_retro.evolution.interrupts import interrupted_once
from neat_retro.evolution.kept_integration import files_in_use, keep, refuse_other_files
from neat_retro.evolution.mending import mend_champion, say_lost_lines
from neat_retro.evolution.offspring import descend
from neat_retro.evolution.processes import WorkerProcess
from neat_retro.evolution.random_state import GlobalRandom, seed_random
from neat_retro.evolution.reporter import Reporter, RunEnd
from neat_retro.evolution.run_folder import RunFolder
from neat_retro.evolution.savings import SavingEvaluator
from neat_retro.experiment import Experiment


@interrupted_once()
def train(
    experiment: Experiment,
    run_dir: Path,
    workers: int,
    reporter: Reporter | None = None,
    ancestor: Champion | None = None,
    first_worker: WorkerProcess | None = None,
) -> RunEnd:
    """Evolve a population from scratch, or from an ancestor, in a new folder.

    `first_worker` is a process of start_worker() that is to be one of the workers.

    An interrupt (Ctrl-C) ends the run in good order: the RunEnd then says `finished` False. Raises
    ExperimentError, GameError, RunError or EvolutionError; before the first generation nothing is written.
    """
    resolve.refuse_tutorial_kinds(experiment)
    experiment = resolve.settle(experiment)
    if os.path.lexists(run_dir):
        RunFolder.create(run_dir)  # raises, before a worker starts
    files = files_in_use(experiment)
    with WorkerPool(experiment, workers, first=first_worker) as pool:
        facts = pool.facts()
        experiment, rules = resolve.fit(experiment, facts)
        pool.use(experiment)
        evaluator = SavingEvaluator(pool, experiment)
        config = resolve.neat_config(experiment)
        numbers = GlobalRandom(seed_random(experiment.seed))
        with numbers.swapped():
            population = descend(ancestor, config) if ancestor else neat.Population(config)
        start = Checkpoint(0, experiment.to_text(), population, numbers.state, None)
        folder = _new_folder(run_dir, experiment, start, files)
        try:
            evolution = Evolution(experiment, rules, facts, evaluator, folder, start, reporter or Reporter())
            return evolution.run(workers, resolve.doubts(experiment))
        finally:
            folder.unlock()


@interrupted_once()
def resume(
    run_dir: Path,
    workers: int,
    generations: int | None = None,
    reporter: Reporter | None = None,
    first_worker: WorkerProcess | None = None,
) -> RunEnd:
    """Continue a run from its last checkpoint, as if it had never stopped.

    `generations` is the run's new total, `first_worker` as in `train`. What the folder lost is mended where it can be,
    and said in RunStart.notes. Raises RunError where the run is complete, or its experiment.cfg or the game's files
    were changed since it began.
    """
    folder = RunFolder.open(run_dir)
    stored, notes = newest_checkpoint(folder)
    experiment = experiment_to_resume(folder, stored, generations)
    notes += refuse_other_files(folder, experiment)
    folder.lock()
    try:
        folder.clean()
        champion, mended = mend_champion(folder, stored)
        notes += [*mended, *say_lost_lines(folder, stored.generation)]
        with WorkerPool(experiment, workers, first=first_worker) as pool:
            facts = pool.facts()
            experiment, rules = resolve.fit(experiment, facts)
            if champion is not None:
                resolve.check_rom(experiment, facts.rom_sha1, champion.rom_sha1, str(run_dir))
            evaluator = SavingEvaluator(pool, experiment)
            start = stored.restore(resolve.neat_config(experiment))
            folder.write_experiment(experiment)
            evolution = Evolution(experiment, rules, facts, evaluator, folder, start, reporter or Reporter())
            return evolution.run(workers, notes)
    finally:
        folder.unlock()


def _new_folder(run_dir: Path, experiment: Experiment, start: Checkpoint, files: Mapping[str, bytes]) -> RunFolder:
    """Make a run's folder, locked, with all that `resume` needs; where that fails, leave none."""
    folder = RunFolder.create(run_dir)
    try:
        folder.lock()
        folder.write_experiment(experiment)
        keep(folder, experiment, files)
        save_checkpoint(folder.checkpoint_path(0), start)
    except BaseException:
        folder.unlock()
        shutil.rmtree(run_dir, ignore_errors=True)
        raise
    return folder
