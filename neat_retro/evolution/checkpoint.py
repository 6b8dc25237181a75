"""A checkpoint: a population just before a generation is evaluated, with every counter and the random state.

neat-python's own checkpoints take numbers from the counters they save (2.0.0: `__getstate__` calls next()),
so a run that was saved would differ from one that was not. Here counters are read without being advanced.

Format 2 keeps connections as columns. Format 1, with a neat.DefaultGenome for each genome, is still read: such a
run goes on with the same genes, but breeds with other random numbers than it would have before, and a network adds
its inputs up in another order, which may change a last digit.
"""

from __future__ import annotations

import itertools
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neat
import numpy as np
from neat.species import Species

from neat_retro import safe_pickle
from neat_retro.agent.episode import Start
from neat_retro.errors import CorruptPickleError
from neat_retro.evolution.curriculum import Curriculum
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.genome import DefaultGenome
from neat_retro.evolution.genome_pool import GenomePool, unpack_genomes
from neat_retro.evolution.novelty import Archive
from neat_retro.evolution.random_state import RandomState

FORMAT_VERSION = 2


@dataclass(frozen=True)
class Checkpoint:
    """What a run is continued from. `best_fitness` is that of the champion so far, None before the first."""

    generation: int
    experiment: str
    population: neat.Population
    random_state: RandomState
    best_fitness: float | None
    curriculum: Curriculum = field(default_factory=Curriculum)
    archive: Archive = field(default_factory=Archive)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all. The population is not modified."""
    population = checkpoint.population
    genome_config = population.config.genome_config
    tracker = population.reproduction.innovation_tracker
    genomes = GenomePool()
    content = {
        "format_version": FORMAT_VERSION,
        "generation": checkpoint.generation,
        "experiment": checkpoint.experiment,
        "best_fitness": checkpoint.best_fitness,
        "curriculum": _pack_curriculum(checkpoint.curriculum),
        "archive": checkpoint.archive.behaviours.tolist(),
        "random_state": checkpoint.random_state,
        "genomes": [genomes.place(genome) for genome in population.population.values()],
        "species": [_pack_species(s, genomes) for s in population.species.species.values()],
        "stored": genomes.packed,
        "compatibility_threshold": population.species.species_set_config.compatibility_threshold,
        "parents": {key: population.reproduction.ancestors.get(key, ()) for key in population.population},
        "next_genome": _peek(population.reproduction, "genome_indexer"),
        "next_species": _peek(population.species, "indexer"),
        "next_node": _peek(genome_config, "node_indexer"),
        "innovation_counter": tracker.global_counter,
        "innovations": dict(tracker.generation_innovations),
    }
    write_atomically(path, pickle.dumps(content, protocol=4))


class StoredCheckpoint:
    """A checkpoint as it was read: what it says is known, its population not yet made."""

    def __init__(self, path: Path) -> None:
        """Read a checkpoint's file. Raises PickleError."""
        content = safe_pickle.load(path, "checkpoint")
        try:
            if not isinstance(content, dict) or content["format_version"] not in (1, FORMAT_VERSION):
                raise ValueError("unknown format")
            self.generation = int(content["generation"])
            self.experiment = str(content["experiment"])
            self.best_fitness: float | None = content["best_fitness"]
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(path, error) from error
        self._path = path
        self._content = content

    def restore(self, config: neat.Config) -> Checkpoint:
        """Return the checkpoint, its population with this config. Raises CorruptPickleError."""
        try:
            return Checkpoint(
                generation=self.generation,
                experiment=self.experiment,
                population=_unpack_population(self._content, config),
                random_state=self._content["random_state"],
                best_fitness=self.best_fitness,
                curriculum=_unpack_curriculum(self._content.get("curriculum")),
                archive=Archive(np.array(self._content.get("archive", []), dtype=np.float64)),
            )
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _unreadable(self._path, error) from error


