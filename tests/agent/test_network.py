"""The promise: a compiled network gives neat-python's own outputs, bit for bit."""

from __future__ import annotations

import copy
import functools
import math
import operator
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import neat
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from neat.activations import ActivationFunctionSet
from neat.aggregations import AggregationFunctionSet
from neat.genes import DefaultConnectionGene, DefaultNodeGene

from neat_retro.agent import kernels
from neat_retro.agent.network import compile_genome
from neat_retro.errors import UnsupportedGeneError

N_INPUTS, N_OUTPUTS = 3, 2
KINDS = pytest.mark.parametrize("feed_forward", [True, False], ids=["feed-forward", "recurrent"])


# --- neat-python, made total in the two places where the kernels are


def saturating(function):
    """neat-python's activation, with an infinity where it raises OverflowError."""

    @functools.wraps(function)
    def total(z):
        try:
            return function(z)
        except OverflowError:
            return math.inf if z > 0 or function is neat_function("square") else -math.inf

    return total


def nan_of_nan(function):
    """neat-python's median, with a NaN where the order of its sort would be left to chance."""
    return lambda x: math.nan if any(map(math.isnan, x)) else function(x)


def neat_function(name):
    return ActivationFunctionSet().get(name)


def settings_of(feed_forward, n_inputs=N_INPUTS, n_outputs=N_OUTPUTS):
    """What compile_genome reads of a DefaultGenomeConfig."""
    return SimpleNamespace(
        input_keys=[-i - 1 for i in range(n_inputs)],
        output_keys=list(range(n_outputs)),
        feed_forward=feed_forward,
        activation_defs=ActivationFunctionSet(),
        aggregation_function_defs=AggregationFunctionSet(),
    )


def neat_network(genome, genome_config):
    total = copy.deepcopy(genome_config)
    for name in ("square", "cube"):
        total.activation_defs.functions[name] = saturating(neat_function(name))
    total.aggregation_function_defs.functions["median"] = nan_of_nan(AggregationFunctionSet().get("median"))
    kind = neat.nn.FeedForwardNetwork if genome_config.feed_forward else neat.nn.RecurrentNetwork
    return kind.create(genome, SimpleNamespace(genome_config=total))


def bits(values):
    """The bit patterns of floats; every NaN counts as the same."""
    floats = np.array(values, dtype=np.float64)
    floats[np.isnan(floats)] = np.nan
    return floats.view(np.int64).tolist()


def assert_same_outputs(genome, genome_config, steps):
    theirs, ours = neat_network(genome, genome_config), compile_genome(genome, genome_config).start()
    for step in steps:
        assert bits(ours.activate(np.array(step))) == bits(theirs.activate(step))


# --- genomes


def make_genome(links, hidden=(), disabled=(), **traits):
    """A genome with links {(source, target): weight}; traits are given to every node."""
    genome = neat.DefaultGenome(1)
    for key in [*range(N_OUTPUTS), *hidden]:
        gene = genome.nodes[key] = DefaultNodeGene(key)
        gene.bias, gene.response, gene.activation, gene.aggregation = 0.25 + key, 1.5, "tanh", "sum"
        vars(gene).update(traits)
    for number, (key, weight) in enumerate(links.items(), start=1):
        gene = genome.connections[key] = DefaultConnectionGene(key, innovation=number)
        gene.weight, gene.enabled = weight, key not in disabled
    return genome


floats = st.one_of(st.floats(-3, 3), st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e200, -1e200, 1e-310]), st.floats())


@st.composite
def genomes(draw):
    hidden = draw(st.permutations(range(N_OUTPUTS, N_OUTPUTS + 5)))[: draw(st.integers(0, 5))]
    sources = st.sampled_from([*range(-N_INPUTS, N_OUTPUTS), *hidden])
    targets = st.sampled_from([*range(N_OUTPUTS), *hidden])
    links = draw(st.dictionaries(st.tuples(sources, targets), floats, max_size=25))
    enabled = st.integers(0, 4).map(bool)
    genome = make_genome(links, hidden, disabled=[key for key in links if not draw(enabled)])
    for gene in genome.nodes.values():
        gene.bias, gene.response = draw(floats), draw(floats)
        gene.activation = draw(st.sampled_from(list(kernels.ACTIVATIONS)))
        gene.aggregation = draw(st.sampled_from(list(kernels.AGGREGATIONS)))
    return genome


