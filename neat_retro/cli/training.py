"""`neat-retro train` and `neat-retro resume`. The context's object is a worker process that was started early."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from neat_retro.cli.unheard import printing_may_fail
from neat_retro.errors import UsageError
from neat_retro.evolution.drafts import load_draft
from neat_retro.evolution.interrupts import held_back
from neat_retro.evolution.processes import cores

if TYPE_CHECKING:
    from neat_retro.evolution.reporter import Reporter, RunEnd

Workers = Annotated[int | None, typer.Option(help="Worker processes, one emulator each. Default: every core.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but the end and errors.")]
Watch = Annotated[bool, typer.Option("--watch", help="Show each generation's best in a window.")]


def train(
    context: typer.Context,
    game: Annotated[str | None, typer.Option(help="The game, as `neat-retro games` lists it.")] = None,
    config: Annotated[Path | None, typer.Option(help="A config; a plain neat-python one will do.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="A start state; repeat it to train on several.")] = None,
    generations: Annotated[int | None, typer.Option(help="End after so many generations.")] = None,
    population: Annotated[int | None, typer.Option(help="Genomes in a generation.")] = None,
    workers: Workers = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same run. Default: a new one.")] = None,
    run_dir: Annotated[Path | None, typer.Option(help="The run's folder. Default: runs/<Game>-<n>.")] = None,
    max_frames: Annotated[int | None, typer.Option(help="Most frames an episode may last.")] = None,
    quiet: Quiet = False,
    watch: Watch = False,
    ancestor: Annotated[
        Path | None, typer.Option("--from", metavar="CHAMPION", help="Start the population from this champion.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change any key of the config.")
    ] = None,
) -> None:
    """Train a population on a game.

    Ends after the generations, at the fitness threshold, or when the goal is reached.
    Ctrl-C saves, and `neat-retro resume` goes on.
    """
    count = _worker_count(workers)
    for name in state or ():
        if not name.strip() or "," in name:
            raise UsageError(f"--state {shlex.quote(name)}: give one state's name; repeat --state for several.")
    draft = load_draft(game, config, {})
    for assignment in settings or ():
        draft.override(assignment)
    shortcuts = {
        "Game.states": ("--state", ", ".join(state) if state else None),
        "Run.generations": ("--generations", generations),
        "NEAT.pop_size": ("--population", population),
        "Run.seed": ("--seed", seed),
        "Episode.max_frames": ("--max-frames", max_frames),
    }
    for key, (option, value) in shortcuts.items():
        if value is not None:
            draft.override(f"{key}={value}", f"{option} {value}")
    experiment = draft.experiment()
    with held_back():
        from neat_retro.api import default_run_dir
        from neat_retro.evolution import run
        from neat_retro.evolution.champion import load_champion
    champion = load_champion(ancestor) if ancestor else None
    console = Console()
    with printing_may_fail():
        if not quiet:
            for note in draft.notes:
                console.print(note, markup=False, highlight=False, soft_wrap=True)
        path = run_dir or default_run_dir(experiment)
        reporter = _reporter(console, quiet, watch)
        _finish(run.train(experiment, path, count, reporter, champion, context.obj), console)


def resume(
    context: typer.Context,
    run_dir: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")],
    generations: Annotated[int | None, typer.Option(help="The run's new total of generations.")] = None,
    workers: Workers = None,
    quiet: Quiet = False,
    watch: Watch = False,
) -> None:
    """Go on with a run, as if it had never stopped."""
    console = Console()
    count = _worker_count(workers)
    if generations is not None and generations < 1:
        raise UsageError(f"--generations {generations} should be at least 1.")
    with held_back():
        from neat_retro.evolution import run
    with printing_may_fail():
        reporter = _reporter(console, quiet, watch)
        _finish(run.resume(run_dir, count, generations, reporter, context.obj), console)


def _worker_count(workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise UsageError(f"--workers {workers} should be at least 1: somebody has to play.")
    return workers or cores()


def _reporter(console: Console, quiet: bool, watch: bool) -> Reporter:
    with held_back():
        from neat_retro.evolution.reporter import Reporters
        from neat_retro.output.progress import progress_reporter
        from neat_retro.output.watch import WatchReporter
    progress = progress_reporter(console, quiet)
    return Reporters(progress, WatchReporter()) if watch else progress


def _finish(end: RunEnd, console: Console) -> None:
    """Say how the run ended and what comes next; exit 130 after an interrupt."""
    from neat_retro.output.replay import terms_lines

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    say(f"{end.reason[0].upper()}{end.reason[1:]}.")
    if end.champion is not None:
        champion = end.champion
        say(f"Champion of generation {champion.generation}, fitness {champion.fitness:.6g}:")
        for line in terms_lines(champion.episodes[0], tuple(champion.experiment.fitness)):
            say(line)
        say(f"Watch it:    neat-retro replay {shlex.quote(str(end.folder / 'champion.pkl'))} --video champion.mp4")
    if not end.finished:
        say(f"Saved. Go on with:  neat-retro resume {shlex.quote(str(end.folder))}")
        raise typer.Exit(130)
