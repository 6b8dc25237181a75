"""A run's own copy of the integration that it began with, and whether that is still what the game is played with.

`integrations/<Game>/` in the run's folder has data.json, the scenario with its scripts, metadata.json and the start
states. It is a folder like those of the search path: with `--integrations RUN/integrations` the copies win.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from neat_retro.errors import IntegrationError, RunError
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.run_folder import INTEGRATIONS, RunFolder
from neat_retro.experiment import Experiment
from neat_retro.game import catalog
from neat_retro.game.integration import load_scenario

METADATA = "metadata.json"  # names the default state, which a run asks for once, when it begins


def files_in_use(experiment: Experiment) -> dict[str, bytes]:
    """Return the files that a settled experiment would be played with now, by name; missing ones are left out.

    Raises IntegrationError for one that cannot be read.
    """
    return {name: _read(path) for name, path in _paths_in_use(experiment).items()}


def keep(folder: RunFolder, experiment: Experiment, files: Mapping[str, bytes]) -> None:
    """Write a run's copies, each whole or not at all. Raises RunError."""
    kept = _kept(folder, experiment)
    for name, content in files.items():
        path = kept / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"Cannot make the folder {path.parent}: {error.strerror}.") from error
        write_atomically(path, content)


def refuse_other_files(folder: RunFolder, experiment: Experiment) -> list[str]:
    """Raise RunError, with both ways out, where a run would go on with other files than it began with.

    A change that says the same, such as new white space in a .json, is none. Returns notes for a person: a run from
    before copies were kept, or one that lost them, is believed.
    """
    kept = _kept(folder, experiment)
    if not kept.is_dir():
        return [f"{kept} is missing: nobody can tell whether the game's files are those that the run began with."]
    before = {str(path.relative_to(kept)): path for path in sorted(kept.rglob("*")) if path.is_file()}
    now = _paths_in_use(experiment)
    told = [
        f"{name}, now {now.get(name, 'missing')}"
        for name in {**before, **now}
        if name != METADATA and _meaning(before.get(name)) != _meaning(now.get(name))
    ]
    if told:
        listed = "\n  ".join(told)
        run, copies = shlex.quote(str(folder.path)), shlex.quote(str(folder.path / INTEGRATIONS))
        raise RunError(
            f"{folder.path} began with other files of {experiment.game.game}:\n  {listed}\n"
            "  A resumed run must be the run that was interrupted. Go on with its own copies of them:\n"
            f"  neat-retro --integrations {copies} resume {run}\n"
            "  or start a new run with the files there are now, from the champion:\n"
            f"  {folder.new_run_command()}"
        )
    return []


def _kept(folder: RunFolder, experiment: Experiment) -> Path:
    return folder.path / INTEGRATIONS / catalog.resolve_game(experiment.game.game)


def _paths_in_use(experiment: Experiment) -> dict[str, Path]:
    section = experiment.game
    game = catalog.resolve_game(section.game)
    scenario = f"{section.scenario}.json"
    names = ("data.json", scenario, METADATA, *(f"{state}.state" for state in section.states))
    found = {name: path for name in names if (path := catalog.find_file(game, name))}
    if scenario in found:  # stable-retro looks for scripts beside their scenario
        scripts = {name: found[scenario].parent / name for name in load_scenario(found[scenario]).scripts}
        found |= {name: path for name, path in scripts.items() if path.is_file()}
    return found


def _meaning(path: Path | None) -> object:
    """Return what of a file makes a difference."""
    if path is None:
        return None
    content = _read(path)
    if path.suffix == ".json":
        try:
            return json.loads(content)
        except ValueError:
            return content
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise IntegrationError(f"{path}: cannot be read: {error.strerror or error}.") from error