episodes = st.lists(st.lists(floats, min_size=N_INPUTS, max_size=N_INPUTS), min_size=1, max_size=5)
STEPS = [[0.5, -1.0, 2.0], [0.0, 0.25, -3.0], [1.0, 1.0, 1.0], [-0.1, 0.2, 0.7]]


@KINDS
@settings(max_examples=150, deadline=None, derandomize=True)
@given(genome=genomes(), steps=episodes)
def test_any_genome_gives_the_outputs_of_neat_python(feed_forward, genome, steps):
    assert_same_outputs(genome, settings_of(feed_forward), steps)


CASES = {
    "no connection at all": make_genome({}),
    "hidden node without any link in": make_genome({(5, 0): 1.5, (-1, 1): 1.0}, hidden=[5]),
    "hidden node with only a disabled link in": make_genome(
        {(-1, 5): 1.0, (5, 0): 1.5}, hidden=[5], disabled=[(-1, 5)]
    ),
    "hidden node that leads nowhere": make_genome({(-1, 5): 1.0, (-1, 0): 1.5}, hidden=[5]),
    "hidden node that leads out over a disabled link": make_genome(
        {(-1, 5): 1.0, (5, 0): 1.5, (-2, 0): 0.5}, hidden=[5], disabled=[(5, 0)]
    ),
    "hidden node read by one that leads nowhere": make_genome({(-1, 5): 1.0, (5, 6): 1.0, (5, 0): 1.5}, hidden=[5, 6]),
    "every link disabled": make_genome({(-1, 0): 1.0, (-2, 1): 1.0}, disabled=[(-1, 0), (-2, 1)]),
    "output that reads itself": make_genome({(0, 0): 0.9, (-1, 0): 1.0, (-1, 1): 1.0}),
    "hidden node that reads itself": make_genome({(5, 5): 0.9, (-1, 5): 1.0, (5, 0): 1.0}, hidden=[5]),
    "two nodes in a cycle": make_genome(
        {(5, 6): 0.9, (6, 5): -0.7, (-1, 5): 1.0, (6, 0): 1.0, (-3, 1): 1.0}, hidden=[5, 6]
    ),
    "output behind a cycle": make_genome(
        {(5, 5): 0.9, (5, 6): 1.0, (-1, 6): 1.0, (6, 0): 1.0, (-3, 1): 1.0}, hidden=[5, 6]
    ),
    "output that reads an output": make_genome({(-1, 0): 1.0, (0, 1): 1.0}),
    "genes in an order that is not that of evaluation": make_genome(
        {(7, 0): 1.0, (6, 7): 0.5, (-2, 7): 0.5, (5, 6): 2.0, (-1, 5): 1.0, (-1, 0): 0.1}, hidden=[7, 5, 6]
    ),
}


@KINDS
@pytest.mark.parametrize("case", CASES)
def test_pruning_is_that_of_neat_python(feed_forward, case):
    assert_same_outputs(CASES[case], settings_of(feed_forward), STEPS)


def test_only_what_reaches_an_output_is_kept():
    genome = make_genome(
        {(-1, 5): 1.0, (-2, 5): 2.0, (-3, 0): 3.0, (-1, 6): 4.0, (6, 0): 5.0},
        hidden=[5, 6],
        disabled=[(6, 0)],
    )
    network = compile_genome(genome, settings_of(feed_forward=False))
    assert network.node.tolist() == [N_INPUTS]
    assert network.weight.tolist() == [3.0]
    assert network.output.tolist() == [3, 4]


NEAT_CONFIG = f"""
[NEAT]
fitness_criterion = max
fitness_threshold = 1
no_fitness_termination = True
pop_size = 24
reset_on_extinction = True
[DefaultGenome]
num_inputs = {N_INPUTS}
num_outputs = {N_OUTPUTS}
num_hidden = 2
feed_forward = FEED_FORWARD
initial_connection = partial_direct 0.6
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient = 0.5
conn_add_prob = 0.6
conn_delete_prob = 0.3
node_add_prob = 0.5
node_delete_prob = 0.2
activation_default = random
activation_options = {" ".join(kernels.ACTIVATIONS)}
activation_mutate_rate = 0.2
aggregation_default = random
aggregation_options = {" ".join(kernels.AGGREGATIONS)}
aggregation_mutate_rate = 0.2
bias_init_mean = 0.0
bias_init_stdev = 1.0
bias_replace_rate = 0.1
bias_mutate_rate = 0.7
bias_mutate_power = 0.5
bias_max_value = 30.0
bias_min_value = -30.0
response_init_mean = 1.0
response_init_stdev = 0.2
response_replace_rate = 0.1
response_mutate_rate = 0.3
response_mutate_power = 0.1
response_max_value = 30.0
response_min_value = -30.0
weight_init_mean = 0.0
weight_init_stdev = 1.0
weight_replace_rate = 0.1
weight_mutate_rate = 0.8
weight_mutate_power = 0.5
weight_max_value = 30
weight_min_value = -30
enabled_default = True
enabled_mutate_rate = 0.1
[DefaultSpeciesSet]
compatibility_threshold = 10.0
[DefaultStagnation]
species_fitness_func = max
max_stagnation = 20
species_elitism = 2
[DefaultReproduction]
elitism = 1
survival_threshold = 0.3
min_species_size = 1
"""


