"""Knows how a neat-python genome becomes flat arrays, and how an episode runs them.

Two steps, so that another kind of genome needs to replace only the first: `gather_genes` reads a genome's
genes into arrays, `compile_genes` prunes, orders and packs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from neat_retro.agent import kernels
from neat_retro.agent.kernels import ACTIVATIONS, AGGREGATIONS, Codes, Floats, Offsets, Places
from neat_retro.errors import UnsupportedGeneError

Keys = npt.NDArray[np.int64]

_LARGEST_TABLE = 2**17  # keys; a table of a wider range costs more than it saves


@dataclass(frozen=True, eq=False)
class CompiledNetwork:
    """A genome's network as flat arrays; it holds no state of an episode and can be pickled.

    A node is known by its place among the values of a network: first the inputs, then the outputs, both in
    the order of their keys in the config, then the hidden nodes. The arrays have an entry for each node
    that is evaluated, in the order of evaluation; the links into the n-th of them are those from
    `link_start[n]` to `link_start[n + 1]`, in the genome's order.
    """

    n_inputs: int
    n_outputs: int
    n_values: int
    recurrent: bool
    node: Places  # (n_nodes,) the node's place among the values
    link_start: Offsets  # (n_nodes + 1,)
    source: Places  # (n_links,) a place among the values
    weight: Floats  # (n_links,)
    activation: Codes  # (n_nodes,) codes of kernels.ACTIVATIONS
    aggregation: Codes  # (n_nodes,) codes of kernels.AGGREGATIONS
    bias: Floats  # (n_nodes,)
    response: Floats  # (n_nodes,)

    @property
    def output(self) -> Places:
        """The places of the outputs among the values, (n_outputs,)."""
        return np.arange(self.n_inputs, self.n_inputs + self.n_outputs, dtype=np.uint32)

    def start(self) -> NetworkState:
        """Begin an episode: every node's value is 0."""
        return NetworkState(self)


class NetworkState:
    """The node values of one network in one episode."""

    def __init__(self, network: CompiledNetwork) -> None:
        values = np.zeros(network.n_values)
        self._inputs = values[: network.n_inputs]
        self._outputs = values[network.n_inputs : network.n_inputs + network.n_outputs]
        self._outputs.flags.writeable = False
        self._evaluate = kernels.evaluate_recurrent if network.recurrent else kernels.evaluate_feed_forward
        self._arguments = (
            values,
            network.node,
            network.link_start,
            network.source,
            network.weight,
            network.activation,
            network.aggregation,
            network.bias,
            network.response,
        )

    def activate(self, inputs: npt.NDArray[Any]) -> Floats:
        """Advance by one step, from inputs (n_inputs,) to outputs (n_outputs,) float64.

        The outputs are those of neat-python fed with a list of Python floats. They are a read-only view that
        the next call overwrites: copy what is to be kept.
        """
        if len(inputs) != len(self._inputs):
            raise ValueError(f"This network has {len(self._inputs)} inputs, but was given {len(inputs)}.")
        self._inputs[:] = inputs
        self._evaluate(*self._arguments)
        return self._outputs


@dataclass(frozen=True, eq=False)
class Genes:
    """What of a genome matters to its network, in the genome's order. Disabled connections are left out."""

    key: Keys  # (n_nodes,) outputs and hidden nodes
    bias: Floats  # (n_nodes,)
    response: Floats  # (n_nodes,)
    activation: Codes  # (n_nodes,) codes of kernels.ACTIVATIONS
    aggregation: Codes  # (n_nodes,) codes of kernels.AGGREGATIONS
    link: Keys  # (n_links, 2) the keys of source and target
    weight: Floats  # (n_links,)


@runtime_checkable
class LinkArrays(Protocol):
    """A genome that has its connections in arrays."""

    def enabled_links(self) -> tuple[Keys, Floats]:
        """Return what Genes calls `link` and `weight`, in the order of `connections`."""


def compile_genome(genome: Any, genome_config: Any) -> CompiledNetwork:
    """Turn a neat-python genome into a network whose outputs equal neat-python's own bit for bit.

    The config's `input_keys`, `output_keys` and `feed_forward` are used. The genome is not modified.

    Raises UnsupportedGeneError, listing what is available, for an activation or aggregation that is not one
    of neat-python's own.

    Stanley & Miikkulainen (2002), Evolutionary Computation 10(2), doi:10.1162/106365602320169811.
    """
    genes = gather_genes(genome, genome_config)
    return compile_genes(genes, genome_config.input_keys, genome_config.output_keys, genome_config.feed_forward)


def gather_genes(genome: Any, genome_config: Any) -> Genes:
    """Read a neat-python genome's genes into arrays. Raises UnsupportedGeneError."""
    nodes = list(genome.nodes.values())
    link, weight = genome.enabled_links() if isinstance(genome, LinkArrays) else _enabled_links(genome)
    activations = getattr(genome_config, "activation_defs", None)
    aggregations = getattr(genome_config, "aggregation_function_defs", None)
    return Genes(
        key=np.array([gene.key for gene in nodes], dtype=np.int64),
        bias=np.array([gene.bias for gene in nodes], dtype=np.float64),
        response=np.array([gene.response for gene in nodes], dtype=np.float64),
        activation=_codes("activation", [gene.activation for gene in nodes], ACTIVATIONS, activations),
        aggregation=_codes("aggregation", [gene.aggregation for gene in nodes], AGGREGATIONS, aggregations),
        link=link,
        weight=weight,
    )


