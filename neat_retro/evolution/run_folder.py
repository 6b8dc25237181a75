"""A run's folder: which files it has, and how they are written and read.

experiment.cfg          as resolved
status.json             running, interrupted, failed, finished or solved, and why
history.jsonl           a line a generation
generations/NNNN.npz    every genome and episode of a generation; see generation_arrays
checkpoints/NNNN.pkl    the population before generation NNNN is evaluated; the last few
integrations/<Game>/    the game's files as the run began with them; see kept_integration
champion.pkl            the best so far; champions/NNNN.pkl the one of each generation that improved
lock                    held by the process that trains
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import shlex
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from neat_retro.agent.episode import ENDINGS, EpisodeResult, EpisodeSpec, Perturbation, Start
from neat_retro.errors import RunError
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.jobs import JobResult
from neat_retro.experiment import Draft, Experiment, read_draft
from neat_retro.game.files import TEMPORARY_PREFIX

# What reading an .npz may raise that is damaged.
_NO_ARRAYS = (OSError, EOFError, LookupError, ValueError, TypeError, MemoryError, zipfile.BadZipFile, zlib.error)
PARTS = ("generations", "checkpoints", "champions")  # the folders in a run's folder
INTEGRATIONS = "integrations"  # and the one that is written once


@dataclass(frozen=True)
class GenerationRecord:
    """One line of history.jsonl. `emulated` and `seconds` are the only fields that two equal runs may differ in.

    `frames` is what the generation's episodes last; `emulated` how many of them the emulator played. A line from
    before `emulated` was told reads as if all had been.
    """

    generation: int
    best_fitness: float
    mean_fitness: float
    best_x: float | None
    species: int
    frames: int
    emulated: int
    seconds: float
    endings: Mapping[str, int]
    population_sha256: str

    def to_json(self) -> str:
        """Return the line, without its newline; `best_x` is left out where the fitness has no position."""
        fields = asdict(self) | {"seconds": round(self.seconds, 3), "endings": dict(self.endings)}
        if self.best_x is None:
            del fields["best_x"]
        return json.dumps(fields)

    @classmethod
    def from_json(cls, line: str) -> GenerationRecord:
        fields = {"best_x": None} | json.loads(line)
        return cls(**({"emulated": fields.get("frames")} | fields))


class RunFolder:
    """One run on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Make the folder. Raises RunError where it exists or cannot be made."""
        try:
            path.mkdir(parents=True)
            for part in PARTS:
                (path / part).mkdir()
        except FileExistsError:
            raise RunError(
                f"{path} exists already. Choose another --run-dir, or go on with it:"
                f"  neat-retro resume {shlex.quote(str(path))}"
            ) from None
        except OSError as error:
            raise RunError(f"Cannot make the folder {path}: {error.strerror}. Choose another --run-dir.") from error
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open an existing run. Raises RunError where there is none."""
        if not (path / "experiment.cfg").is_file():
            raise RunError(f"{path} is not a run: it has no experiment.cfg. `neat-retro runs` lists the runs.")
        return cls(path)

    def lock(self) -> None:
        """Keep other processes from training here. Raises RunError where one does."""
        try:
            self._lock = (self.path / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.unlock()
            raise RunError(f"{self.path} is being trained by another process. Wait for it, or stop it.") from None
        except OSError as error:
            raise RunError(f"Cannot write into {self.path}: {error.strerror}.") from error

    def unlock(self) -> None:
        """Let others in again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def clean(self) -> None:
        """Remove what a write that was killed left behind, files under a temporary name; make lost folders again."""
        for part in PARTS:
            with contextlib.suppress(OSError):  # whoever writes there says it
                (self.path / part).mkdir(exist_ok=True)
        for leftover in self.path.rglob(f"{TEMPORARY_PREFIX}*"):
            leftover.unlink(missing_ok=True)

    def is_locked(self) -> bool:
        """Whether a process is training here now."""
        try:
            with (self.path / "lock").open("r") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def write_experiment(self, experiment: Experiment) -> None:
        write_atomically(self.path / "experiment.cfg", experiment.to_text())

    def experiment(self) -> Experiment:
        """Read experiment.cfg. Raises ExperimentError."""
        return self.draft().experiment()

    def draft(self) -> Draft:
        """Read experiment.cfg as texts."""
        return read_draft(self.path / "experiment.cfg")

    def write_status(self, state: str, reason: str = "") -> None:
        write_atomically(self.path / "status.json", json.dumps({"state": state, "reason": reason}) + "\n")

    def status(self) -> tuple[str, str]:
        """Return (state, reason). A run whose process is gone without a word was `killed`."""
        try:
            fields = json.loads((self.path / "status.json").read_text())
            state, reason = str(fields["state"]), str(fields["reason"])
        except (OSError, ValueError, KeyError, TypeError):
            state, reason = "unknown", ""
        if state == "running" and not self.is_locked():
            return "killed", "its process ended without saving; it can be resumed"
        return state, reason

    def write_history(self, records: Sequence[GenerationRecord]) -> None:
        write_atomically(self.path / "history.jsonl", "".join(record.to_json() + "\n" for record in records))

    def history(self) -> list[GenerationRecord]:
        """Read history.jsonl. Raises RunError for a line that is none of ours."""
        path = self.path / "history.jsonl"
        try:
            lines = path.read_text().splitlines() if path.exists() else []
            return [GenerationRecord.from_json(line) for line in lines]
        except (OSError, ValueError, TypeError) as error:
            raise RunError(
                f"{path} is damaged: {error}.\n"
                "  Bring back a copy, or delete it: the run then goes on without its past lines."
            ) from error

    def checkpoint_path(self, generation: int) -> Path:
        return self.path / "checkpoints" / f"{generation:04}.pkl"

    def checkpoints(self) -> list[Path]:
        """Return the checkpoints' files, oldest first."""
        found = (self.path / "checkpoints").glob("*.pkl")
        return sorted((path for path in found if path.stem.isdecimal()), key=lambda path: int(path.stem))

    def keep_checkpoints(self, most: int) -> None:
        """Delete all but the newest."""
        for path in self.checkpoints()[:-most]:
            path.unlink(missing_ok=True)

    @property
    def champion_path(self) -> Path:
        return self.path / "champion.pkl"

    def new_run_command(self) -> str:
        """Return the command that begins a new run from this one's champion, with its settings."""
        config, champion = (shlex.quote(str(path)) for path in (self.path / "experiment.cfg", self.champion_path))
        return f"neat-retro train --config {config} --from {champion}"

    def champion_of(self, generation: int) -> Path:
        return self.path / "champions" / f"{generation:04}.pkl"

    def generation_path(self, generation: int) -> Path:
        return self.path / "generations" / f"{generation:04}.npz"

    def write_generation(self, generation: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        write_atomically(self.generation_path(generation), buffer.getvalue())

    def generations(self) -> list[int]:
        """Return the generations that are stored, in order."""
        found = (self.path / "generations").glob("*.npz")
        return sorted(int(path.stem) for path in found if path.stem.isdecimal())

    def results(self, generation: int, perturbation: Perturbation) -> list[JobResult]:
        """Return what the genomes of a stored generation did from the true starts.

        `perturbation` is that of the run's episodes.

        Raises RunError where the file cannot be read.
        """
        path = self.generation_path(generation)
        try:
            arrays = np.load(io.BytesIO(path.read_bytes()))
            return _results(dict(arrays), perturbation)
        except _NO_ARRAYS as error:
            raise RunError(f"{path} cannot be read: {type(error).__name__}: {error}. Bring back a copy.") from error


def generation_arrays(
    genomes: Sequence[Any],
    parents: Mapping[int, tuple[int, ...]],
    species_of: Mapping[int, int],
    results: Sequence[JobResult],
    term_names: Sequence[str],
) -> dict[str, npt.NDArray[Any]]:
    """Return a generation as arrays: a row a genome, and a row an episode.

    Per genome (n_genomes,): `key`, `species`, `fitness` (from the true starts), `nodes`, `connections` (enabled), and
    `parents` (n_genomes, 2), -1 where there is none. Per episode (n_episodes,): `genome` (row of its genome), `state`,
    `from_within` (whether the curriculum has it start behind the state), `seed`, `terms` (n_episodes, n_terms),
    `ending` (an index into `endings`), `final_x`, `furthest_x` (NaN without), `frames`, `waited`, `decisions_end`
    (where its decisions end in `decisions`), and all decisions one after the other, `decisions` (total, n_pads)
    uint16. `term_names` and `endings` name the columns.
    """
    episodes = [(row, e) for row, result in enumerate(results) for e in result.episodes]
    sizes = [genome.size() for genome in genomes]
    lengths = [len(e.decisions) for _, e in episodes]
    none = (-1, -1)
    return {
        "key": np.array([genome.key for genome in genomes], dtype=np.int64),
        "parents": np.array([(*parents.get(g.key, ()), *none)[:2] for g in genomes], dtype=np.int64),
        "species": np.array([species_of.get(genome.key, -1) for genome in genomes], dtype=np.int64),
        "fitness": np.array([genome.fitness for genome in genomes], dtype=np.float64),
        "nodes": np.array([size[0] for size in sizes], dtype=np.int64),
        "connections": np.array([size[1] for size in sizes], dtype=np.int64),
        "genome": np.array([row for row, _ in episodes], dtype=np.int64),
        "state": np.array([e.spec.start.state for _, e in episodes]),
        "from_within": np.array([bool(e.spec.start.prefix) for _, e in episodes], dtype=np.bool_),
        "seed": np.array([e.spec.seed for _, e in episodes], dtype=np.int64),
        "terms": np.array([e.terms for _, e in episodes], dtype=np.float64).reshape(-1, len(term_names)),
        "ending": np.array([ENDINGS.index(e.ending) for _, e in episodes], dtype=np.uint8),
        "final_x": np.array([_or_nan(e.final_x) for _, e in episodes], dtype=np.float64),
        "furthest_x": np.array([_or_nan(e.furthest_x) for _, e in episodes], dtype=np.float64),
        "frames": np.array([e.frames for _, e in episodes], dtype=np.int64),
        "waited": np.array([e.waited for _, e in episodes], dtype=np.int64),
        "decisions": np.concatenate([e.decisions for _, e in episodes]),
        "decisions_end": np.cumsum(lengths, dtype=np.int64),
        "term_names": np.array(list(term_names)),
        "endings": np.array(ENDINGS),
    }


def _results(arrays: Mapping[str, npt.NDArray[Any]], perturbation: Perturbation) -> list[JobResult]:
    """Return the results that generation_arrays was given, without episodes that the curriculum added.

    Where those began is not stored, nor what was emulated for them all.
    """
    within = arrays.get("from_within", np.zeros(len(arrays["genome"]), np.bool_))  # runs of before have none
    columns = ("genome", "state", "seed", "terms", "ending", "final_x", "furthest_x", "frames", "waited")
    rows = zip(*(arrays[name].tolist() for name in columns), strict=True)
    decisions = np.split(arrays["decisions"], arrays["decisions_end"][:-1])
    episodes: list[list[EpisodeResult]] = [[] for _ in arrays["key"]]
    for (row, state, seed, terms, ending, *positions, frames, waited), pressed in compress(
        zip(rows, decisions, strict=True), ~within
    ):
        final_x, furthest_x = (None if np.isnan(x) else x for x in positions)
        spec = EpisodeSpec(Start(state), seed, perturbation)
        result = EpisodeResult(spec, tuple(terms), ENDINGS[ending], frames, waited, final_x, furthest_x, pressed)
        episodes[row].append(result)
    return [JobResult(key, tuple(e), emulated=0) for key, e in zip(arrays["key"].tolist(), episodes, strict=True)]


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def next_run_path(parent: Path, game: str) -> Path:
    """Return `parent/<Game>-<n>` with the first free n."""
    taken = {path.name for path in parent.glob(f"{game}-*")} if parent.is_dir() else set()
    number = 1
    while f"{game}-{number}" in taken:
        number += 1
    return parent / f"{game}-{number}"
