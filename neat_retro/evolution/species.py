"""neat-python's speciation, with a compatibility threshold that can look for a number of species by itself."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import neat
from neat.config import ConfigParameter, DefaultClassConfig
from neat.reporting import ReporterSet

STEP = 0.9  # the threshold goes up and down by this factor
MOST_STEPS = 20  # in one generation: to an eighth of it


class DefaultSpeciesSet(neat.DefaultSpeciesSet):  # type: ignore[misc]
    """Named like its parent: neat-python finds a class's config section by its name.

    With `target_species` the threshold moves before each speciation to the least, in steps of a tenth, that gives no
    more species than that, nor so many that their elites are more than half of the population; 0 leaves it alone.
    neat-python keeps a species until it stagnates, so that a threshold can hinder new ones and cannot join old ones.
    Stanley & Miikkulainen (2004), Journal of Artificial Intelligence Research 21, appendix A, doi:10.1613/jair.1338,
    adjust theirs for a target of 10 species by steps of one size.
    """

    @classmethod
    def parse_config(cls, param_dict: dict[str, str]) -> Any:
        keys = [ConfigParameter("compatibility_threshold", float), ConfigParameter("target_species", int, 0)]
        return DefaultClassConfig(param_dict, keys, "DefaultSpeciesSet")

    def speciate(self, config: Any, population: dict[int, Any], generation: int) -> None:
        """Place genomes into species. The threshold found stays in the config, from where the next one goes on."""
        if self.species_set_config.target_species:
            self._find_threshold(config, population, generation)
        super().speciate(config, population, generation)

    def _find_threshold(self, config: Any, population: dict[int, Any], generation: int) -> None:
        section = config.reproduction_config
        room = config.pop_size // (2 * max(section.min_species_size, section.elitism, 1))
        most: int = max(min(self.species_set_config.target_species, room), len(self.species), 1)

        def fits(threshold: float) -> bool:
            return self._count(threshold, config, population, generation) <= most

        threshold = self.species_set_config.compatibility_threshold
        if fits(threshold):
            lower = itertools.takewhile(fits, (threshold * STEP**step for step in range(1, MOST_STEPS)))
            *_, threshold = threshold, *lower
        else:
            higher = (threshold / STEP**step for step in range(1, MOST_STEPS))
            threshold = next(filter(fits, higher), threshold / STEP**MOST_STEPS)
        self.species_set_config.compatibility_threshold = threshold

    def _count(self, threshold: float, config: Any, population: dict[int, Any], generation: int) -> int:
        """Return how many species a threshold would give."""
        tried = copy.copy(self)
        tried.species_set_config = copy.copy(self.species_set_config)
        tried.species_set_config.compatibility_threshold = threshold
        tried.species = {key: copy.copy(species) for key, species in self.species.items()}
        tried.indexer = itertools.count(max(self.species, default=0) + 1)
        tried.reporters = ReporterSet()
        neat.DefaultSpeciesSet.speciate(tried, config, population, generation)
        return len(tried.species)
