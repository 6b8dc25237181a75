"""A run as it goes on: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from neat_retro.evolution.combine import genome_fitness
from neat_retro.evolution.jobs import JobResult
from neat_retro.evolution.reporter import Best, Reporter, RunEnd, RunStart
from neat_retro.evolution.run_folder import GenerationRecord


def progress_reporter(console: Console, quiet: bool) -> Reporter:
    """Return the reporter that suits this console."""
    if quiet:
        return Notes(console)
    return LiveProgress(console) if console.is_terminal else LogLines(console)


class Notes(Reporter):
    """Nothing but what a person has to know even of a quiet run."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def run_started(self, start: RunStart) -> None:
        for note in start.notes:
            self.say(note)

    def noted(self, note: str) -> None:
        self.say(note)

    def say(self, line: str) -> None:
        """Print a line as it is: no markup, no wrapping, no colours."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LogLines(Notes):
    """One line a generation: what a log file wants, and what stays above the live line."""

    def run_started(self, start: RunStart) -> None:
        super().run_started(start)
        experiment = start.experiment
        states = ", ".join(experiment.game.states)
        self.say(f"{experiment.game.game}, {states}: {start.population} genomes, seed {experiment.seed}")
        verb = "resumed at" if start.first_generation else "starting with"
        workers = "1 worker" if start.workers == 1 else f"{start.workers} workers"
        self.say(f"{start.folder}: {verb} generation {start.first_generation}, {workers}")

    def generation_done(self, record: GenerationRecord, best: Best) -> None:
        self.say(generation_line(record))


class LiveProgress(LogLines):
    """The lines, and under them two that move: how far this generation is, and how well it does."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._bar = Progress(
            TextColumn("gen {task.fields[generation]:>3}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            expand=True,
        )
        self._task = self._bar.add_task("", total=None, generation=0, left="")
        self._standing = Text()
        self._live = Live(Group(self._bar, self._standing), console=console, transient=True)
        self._species = ""
        self._first = self._generation = self._last = 0
        self._run_started = time.perf_counter()

    def run_started(self, start: RunStart) -> None:
        super().run_started(start)
        self._fitness = genome_fitness(start.experiment)
        self._first, self._last = start.first_generation, start.experiment.run.generations
        self._run_started = time.perf_counter()
        self._next_generation(start.first_generation)
        self._bar.update(self._task, total=start.population)
        self._live.start()

    def genome_done(self, done: int, population: int, result: JobResult) -> None:
        self._fitnesses.append(self._fitness(result))
        self._positions += [e.furthest_x for e in result.episodes if e.furthest_x is not None]
        self._frames += result.frames
        self._bar.update(self._task, completed=done, total=population, left=self._time_left(done / population))
        self._standing.plain = self._stand()

    def generation_done(self, record: GenerationRecord, best: Best) -> None:
        super().generation_done(record, best)
        self._species = f"  species {record.species}"
        self._next_generation(record.generation + 1)

    def run_ended(self, end: RunEnd) -> None:
        self._live.stop()

    def run_failed(self, error: BaseException) -> None:
        self._live.stop()

    def _next_generation(self, generation: int) -> None:
        self._generation = generation
        self._generation_started = time.perf_counter()
        self._fitnesses: list[float] = []
        self._positions: list[float] = []
        self._frames = 0
        self._bar.update(self._task, completed=0, generation=generation)

    def _stand(self) -> str:
        """How this generation does so far; the species are those of the one before, until it is complete."""
        seconds = max(1e-6, time.perf_counter() - self._generation_started)
        mean = sum(self._fitnesses) / len(self._fitnesses)
        x = f"  furthest x {max(self._positions):.6g}" if self._positions else ""
        speed = f"  {self._frames / seconds:,.0f} fps"
        return f"         best {max(self._fitnesses):.6g}  mean {mean:.4g}{x}{self._species}{speed}"

    def _time_left(self, fraction_of_generation: float) -> str:
        """At most this long: a run may be solved before its last generation."""
        done = self._generation - self._first + fraction_of_generation
        elapsed = time.perf_counter() - self._run_started
        left = elapsed / max(done, 1e-6) * (self._last - self._first - done)
        return f"{duration(left)} left"


def generation_line(record: GenerationRecord) -> str:
    """Return a generation in one line of less than 80 columns."""
    x = f"  x {record.best_x:<6.6g}" if record.best_x is not None else ""
    speed = record.frames / record.seconds if record.seconds > 0 else 0.0
    return (
        f"gen {record.generation:>3}  best {record.best_fitness:<8.6g}  mean {record.mean_fitness:<8.4g}{x}"
        f"  species {record.species:<3}  {speed:,.0f} fps  {record.seconds:.1f} s"
    )


def duration(seconds: float) -> str:
    """Return a length of time as a person says it: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