def _enabled_links(genome: Any) -> tuple[Keys, Floats]:
    genes = [gene for gene in genome.connections.values() if gene.enabled]
    keys = np.array([gene.key for gene in genes], dtype=np.int64).reshape(-1, 2)
    return keys, np.array([gene.weight for gene in genes], dtype=np.float64)


def _codes(what: str, names: list[str], codes: Mapping[str, int], definitions: Any) -> Codes:
    functions = getattr(definitions, "functions", {})
    for name in sorted(set(names)):
        # A config may also have given a built-in's name to another function.
        redefined = name in functions and functions[name].__module__ != f"neat.{what}s"
        if name not in codes or redefined:
            raise UnsupportedGeneError(
                f"The {what} {name!r} is not neat-python's own, and only those can be compiled.\n"
                f"  Use one of: {', '.join(codes)}."
            )
    return np.array([codes[name] for name in names], dtype=np.int8)


def compile_genes(
    genes: Genes, input_keys: Iterable[int], output_keys: Iterable[int], feed_forward: bool
) -> CompiledNetwork:
    """Prune, order and pack genes.

    Only what reaches an output over enabled connections is kept. neat-python keeps more in a recurrent
    network (it follows disabled connections too), but nothing that could reach an output.
    """
    inputs = np.fromiter(input_keys, np.int64)
    outputs = np.fromiter(output_keys, np.int64)
    output_set = set(outputs.tolist())
    hidden = np.array([key for key in genes.key.tolist() if key not in output_set], dtype=np.int64)
    keys = np.concatenate([inputs, outputs, hidden])
    source, target = _places(genes.link.T, keys)

    inner = source >= len(inputs)  # the links between nodes, which alone decide on pruning and order
    required = _required(source[inner], target[inner], range(len(inputs), len(inputs) + len(outputs)))
    if feed_forward:
        order = _feed_forward_order(source[inner], target[inner], required)
    else:
        linked = np.flatnonzero(np.bincount(target)).tolist()  # a node without links keeps its first 0
        order = sorted(set(required).intersection(linked))
    node = np.array(order, dtype=np.uint32)

    unranked = len(node)
    # Narrow, where nodes are few: NumPy sorts 16 bits in linear time.
    rank = np.full(len(keys), unranked, np.uint16 if unranked < 2**16 else np.uint32)
    rank[node] = np.arange(len(node))
    ranks = rank[target]
    counts = np.bincount(ranks, minlength=unranked + 1)[:unranked]
    links = np.argsort(ranks, kind="stable")[: counts.sum()]
    link_start = np.zeros(len(node) + 1, dtype=np.int64)
    np.cumsum(counts, out=link_start[1:])
    gene = _places(keys[node], genes.key)
    return CompiledNetwork(
        n_inputs=len(inputs),
        n_outputs=len(outputs),
        n_values=len(keys),
        recurrent=not feed_forward,
        node=node,
        link_start=link_start,
        source=source[links].astype(np.uint32),
        weight=genes.weight[links],
        activation=genes.activation[gene],
        aggregation=genes.aggregation[gene],
        bias=genes.bias[gene],
        response=genes.response[gene],
    )


def _places(wanted: Keys, keys: Keys) -> Keys:
    """Where each wanted key stands among the keys, which are unique; same shape as `wanted`."""
    lowest = int(keys.min())
    size = int(keys.max()) - lowest + 1
    if size <= _LARGEST_TABLE and wanted.size and lowest <= wanted.min() and wanted.max() < lowest + size:
        table = np.full(size, -1)
        table[keys - lowest] = np.arange(len(keys))
        found: Keys = table[wanted - lowest]
        if found.min() >= 0:
            return found
    order = np.argsort(keys)
    found = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    if not np.array_equal(keys[found], wanted):
        missing = np.setdiff1d(wanted, keys).tolist()
        raise ValueError(f"The genome connects nodes that it has no genes for: {missing}.")
    return found


def _required(source: Keys, target: Keys, outputs: Iterable[int]) -> list[int]:
    """The nodes from which an output can be reached, the outputs among them."""
    sources = _grouped(target, source)
    required = list(outputs)
    seen = set(required)
    for node in required:  # grows under way
        fresh = [before for before in sources.get(node, ()) if before not in seen]
        required += fresh
        seen.update(fresh)
    return required


def _feed_forward_order(source: Keys, target: Keys, required: list[int]) -> list[int]:
    """The required nodes, each after all that it reads; as in neat, none that is on or behind a cycle."""
    targets = _grouped(source, target)
    unready = Counter(target.tolist())
    ordered = [node for node in required if not unready[node]]
    needed = set(required)
    for node in ordered:  # grows under way
        for after in targets.get(node, ()):
            unready[after] -= 1
            if not unready[after] and after in needed:
                ordered.append(after)
    return ordered


def _grouped(by: Keys, values: Keys) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for key, value in zip(by.tolist(), values.tolist(), strict=True):
        groups.setdefault(key, []).append(value)
    return groups
