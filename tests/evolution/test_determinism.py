"""The same seed is the same run: whatever the number of workers, and whatever else happens in the process."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import neat_retro
from neat_retro.evolution.reporter import Best
from neat_retro.evolution.run_folder import GenerationRecord

Experiments = Callable[..., neat_retro.Experiment]


def test_the_run_that_is_compared_added_nodes_and_saw_species_come_and_go(uninterrupted, left):
    generations = [left.arrays(uninterrupted, number) for number in range(11)]
    assert len(left.history(uninterrupted)) == 11
    species = [set(arrays["species"].tolist()) for arrays in generations]
    come_and_gone = set.union(*species) - species[0] - species[-1]
    assert come_and_gone, "no species was born after generation 0 and died"
    assert generations[-1]["nodes"].min() > generations[0]["nodes"].max()
    assert len(list((uninterrupted / "champions").iterdir())) >= 2
    assert [line["species"] for line in left.history(uninterrupted)] == [len(kinds) for kinds in species]
    assert len({line["population_sha256"] for line in left.history(uninterrupted)}) == 11


def test_three_workers_give_the_run_of_one(small: Experiments, uninterrupted, left, tmp_path: Path):
    neat_retro.train(small(), tmp_path / "run", workers=3)
    left.assert_same(tmp_path / "run", uninterrupted)


def test_another_seed_gives_another_run(small: Experiments, uninterrupted, left, tmp_path: Path):
    neat_retro.train(small(Run__generations=1, Run__seed=4), tmp_path / "run", workers=1)
    assert left.history(tmp_path / "run")[0] != left.history(uninterrupted)[0]
    assert left.arrays(tmp_path / "run", 0)["seed"][0] != left.arrays(uninterrupted, 0)["seed"][0]


class Gambler(neat_retro.Reporter):
    """Draws from the global generator, and seeds it, wherever it is asked."""

    def __init__(self) -> None:
        self.drawn: list[float] = []

    def run_started(self, start: object) -> None:
        self.drawn.append(random.random())

    def genome_done(self, done: int, population: int, result: object) -> None:
        self.drawn.append(random.random())

    def generation_done(self, record: GenerationRecord, best: Best) -> None:
        self.drawn.append(random.random())

    def champion_found(self, champion: neat_retro.Champion) -> None:
        self.drawn.append(random.random())


def test_two_workers_a_reporter_that_draws_random_numbers_and_fewer_checkpoints_give_the_run_of_one(
    small: Experiments, uninterrupted, left, tmp_path: Path
):
    gambler = Gambler()
    random.seed(5)
    neat_retro.train(small(Run__checkpoints=1), tmp_path / "run", workers=2, reporter=gambler)
    assert left.history(tmp_path / "run") == left.history(uninterrupted)
    left.assert_same_generations(tmp_path / "run", uninterrupted)
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["0011.pkl"]
    undisturbed = random.Random(5)
    assert [*gambler.drawn, random.random()] == [undisturbed.random() for _ in range(len(gambler.drawn) + 1)]
    assert len(gambler.drawn) > 11 * 10


def test_the_global_random_state_is_left_as_it_was(small: Experiments, tmp_path: Path):
    random.seed(11)
    before = random.getstate()
    neat_retro.train(small(Run__generations=1), tmp_path / "run", workers=1)
    assert random.getstate() == before
    neat_retro.resume(tmp_path / "run", generations=2, workers=1)
    assert random.getstate() == before