@KINDS
def test_evolved_genomes_give_the_outputs_of_neat_python(feed_forward, tmp_path):
    path = tmp_path / "neat.cfg"
    path.write_text(NEAT_CONFIG.replace("FEED_FORWARD", str(feed_forward)), encoding="utf-8")
    sections = (neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation)
    config = neat.Config(*sections, str(path))
    chance = random.Random(5)

    def evaluate(genomes, config):
        for _, genome in genomes:
            assert_same_outputs(genome, config.genome_config, STEPS)
            genome.fitness = len(genome.connections) + chance.random()

    before = random.getstate()
    random.seed(7)
    try:
        best = neat.Population(config).run(evaluate, 12)
    finally:
        random.setstate(before)
    assert len(best.nodes) > N_OUTPUTS + 5


# --- activations and aggregations, one by one

EDGES = [
    0.0,
    5e-324,
    1e-310,
    1e-8,
    1e-7,
    0.5,
    1.0,
    3.4,
    12.0,
    24.0,
    60.0,
    700.0,
    745.2,
    1e100,
    1e200,
    1.7e308,
]
LIMITS = [kernels.SQUARE_LIMIT, kernels.CUBE_LIMIT]


def many_values():
    chance = np.random.default_rng(3)
    near = [np.nextafter(z, towards) for z in EDGES + LIMITS for towards in (0.0, math.inf)]
    special = np.array([*EDGES, *LIMITS, *near, math.inf, math.nan])
    ordinary = chance.normal(size=30_000) * 3
    wild = chance.normal(size=10_000) * 10.0 ** chance.integers(-300, 300, size=10_000)
    return np.concatenate([special, -special, ordinary, wild]).tolist()


@pytest.mark.parametrize("name", ActivationFunctionSet().functions)
def test_every_activation_is_that_of_neat_python(name):
    theirs, code, values = saturating(neat_function(name)), kernels.ACTIVATIONS[name], many_values()
    assert bits([kernels.activate(code, z) for z in values]) == bits([theirs(z) for z in values])


@pytest.mark.parametrize("name", ActivationFunctionSet().functions)
@settings(max_examples=120, deadline=None, derandomize=True)
@given(z=st.floats())
def test_every_activation_takes_any_float(name, z):
    assert bits([kernels.activate(kernels.ACTIVATIONS[name], z)]) == bits([saturating(neat_function(name))(z)])


@pytest.mark.parametrize(("name", "exponent", "limit"), [("square", 2, LIMITS[0]), ("cube", 3, LIMITS[1])])
def test_an_overflow_that_neat_python_raises_is_an_infinity(name, exponent, limit):
    beyond = float(np.nextafter(limit, math.inf))
    with pytest.raises(OverflowError):
        neat_function(name)(beyond)
    assert kernels.activate(kernels.ACTIVATIONS[name], beyond) == math.inf
    assert kernels.activate(kernels.ACTIVATIONS[name], -beyond) == (-1) ** exponent * math.inf
    assert kernels.activate(kernels.ACTIVATIONS[name], limit) == limit**exponent < math.inf


def aggregate(name, terms):
    values, source = np.array([1.0, *terms]), np.arange(1, len(terms) + 1, dtype=np.uint32)
    weight = np.ones(len(terms))
    return kernels.aggregate(kernels.AGGREGATIONS[name], values, source, weight, 0, len(terms))


