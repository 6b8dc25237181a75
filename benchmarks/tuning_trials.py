"""What else was tried than the shipped configs: settings, each on a task, for some generations and a few seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """Settings to be tried on a task for some generations; `what` names what is new in them."""

    name: str
    task: str
    generations: int
    what: str
    settings: Mapping[str, object]
    seeds: Sequence[int]


def rates(mutate: float, replace: float) -> dict[str, object]:
    """Return the chances that a weight or bias of a child is changed a little, or drawn anew."""
    return {
        f"DefaultGenome.{gene}_{kind}_rate": rate
        for gene in ("weight", "bias")
        for kind, rate in (("mutate", mutate), ("replace", replace))
    }


# Pixels of 8 x 8, and about 130 links to begin with.
START_OF_LINKS = {
    "Observation.downscale": 8,
    "DefaultGenome.initial_connection": "partial_direct 0.02",
    "DefaultGenome.conn_add_prob": 0.5,
    "DefaultGenome.conn_delete_prob": 0.2,
    "DefaultGenome.node_add_prob": 0.2,
    "DefaultGenome.node_delete_prob": 0.1,
    "DefaultGenome.weight_init_stdev": 1.0,
}
NO_IMPRINTS = {"DefaultGenome.imprint_prob": 0, "DefaultGenome.enabled_mutate_rate": 0.01}
PAID_DEATHS = {"Fitness.death": "penalty 100 when change(lives) < 0"}
# neat-python's XOR example, which tutorials copy: nearly every weight of a child is another one. With plain pixels.
EXAMPLE = {
    **rates(0.8, 0.1),
    **START_OF_LINKS,
    **NO_IMPRINTS,
    **PAID_DEATHS,
    "Observation.normalise": "0..1",
    "DefaultGenome.mutate_only_prob": 0,
    "DefaultReproduction.survival_threshold": 0.2,
    "DefaultStagnation.max_stagnation": 20,
    "DefaultGenome.bias_mutate_rate": 0.7,
    "DefaultGenome.weight_mutate_power": 0.5,
    "DefaultSpeciesSet.target_species": 0,
    "NEAT.pop_size": 300,
}
FEW = EXAMPLE | rates(0.03, 0.01)
FEW_LARGE = FEW | {"DefaultGenome.weight_mutate_power": 2}
EIGHT = FEW_LARGE | {"DefaultSpeciesSet.target_species": 8}
ONE_PARENT = EIGHT | {"DefaultGenome.mutate_only_prob": 0.75}


def _runner(name: str, what: str, settings: Mapping[str, object], seeds: int, generations: int = 15) -> Trial:
    return Trial(name, "runner-1-1", generations, what, settings, range(101, 101 + seeds))


_FIRST_LEVEL = (
    _runner("example-100", "neat-python's example, 100 genomes", EXAMPLE | {"NEAT.pop_size": 100}, 2),
    _runner("example", "300 genomes", EXAMPLE, 2),
    _runner(
        "coarse",
        "pixels of 16 x 16",
        EXAMPLE | {"Observation.downscale": 16, "DefaultGenome.initial_connection": "partial_direct 0.08"},
        2,
    ),
    _runner(
        "five-actions",
        "only those that go right, and nothing",
        EXAMPLE | {"Actions.combos": "RIGHT, RIGHT+A, RIGHT+B, RIGHT+A+B, nothing"},
        2,
    ),
    _runner("fewer", "10 % of the weights changed, 2 % drawn anew", EXAMPLE | rates(0.1, 0.02), 2),
    _runner("few", "3 % of the weights changed, 1 % drawn anew", FEW, 3),
    _runner("few-parents", "and parents from the best 5 %", FEW | {"DefaultReproduction.survival_threshold": 0.05}, 3),
    _runner("few-large", "few, with a mutation power of 2", FEW_LARGE, 3),
    _runner("few-600", "few, 600 genomes", FEW | {"NEAT.pop_size": 600}, 3, generations=20),
    _runner("eight-species", "few, power 2, 8 species", EIGHT, 4, generations=20),
    _runner(
        "twelve-species-500",
        "500 genomes in 12 species",
        EIGHT | {"NEAT.pop_size": 500, "DefaultSpeciesSet.target_species": 12},
        3,
        generations=20,
    ),
    _runner(
        "less-structure",
        "eight-species, connections and nodes added and deleted less often",
        EIGHT
        | {
            "DefaultGenome.conn_add_prob": 0.2,
            "DefaultGenome.conn_delete_prob": 0.1,
            "DefaultGenome.node_add_prob": 0.05,
            "DefaultGenome.node_delete_prob": 0.02,
        },
        4,
        generations=20,
    ),
    _runner("one-parent", "eight-species, three of four children of one parent", ONE_PARENT, 4, generations=20),
    _runner(
        "one-parent-curriculum",
        "and a curriculum after 2 generations without progress, from 2 seconds before",
        ONE_PARENT | {"Curriculum.patience": 2, "Curriculum.lead": 120},
        2,
        generations=20,
    ),
    _runner("skip-8", "eight-species, a decision every 8 frames", EIGHT | {"Episode.frame_skip": 8}, 3, generations=20),
)

# The shipped config, and one thing other than in it.
_SHIPPED = (
    _runner("shipped", "the shipped config", {}, 4, generations=20),
    _runner("shipped-300", "the shipped config, 300 genomes", {"NEAT.pop_size": 300}, 4, generations=20),
)

TRIALS: tuple[Trial, ...] = (*_FIRST_LEVEL, *_SHIPPED)
