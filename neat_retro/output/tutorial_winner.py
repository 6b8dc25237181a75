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
from neat_retro.evolution import drafts, resolve
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
    scenario's reward counts.

    What only the script says comes as `overrides`, each `Section.key=value`. Episode.stall_frames=250 is its counter
    that is reset to 0 at a new best score, goes up at every other frame, and ends the game with `counter == 250`
    (251 for `counter > 250`); without it only the scenario ends the game. DefaultGenome.feed_forward=False is for
    a script that makes a RecurrentNetwork whatever its config says, True for the other way round.

    Raises PickleError, ChampionError or ExperimentError.
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
    draft = drafts.fill_in(draft, game)
    experiment = resolve.settle(draft.experiment())
    agent = TutorialAgent(_network(genome, experiment, path))
    return Winner(experiment, agent, EpisodeSpec(Start(experiment.game.states[0])), tuple(draft.notes))


def _network(genome: DefaultGenome, experiment: Experiment, path: Path) -> object:
    config = resolve.neat_config(experiment)
    kind = neat.nn.FeedForwardNetwork if config.genome_config.feed_forward else neat.nn.RecurrentNetwork
    try:
        _check_fits(genome, config, f"{path} was not trained with {experiment.source}")
        return kind.create(genome, config)
    except (KeyError, AttributeError, TypeError) as error:
        raise ChampionError(f"{path}: neat-python cannot make a network of this genome: {error}") from error


def _check_fits(genome: DefaultGenome, config: neat.Config, problem: str) -> None:
    """Raise ChampionError for a genome with inputs that the config lacks, or without an output that it has."""
    settings = config.genome_config
    last_input = max((-node for link in genome.connections for node in link), default=0)
    if last_input > settings.num_inputs:
        raise ChampionError(f"{problem}: num_inputs = {settings.num_inputs}, but the genome has an input {last_input}.")
    for number, key in enumerate(settings.output_keys, 1):
        if key not in genome.nodes:
            raise ChampionError(
                f"{problem}: num_outputs = {settings.num_outputs}, but the genome has no output {number}."
            )


def check_sizes(winner: Winner, stage: Stage) -> None:
    """Raise ExperimentError where the config's num_inputs or num_outputs are not what this game gives."""
    resolve.fit(winner.experiment, stage.facts())
