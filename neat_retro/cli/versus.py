"""`neat-retro versus`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from neat_retro.evolution.interrupts import held_back
from neat_retro.evolution.processes import cores
from neat_retro.output.target import check_target

if TYPE_CHECKING:
    from neat_retro.output import versus as contests
    from neat_retro.output.evaluation import Interval


def versus(
    a: Annotated[str, typer.Argument(metavar="A", help="A champion.pkl, or `random`, or `nothing`.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    games: Annotated[int, typer.Option(help="How many; an odd number is rounded up.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Draws the starts, each played from both sides.")] = 0,
    workers: Annotated[int | None, typer.Option(help="Worker processes. Default: every core.", min=1)] = None,
    config: Annotated[Path | None, typer.Option(help="Whose [Versus] counts, if not the champions'.")] = None,
    video: Annotated[Path | None, typer.Option(metavar="FILE.mp4", help="Write a video of the first game.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the score, game by game.")] = None,
) -> None:
    """Let two players play against each other, half of the games from either side."""
    for path, what, suffix in ((video, "video", ".mp4"), (json, "score", ".json")):
        if path is not None:
            check_target(path, what, suffix)
    with held_back():
        from neat_retro.evolution.champion import Champion
        from neat_retro.output import versus as contests
    entrants = contests.load_entrant(a), contests.load_entrant(b)
    contest = contests.meet(*entrants, config)
    jobs = contests.schedule(contest, games, seed)
    starts = "1 start" if len(jobs) == 2 else f"{len(jobs) // 2} starts"
    typer.echo(f"{contest.game}, {contest.state}: {len(jobs)} games, {starts} from both sides")
    for name, text, entrant in zip("AB", (a, b), entrants, strict=True):
        told = f", champion of generation {entrant.generation}" if isinstance(entrant, Champion) else ""
        typer.echo(f"  {name}: {text}{told}")
    if video is not None:
        contests.film(contest, jobs[0], video)
        typer.echo(f"wrote {video}")
    with Console(stderr=True).status(f"0 of {len(jobs)} games") as status:  # nothing where it is no terminal
        score = contests.play(
            contest, jobs, workers or cores(), lambda played: status.update(f"{played} of {len(jobs)} games")
        )
    Console().print(_table(score))
    if score.different < len(jobs):
        typer.echo(
            f"Only {score.different} of the {len(jobs)} games differ, so the intervals look surer than they are."
        )
    if json is not None:
        contests.write_json(score, (a, b), seed, json)
        typer.echo(f"wrote {json}")


def _table(score: contests.Score) -> Table:
    from neat_retro.output.versus import SIDES

    gaps = score.total.gap is not None
    caption = "A's share of the games that were decided"
    table = Table(caption=f"{caption}, its mean health gap [95 %]" if gaps else f"{caption} [95 %]")
    table.add_column("A plays")
    for name in ("A wins", "B wins", "draws", "A's share", *(["health gap"] if gaps else [])):
        table.add_column(name, justify="right")
    for place, tally in (
        *((side, score.on_side(pad)) for pad, side in enumerate(SIDES)),
        ("both", score.total),
    ):
        cells = [f"{tally.a_wins}", f"{tally.b_wins}", f"{tally.draws}", _percent(tally.share)]
        table.add_row(place, *cells, *([_points(tally.gap)] if gaps else []), end_section=place == SIDES[-1])
    return table


def _points(gap: Interval | None) -> str:
    return f"{gap.mean:.0f} [{gap.low:.0f}, {gap.high:.0f}]" if gap else "-"


def _percent(share: Interval | None) -> str:
    return share.percent() if share else "-"
