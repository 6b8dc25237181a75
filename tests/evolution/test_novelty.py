"""The promise: who ends where few others did is bred as well, and is not taken for better."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neat_retro
from neat_retro.errors import ExperimentError
from neat_retro.evolution.generations import Evolution
from neat_retro.evolution.novelty import Archive
from neat_retro.evolution.run_folder import RunFolder

# Large enough for genomes to end at many places, and for the novel one of a species to be another than its fittest.
BY_PLACE = {
    "Novelty__behaviour": "x, score",
    "Novelty__weight": 20,
    "NEAT__pop_size": 30,
    "Episode__max_frames": 120,
    "Run__generations": 8,
}

places = st.tuples(st.integers(0, 5), st.integers(-3, 3))
generations = st.lists(st.lists(places, min_size=1, max_size=12), min_size=1, max_size=5)


@given(generations, st.integers(1, 6))
def test_novelty_is_the_mean_distance_to_the_nearest_others_ever_seen(ended, neighbours: int):
    archive = Archive()
    seen: list[tuple[int, int]] = []
    for generation in ended:
        behaviours = np.array(generation, dtype=np.float64)
        archive = archive.with_generation(behaviours, neighbours)
        seen += generation
        expected = []
        for place in generation:
            others = list(seen)
            others.remove(place)
            nearest = sorted(math.dist(place, other) for other in others)[:neighbours]
            expected.append(sum(nearest) / len(nearest) if nearest else 0.0)
        assert archive.novelty(behaviours, neighbours) == pytest.approx(expected)


def test_equal_behaviours_are_kept_as_often_as_they_count():
    archive = Archive()
    for _ in range(50):
        archive = archive.with_generation(np.ones((10, 2)), 15)
    assert len(archive.behaviours) == 16
    assert archive.novelty(np.ones((1, 2)), 15) == [0.0]


def bred(small, run: Path, monkeypatch, **changes) -> list[dict]:
    """Train, and return of each generation what its genomes were worth, and who could be a parent."""
    seen: list[dict] = []
    weigh = Evolution._weigh

    def weighed(self):
        weigh(self)
        config, reproduction = self._population.config, self._population.reproduction
        seen.append(
            {
                "fitness": {key: genome.fitness for key, genome in self._population.population.items()},
                "worth": dict(reproduction.worth),
                "behaviours": [result.episodes[0].behaviour for result in self._results],
                "parents": [genome.key for genome in reproduction.parents(config, self._population.species)],
                "species": [list(each.members) for each in self._population.species.species.values()],
            }
        )

    monkeypatch.setattr(Evolution, "_weigh", weighed)
    neat_retro.train(small(**BY_PLACE | changes), run, workers=1)
    return seen


def test_parents_and_elites_are_chosen_by_fitness_and_novelty(small, tmp_path: Path, monkeypatch):
    seen = bred(small, tmp_path / "run", monkeypatch, DefaultStagnation__max_stagnation=99)
    differing = 0
    for now, later in itertools.pairwise(seen):
        worth = now["worth"]
        for members in now["species"]:
            best = max(members, key=lambda key: (worth[key], key))
            assert best in later["fitness"] and best in now["parents"]  # the elite of its species
            differing += best != max(members, key=lambda key: (now["fitness"][key], key))
    assert differing


def test_a_generations_novelty_is_that_of_where_its_episodes_ended(small, tmp_path: Path, monkeypatch):
    seen = bred(small, tmp_path / "run", monkeypatch, Novelty__neighbours=3, Novelty__weight=0.5)
    archive = Archive()
    for generation in seen:
        behaviours = np.array(generation["behaviours"])
        archive = archive.with_generation(behaviours, 3)
        added = [0.5 * value for value in archive.novelty(behaviours, 3)]
        expected = [fitness + more for fitness, more in zip(generation["fitness"].values(), added, strict=True)]
        assert list(generation["worth"].values()) == expected
    assert len({behaviour for generation in seen for behaviour in generation["behaviours"]}) > 10


def test_history_champion_and_threshold_know_of_fitness_alone(small, left, tmp_path: Path):
    experiment = small(**BY_PLACE | {"Novelty__weight": 1000, "NEAT__fitness_threshold": 500})
    end = neat_retro.train(experiment, tmp_path / "run", workers=1)
    assert end.reason == "all 8 generations were evaluated"
    history = RunFolder.open(end.folder).history()
    for record in history:
        arrays = left.arrays(end.folder, record.generation)
        terms = arrays["terms"].sum(axis=1)
        assert arrays["fitness"] == pytest.approx(terms)
        assert record.best_fitness == pytest.approx(terms.max())
        assert record.mean_fitness == pytest.approx(terms.mean())
    assert end.champion.fitness == max(record.best_fitness for record in history) < 500


def test_a_run_is_the_same_with_any_workers_and_when_resumed(small, left, tmp_path: Path):
    neat_retro.train(small(**BY_PLACE), tmp_path / "whole", workers=1)
    neat_retro.train(small(**BY_PLACE | {"Run__generations": 4}), tmp_path / "parts", workers=2)
    neat_retro.resume(tmp_path / "parts", generations=8, workers=2)
    assert left.history(tmp_path / "parts") == left.history(tmp_path / "whole")
    left.assert_same_generations(tmp_path / "parts", tmp_path / "whole")
    neat_retro.train(small(**BY_PLACE | {"Novelty__behaviour": ""}), tmp_path / "without", workers=1)
    assert left.history(tmp_path / "without") != left.history(tmp_path / "whole")


def test_what_novelty_is_told_by_has_to_be_known_and_finite(small, tmp_path: Path):
    with pytest.raises(ExperimentError, match=r"settings, Novelty.behaviour = x, hight: no variable 'hight'"):
        neat_retro.train(small(Novelty__behaviour="x, hight"), tmp_path / "run", workers=1)
    assert not (tmp_path / "run").exists()
    with pytest.raises(ExperimentError, match=r"\[Novelty\] behaviour came to \S+ in play. Keep it a finite number"):
        neat_retro.train(small(Novelty__behaviour="x * 1e200"), tmp_path / "run", workers=1)
    for key, value in (("neighbours", 0), ("weight", -1.0)):
        with pytest.raises(ExperimentError, match=f"{key} = {value} should be at least"):
            small(**BY_PLACE | {f"Novelty__{key}": value})