def load_checkpoint(path: Path, config: neat.Config) -> Checkpoint:
    """Read a checkpoint into a population with this config. Raises PickleError."""
    return StoredCheckpoint(path).restore(config)


def _unreadable(path: Path, error: Exception) -> CorruptPickleError:
    return CorruptPickleError(f"{path} is no checkpoint that this neat-retro reads: {type(error).__name__} at {error}.")


def _pack_species(species: Species, genomes: GenomePool) -> dict[str, Any]:
    return {
        "key": species.key,
        "created": species.created,
        "last_improved": species.last_improved,
        "representative": genomes.place(species.representative),
        "members": list(species.members),
        "fitness": species.fitness,
        "adjusted_fitness": species.adjusted_fitness,
        "fitness_history": list(species.fitness_history),
    }


def _pack_curriculum(curriculum: Curriculum) -> dict[str, Any]:
    starts = [(start.state, start.prefix) for start in curriculum.starts]
    return {"starts": starts, "best": curriculum.best, "idle": curriculum.idle}


def _unpack_curriculum(packed: dict[str, Any] | None) -> Curriculum:
    """Return what a checkpoint says of the curriculum; one from before there was any says nothing."""
    if packed is None:
        return Curriculum()
    starts = tuple(Start(str(state), tuple(tuple(masks) for masks in prefix)) for state, prefix in packed["starts"])
    return Curriculum(starts, float(packed["best"]), int(packed["idle"]))


def _without_objects(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a checkpoint of format 1 as format 2 would have it."""
    genomes = GenomePool()
    taken: dict[int, DefaultGenome] = {}  # by id: a representative that is a member is so afterwards

    def place(genome: Any) -> int:
        if id(genome) not in taken:
            taken[id(genome)] = DefaultGenome.from_neat(genome)
        return genomes.place(taken[id(genome)])

    return content | {
        "genomes": [place(genome) for genome in content["genomes"].values()],
        "species": [packed | {"representative": place(packed["representative"])} for packed in content["species"]],
        "stored": genomes.packed,
    }


def _unpack_population(content: dict[str, Any], config: neat.Config) -> neat.Population:
    if content["format_version"] == 1:
        content = _without_objects(content)
    stored = unpack_genomes(content["stored"])
    genomes = {stored[place].key: stored[place] for place in content["genomes"]}
    species_set = config.species_set_type(config.species_set_config, None)
    for packed in content["species"]:
        species = Species(packed["key"], packed["created"])
        species.last_improved = packed["last_improved"]
        species.fitness = packed["fitness"]
        species.adjusted_fitness = packed["adjusted_fitness"]
        species.fitness_history = packed["fitness_history"]
        species.update(stored[packed["representative"]], {key: genomes[key] for key in packed["members"]})
        species_set.species[species.key] = species
        species_set.genome_to_species |= dict.fromkeys(packed["members"], species.key)
    species_set.indexer = itertools.count(content["next_species"])
    stated = config.species_set_config.compatibility_threshold
    config.species_set_config.compatibility_threshold = content.get("compatibility_threshold", stated)
    population = neat.Population(config, (genomes, species_set, content["generation"]))
    population.reproduction.genome_indexer = itertools.count(content["next_genome"])
    population.reproduction.ancestors = dict(content["parents"])
    tracker = population.reproduction.innovation_tracker
    tracker.global_counter = content["innovation_counter"]
    tracker.generation_innovations = dict(content["innovations"])
    config.genome_config.innovation_tracker = tracker
    next_node = content["next_node"]
    config.genome_config.node_indexer = None if next_node is None else itertools.count(next_node)
    return population


def _peek(owner: Any, name: str) -> int | None:
    """Return the next number of an itertools.count attribute and leave the counter as it was."""
    counter = getattr(owner, name)
    if counter is None:
        return None
    value = next(counter)
    setattr(owner, name, itertools.count(value))
    return int(value)
