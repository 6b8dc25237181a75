"""neat-python's reproduction, with one of its errors mended."""

from __future__ import annotations

import neat


class DefaultReproduction(neat.DefaultReproduction):  # type: ignore[misc]
    """Named like its parent: neat-python finds a class's config section by its name.

    neat-python 2.0.0 gives up ("Internal error adjusting spawn counts") where one pass over the species does not
    bring the next generation down to its size, and a run that could go on dies. Here passes are repeated until it
    does; where one pass is enough the result is neat-python's own.
    """

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
