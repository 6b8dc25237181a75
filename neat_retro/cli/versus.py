"""`neat-retro versus`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from neat_retro import api
from neat_retro.errors import RunError
from neat_retro.evolution.champion import Champion
from neat_retro.output import versus as contests


def versus(
    a: Annotated[str, typer.Argument(metavar="A", help="A champion.pkl, or `random`, or `nothing`.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    games: Annotated[int, typer.Option(help="How many games, half of them from either side.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Draws the starts, each played from both sides.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Worker processes. Default: every core.", min=1)] = None,
    config: Annotated[Path | None, typer.Option(help="Whose [Versus] counts, if not the champions'.")] = None,
    video: Annotated[Path | None, typer.Option(metavar="FILE.mp4", help="Write a video of the first game.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every game and the score.")] = None,
) -> None:
    """Let two players play against each other on a game for two."""
    if json is not None and not json.parent.is_dir():
        raise RunError(f"Cannot write {json}: there is no folder {json.parent}.")
    entrants = contests.load_entrant(a), contests.load_entrant(b)
    contest = contests.meet(*entrants, config)
    jobs = contests.schedule(contest, games, seed)
    typer.echo(f"{contest.game}, {contest.state}: {len(jobs)} games, {len(jobs) // 2} starts from both sides")
    for name, text, entrant in zip("AB", (a, b), entrants, strict=True):
        told = f", champion of generation {entrant.generation}" if isinstance(entrant, Champion) else ""
        typer.echo(f"  {name}  {text}{told}")
    if video is not None:
        contests.film(contest, jobs[0], video)
        typer.echo(f"wrote {video}")
    score = contests.play(contest, jobs, workers or api.cores())
    Console().print(_table(score))
    if score.different < len(jobs):
        typer.echo(f"Only {score.different} of the {len(jobs)} games differ: the intervals are narrower than is known.")
    if json is not None:
        contests.write_json(score, (a, b), seed, json)
        typer.echo(f"wrote {json}")


def _table(score: contests.Score) -> Table:
    gaps = score.total.gap is not None
    table = Table(caption="share of the decided games, mean health gap [95 % interval]" if gaps else None)
    table.add_column("A plays")
    for name in ("A wins", "B wins", "draws"):
        table.add_column(name, justify="right")
    table.add_column("A's share", justify="right")
    if gaps:
        table.add_column("A's health gap", justify="right")
    for place, tally in (("left", score.on_side(0)), ("right", score.on_side(1)), ("both", score.total)):
        cells = [f"{tally.a_wins}", f"{tally.b_wins}", f"{tally.draws}"]
        share = f"{tally.share.mean:.0%} [{tally.share.low:.0%}, {tally.share.high:.0%}]" if tally.share else "-"
        cells.append(share)
        if gaps:
            cells.append(str(tally.gap))
        table.add_row(place, *cells, end_section=place == "right")
    return table
