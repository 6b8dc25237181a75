"""What is to be learned: a shipped config, where it starts, how long it may take and how often it must get there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Task:
    """One row of docs/learning.md.

    `seeds` runs with so many seeds, each for up to `generations`. `must` are how many of them have to reach the goal
    within how many generations, None where the row only reports. `settings` are what a user would give with --set.
    `config` is a file of neat-configs/ other than the game's own; it may name its states itself. The champion then
    plays from so many perturbed `starts`, of `unseen` where that names a level the training did not have. `bears` are
    from how many of them the median champion must reach the goal, and from how many it is to at best.
    """

    name: str
    what: str
    game: str
    state: str
    generations: int
    seeds: int = 10
    must: tuple[int, int] | None = None
    aim: tuple[int, int] | None = None
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    config: str | None = None
    starts: int = 100
    bears: tuple[int, int] | None = None
    unseen: str | None = None


BEST_RHYTHM = 520  # with all three ships: benchmarks/blind_rhythm.py
RUNNER, DASH, DUEL, AIRSTRIKER = "NeatRunner-Nes", "NeatDash-Genesis", "NeatDuel-Snes", "Airstriker-Genesis"
FROM_PIXELS = MappingProxyType(
    {
        "Observation.kind": "grayscale",
        "Observation.variables": "",
        "Observation.downscale": 16,
        "Observation.normalise": "contrast",
        "DefaultGenome.initial_connection": "partial_direct 0.01",
    }
)

TASKS = (
    Task("runner-1-1", "Runner `Level1-1` from pixels", RUNNER, "Level1-1", 20, must=(9, 20), aim=(10, 10)),
    Task("runner-1-2", "Runner `Level1-2` from pixels", RUNNER, "Level1-2", 60, must=(7, 60), aim=(10, 30)),
    Task("runner-1-3", "Runner `Level1-3` from pixels", RUNNER, "Level1-3", 60, must=(7, 60), aim=(10, 30)),
    Task("runner-1-4", "Runner's last level from pixels", RUNNER, "Level1-4", 40),
    Task(
        "runner-1-4-curriculum",
        "Runner's last level, also from where it is stuck",
        RUNNER,
        "Level1-4",
        40,
        seeds=5,
        settings={"Curriculum.patience": 3, "Curriculum.lead": 120},
    ),
    Task(
        "runner-robust",
        "Runner `Level1-1` from perturbed starts",
        RUNNER,
        "Level1-1",
        60,
        seeds=5,
        config="NeatRunner-Nes.robust.cfg",
        starts=200,
        bears=(160, 190),
    ),
    Task(
        "runner-levels",
        "Runner's first three levels, then `Level1-4`",
        RUNNER,
        "Level1-1, Level1-2, Level1-3",
        60,
        seeds=5,
        config="NeatRunner-Nes.levels.cfg",
        unseen="Level1-4",
    ),
    Task("dash-1", "Dash's first level from pixels", DASH, "CloverCircuitZone.Act1", 50, must=(8, 50), aim=(10, 30)),
    Task("dash-2", "Dash's second level from pixels", DASH, "CloverCircuitZone.Act2", 25, seeds=5),
    Task("dash-3", "Dash's third level from pixels", DASH, "EmberFoundryZone.Act1", 25),
    Task("dash-4", "Dash's last level from pixels", DASH, "EmberFoundryZone.Act2", 25, seeds=5),
    Task("duel-normal", "Duel, a match at normal, from variables", DUEL, "Normal", 50, must=(9, 50), aim=(10, 20)),
    Task("duel-hard", "Duel, a match at hard, from variables", DUEL, "Hard", 20, aim=(10, 20)),
    Task(
        "duel-pixels",
        "Duel, a match at normal, from pixels",
        DUEL,
        "Normal",
        100,
        aim=(5, 100),
        settings=FROM_PIXELS,
    ),
    Task(
        "airstriker",
        f"Airstriker, 1.5 times the score of the best blind rhythm ({BEST_RHYTHM})",
        AIRSTRIKER,
        "Level1",
        40,
        must=(10, 40),
        settings={"Episode.goal": f"score >= {1.5 * BEST_RHYTHM:g}"},
    ),
)


def task_named(name: str) -> Task:
    """Return a task. Raises KeyError."""
    return {task.name: task for task in TASKS}[name]
