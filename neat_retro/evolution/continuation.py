"""Whether a run may be resumed: from which checkpoint, and with the settings it was saved with."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

from neat_retro.errors import PickleError, RunError, UnsafePickleError
from neat_retro.evolution.checkpoint import StoredCheckpoint
from neat_retro.evolution.run_folder import RunFolder
from neat_retro.experiment import Draft, Experiment

MOST_TOLD = 5  # changed settings
MAY_CHANGE = ("Run.generations", "Run.checkpoints", "Episode.reuse", "Episode.share")


def newest_checkpoint(folder: RunFolder) -> tuple[StoredCheckpoint, list[str]]:
    """Return the newest checkpoint that can be read, with a note for each newer one that cannot.

    Raises RunError where there is none, or a folder has its name, and UnsafePickleError for a hostile one.
    """
    checkpoints = folder.checkpoints()
    if not checkpoints:
        raise RunError(f"{folder.path} has no checkpoint to go on from. Start anew with `neat-retro train`.")
    unreadable: list[Path] = []
    for path in reversed(checkpoints):
        if path.is_dir():  # its place is needed for the checkpoint that will be written
            raise RunError(f"{path} is a folder, where a checkpoint belongs. Move it away, then resume.")
        try:
            stored = StoredCheckpoint(path)
        except UnsafePickleError:
            raise
        except PickleError:
            unreadable.append(path)
            continue
        return stored, [f"{bad} cannot be read: going on from generation {stored.generation}." for bad in unreadable]
    raise RunError(f"No checkpoint in {folder.path / 'checkpoints'} can be read. Start anew with `neat-retro train`.")


def experiment_to_resume(folder: RunFolder, stored: StoredCheckpoint, generations: int | None) -> Experiment:
    """Return the run's experiment with its new total of generations.

    Raises RunError where experiment.cfg is no longer that of the checkpoint, and where the run is complete.
    """
    experiment = folder.experiment()
    _refuse_changes(folder, Draft.from_text(stored.experiment, "the checkpoint").experiment(), experiment)
    total = experiment.run.generations if generations is None else generations
    state, reason = folder.status()
    if state == "solved":
        command = f"{folder.new_run_command()} --run-dir NEW"
        raise RunError(f"{folder.path} has ended: {reason}.\n  To go on from its champion:  {command}")
    done = stored.generation
    if done >= total:
        counted = "1 generation" if done == 1 else f"{done} generations"
        problem = (
            f"{folder.path} has done its {counted}."
            if generations is None
            else f"--generations {total} is the run's new total, and {folder.path} has done {counted}."
        )
        more = f"neat-retro resume {shlex.quote(str(folder.path))} --generations {done + 50}"
        raise RunError(f"{problem} Give it more:  {more}")
    return dataclasses.replace(experiment, run=dataclasses.replace(experiment.run, generations=total))


def _refuse_changes(folder: RunFolder, stored: Experiment, experiment: Experiment) -> None:
    before, after = _settings(stored), _settings(experiment)
    changed = [
        f"{key} = {after.get(key, '(none)')} (was {before.get(key, '(none)')})"
        for key in before | after
        if before.get(key) != after.get(key)
    ]
    if changed:
        more = f"\n  and {len(changed) - MOST_TOLD} more" if len(changed) > MOST_TOLD else ""
        told = "\n  ".join(changed[:MOST_TOLD])
        raise RunError(
            f"{folder.path / 'experiment.cfg'} was changed since the run was saved:\n  {told}{more}\n"
            "  A resumed run must be the run that was interrupted. Undo the change, or start a new run from the\n"
            f"  champion:  {folder.new_run_command()}"
        )


def _settings(experiment: Experiment) -> dict[str, str]:
    """What may not change, by `Section.key`: all but how long the run goes on and what changes no result."""
    sections = Draft.from_text(experiment.to_text(), experiment.source).sections
    settings = {f"{name}.{key}": text for name, keys in sections.items() for key, text in keys.items()}
    return {key: text for key, text in settings.items() if key not in MAY_CHANGE}
