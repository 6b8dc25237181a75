"""A population that descends from one champion: the champion itself and mutated copies of it."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import neat

from neat_retro.errors import ChampionError
from neat_retro.evolution.champion import Champion
from neat_retro.evolution.genome import DefaultGenome


def descend(champion: Champion, config: neat.Config) -> neat.Population:
    """Return a population of [NEAT] pop_size genomes, the first equal to the champion's, the others mutated once.

    Draws from the global random generator. Raises ChampionError where the champion's network has other
    inputs or outputs than `config`, or is recurrent where `config` allows no cycles.
    """
    ancestor = DefaultGenome.from_neat(_with_innovations(copy.deepcopy(champion.genome)))
    _check_sizes(ancestor, champion, config.genome_config)
    reproduction = config.reproduction_type(config.reproduction_config, None, None)
    tracker = reproduction.innovation_tracker
    tracker.global_counter = int(ancestor.links.innovation.max(initial=0))
    config.genome_config.innovation_tracker = tracker
    config.genome_config.node_indexer = itertools.count(max(ancestor.nodes) + 1)
    genomes = {key: _child(ancestor, key, config) for key in range(1, config.pop_size + 1)}
    species = config.species_set_type(config.species_set_config, neat.reporting.ReporterSet())
    species.speciate(config, genomes, 0)
    population = neat.Population(config, (genomes, species, 0))
    population.reproduction.innovation_tracker = tracker
    return population


def _child(ancestor: DefaultGenome, key: int, config: neat.Config) -> DefaultGenome:
    child = copy.deepcopy(ancestor)
    child.key = key
    child.fitness = None
    if key > 1:
        child.mutate(config.genome_config)
    return child


def _with_innovations(genome: Any) -> Any:
    """Number the connections of a genome that was pickled before neat-python 1.0 numbered them."""
    genes = genome.connections.values()
    numbers = itertools.count(max((getattr(gene, "innovation", 0) for gene in genes), default=0) + 1)
    for gene in genes:
        if not hasattr(gene, "innovation"):
            gene.innovation = next(numbers)
    return genome


def _check_sizes(genome: Any, champion: Champion, genome_config: Any) -> None:
    theirs = champion.experiment.neat["DefaultGenome"]
    sizes = (int(theirs["num_inputs"]), int(theirs["num_outputs"]))
    wanted = (genome_config.num_inputs, genome_config.num_outputs)
    if sizes != wanted:
        raise ChampionError(
            f"The champion's network has {sizes[0]} inputs and {sizes[1]} outputs; this experiment has {wanted[0]} and"
            f" {wanted[1]}.\n  Use the champion's own [Observation] and [Actions]."
        )
    recurrent = theirs["feed_forward"].lower() == "false"
    if recurrent and genome_config.feed_forward:
        raise ChampionError(
            "The champion's network is recurrent, and this experiment's are not.\n"
            "  Set [DefaultGenome] feed_forward = False."
        )
