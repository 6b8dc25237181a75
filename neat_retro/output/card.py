"""A champion's card as a picture: start states by perturbations, and how well it does in each cell."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neat_retro.agent.episode import Perturbation
from neat_retro.errors import MissingExtraError
from neat_retro.evolution.files import write_atomically
from neat_retro.output.evaluation import CARD_PERTURBATIONS, Evaluation, Interval, Row
from neat_retro.output.target import check_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

DOTS_AN_INCH = 120
_COMPLETION = "goal reached"
_AS_FAR_FROM_BLACK_AS_FROM_WHITE = 0.179  # of relative luminance, by WCAG 2.1's contrast
# In inches: a cell, and what stands round the cells beside the names of the states.
_CELL_WIDTH, _CELL_HEIGHT = 1.25, 0.85
_MARGIN_WIDTH, _MARGIN_HEIGHT, _LETTER_WIDTH = 1.4, 1.6, 0.09


def check_card(path: Path) -> None:
    """Say before anything is played why a card could not be drawn. Raises UsageError, RunError or MissingExtraError."""
    check_target(path, "card", ".png")
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f'A card needs matplotlib, which is not here ({error}). Install it:  pip install "neat-retro[plots]"'
        ) from error


def write_card(evaluation: Evaluation, path: Path) -> None:
    """Draw an evaluation's card and write it as .png, whole or not at all. Raises as check_card does."""
    check_card(path)
    picture = io.BytesIO()
    draw(evaluation).savefig(picture, format="png", dpi=DOTS_AN_INCH)
    write_atomically(path, picture.getvalue())


def draw(evaluation: Evaluation) -> Figure:
    """Return the card: a row a state, a column a perturbation, coloured by completion where the game has a goal."""
    from matplotlib.figure import Figure

    trained = evaluation.champion.experiment.game.states
    states = [f"{state} *" if state in trained else state for state in evaluation.plan.states]
    measure, _ = _measure(evaluation.card[0])
    width = _MARGIN_WIDTH + _LETTER_WIDTH * max(map(len, states)) + _CELL_WIDTH * len(CARD_PERTURBATIONS)
    figure = Figure(figsize=(width, _MARGIN_HEIGHT + _CELL_HEIGHT * len(states)), layout="constrained")
    axes = figure.add_subplot()
    bar = figure.colorbar(_fill(axes, evaluation.card), ax=axes, label=measure, fraction=0.04, pad=0.02)
    if measure == _COMPLETION:
        bar.ax.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xticks(np.arange(len(CARD_PERTURBATIONS)) + 0.5, map(_column_label, CARD_PERTURBATIONS), fontsize=9)
    axes.set_yticks(np.arange(len(states)) + 0.5, states, fontsize=9, parse_math=False)
    axes.xaxis.tick_top()
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.set_frame_on(False)
    _say_what_it_is(figure, evaluation, measure)
    return figure


def _fill(axes: Axes, rows: Sequence[Row]) -> QuadMesh:
    """Colour the cells by their values and write into each what it says."""
    means = np.array([_measure(row)[1].mean for row in rows]).reshape(-1, len(CARD_PERTURBATIONS))
    low, high = (0.0, 1.0) if rows[0].goal is not None else (means.min(), max(means.max(), means.min() + 1))
    mesh = axes.pcolormesh(means, cmap="cividis", vmin=low, vmax=high, edgecolors="white", linewidth=2)
    for place, row in enumerate(rows):
        y, x = divmod(place, len(CARD_PERTURBATIONS))
        luminance = np.dot(np.power(mesh.to_rgba(means[y, x])[:3], 2.2), (0.2126, 0.7152, 0.0722))
        ink = "black" if luminance > _AS_FAR_FROM_BLACK_AS_FROM_WHITE else "white"
        value, *others = cell_lines(row)
        axes.text(x + 0.5, y + 0.36, value, ha="center", va="center", color=ink, fontsize=13)
        axes.text(x + 0.5, y + 0.72, "\n".join(others), ha="center", va="center", color=ink, fontsize=9)
    return mesh


def _say_what_it_is(figure: Figure, evaluation: Evaluation, measure: str) -> None:
    champion, plan = evaluation.champion, evaluation.plan
    figure.suptitle(f"{champion.game}: champion of generation {champion.generation}", fontsize=13, parse_math=False)
    count = "1 episode" if plan.episodes == 1 else f"{plan.episodes} episodes"
    figure.supxlabel(f"{measure}, mean [95 % interval] of {count}, seed {plan.seed}.  * trained there", fontsize=9)


def cell_lines(row: Row) -> list[str]:
    """Return what a cell says: its value, its interval, and beside a completion how far the champion came."""
    measure, interval = _measure(row)
    value, _, bounds = (interval.percent() if measure == _COMPLETION else str(interval)).partition(" ")
    lines = [value, bounds if row.episodes > 1 else "1 episode"]
    if measure == _COMPLETION:
        further = f"x {row.furthest_x}" if row.furthest_x is not None else f"fitness {row.fitness}"
        lines.append(further.partition(" [")[0])
    return lines


def _measure(row: Row) -> tuple[str, Interval]:
    """Return what the card is about, the best that the game has, and its value."""
    if row.goal is not None:
        return _COMPLETION, row.goal
    return ("furthest x", row.furthest_x) if row.furthest_x is not None else ("fitness", row.fitness)


def _column_label(perturbation: Perturbation) -> str:
    waiting = f"0-{perturbation.noops} frames\nof waiting" if perturbation.noops else ""
    sticking = f"sticky {perturbation.sticky:g}" if perturbation.sticky else ""
    return "\n".join(filter(None, (waiting, sticking))) or "as the\ngame starts"