@pytest.mark.parametrize("name", AggregationFunctionSet().functions)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(terms=st.lists(floats, max_size=80))
@example(terms=[])
@example(terms=[-0.0])
@example(terms=[-0.0, -0.0])
@example(terms=[0.0, -0.0, -0.0, 0.0, 0.0])
@example(terms=[-2.0, 2.0, 1.0])
@example(terms=[math.nan, 1.0])
@example(terms=[1.0, math.nan, 2.0, -3.0])
@example(terms=[math.inf, -math.inf, 1.0])
@example(terms=[1e308, 1e308, -1e308, -1e308])
@example(terms=[1e16, 1.0, -1e16, 3.0])
def test_every_aggregation_is_that_of_neat_python(name, terms):
    theirs = AggregationFunctionSet().get(name)
    if name == "median":
        theirs = nan_of_nan(theirs)
    assert bits([aggregate(name, terms)]) == bits([theirs(terms)])


def test_every_aggregation_of_a_screenful_is_that_of_neat_python():
    chance = np.random.default_rng(4)
    for terms in (chance.normal(size=1120), chance.integers(0, 9, size=1120) - 4.0):
        for name, theirs in AggregationFunctionSet().functions.items():
            assert bits([aggregate(name, terms)]) == bits([theirs(terms.tolist())]), name


def test_a_median_with_a_nan_is_nan():
    assert math.isnan(aggregate("median", [1.0, 2.0, math.nan, 3.0]))


def summed(kernel, terms):
    return kernel(np.array(terms), np.arange(len(terms), dtype=np.uint32), np.ones(len(terms)), 0, len(terms))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(terms=st.lists(floats, min_size=1))
def test_both_sums_are_those_of_their_python_version(terms):
    assert bits([summed(kernels.plain_sum, terms)]) == bits([functools.reduce(operator.add, terms, 0.0)])
    assert bits([summed(kernels.python_sum, terms)]) == bits([sum(terms)])


@pytest.mark.parametrize(
    ("terms", "total"),
    [
        ([1e100, 1.0, -1e100], 1.0),
        ([0.1] * 10, 1.0),
        ([1e308, 1e308, -1e308], math.inf),
        ([math.inf, 1.0], math.inf),
        ([-0.0, -0.0], 0.0),
    ],
)
def test_the_compensated_sum_is_that_of_python_3_12(terms, total):
    assert bits([summed(kernels.compensated_sum, terms)]) == bits([total])


# --- the object's promises


@KINDS
def test_compiling_leaves_the_genome_as_it_was(feed_forward):
    genome = CASES["two nodes in a cycle"]

    def state():
        genes = {**genome.nodes, **genome.connections}
        return {**vars(genome), "genes": [(key, dict(vars(gene))) for key, gene in genes.items()]}

    before = copy.deepcopy(state()["genes"])
    compile_genome(genome, settings_of(feed_forward)).start().activate(np.ones(N_INPUTS))
    assert state()["genes"] == before
    assert (genome.key, genome.fitness) == (1, None)


def run(state):
    return [state.activate(np.array(step)).tolist() for step in STEPS]


def test_every_start_is_fresh_and_apart():
    network = compile_genome(CASES["two nodes in a cycle"], settings_of(feed_forward=False))
    first, second = network.start(), network.start()
    expected = run(first)
    assert run(first) != expected
    assert run(second) == expected
    assert run(network.start()) == expected


@KINDS
def test_a_pickled_network_gives_the_same_outputs(feed_forward):
    network = compile_genome(CASES["two nodes in a cycle"], settings_of(feed_forward))
    again = pickle.loads(pickle.dumps(network))
    assert run(again.start()) == run(network.start())
    assert again.recurrent is not feed_forward
    assert (again.n_inputs, again.n_outputs) == (N_INPUTS, N_OUTPUTS)


def test_outputs_are_a_read_only_view_of_the_last_step():
    state = compile_genome(CASES["output that reads itself"], settings_of(feed_forward=False)).start()
    outputs = state.activate(np.zeros(N_INPUTS))
    kept = outputs.copy()
    assert state.activate(np.ones(N_INPUTS)) is outputs
    assert outputs.tolist() != kept.tolist()
    assert outputs.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        outputs[0] = 1.0


def test_inputs_may_be_of_any_real_type_and_layout():
    network = compile_genome(CASES["output that reads itself"], settings_of(feed_forward=False))
    expected = network.start().activate(np.array([1.0, 2.0, 3.0])).tolist()
    for inputs in (
        np.array([1, 2, 3], np.uint8),
        np.arange(6, dtype=np.float32)[1:4],
        np.array([3, 2, 1])[::-1],
    ):
        assert network.start().activate(inputs).tolist() == expected


