"""`neat-retro rescore`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from neat_retro.errors import UsageError
from neat_retro.evolution.interrupts import held_back
from neat_retro.evolution.processes import cores
from neat_retro.output.target import check_target

if TYPE_CHECKING:
    from neat_retro.evolution.rescoring import GenerationChange, Place, Rescored, Rescoring


def rescore(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="Fitness.NAME=TERM", help="A term; `none` takes one out. Repeat it for several."),
    ] = None,
    generations: Annotated[str | None, typer.Option(metavar="A-B", help="Only these generations.")] = None,
    top: Annotated[int, typer.Option(help="How many genomes to list.", min=1)] = 10,
    workers: Annotated[int | None, typer.Option(help="Worker processes. Default: every core.", min=1)] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the ranking and all changes.")] = None,
) -> None:
    """Rank a run's genomes under other [Fitness] terms, from the buttons that they pressed."""
    if json is not None:
        check_target(json, "ranking", ".json")
    wanted = _generations(generations)
    with held_back():
        from neat_retro.evolution import rescoring
        from neat_retro.evolution.run_folder import RunFolder
    folder = RunFolder.open(run)
    draft = folder.draft()
    for assignment in settings or ():
        draft.override(assignment)
    with Console(stderr=True).status("opening the game") as status:  # nothing where it is no terminal
        rescored = rescoring.rescore(
            folder,
            draft.experiment(),
            workers or cores(),
            wanted,
            lambda done, every: status.update(f"{done} of {every} generations"),
        )
    changes = rescored.generations()
    typer.echo(f"{run}: {_counted(len(rescored.genomes), 'genome')} of {_counted(len(changes), 'generation')} under")
    width = max(len(name) for name in rescored.fitness)
    for name, line in rescored.fitness.items():
        typer.echo(f"  {name:<{width}}  {line}")
    console = Console()
    console.print(_ranking_table(rescored.ranking()[:top]))
    console.print(_changes_table(changes))
    same = sum(change.best == change.new_best for change in changes)
    lost = sum(change.best.new_fitness is None for change in changes)
    told = f", and is left out in {lost}" if lost else ""
    typer.echo(f"The best genome stays the best in {same} of {_counted(len(changes), 'generation')}{told}.")
    _say_left_out(rescored)
    if json is not None:
        rescored.write_json(json)
        typer.echo(f"wrote {json}")


def _generations(text: str | None) -> range | None:
    if text is None:
        return None
    written = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text.strip())
    if written is None or int(written[2] or written[1]) < int(written[1]):
        raise UsageError(f"--generations {text} should be one generation or a range, as 0-9.")
    return range(int(written[1]), int(written[2] or written[1]) + 1)


def _counted(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number} {word}s"


def _ranking_table(places: list[Place]) -> Table:
    table = Table(caption="a genome that lived on is listed once")
    for name in ("generation", "genome", "old fitness", "new fitness", "rank"):
        table.add_column(name, justify="right")
    table.add_column("ending")
    for place in places:
        genome = place.genome
        ranks = f"{place.old_rank} -> {place.new_rank}"
        numbers = (str(genome.generation), str(genome.genome), f"{genome.old_fitness:.6g}", f"{genome.new_fitness:.6g}")
        table.add_row(*numbers, ranks, _endings(genome))
    return table


def _changes_table(changes: list[GenerationChange]) -> Table:
    table = Table(caption="rank correlation is Spearman's, over the genomes of a generation")
    for name in ("generation", "rank correlation", "best was", "fitness", "would be", "new fitness"):
        table.add_column(name, justify="right")
    for change in changes:
        correlation = "-" if change.correlation is None else f"{change.correlation:.2f}"
        best, new = change.best, change.new_best
        table.add_row(
            str(change.generation),
            correlation,
            str(best.genome),
            f"{best.old_fitness:.6g}",
            "-" if new is None else "the same" if new == best else str(new.genome),
            "-" if new is None else f"{new.new_fitness:.6g}",
        )
    return table


def _endings(genome: Rescored) -> str:
    counted = Counter(ending.replace("_", " ") for ending in genome.endings)
    if len(genome.endings) == 1:
        return next(iter(counted))
    return ", ".join(f"{number} {ending}" for ending, number in counted.most_common())


def _say_left_out(rescored: Rescoring) -> None:
    left_out = rescored.left_out
    if not left_out:
        return
    numbers = sorted({genome.generation for genome in left_out})
    where = ", ".join(map(str, numbers[:10])) + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
    typer.echo(
        f"Left out: {_counted(len(left_out), 'genome')} of generation {where}. They stalled, and under these terms\n"
        "would have gone on: nobody knows how far."
    )
