"""Knows how node genes are inherited, mutated and compared: neat-python's operators, with less work for each gene.

neat-python's own (genes.py) look every setting of every attribute up for every gene, also of attributes that a
config never changes. With a dozen nodes that takes longer than thousands of connections in arrays.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from neat.genes import DefaultNodeGene

Nodes = Mapping[int, Any]

_ATTRIBUTES = {attribute.name: attribute for attribute in DefaultNodeGene._gene_attributes}


def inherited_nodes(fitter: Nodes, other: Nodes) -> dict[int, Any]:
    """Return a child's nodes: those of the fitter parent, each attribute of a common one from either."""
    child = {}
    for key, node in fitter.items():
        child[key] = copied = DefaultNodeGene.__new__(DefaultNodeGene)
        values = vars(copied)
        values.update(vars(node))
        if key in other:
            its = vars(other[key])
            drawn = random.getrandbits(len(_ATTRIBUTES))
            for name in _ATTRIBUTES:
                if drawn & 1:
                    values[name] = its[name]
                drawn >>= 1
    return child


def mutate_nodes(nodes: Nodes, config: Any) -> None:
    """Mutate every attribute of every node by itself."""
    for name, attribute in _ATTRIBUTES.items():
        replace_rate = getattr(config, f"{name}_replace_rate", 0.0)  # names have none
        if getattr(config, attribute.mutate_rate_name) + replace_rate > 0.0:
            for node in nodes.values():
                setattr(node, name, attribute.mutate_value(getattr(node, name), config))


def nodes_distance(nodes: Nodes, other: Nodes, config: Any) -> float:
    """Return the nodes' part of neat-python's genetic distance."""
    differences, common = 0.0, 0
    for key, node in nodes.items():
        its = other.get(key)
        if its is not None:
            common += 1
            differences += (
                abs(node.bias - its.bias)
                + abs(node.response - its.response)
                + abs(node.time_constant - its.time_constant)
                + (node.activation != its.activation)
                + (node.aggregation != its.aggregation)
            )
    disjoint = len(nodes) + len(other) - 2 * common
    total = config.compatibility_weight_coefficient * differences + config.compatibility_disjoint_coefficient * disjoint
    return float(total) / max(len(nodes), len(other), 1)
