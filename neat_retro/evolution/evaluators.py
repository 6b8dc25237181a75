"""Who plays the jobs: worker processes, each with one emulator of its own.

Results do not depend on the number of workers, on who plays which job, or on a worker being killed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Protocol, TypeVar

from neat_retro.errors import NeatRetroError
from neat_retro.evolution.determinism import Found
from neat_retro.evolution.jobs import GameFacts, Job, JobResult, MatchJob, MatchJobResult, Opening, Rehearsal
from neat_retro.evolution.probe import Probe, Seen
from neat_retro.evolution.processes import WorkerProcess, start_worker
from neat_retro.evolution.schedule import longest_first
from neat_retro.experiment import Experiment

MOST_DEATHS = 3
Result = TypeVar("Result", JobResult, MatchJobResult)


class Evaluator(Protocol):
    """Plays jobs somewhere."""

    def play(self, jobs: Sequence[Job], on_result: Callable[[JobResult], None] | None = None) -> list[JobResult]:
        """Return the results in the order of `jobs`; `on_result` hears of each as it comes."""
        ...


class WorkerPool:
    """Spawned worker processes that live until close(). A context manager."""

    def __init__(self, experiment: Experiment, workers: int, pads: int = 1, first: WorkerProcess | None = None) -> None:
        """Start one worker; the others start with the first jobs, when the experiment has proved sound.

        `first` is that one worker, where it was started already.
        """
        if workers < 1:
            raise ValueError(f"workers = {workers} should be at least 1")
        self._experiment = experiment
        self._pads = pads
        self._size = workers
        self._rehearsing: WorkerProcess | None = None
        self._workers = [self._open(first or start_worker())]

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers at once: what they were playing is lost, and can be played again."""
        for worker in self._workers:
            worker.connection.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
        self._workers = []

    def facts(self) -> GameFacts:
        """Open the game in the first worker and return what it is. Raises GameError or ExperimentError."""
        worker = self._workers[0]
        try:
            worker.connection.send(None)
            answer = worker.connection.recv()
        except (EOFError, OSError):
            raise NeatRetroError(self._why_dead(worker)) from None
        if isinstance(answer, NeatRetroError):
            raise answer
        assert isinstance(answer, GameFacts)
        return answer

    def _why_dead(self, worker: WorkerProcess) -> str:
        worker.process.join(5)
        if (worker.process.exitcode or 0) > 0:  # an error of Python's, not a crash
            return (
                "The first worker failed as it started; its own words are above.\n"
                "  Workers are spawned processes, which import the script that starts them: if it is yours, put what\n"
                '  it does under `if __name__ == "__main__":`.'
            )
        return f"The emulator died while opening {self._experiment.game.game}. Is its ROM intact?"

    def use(self, experiment: Experiment) -> None:
        """Play the jobs that follow under `experiment`, of the same game: used once it is resolved."""
        self._experiment = experiment
        for worker in self._workers:
            with contextlib.suppress(OSError):  # one that died is replaced when it is handed a job
                worker.connection.send(experiment)

    def rehearse(self) -> None:
        """Have the first worker find out whether the game can be relied on; `rehearsed` waits for it."""
        self._rehearsing = self._workers[0]
        with contextlib.suppress(OSError):  # `rehearsed` finds out that it died
            self._rehearsing.connection.send(Rehearsal())

    def rehearsed(self) -> Found:
        """Return what the rehearsal found, which is begun now if it was not before.

        Raises NeatRetroError where it kills three workers, and whatever error a worker reports.
        """
        for _ in range(MOST_DEATHS):
            if self._rehearsing is None:
                self.rehearse()
            assert self._rehearsing is not None
            worker, self._rehearsing = self._rehearsing, None
            answer = self._collect(worker)
            if answer is not None:
                assert isinstance(answer, Found)
                return answer
        raise NeatRetroError(
            f"The first moments of {self._experiment.game.game} killed {MOST_DEATHS} workers in a row."
        )

    def look(self, probe: Probe) -> Seen | None:
        """Return what a start state is like; None where it killed the worker. Raises whatever the worker reports."""
        worker = self._workers[0]
        with contextlib.suppress(OSError):  # `_collect` finds out that it died
            worker.connection.send(probe)
        answer = self._collect(worker)
        assert answer is None or isinstance(answer, Seen)
        return answer

    def play(self, jobs: Sequence[Job], on_result: Callable[[JobResult], None] | None = None) -> list[JobResult]:
        """Play every job, the free worker taking the longest expected of those that are left.

        A worker that dies is replaced and its job played again; raises NeatRetroError where the same job
        kills three workers, and whatever error a worker reports.
        """
        return self._share_out(jobs, longest_first([job.expected_frames for job in jobs]), JobResult, on_result)

    def play_matches(
        self, jobs: Sequence[MatchJob], on_result: Callable[[MatchJobResult], None] | None = None
    ) -> list[MatchJobResult]:
        """Play every match, as `play` does with its jobs, but in their order."""
        return self._share_out(jobs, range(len(jobs)), MatchJobResult, on_result)

    def _share_out(
        self,
        jobs: Sequence[Job | MatchJob],
        order: Sequence[int],
        kind: type[Result],
        on_result: Callable[[Result], None] | None,
    ) -> list[Result]:
        while len(self._workers) < min(self._size, len(jobs)):
            self._workers.append(self._open(start_worker()))
        results: dict[int, Result] = {}
        deaths: dict[int, int] = {}
        pending = list(reversed(order))
        while len(results) < len(jobs):
            for worker in self._workers:
                if worker.busy_with is None and pending:
                    self._hand_out(worker, pending.pop(), jobs)
            for worker in self._ready():
                index = worker.busy_with
                assert index is not None
                result = self._collect(worker)
                if result is None:
                    deaths[index] = deaths.get(index, 0) + 1
                    if deaths[index] >= MOST_DEATHS:
                        raise NeatRetroError(f"{jobs[index].name} killed {MOST_DEATHS} workers in a row.")
                    pending.append(index)
                    continue
                assert isinstance(result, kind)
                results[index] = result
                if on_result:
                    on_result(result)
        return [results[index] for index in range(len(jobs))]

    def _hand_out(self, worker: WorkerProcess, index: int, jobs: Sequence[Job | MatchJob]) -> None:
        worker.busy_with = index
        try:
            worker.connection.send(jobs[index])
        except (BrokenPipeError, OSError):
            return  # it died while idle; the wait that follows finds out

    def _ready(self) -> list[WorkerProcess]:
        busy = {worker.connection: worker for worker in self._workers if worker.busy_with is not None}
        return [busy[connection] for connection in wait(list(busy)) if isinstance(connection, Connection)]

    def _collect(self, worker: WorkerProcess) -> object | None:
        """Return what a worker sends, or replace it and return None where it died."""
        try:
            answer = worker.connection.recv()
        except (EOFError, OSError):
            self._replace(worker)
            return None
        worker.busy_with = None
        if isinstance(answer, NeatRetroError):
            raise answer
        return answer  # type: ignore[no-any-return]

    def _replace(self, worker: WorkerProcess) -> None:
        worker.connection.close()
        worker.process.join()
        self._workers[self._workers.index(worker)] = self._open(start_worker())

    def _open(self, worker: WorkerProcess) -> WorkerProcess:
        """Tell a fresh worker what it will play."""
        with contextlib.suppress(OSError):  # whoever asks it for something finds out that it died
            worker.connection.send(Opening(self._experiment, self._pads))
        return worker
