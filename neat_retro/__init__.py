"""Evolve neural networks with NEAT that learn to play console games.

    import neat_retro

    experiment = neat_retro.load_experiment("Airstriker-Genesis", settings={"Run.generations": 5})
    end = neat_retro.train(experiment, "runs/mine")
    print(neat_retro.replay(end.champion).fitness)

Names are imported when they are first used, so that `import neat_retro` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neat_retro.api import evaluate, load_experiment, make_env, replay, rescore, resume, train, versus
    from neat_retro.environment import NeatRetroEnv
    from neat_retro.errors import NeatRetroError
    from neat_retro.evolution.champion import Champion, load_champion
    from neat_retro.evolution.reporter import Reporter, RunEnd
    from neat_retro.experiment import Experiment

__version__ = "0.1.0"
__all__ = [
    "Champion",
    "Experiment",
    "NeatRetroEnv",
    "NeatRetroError",
    "Reporter",
    "RunEnd",
    "evaluate",
    "load_champion",
    "load_experiment",
    "make_env",
    "replay",
    "rescore",
    "resume",
    "train",
    "versus",
]

_HOMES = {
    "Champion": "neat_retro.evolution.champion",
    "Experiment": "neat_retro.experiment",
    "NeatRetroEnv": "neat_retro.environment",
    "NeatRetroError": "neat_retro.errors",
    "Reporter": "neat_retro.evolution.reporter",
    "RunEnd": "neat_retro.evolution.reporter",
    "load_champion": "neat_retro.evolution.champion",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES.get(name, "neat_retro.api")), name)
