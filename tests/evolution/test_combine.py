"""The promise: a genome's fitness is what its episodes make together, and new draws are new episodes for everybody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import neat_retro
from neat_retro.errors import ExperimentError
from neat_retro.evolution.combine import parse_combine

STICKY = {"Episode__sticky": 0.25, "Episode__episodes": 3, "Run__generations": 5}
LONGER = STICKY | {"Run__generations": 1, "Episode__max_frames": 300}  # far enough for episodes to differ


@pytest.mark.parametrize(
    ("text", "expected"),
    [("mean", 3.5), ("min", 1.0), ("quantile 0", 1.0), ("quantile 0.25", 1.75), ("quantile 1", 8.0)],
)
def test_ways_to_combine(text, expected):
    assert parse_combine(text, "here")([3.0, 1.0, 8.0, 2.0]) == expected


@pytest.mark.parametrize("text", ["", "max", "mean 2", "quantile", "quantile 2", "quantile x", "quantile 0.1 0.2"])
def test_other_words_are_refused(text):
    with pytest.raises(ExperimentError, match="mean, min, or quantile"):
        parse_combine(text, "file.cfg, [Episode]")


@pytest.mark.parametrize("combine", ["mean", "min", "quantile 0.5"])
def test_a_run_ranks_genomes_by_it(small, left, tmp_path: Path, combine):
    neat_retro.train(small(**LONGER, Episode__combine=combine), tmp_path / "run", workers=1)
    stored = left.arrays(tmp_path / "run", 0)
    by_episode = stored["terms"].sum(axis=1)
    together = {"mean": np.mean, "min": np.min, "quantile 0.5": np.median}[combine]
    genomes = [by_episode[stored["genome"] == row] for row in range(len(stored["key"]))]
    assert stored["fitness"] == pytest.approx([together(episodes) for episodes in genomes])
    assert sum(len(set(episodes)) > 1 for episodes in genomes) > 1  # or all ways would be one


def test_draws_change_when_asked_and_the_run_can_be_resumed(small, left, tmp_path: Path):
    experiment = small(**STICKY, Episode__redraw=2)
    neat_retro.train(experiment, tmp_path / "whole", workers=2)
    arrays = [left.arrays(tmp_path / "whole", generation) for generation in range(5)]
    seeds = [set(generation["seed"].tolist()) for generation in arrays]
    assert [len(drawn) for drawn in seeds] == [3] * 5
    assert seeds[0] == seeds[1] != seeds[2] == seeds[3] != seeds[4]
    assert not seeds[0] & seeds[2]

    champion = neat_retro.load_champion(tmp_path / "whole" / "champion.pkl")
    assert champion.generation == 4  # the only one that played what was drawn last
    assert champion.fitness == pytest.approx(max(arrays[4]["fitness"]))
    assert {episode.spec.seed for episode in champion.episodes} == seeds[4]

    shorter = small(**STICKY | {"Run__generations": 2}, Episode__redraw=2)
    neat_retro.train(shorter, tmp_path / "parts", workers=1)
    neat_retro.resume(tmp_path / "parts", generations=5, workers=1)
    assert left.history(tmp_path / "parts") == left.history(tmp_path / "whole")


def test_sticky_runs_are_the_same_with_and_without_savings(small, left, tmp_path: Path):
    for name, saving in (("saved", True), ("whole", False)):
        experiment = small(**STICKY, Episode__redraw=2, Episode__reuse=saving, Episode__share=saving)
        neat_retro.train(experiment, tmp_path / name, workers=1)
    assert left.history(tmp_path / "saved") == left.history(tmp_path / "whole")
