"""A bare winner.pkl of a tutorial script, played as that script plays it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import neat
from neat.genome import DefaultGenome

from neat_retro import safe_pickle
from neat_retro.agent.episode import EpisodeSpec, Start
from neat_retro.agent.rules import TUTORIAL
from neat_retro.agent.tutorial import TutorialAgent
from neat_retro.errors import ChampionError
from neat_retro.evolution import resolve
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Experiment, read_draft

# Longer than any script waits: ten minutes of play.
MAX_FRAMES = 36_000


@dataclasses.dataclass(frozen=True)
class Winner:
    """A bare genome ready to play: open Stage(experiment), then play `agent` from `spec`."""

    experiment: Experiment
    agent: TutorialAgent
    spec: EpisodeSpec
    notes: tuple[str, ...]


def load_winner(path: Path, config: Path, game: str, overrides: Sequence[str] = ()) -> Winner:
    """Read a tutorial's winner with the config that it was trained with.

    The config's own sections of ours stay, but pixels and buttons are the tutorial's; without [Fitness] the
    scenario's reward counts. Raises PickleError, ChampionError or ExperimentError.
    """
    genome = safe_pickle.load(path)
    if not isinstance(genome, DefaultGenome):
        raise ChampionError(
            f"{path} is not a bare neat-python genome. A champion of neat-retro replays without --legacy."
        )
    draft = read_draft(config)
    draft.sections.setdefault("Fitness", {"reward": "scenario_reward"})
    draft.sections.setdefault("Episode", {"max_frames": str(MAX_FRAMES)})["frame_skip"] = "1"
    draft.sections["Observation"] = {"kind": TUTORIAL}
    draft.sections["Actions"] = {"kind": TUTORIAL}
    for assignment in overrides:
        draft.override(assignment)
    draft = resolve.fill_in(draft, game)
    experiment = resolve.settle(draft.experiment())
    agent = TutorialAgent(_network(genome, experiment, path))
    return Winner(experiment, agent, EpisodeSpec(Start(experiment.game.states[0])), tuple(draft.notes))


def _network(genome: DefaultGenome, experiment: Experiment, path: Path) -> object:
    config = resolve.neat_config(experiment)
    kind = neat.nn.FeedForwardNetwork if config.genome_config.feed_forward else neat.nn.RecurrentNetwork
    try:
        return kind.create(genome, config)
    except (KeyError, AttributeError) as error:
        raise ChampionError(f"{path} does not fit the config {experiment.source}: {error!r} is missing.") from error


def check_sizes(winner: Winner, stage: Stage) -> None:
    """Raise ExperimentError where the config's num_inputs or num_outputs are not what this game gives."""
    resolve.fit(winner.experiment, stage.facts())
