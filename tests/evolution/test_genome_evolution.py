"""neat-python breeds genomes in arrays: a seed makes a run, with numba and without."""

from __future__ import annotations

import itertools
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import neat
import pytest

from neat_retro.agent import kernels
from neat_retro.evolution.fingerprint import population_sha256
from neat_retro.evolution.resolve import neat_config, settle

EVOLVE = """
import pickle, random, sys
import neat
from neat_retro.evolution.fingerprint import population_sha256

def hashes(config, seed):
    random.seed(seed)
    population = neat.Population(config)
    found = []
    def evaluate(genomes, config):
        for key, genome in genomes:
            genome.fitness = round(sum(gene.weight for gene in genome.connections.values()), 3) - len(genome.nodes)
        found.append(population_sha256(genome for _, genome in genomes))
    population.run(evaluate, 8)
    return found
"""
INTERPRETED = (
    EVOLVE
    + """
from neat_retro.agent import kernels
assert kernels.njit is None
text = sys.stdin.buffer.read()
sys.stdout.buffer.write(pickle.dumps([hashes(config, 7) for config in pickle.loads(text)]))
"""
)


@pytest.fixture
def configs(small):
    """Return recurrent and feed-forward configs in which everything happens."""
    often = {
        "DefaultGenome__num_inputs": 5,
        "DefaultGenome__num_outputs": 2,
        "DefaultGenome__initial_connection": "partial_direct 0.6",
        "DefaultGenome__node_delete_prob": 0.2,
        "DefaultGenome__enabled_mutate_rate": 0.1,
        "NEAT__pop_size": 20,
        "DefaultStagnation__max_stagnation": 9,
    }
    return [
        neat_config(settle(small(DefaultGenome__feed_forward=feed_forward, **often))) for feed_forward in (False, True)
    ]


@pytest.fixture
def hashes():
    state = random.getstate()
    namespace: dict[str, object] = {}
    exec(EVOLVE, namespace)
    yield namespace["hashes"]
    random.setstate(state)


def test_a_seed_makes_a_run(configs, hashes):
    for config in configs:
        payload = pickle.dumps(config)
        first, again, other = (hashes(pickle.loads(payload), seed) for seed in (7, 7, 8))
        assert first == again
        assert len({*first, *other}) == 16


def test_without_numba_the_run_is_the_same(configs, hashes, tmp_path):
    pytest.importorskip("numba")
    payload = pickle.dumps(configs)
    (tmp_path / "numba.py").write_text("raise ImportError('not here')", encoding="utf-8")
    root = str(Path(kernels.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:Bitwise inversion:DeprecationWarning", "-c", INTERPRETED],
        input=payload,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root])},
        check=True,
        timeout=120,
    )
    assert pickle.loads(done.stdout) == [hashes(config, 7) for config in pickle.loads(payload)]


def test_no_number_is_drawn_but_from_the_global_generator(configs):
    config = configs[0].genome_config
    random.seed(3)
    parents = list(neat.Population(configs[0]).population.values())[:2]
    for parent in parents:
        parent.fitness = 1.0
    state = random.getstate()
    hashes = set()
    for _ in range(2):
        random.setstate(state)
        child = type(parents[0])(50)
        child.configure_crossover(*parents, config)
        config.node_indexer = itertools.count(100)
        child.mutate(config)
        child.fitness = 0.0
        hashes.add(population_sha256([child]))
    assert len(hashes) == 1
