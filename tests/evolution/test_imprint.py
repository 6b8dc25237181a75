"""The promise: an imprinted node fires at the moment that was seen, not at others, and a run with it repeats."""

from __future__ import annotations

from pathlib import Path

import neat
import numpy as np
import pytest

import neat_retro
from neat_retro.agent.network import compile_genome
from neat_retro.errors import ExperimentError
from neat_retro.evolution.champion import load_champion
from neat_retro.evolution.imprint import GAP, INPUTS, LAST, OUTPUT_WEIGHT, imprint
from neat_retro.evolution.random_state import GlobalRandom, seed_random
from neat_retro.evolution.resolve import fit, neat_config, settle
from neat_retro.evolution.worker import Stage

IMPRINT = {"DefaultGenome__imprint_prob": 0.8, "Observation__normalise": "contrast"}


def fires(place, weight, bias, moments) -> np.ndarray:
    """neat-python's sigmoid of the node's sum, (n,)."""
    return 1 / (1 + np.exp(-5 * (moments[:, place] @ weight + bias)))


@pytest.mark.parametrize("brightness", [0.0, 0.5])
def test_a_node_fires_at_its_moment_and_at_no_other(brightness):
    generator = np.random.default_rng(3)
    for _ in range(50):
        moments = (brightness + generator.normal(0, 0.2, (40, 210))).astype(np.float32)
        place, weight, bias = imprint(moments[:1], generator)
        assert len(place) == len(weight) == INPUTS
        own, *others = fires(place, weight, bias, moments)
        assert own > 0.85
        assert max(others) < 0.5


def test_a_node_fires_at_a_moment_that_is_nearly_the_same():
    generator = np.random.default_rng(3)
    moment = generator.normal(0, 0.2, (1, 210)).astype(np.float32)
    fired = 0.0
    for _ in range(100):
        node = imprint(moment, generator)
        fired += fires(*node, moment * 0.97)[0]
    assert fired > 80


def test_a_node_is_silent_at_all_that_was_seen_on_the_way():
    generator = np.random.default_rng(3)
    passing = generator.normal(0, 0.6, (207, 210))
    way = np.array([passing[first : first + 8].mean(axis=0) for first in range(200)], np.float32)  # it changes slowly
    way[50:70] = 0.8 * way[-LAST:]  # a place that looks like its end
    for _ in range(100):
        fired = fires(*imprint(way, generator), way)
        assert fired[: 200 - LAST - GAP].max() <= 0.5
        assert fired[-LAST:].max() > 0.85


def test_what_stands_out_is_seen():
    moment = np.zeros((1, 100), np.float32)
    moment[0, 40:45] = 1.0
    place, weight, _ = imprint(moment - 0.05, np.random.default_rng(0))
    assert set(range(40, 45)) <= set(place)
    assert (weight[np.isin(place, range(40, 45))] > 0).all()


def test_an_even_picture_leaves_nothing_to_see():
    place, weight, bias = imprint(np.full((3, 50), 0.25, np.float32), np.random.default_rng(0))
    assert len(place) == len(weight) == 0
    assert bias < 0


@pytest.mark.parametrize("feed_forward", [True, False])
def test_a_child_gets_a_node_of_what_its_fitter_parent_saw(small, feed_forward):
    settled = settle(small(**IMPRINT, DefaultGenome__feed_forward=feed_forward))
    with Stage(settled) as stage:
        config = neat_config(fit(settled, stage.facts())[0])
    genes = config.genome_config
    generator = np.random.default_rng(1)
    with GlobalRandom(seed_random(5)).swapped():
        population = neat.Population(config)
        fitter, other = list(population.population.values())[:2]
        fitter.fitness, other.fitness = 2.0, 1.0
        seen = generator.normal(0, 0.3, (2, 4, len(genes.input_keys))).astype(np.float32)
        fitter.seen, other.seen = (seen[0],), (seen[1],)
        child = type(fitter)(99)
        child.configure_crossover(other, fitter, genes)
        before = set(child.nodes)
        child.mutate_imprint(genes)
    (key,) = set(child.nodes) - before
    into = {link.key[0]: link.weight for link in child.connections.values() if link.key[1] == key}
    (out,) = [link for link in child.connections.values() if link.key[0] == key]
    assert abs(out.weight) == OUTPUT_WEIGHT
    assert out.key[1] in genes.output_keys
    place = np.array([-1 - source for source in into])
    node = (place, np.array(list(into.values())), child.nodes[key].bias)
    assert fires(*node, seen[0]).max() > 0.85
    assert fires(*node, seen[1]).max() < 0.5
    assert compile_genome(child, genes)


def test_a_run_is_the_same_with_any_workers_and_when_resumed(small, left, tmp_path: Path):
    neat_retro.train(small(**IMPRINT), tmp_path / "whole", workers=2)
    neat_retro.train(small(**IMPRINT, Run__generations=4), tmp_path / "parts", workers=1)
    neat_retro.resume(tmp_path / "parts", generations=11, workers=1)
    neat_retro.train(small(**IMPRINT, Episode__reuse=False, Episode__share=False), tmp_path / "bare", workers=1)
    history = left.history(tmp_path / "whole")
    assert left.history(tmp_path / "parts") == history
    assert [line["population_sha256"] for line in left.history(tmp_path / "bare")] == [
        line["population_sha256"] for line in history
    ]
    neat_retro.train(small(**IMPRINT | {"DefaultGenome__imprint_prob": 0}), tmp_path / "without", workers=1)
    assert left.history(tmp_path / "without") != history


def test_a_champion_holds_its_genome_and_nothing_that_was_seen(small, tmp_path: Path):
    neat_retro.train(small(**IMPRINT, Run__generations=3), tmp_path / "run", workers=1)
    assert not hasattr(load_champion(tmp_path / "run/champion.pkl").genome, "seen")


def test_a_chance_is_from_0_to_1(small):
    with pytest.raises(ExperimentError, match="imprint_prob = 2 should be from 0 to 1"):
        small(DefaultGenome__imprint_prob=2)
