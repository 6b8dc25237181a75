"""A genome that keeps its connections in arrays, for neat-python to breed: the same operators, on whole columns.

neat-python's own genome has an object for each connection; with the thousands of a network that sees pixels,
breeding then takes longer than playing. Nodes are few and stay neat-python's objects.

Differences from neat.DefaultGenome that can be seen: connections are kept in ascending order of (input, output),
and the random numbers drawn are others, of the same distributions. All of them come from Python's global
generator, so a seed still makes a run. A warning that an innovation number was given to two connections is left
out; their genes are treated as disjoint, as in neat-python.
"""

from __future__ import annotations

import copy
import copyreg
import itertools
import random
from collections.abc import Iterable, Mapping
from typing import Any

import neat
import numpy as np
import numpy.typing as npt
from neat.graphs import creates_cycle

from neat_retro.evolution.imprint import LAST, Way, imprint
from neat_retro.evolution.link_operators import (
    inherited,
    initial_enabled,
    initial_weights,
    links_distance,
    mutated,
    own_generator,
    without_cycles,
)
from neat_retro.evolution.links import NO_LINKS, ConnectionsView, Floats, Integers, Key, Links
from neat_retro.evolution.node_operators import inherited_nodes, mutate_nodes, nodes_distance


class DefaultGenome(neat.DefaultGenome):  # type: ignore[misc]
    """Named like its parent: neat-python finds a genome's config section by its name.

    It pickles to a plain neat.DefaultGenome, which loads without this package. A deep copy is one of its own kind.
    `ways` are what it saw and did in its episodes, or the parent whose child it is, for as long as it takes to imprint
    children; no pickle has them.
    """

    def __init__(self, key: int | None) -> None:
        self.key = key
        self.nodes: dict[int, Any] = {}
        self.links = NO_LINKS
        self.fitness: float | None = None
        self.ways: tuple[Way, ...] = ()

    @classmethod
    def parse_config(cls, param_dict: dict[str, Any]) -> Any:
        """Return neat-python's config of the section, and our keys: `mutate_only_prob`, `imprint_...`."""
        config = super().parse_config(param_dict)
        config.mutate_only_prob = float(param_dict.get("mutate_only_prob", 0.0))
        config.imprint_prob = float(param_dict.get("imprint_prob", 0.0))
        config.imprint_last = int(param_dict.get("imprint_last", LAST))
        return config

    @classmethod
    def from_neat(cls, genome: Any) -> DefaultGenome:
        """Take over a neat-python genome, its node genes included. Its connections need innovation numbers."""
        ours = cls(genome.key)
        ours.nodes, ours.fitness = genome.nodes, genome.fitness
        ours.links = Links.from_genes(genome.connections.values())
        return ours

    @property
    def connections(self) -> Mapping[Key, Any]:
        """The connections as neat-python's genes, by key, to read only: the genes are copies."""
        return ConnectionsView(self.links)

    def enabled_links(self) -> tuple[Integers, Floats]:
        """Return the ends (n, 2) and weights (n,) of the enabled connections."""
        enabled = np.flatnonzero(self.links.enabled)
        code = self.links.code[enabled]
        return np.stack((code >> 32, code & 0xFFFFFFFF)).T, self.links.weight[enabled]

    def to_neat(self) -> neat.DefaultGenome:
        """Return an equal genome that is neat-python's own; node genes are shared."""
        plain = neat.DefaultGenome(self.key)
        plain.__dict__.update({name: value for name, value in vars(self).items() if name not in ("links", "ways")})
        plain.connections = self.links.genes()
        return plain

    def __reduce__(self) -> tuple[Any, ...]:
        plain = (neat.DefaultGenome, object, None)
        return copyreg._reconstructor, plain, vars(self.to_neat())  # type: ignore[attr-defined]

    def __deepcopy__(self, memo: dict[int, Any]) -> DefaultGenome:
        copied = type(self)(self.key)
        copied.__dict__.update(vars(self))
        copied.nodes = {key: copy.copy(node) for key, node in self.nodes.items()}
        return copied

    def size(self) -> tuple[int, int]:
        """Return the numbers of nodes and of enabled connections."""
        return len(self.nodes), int(np.count_nonzero(self.links.enabled))

    def distance(self, other: Any, config: Any) -> float:
        """Return neat-python's genetic distance, equal to its own up to rounding."""
        return nodes_distance(self.nodes, other.nodes, config) + links_distance(self.links, other.links, config)

    # --- a new genome: neat-python's configure_new makes the nodes and calls one of these

    def connect_fs_neat_nohidden(self, config: Any) -> None:
        """Connect one input to all outputs."""
        self._connect(_pairs([random.choice(config.input_keys)], config.output_keys), config)

    def connect_fs_neat_hidden(self, config: Any) -> None:
        """Connect one input to all nodes."""
        self._connect(_pairs([random.choice(config.input_keys)], self.nodes), config)

    def connect_full_nodirect(self, config: Any) -> None:
        """Connect all, inputs to outputs only where there are no hidden nodes."""
        self._connect(self._all_pairs(config, direct=False), config)

    def connect_full_direct(self, config: Any) -> None:
        """Connect all."""
        self._connect(self._all_pairs(config, direct=True), config)

    def connect_partial_nodirect(self, config: Any) -> None:
        """Connect a random part of what connect_full_nodirect does."""
        self._connect(self._all_pairs(config, direct=False), config, config.connection_fraction)

    def connect_partial_direct(self, config: Any) -> None:
        """Connect a random part of what connect_full_direct does."""
        self._connect(self._all_pairs(config, direct=True), config, config.connection_fraction)

    def _all_pairs(self, config: Any, direct: bool) -> Integers:
        """neat-python's compute_full_connections, in its order: (n, 2)."""
        hidden = self._hidden(config)
        pairs = [_pairs(config.input_keys, hidden), _pairs(hidden, config.output_keys)]
        if direct or not hidden:
            pairs.append(_pairs(config.input_keys, config.output_keys))
        if not config.feed_forward:
            nodes = np.fromiter(self.nodes, np.int64)
            pairs.append(np.stack((nodes, nodes), axis=1))
        return np.concatenate(pairs)

    def _connect(self, pairs: Integers, config: Any, fraction: float = 1.0) -> None:
        generator = own_generator()
        if fraction < 1.0:
            pairs = pairs[generator.permutation(len(pairs))[: round(len(pairs) * fraction)]]
        tracker = config.innovation_tracker
        known = tracker.generation_innovations  # asked first: it saves a call for nearly every connection
        mutations = zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), itertools.repeat("initial_connection"))
        innovations = [known.get(mutation) or tracker.get_innovation_number(*mutation) for mutation in mutations]
        self.links = Links.from_columns(
            pairs,
            np.array(innovations, dtype=np.int64),
            initial_weights(config, len(pairs), generator),
            initial_enabled(config, len(pairs), generator),
        )

    # --- a child

    def configure_crossover(self, genome1: Any, genome2: Any, config: Any) -> None:
        """Inherit from two parents; with a chance of `mutate_only_prob` from the first alone.

        So do 25 % of the offspring of Stanley & Miikkulainen (2002), section 4.1, doi:10.1162/106365602320169811.
        """
        alone = config.mutate_only_prob
        if alone and random.random() < alone:
            genome2 = genome1
        fitter, other = (genome1, genome2) if genome1.fitness > genome2.fitness else (genome2, genome1)
        self.links = inherited(fitter.links, other.links)
        if config.feed_forward:
            self.links = without_cycles(self.links)
        self.nodes = inherited_nodes(fitter.nodes, other.nodes)
        self.ways = fitter.ways

    def mutate(self, config: Any) -> None:
        """Change the structure, then every connection's and node's values; then imprint what a parent saw."""
        self._mutate_structure(config)
        self.links = mutated(self.links, config, own_generator())
        mutate_nodes(self.nodes, config)
        if config.imprint_prob and random.random() < config.imprint_prob:
            self.mutate_imprint(config)
        self.ways = ()  # a parent's: its own are not known yet

    def _mutate_structure(self, config: Any) -> None:
        mutations = (
            (config.node_add_prob, self.mutate_add_node),
            (config.node_delete_prob, self.mutate_delete_node),
            (config.conn_add_prob, self.mutate_add_connection),
            (config.conn_delete_prob, self.mutate_delete_connection),
        )
        if not config.single_structural_mutation:
            for chance, mutate in mutations:
                if random.random() < chance:
                    mutate(config)
            return
        drawn = random.random() * max(1, sum(chance for chance, _ in mutations))
        for chance, mutate in mutations:
            if drawn < chance:
                mutate(config)
                return
            drawn -= chance

    def mutate_add_node(self, config: Any) -> None:
        """Split a random connection."""
        if not len(self.links):
            if config.check_structural_mutation_surer():
                self.mutate_add_connection(config)
            return
        place = random.randrange(len(self.links))
        split = self.links.gene(place)
        source, target = split.key
        key = config.get_new_node_key(self.nodes)
        self.nodes[key] = self.create_node(config, key)
        self.nodes[key].bias = 0.0
        number = config.innovation_tracker.get_innovation_number
        into = self.create_connection(config, source, key, number(source, key, "add_node_in"))
        out = self.create_connection(config, key, target, number(key, target, "add_node_out"))
        into.weight, into.enabled = 1.0, True
        out.weight, out.enabled = split.weight, True
        self.links = self.links.switched(place, False).with_gene(into).with_gene(out)

    def mutate_add_connection(self, config: Any) -> None:
        """Connect a random input or hidden node to a random node."""
        target = random.choice(list(self.nodes))
        hidden = self._hidden(config)
        drawn = random.randrange(len(hidden) + len(config.input_keys))
        source = hidden[drawn] if drawn < len(hidden) else config.input_keys[drawn - len(hidden)]
        place = self.links.find((source, target))
        if place is not None:
            if config.check_structural_mutation_surer():
                self.links = self.links.switched(place, True)
            return
        # What an input feeds cannot lead back to it.
        if config.feed_forward and drawn < len(hidden) and creates_cycle(self.links.inner(), (source, target)):
            return
        number = config.innovation_tracker.get_innovation_number(source, target, "add_connection")
        self.links = self.links.with_gene(self.create_connection(config, source, target, number))

    def mutate_imprint(self, config: Any) -> None:
        """Add a hidden node that fires at what a parent saw where it fell short, and turns an output there."""
        short = [way for way in self.ways if way.late(config.imprint_last)]
        if not short:
            return
        chosen = random.choice(short)
        others = [way for way in self.ways if way is not chosen]
        node = imprint(chosen, others, config.imprint_last, own_generator())
        if node is None:
            return
        key = config.get_new_node_key(self.nodes)
        gene = self.nodes[key] = self.create_node(config, key)
        gene.bias, gene.response, gene.activation, gene.aggregation = node.bias, 1.0, "sigmoid", "sum"
        sources = np.array(config.input_keys)[node.place]
        ends = np.concatenate((_pairs(sources, [key]), [(key, config.output_keys[node.output])]))
        number = config.innovation_tracker.get_innovation_number
        innovations = [number(source, target, "imprint") for source, target in ends.tolist()]
        self.links = self.links.with_columns(ends, np.array(innovations), np.append(node.weight, node.output_weight))

    def mutate_delete_node(self, config: Any) -> int:
        """Remove a random hidden node with its connections; return its key, or -1 where there is none."""
        hidden = self._hidden(config)
        if not hidden:
            return -1
        deleted = random.choice(hidden)
        self.links = self.links.only((self.links.inputs != deleted) & (self.links.outputs != deleted))
        del self.nodes[deleted]
        return deleted

    def mutate_delete_connection(self, config: Any = None) -> None:
        """Remove a random connection."""
        if len(self.links):
            self.links = self.links.without(random.randrange(len(self.links)))

    def _hidden(self, config: Any) -> list[int]:
        outputs = set(config.output_keys)
        return [key for key in self.nodes if key not in outputs]


def _pairs(sources: Iterable[int], targets: Iterable[int]) -> npt.NDArray[np.int64]:
    """Every source with every target, (n, 2)."""
    grid = np.meshgrid(np.fromiter(sources, np.int64), np.fromiter(targets, np.int64), indexing="ij")
    return np.stack(grid, axis=-1).reshape(-1, 2)
