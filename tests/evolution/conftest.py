"""Runs that the evolution tests share: small populations on the real emulator, and how two runs are compared."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neat_retro
from neat_retro import safe_pickle

GENERATIONS = 11
# Recurrent networks on 4 x 4 pixels for about a second of play: small enough for seconds, and chosen so that
# species are born and die out, nodes are added and the champion improves within eleven generations.
SETTINGS = {
    "Observation.downscale": 56,
    "Actions.kind": "threshold",
    "Actions.combos": "",
    "Episode.frame_skip": 4,
    "Episode.max_frames": 64,
    "Episode.stall_frames": 0,
    "Episode.noops": 4,
    "Episode.done": "none",
    "Run.generations": GENERATIONS,
    "Run.checkpoints": 99,
    "Run.seed": 13,
    "NEAT.pop_size": 10,
    "DefaultGenome.feed_forward": False,
    "DefaultGenome.initial_connection": "full_direct",
    "DefaultGenome.node_add_prob": 0.5,
    "DefaultGenome.conn_add_prob": 0.5,
    "DefaultSpeciesSet.compatibility_threshold": 1.2,
    "DefaultStagnation.max_stagnation": 2,
    "DefaultStagnation.species_elitism": 1,
    "DefaultReproduction.elitism": 1,
    "DefaultReproduction.min_species_size": 1,
}

Experiments = Callable[..., neat_retro.Experiment]


@pytest.fixture(scope="session")
def small(nesplat: Path) -> Experiments:
    """Return a function that gives the small experiment, with settings changed."""

    def experiment(**changes: object) -> neat_retro.Experiment:
        changed = {key.replace("__", "."): value for key, value in changes.items()}
        return neat_retro.load_experiment(config=nesplat, settings=SETTINGS | changed)

    return experiment


@pytest.fixture(scope="session")
def uninterrupted(small: Experiments, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole run with one worker, all of its checkpoints kept. Only to be read."""
    folder = tmp_path_factory.mktemp("uninterrupted") / "run"
    neat_retro.train(small(), folder, workers=1)
    return folder


@pytest.fixture(scope="session")
def champion(uninterrupted: Path) -> neat_retro.Champion:
    return neat_retro.load_champion(uninterrupted / "champion.pkl")


class Left:
    """What a run left in its folder."""

    @staticmethod
    def history(folder: Path) -> list[dict[str, Any]]:
        """Return the history without what may differ between equal runs."""
        lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
        for line in lines:
            assert line.pop("seconds") >= 0
            assert 0 <= line.pop("emulated") <= line["frames"]
        return lines

    @staticmethod
    def arrays(folder: Path, generation: int) -> dict[str, np.ndarray]:
        with np.load(folder / "generations" / f"{generation:04}.npz") as archive:
            return dict(archive)

    @staticmethod
    def champion(path: Path) -> dict[str, Any]:
        """Return all of a champion's file as values that compare by content."""
        content = safe_pickle.load(path)
        return content | {"genome": Left.genome(content["genome"])}

    @staticmethod
    def genome(genome: Any) -> dict[str, Any]:
        """Return every attribute of a genome and of its genes, genes in the order in which they are stored."""
        genes = [[dict(vars(gene)) for gene in part.values()] for part in (genome.nodes, genome.connections)]
        return {"key": genome.key, "fitness": genome.fitness, "nodes": genes[0], "connections": genes[1]}

    @staticmethod
    def status(folder: Path) -> str:
        return json.loads((folder / "status.json").read_text())["state"]

    @staticmethod
    def unfinished_files(folder: Path) -> list[Path]:
        return [path for path in folder.rglob(".*") if path.is_file()]

    @staticmethod
    def assert_same(folder: Path, other: Path) -> None:
        """Compare all that two runs left: history, every genome and episode, champions, settings."""
        assert Left.history(folder) == Left.history(other)
        for part in ("generations", "champions"):
            ours = sorted(path.name for path in (folder / part).iterdir() if path.name[0] != ".")
            assert ours == sorted(path.name for path in (other / part).iterdir())
        Left.assert_same_generations(folder, other)
        for path in [other / "champion.pkl", *(other / "champions").iterdir()]:
            assert Left.champion(folder / path.relative_to(other)) == Left.champion(path), path.name
        assert (folder / "experiment.cfg").read_text() == (other / "experiment.cfg").read_text()

    @staticmethod
    def assert_same_start(folder: Path, other: Path, generations: int) -> None:
        """Compare a run of so many generations with the start of a longer one."""
        assert Left.history(folder) == Left.history(other)[:generations]
        Left.assert_same_generations(folder, other, generations)
        for path in (folder / "champions").iterdir():
            ours, theirs = Left.champion(path), Left.champion(other / "champions" / path.name)
            assert ours | {"experiment": ""} == theirs | {"experiment": ""}  # they state another total

    @staticmethod
    def assert_same_generations(folder: Path, other: Path, generations: int | None = None) -> None:
        for path in sorted((other / "generations").iterdir())[:generations]:
            generation = int(path.stem)
            ours, theirs = Left.arrays(folder, generation), Left.arrays(other, generation)
            assert ours.keys() == theirs.keys()
            for name in ours:
                np.testing.assert_array_equal(ours[name], theirs[name], err_msg=f"{path.name} {name}", strict=True)


@pytest.fixture(scope="session")
def left() -> type[Left]:
    return Left


class Processes:
    """Python in processes of its own, and what became of them."""

    @staticmethod
    def run(script: str, *arguments: object, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-W",
            "error",
            "-W",
            "ignore:Bitwise inversion:DeprecationWarning",
            "-c",
            script,
            *map(str, arguments),
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)

    @staticmethod
    @contextlib.contextmanager
    def start(*command: object, **options: Any) -> Iterator[subprocess.Popen[str]]:
        """Start `python COMMAND` as the leader of its own process group, as a terminal does."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started = [sys.executable, *map(str, command)]
        with subprocess.Popen(started, text=True, start_new_session=True, **pipes, **options) as process:
            try:
                yield process
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    @staticmethod
    def is_alive(process: int) -> bool:
        try:
            os.kill(process, 0)
            stat = Path(f"/proc/{process}/stat")
            return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
        except (ProcessLookupError, FileNotFoundError):
            return False

    @staticmethod
    def wait_until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
        until = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < until, "it did not happen in time"
            time.sleep(0.02)


@pytest.fixture(scope="session")
def processes() -> type[Processes]:
    return Processes


@pytest.fixture(scope="session")
def train_options(nesplat: Path) -> list[str]:
    """The small experiment as options of `neat-retro train`."""
    options = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
    return ["--config", str(nesplat), *options]


@pytest.fixture(scope="session")
def experiment_settings() -> str:
    """The small experiment's settings, for six generations, as JSON for a script in a process of its own."""
    return json.dumps(SETTINGS | {"Run.generations": 6})
