"""neat-python's reproduction, by what a genome is worth as a parent, with one of its errors mended."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import neat


class DefaultReproduction(neat.DefaultReproduction):  # type: ignore[misc]
    """Named like its parent: neat-python finds a class's config section by its name.

    neat-python 2.0.0 gives up ("Internal error adjusting spawn counts") where one pass over the species does not
    bring the next generation down to its size, and a run that could go on dies. Here passes are repeated until it
    does; where one pass is enough the result is neat-python's own.

    `worth` is what takes the place of a genome's fitness, by key, where this generation's parents, elites and species
    are judged: no champion, history or fitness threshold knows of it.
    """

    worth: Mapping[int, float] = MappingProxyType({})

    def reproduce(self, config: Any, species: Any, pop_size: int, generation: int) -> Any:
        """Return the next generation, bred by worth: parents, elites, species' shares and their stagnation."""
        for each in species.species.values():
            for genome in each.members.values():
                genome.fitness = self._worth(genome)
        return super().reproduce(config, species, pop_size, generation)

    def parents(self, config: Any, species: Any) -> Iterator[Any]:
        """Yield the genomes of an evaluated generation that may get children, as `reproduce` is about to pick them.

        Those of species that are about to be given up for stagnation are among them.
        """
        share = config.reproduction_config.survival_threshold
        for each in species.species.values():
            ranked = sorted(each.members.values(), key=lambda genome: (self._worth(genome), genome.key), reverse=True)
            yield from ranked[: max(2, math.ceil(share * len(ranked)))]

    def _worth(self, genome: Any) -> float:
        return float(self.worth.get(genome.key, genome.fitness))

    def _adjust_spawn_exact(self, spawn_amounts: list[int], pop_size: int, min_species_size: int) -> list[int]:
        spawned = list(spawn_amounts)
        while True:
            above = [index for index, amount in enumerate(spawned) if amount > min_species_size]
            if not above or sum(spawned) - pop_size <= len(above):
                break
            for index in above:
                spawned[index] -= 1
        adjusted: list[int] = super()._adjust_spawn_exact(spawned, pop_size, min_species_size)
        return adjusted
