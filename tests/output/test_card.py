"""A champion's card shows the numbers of its evaluation, each in its cell, and everything on it can be read."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from neat_retro.agent.episode import Perturbation
from neat_retro.errors import MissingExtraError, RunError, UsageError
from neat_retro.evolution.champion import Champion
from neat_retro.output.card import DOTS_AN_INCH, cell_lines, check_card, draw, write_card
from neat_retro.output.evaluation import (
    CARD_PERTURBATIONS,
    Evaluation,
    Interval,
    Plan,
    Row,
    proportion_interval,
    write_json,
)

LABELS = {
    (0, 0.0): "as the\ngame starts",
    (30, 0.0): "0-30 frames\nof waiting",
    (0, 0.1): "sticky 0.1",
    (0, 0.25): "sticky 0.25",
    (30, 0.25): "0-30 frames\nof waiting\nsticky 0.25",
}


def test_each_cell_of_the_picture_says_what_the_json_says(evaluation: Evaluation, tmp_path: Path) -> None:
    write_json(evaluation, tmp_path / "champion.json")
    cells = json.loads((tmp_path / "champion.json").read_text())["card"]
    axes = draw(evaluation).axes[0]
    columns = dict(zip(axes.get_xticks(), (label.get_text() for label in axes.get_xticklabels()), strict=True))
    rows = dict(zip(axes.get_yticks(), (label.get_text() for label in axes.get_yticklabels()), strict=True))
    shown: dict[tuple[str, str], list[str]] = {}
    for text in sorted(axes.texts, key=lambda text: text.get_position()[1]):
        x, y = text.get_position()
        place = rows[np.floor(y) + 0.5], columns[np.floor(x) + 0.5]
        shown.setdefault(place, []).extend(text.get_text().split("\n"))
    expected = {}
    for cell in cells:
        [state] = cell["states"]
        goal, furthest = cell["goal"], cell["furthest_x"]["mean"]
        place = f"{state} *" if state == "Level1-1" else state, LABELS[tuple(cell["perturbation"].values())]
        bounds = f"[{goal['low']:.0%}, {goal['high']:.0%}]" if cell["episodes"] > 1 else "1 episode"
        expected[place] = [
            f"{goal['mean']:.0%}",
            bounds,
            f"x {furthest:.0f}" if furthest >= 100 else f"x {furthest:.4g}",
        ]
    assert shown == expected
    assert len(shown) == 2 * len(CARD_PERTURBATIONS)
    assert len({cell["goal"]["mean"] for cell in cells}) > 1, "cells that are all alike prove nothing"
    [mesh] = axes.collections
    assert mesh.get_array().ravel().tolist() == [cell["goal"]["mean"] for cell in cells]
    assert mesh.get_clim() == (0, 1)
    assert axes.yaxis_inverted()  # the first state is at the top


def test_the_picture_is_a_png_with_a_colour_in_each_cell(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "champion.png"
    path.write_bytes(b"an older card")
    write_card(evaluation, path)
    picture = cv2.imread(str(path))
    assert picture is not None
    width, height = draw(evaluation).get_size_inches() * DOTS_AN_INCH
    assert picture.shape == (int(height), int(width), 3)
    assert 700 < width < 1600 and 250 < height < 600
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100
    assert [file.name for file in tmp_path.iterdir()] == ["champion.png"]


NAMES = ("a", "Champion.Level12.$1_RyuVs$", "CloverCircuitZone.Act1.with.a.name.that.never.ends", *map(str, range(30)))


@pytest.mark.parametrize("count", [1, 3, len(NAMES)])
def test_no_label_is_cut_off_and_none_lies_over_another(evaluation: Evaluation, count: int) -> None:
    figure = draw(made_up(evaluation, NAMES[:count]))
    figure.draw_without_rendering()  # type: ignore[no-untyped-call]
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    boxes = [text.get_window_extent() for text in texts]
    edge = figure.bbox
    assert len(texts) > 2 * count * len(CARD_PERTURBATIONS)
    for text, box in zip(texts, boxes, strict=True):
        assert edge.x0 <= box.x0 and box.x1 <= edge.x1 and edge.y0 <= box.y0 and box.y1 <= edge.y1, text
        assert [other for other, place in zip(texts, boxes, strict=True) if place.overlaps(box)] == [text]
    for text in figure.axes[0].texts:
        assert contrast(figure, text) >= 4.5, text


def contrast(figure: Figure, text: Text) -> float:
    """Return the contrast between a cell's text and its ground, as WCAG 2.1 defines it: 4.5 is to be read by most."""
    [mesh] = figure.axes[0].collections
    x, y = (int(coordinate) for coordinate in text.get_position())
    ground = mesh.to_rgba(mesh.get_array()[y, x])[:3]
    lighter, darker = sorted((luminance(ground), luminance(to_rgb(text.get_color()))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def made_up(evaluation: Evaluation, states: tuple[str, ...]) -> Evaluation:
    """Return an evaluation of these states, whose cells go through all shares there are."""
    places = [(state, perturbation) for state in states for perturbation in CARD_PERTURBATIONS]
    cells = tuple(
        replace(cell(round(20 * number / max(1, len(places) - 1))), states=(state,), perturbation=perturbation)
        for number, (state, perturbation) in enumerate(places)
    )
    return replace(evaluation, plan=Plan(states, 20, Perturbation(30), card=True), card=cells)


FAR = Interval(12345.6, 10000.0, 14000.25)


def cell(reached: int = 7, furthest_x: Interval | None = FAR) -> Row:
    return Row(
        agent="champion",
        states=("Level1",),
        perturbation=Perturbation(30),
        episodes=20,
        fitness=Interval(-1234.5, -20000.0, 2.25),
        furthest_x=furthest_x,
        goal=proportion_interval(reached, 20),
        frames=Interval(1.0, 1.0, 1.0),
        endings=MappingProxyType({}),
    )


def test_a_cell_says_the_best_that_its_game_has() -> None:
    assert cell_lines(cell()) == ["35%", "[18%, 57%]", "x 12346"]
    assert cell_lines(cell(furthest_x=None)) == ["35%", "[18%, 57%]", "fitness -1234"]
    assert cell_lines(replace(cell(), goal=None)) == ["12346", "[10000, 14000]"]
    assert cell_lines(replace(cell(furthest_x=None), goal=None)) == ["-1234", "[-20000, 2.25]"]
    assert cell_lines(replace(cell(20), episodes=1)) == ["100%", "1 episode", "x 12346"]


@pytest.mark.parametrize("value", [0.0, -7.5, 520.0])
def test_a_game_without_a_goal_is_coloured_by_its_score(evaluation: Evaluation, value: float) -> None:
    """Also where all cells are alike."""
    score = replace(cell(furthest_x=None), goal=None, fitness=Interval(value, value, value))
    same = replace(evaluation, card=(score,) * len(evaluation.card))
    figure = draw(same)
    assert figure.axes[1].get_ylabel() == "fitness"
    better = replace(score, fitness=Interval(value + 50, value, value + 60))
    [mesh] = draw(replace(same, card=(better, *same.card[1:]))).axes[0].collections
    assert mesh.get_clim() == (value, value + 50)


def test_the_card_names_the_champion_and_what_is_shown(evaluation: Evaluation, champion: Champion) -> None:
    figure = draw(evaluation)
    assert figure.get_suptitle() == f"NeatRunner-Nes: champion of generation {champion.generation}"
    assert figure.get_supxlabel() == "goal reached, mean [95 % interval] of 4 episodes, seed 3.  * trained there"
    assert figure.axes[1].get_ylabel() == "goal reached"


def test_missing_matplotlib_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r'A card needs matplotlib.*pip install "neat-retro\[plots\]"'):
        check_card(tmp_path / "x.png")


def test_a_card_that_cannot_be_written_leaves_nothing(evaluation: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"x.jpg: a card is written as .png. Name it x.png."):
        write_card(evaluation, tmp_path / "x.jpg")
    with pytest.raises(RunError, match=r"there is no folder .*nowhere\."):
        write_card(evaluation, tmp_path / "nowhere" / "x.png")
    assert list(tmp_path.iterdir()) == []
