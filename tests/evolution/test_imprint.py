"""The promise: an imprinted node fires at the moment that was seen, not at others, and a run with it repeats."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import neat
import numpy as np
import pytest

import neat_retro
from neat_retro.agent.network import compile_genome
from neat_retro.errors import ExperimentError
from neat_retro.evolution import imprint as imprinting
from neat_retro.evolution.champion import load_champion
from neat_retro.evolution.imprint import INPUTS, LAST, LONGEST, OUTPUT_WEIGHT, Way, imprint
from neat_retro.evolution.random_state import GlobalRandom, seed_random
from neat_retro.evolution.resolve import fit, neat_config, settle
from neat_retro.evolution.worker import Stage

IMPRINT = {"DefaultGenome__imprint_prob": 0.8, "Observation__normalise": "contrast"}


def way_of(moments, outputs: int = 3) -> Way:
    """A way on which the first output always had its way."""
    chosen = np.zeros((len(moments), outputs), bool)
    chosen[:, 0] = True
    return Way(np.asarray(moments, np.float32), chosen, "life_lost")


def fires(node, moments) -> np.ndarray:
    """neat-python's sigmoid of the node's sum, (n,), which is a tangent as well."""
    return (1 + np.tanh(2.5 * (moments[:, node.place] @ node.weight + node.bias))) / 2


def slow_way(generator, decisions: int = 200) -> np.ndarray:
    """What is seen where the picture changes slowly, (n_decisions, 210)."""
    passing = generator.normal(0, 0.6, (decisions + 7, 210))
    return np.array([passing[first : first + 8].mean(axis=0) for first in range(decisions)], np.float32)


@pytest.mark.parametrize("brightness", [0.0, 0.5])
def test_a_node_fires_at_the_only_moment_and_not_at_a_flat_picture(brightness):
    generator = np.random.default_rng(3)
    for _ in range(50):
        moment = (brightness + generator.normal(0, 0.2, (1, 210))).astype(np.float32)
        node = imprint(way_of(moment), [], LAST, generator)
        assert len(node.place) == len(node.weight) == INPUTS
        assert fires(node, moment)[0] > 0.85
        assert fires(node, np.full((1, 210), moment.mean()))[0] < 0.15


def test_a_node_is_silent_at_all_that_was_seen_on_the_way_and_fires_for_some_time_near_its_end():
    generator = np.random.default_rng(3)
    way = slow_way(generator)
    way[50:70] = 0.8 * way[-LAST:]  # a place that looks like its end
    lengths = []
    for _ in range(200):
        fired = fires(imprint(way_of(way), [], LAST, generator), way)
        assert fired[: 200 - LAST].max() < 0.15
        assert fired[-LAST:].max() > 0.85
        lengths.append(int((fired[-LAST:] > 0.5).sum()))
    assert set(range(1, LONGEST - 3)) <= set(lengths)


@pytest.mark.parametrize(("ending", "last"), [("frame_limit", LAST), ("life_lost", 0)])
def test_any_moment_is_imprinted_of_a_way_that_was_survived_and_of_any_where_asked(ending, last):
    generator = np.random.default_rng(3)
    way = slow_way(generator)
    whole = dataclasses.replace(way_of(way), ending=ending)
    first = [int((fires(imprint(whole, [], last, generator), way) > 0.85).argmax()) for _ in range(100)]
    assert min(first) < 10 and max(first) > 190
    assert len([when for when in first if when < 100]) > 25


def test_a_stalled_way_is_imprinted_from_before_its_stall_on():
    way = dataclasses.replace(way_of(slow_way(np.random.default_rng(3))), ending="stalled", idle=60)
    assert way.late(LAST) == 60 + LAST
    assert len(way.sound(LAST)) == len(way.inputs) - 60 - LAST - LONGEST
    assert way.late(0) == dataclasses.replace(way, idle=500).late(LAST) == len(way.inputs)


def test_a_node_is_silent_on_what_was_sound_of_other_ways():
    generator = np.random.default_rng(3)
    way, other = slow_way(generator), slow_way(generator)
    other[20:40] = other[-30:-10] = 0.8 * way[-20:]  # looks like the place where the way ends
    for ending, seen in (("goal", range(200)), ("life_lost", range(200 - LAST - LONGEST))):
        for _ in range(50):
            node = imprint(way_of(way), [dataclasses.replace(way_of(other), ending=ending)], LAST, generator)
            assert fires(node, other[seen]).max() < 0.15
            assert fires(node, way[-LAST:]).max() > 0.85


def test_where_the_end_looks_like_the_way_a_node_fires_there_all_the_same():
    generator = np.random.default_rng(3)
    way = np.repeat(slow_way(generator, 10), [1] * 9 + [100], axis=0)  # it stands still
    for _ in range(50):
        assert fires(imprint(way_of(way), [], LAST, generator), way)[-1] > 0.85


def test_who_stands_still_from_the_beginning_gets_a_node_that_fires_there():
    generator = np.random.default_rng(3)
    still = np.repeat(slow_way(generator, 1), 60, axis=0)
    for _ in range(50):
        assert fires(imprint(way_of(still), [], LAST, generator), still).min() > 0.85


def test_what_blinks_all_the_time_tells_no_moment_from_another():
    generator = np.random.default_rng(3)
    blinking = np.tile(slow_way(generator, 2), (50, 1))
    nodes = [imprint(way_of(blinking), [], LAST, generator) for _ in range(200)]
    assert None in nodes
    assert all(np.isfinite([*node.weight, node.bias]).all() for node in nodes if node)


def test_the_output_that_had_its_way_is_held_back_and_others_are_driven():
    generator = np.random.default_rng(3)
    nodes = [imprint(way_of(slow_way(generator, 40)), [], LAST, generator) for _ in range(60)]
    assert {(node.output, node.output_weight) for node in nodes} == {
        (0, -OUTPUT_WEIGHT),
        (1, OUTPUT_WEIGHT),
        (2, OUTPUT_WEIGHT),
    }


def test_what_stands_out_is_seen():
    moment = np.zeros((1, 100), np.float32)
    moment[0, 40:45] = 1.0
    node = imprint(way_of(moment - 0.05), [], LAST, np.random.default_rng(0))
    assert set(range(40, 45)) <= set(node.place)
    assert (node.weight[np.isin(node.place, range(40, 45))] > 0).all()


def test_an_even_picture_leaves_nothing_to_see():
    assert imprint(way_of(np.full((3, 50), 0.25)), [], LAST, np.random.default_rng(0)) is None


@pytest.mark.parametrize("scale", [1e6, 1e9, 1e12, 1e18, 1e30])
def test_large_inputs_that_say_nearly_the_same_get_a_node_of_finite_weights(scale):
    generator = np.random.default_rng(3)
    for _ in range(100):
        seen = generator.normal(0, scale, (60, 4))
        way = np.hstack((seen, 3 * seen, seen + 1, generator.normal(0, 1, (60, 2))))
        node = imprint(way_of(way), [], LAST, generator)
        assert np.isfinite((*node.weight, node.bias)).all()
        way[generator.integers(60), 3] = np.inf
        node = imprint(way_of(way), [], LAST, generator)
        assert node is None or np.isfinite((*node.weight, node.bias)).all()  # the moments may end before


def test_the_discriminant_is_that_of_linear_algebra():
    generator = np.random.default_rng(3)
    before, moments = generator.normal(0, 0.5, (60, 12)), generator.normal(0.3, 0.5, (5, 12))
    told = imprinting._discriminant(np.arange(12), before, moments)
    scatter = np.cov(before.T, bias=True) + np.cov(moments.T, bias=True)
    expected = np.linalg.solve(scatter + imprinting.RIDGE * np.eye(12), moments.mean(axis=0) - before.mean(axis=0))
    assert np.allclose(told.weight / told.weight[0], expected / expected[0])
    assert np.allclose(told.before, before @ told.weight - told.origin)
    assert np.isclose(told.before.mean(), 0)
    assert np.isclose(told.own.mean(), 1)


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
        seen = generator.normal(0, 0.3, (2, 1, len(genes.input_keys))).astype(np.float32)
        fitter.ways, other.ways = ((way_of(moment, len(genes.output_keys)),) for moment in seen)
        child = type(fitter)(99)
        child.configure_crossover(other, fitter, genes)
        before = set(child.nodes)
        child.mutate_imprint(genes)
    (key,) = set(child.nodes) - before
    into = {link.key[0]: link.weight for link in child.connections.values() if link.key[1] == key}
    (out,) = [link for link in child.connections.values() if link.key[0] == key]
    assert out.weight == (-OUTPUT_WEIGHT if out.key[1] == genes.output_keys[0] else OUTPUT_WEIGHT)
    assert out.key[1] in genes.output_keys
    node = imprinting.Imprint(
        np.array([-1 - source for source in into]), np.array(list(into.values())), child.nodes[key].bias, 0, 0.0
    )
    assert fires(node, seen[0]).max() > 0.85
    assert fires(node, seen[1]).max() < 0.15
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


def test_a_run_knows_how_long_its_stalls_were(small, tmp_path: Path, monkeypatch):
    seen = []

    def noted(way, *rest):
        seen.append((way.ending, way.idle))
        return imprint(way, *rest)

    monkeypatch.setattr("neat_retro.evolution.genome.imprint", noted)
    settings = {"Episode__stall_frames": 40, "Episode__frame_skip": 4, "Run__generations": 2}
    neat_retro.train(small(**IMPRINT, **settings), tmp_path / "run", workers=1)
    assert ("stalled", 10) in seen
    assert {idle for ending, idle in seen if ending != "stalled"} <= {0}


def test_a_champion_holds_its_genome_and_nothing_that_was_seen(small, tmp_path: Path):
    neat_retro.train(small(**IMPRINT, Run__generations=3), tmp_path / "run", workers=1)
    assert not hasattr(load_champion(tmp_path / "run/champion.pkl").genome, "ways")


def test_a_chance_is_from_0_to_1(small):
    with pytest.raises(ExperimentError, match="imprint_prob = 2 should be from 0 to 1"):
        small(DefaultGenome__imprint_prob=2)