def test_wrong_number_of_inputs_names_both_numbers():
    state = compile_genome(CASES["no connection at all"], settings_of(feed_forward=True)).start()
    with pytest.raises(ValueError, match=r"^This network has 3 inputs, but was given 1\.$"):
        state.activate(np.zeros(1))


@pytest.mark.parametrize("what", ["activation", "aggregation"])
@pytest.mark.parametrize("name", ["mine", "max", "sigmoid"])
def test_a_custom_function_is_refused_with_what_is_available(what, name):
    genome_config = settings_of(feed_forward=True)
    defined = {"activation": "activation_defs", "aggregation": "aggregation_function_defs"}[what]
    getattr(genome_config, defined).add(name, lambda z: z)
    available = {"activation": kernels.ACTIVATIONS, "aggregation": kernels.AGGREGATIONS}[what]
    with pytest.raises(UnsupportedGeneError) as refusal:
        compile_genome(make_genome({(-1, 0): 1.0}, **{what: name}), genome_config)
    assert str(refusal.value) == (
        f"The {what} {name!r} is not neat-python's own, and only those can be compiled.\n"
        f"  Use one of: {', '.join(available)}."
    )


def test_a_link_from_a_node_without_a_gene_is_named():
    genome = make_genome({(77, 0): 1.0})
    with pytest.raises(ValueError, match=r"nodes that it has no genes for: \[77\]\.$"):
        compile_genome(genome, settings_of(feed_forward=True))


@KINDS
def test_node_keys_may_lie_far_apart(feed_forward):
    links = {(-1, 0): 0.5, (-1, 2**40): 1.0, (2**40, 0): -1.0, (2**40, 70_000): 2.0, (70_000, 1): 0.7}
    assert_same_outputs(make_genome(links, hidden=[70_000, 2**40]), settings_of(feed_forward), STEPS)


# --- without numba, without a cache

INTERPRETED = """
import pickle, sys
import numpy as np
from neat_retro.agent import kernels
from neat_retro.agent.network import compile_genome
assert kernels.njit is None
jobs = pickle.load(sys.stdin.buffer)
results = []
for genome, genome_config, steps in jobs:
    state = compile_genome(genome, genome_config).start()
    results.append([state.activate(np.array(step)).tolist() for step in steps])
sys.stdout.buffer.write(pickle.dumps(results))
"""


def wild_genome(chance):
    hidden = range(N_OUTPUTS, N_OUTPUTS + 6)
    links = {
        (
            chance.choice([*range(-N_INPUTS, N_OUTPUTS), *hidden]),
            chance.choice([*range(N_OUTPUTS), *hidden]),
        ): (chance.gauss(0, 1) * 10.0 ** chance.choice([0, 0, 0, 200, -200]))
        for _ in range(40)
    }
    genome = make_genome(links, hidden, disabled=chance.sample(list(links), 5))
    for gene in genome.nodes.values():
        gene.bias, gene.response = chance.gauss(0, 1), chance.gauss(1, 0.5)
        gene.activation = chance.choice(list(kernels.ACTIVATIONS))
        gene.aggregation = chance.choice(list(kernels.AGGREGATIONS))
    return genome


def test_without_numba_the_outputs_are_the_same(tmp_path):
    chance = random.Random(11)
    steps = [*STEPS, [1e308, -1e308, math.inf], [math.nan, 0.0, -0.0], [3.0, 2.0, 1.0]]
    jobs = [(wild_genome(chance), settings_of(k % 2 == 0), steps) for k in range(150)]
    (tmp_path / "numba.py").write_text("raise ImportError('not here')", encoding="utf-8")
    root = str(Path(kernels.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:Bitwise inversion:DeprecationWarning", "-c", INTERPRETED],
        input=pickle.dumps(jobs),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root])},
        check=True,
        timeout=60,
    )
    for (genome, genome_config, _), interpreted in zip(jobs, pickle.loads(done.stdout), strict=True):
        state = compile_genome(genome, genome_config).start()
        for step, outputs in zip(steps, interpreted, strict=True):
            assert bits(state.activate(np.array(step))) == bits(outputs)


def test_functions_compile_where_no_cache_can_be_written(monkeypatch):
    caching = pytest.importorskip("numba.core.caching")
    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", [])
    assert kernels.compiled(one_more)(41.0) == 42.0


def one_more(z):
    return z + 1.0
