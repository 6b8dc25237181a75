"""A champion: the genome that won, with everything needed to repeat what it did.

On disk it is a pickled dict of plain values and one neat.DefaultGenome, so that it can be opened without this
package; it is read through the allow-list of neat_retro.safe_pickle. The keys of format 1:

    format_version int          this description's number
    genome                      neat.DefaultGenome
    experiment str              the experiment as a .cfg file
    game, rom_sha1 str          what it was trained on
    generation int, fitness float
    versions dict[str, str]     of python, numpy, neat-python, stable-retro, neat-retro, and the machine
    episodes list[dict]         per training episode: state, prefix, seed, noops, terms, ending, frames, waited,
                                final_x, furthest_x, trajectory (SHA-256), pads, decisions (uint16, C order)
"""

from __future__ import annotations

import importlib.metadata
import pickle
import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from neat.genome import DefaultGenome

from neat_retro import safe_pickle
from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Perturbation, Start
from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import NetworkAgent
from neat_retro.errors import ChampionError
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.genome import DefaultGenome as ArrayGenome
from neat_retro.evolution.resolve import neat_config
from neat_retro.experiment import Draft, Experiment

FORMAT_VERSION = 1
LARGEST_CHAMPION = 64 * 2**20  # bytes; one with 10,000 connections and an hour of play has about 1 MiB
PACKAGES = ("neat-python", "stable-retro", "numpy", "neat-retro")


@dataclass(frozen=True)
class Champion:
    """A winner and its provenance. `trajectories` has a SHA-256 per episode, over every screen and variable."""

    genome: Any
    experiment: Experiment
    rom_sha1: str
    generation: int
    episodes: tuple[EpisodeResult, ...]
    trajectories: tuple[str, ...]
    versions: Mapping[str, str]

    @property
    def game(self) -> str:
        """The game it was trained on, a folder name."""
        return self.experiment.game.game

    @property
    def fitness(self) -> float:
        """The genome's fitness: the mean over its episodes."""
        return float(self.genome.fitness)

    def save(self, path: Path) -> None:
        """Write the champion's file, whole or not at all."""
        content = {
            "format_version": FORMAT_VERSION,
            "genome": self.genome.to_neat() if isinstance(self.genome, ArrayGenome) else self.genome,
            "experiment": self.experiment.to_text(),
            "game": self.game,
            "rom_sha1": self.rom_sha1,
            "generation": self.generation,
            "fitness": self.fitness,
            "versions": dict(self.versions),
            "episodes": [_pack(e, t) for e, t in zip(self.episodes, self.trajectories, strict=True)],
        }
        write_atomically(path, pickle.dumps(content, protocol=4))


def champion_agent(champion: Champion) -> NetworkAgent:
    """Return the champion's network, ready to hold a pad."""
    config = neat_config(champion.experiment)
    return NetworkAgent(compile_genome(champion.genome, config.genome_config))


def load_champion(path: Path | str) -> Champion:
    """Read a champion's file.

    Raises PickleError for a corrupt or hostile file, ChampionError for a pickle that is no champion of ours.
    """
    path = Path(path)
    content = safe_pickle.load(path, largest=LARGEST_CHAMPION)
    if isinstance(content, DefaultGenome):
        raise ChampionError(
            f"{path} is a bare genome, as tutorial scripts pickle it. Replay it with the config it was trained with:\n"
            f"  neat-retro replay {shlex.quote(str(path))} --config FILE --game GAME --legacy"
        )
    if not isinstance(content, dict) or "format_version" not in content:
        raise ChampionError(f"{path} is not a champion: it has no format_version.")
    if "genomes" in content:
        raise ChampionError(
            f"{path} is a checkpoint, a whole population. A run's champion is champion.pkl in the run's folder."
        )
    if content["format_version"] != FORMAT_VERSION:
        raise ChampionError(
            f"{path} is a champion of format {content['format_version']}; this neat-retro reads {FORMAT_VERSION}."
            " Update neat-retro."
        )
    try:
        return _unpack(content, str(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ChampionError(f"{path} is a damaged champion: {type(error).__name__} at {error}.") from error


def _unpack(content: dict[str, Any], source: str) -> Champion:
    if not isinstance(content["genome"], DefaultGenome):
        raise TypeError("genome")
    packed = content["episodes"]
    return Champion(
        genome=content["genome"],
        experiment=Draft.from_text(content["experiment"], f"the experiment in {source}").experiment(),
        rom_sha1=str(content["rom_sha1"]),
        generation=int(content["generation"]),
        episodes=tuple(_unpack_episode(episode) for episode in packed),
        trajectories=tuple(str(episode["trajectory"]) for episode in packed),
        versions={str(k): str(v) for k, v in content["versions"].items()},
    )


def _pack(result: EpisodeResult, trajectory: str) -> dict[str, Any]:
    return {
        "state": result.spec.start.state,
        "prefix": result.spec.start.prefix,
        "seed": result.spec.seed,
        "noops": result.spec.perturbation.noops,
        "sticky": result.spec.perturbation.sticky,
        "terms": result.terms,
        "ending": result.ending,
        "frames": result.frames,
        "waited": result.waited,
        "final_x": result.final_x,
        "furthest_x": result.furthest_x,
        "trajectory": trajectory,
        "pads": result.decisions.shape[1],
        "decisions": result.decisions.astype("<u2").tobytes(),
    }


def _unpack_episode(packed: dict[str, Any]) -> EpisodeResult:
    start = Start(packed["state"], packed["prefix"])
    decisions = np.frombuffer(packed["decisions"], dtype="<u2").reshape(-1, packed["pads"])
    return EpisodeResult(
        spec=EpisodeSpec(start, packed["seed"], Perturbation(packed["noops"], packed.get("sticky", 0.0))),
        terms=tuple(packed["terms"]),
        ending=packed["ending"],
        frames=packed["frames"],
        waited=packed["waited"],
        final_x=packed["final_x"],
        furthest_x=packed["furthest_x"],
        decisions=decisions.astype(np.uint16),
    )


def current_versions() -> dict[str, str]:
    """Return the versions that a trajectory may depend on."""
    versions = {name: _version(name) for name in PACKAGES}
    return versions | {"python": platform.python_version(), "machine": platform.machine()}


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
