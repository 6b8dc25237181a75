"""Where an experiment meets its game: states, seed and sizes are filled in, and what does not fit is said.

Before a worker starts: the game, its states and the seed. After one worker opened the game: the sizes.
"""

from __future__ import annotations

import dataclasses
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import neat

from neat_retro.agent.kernels import ACTIVATIONS, AGGREGATIONS
from neat_retro.agent.match import compile_referee
from neat_retro.agent.rules import TUTORIAL, Rules, compile_rules
from neat_retro.errors import ExperimentError, GameError, RunError, UnknownStateError, did_you_mean
from neat_retro.evolution.combine import genome_fitness
from neat_retro.evolution.genome import DefaultGenome
from neat_retro.evolution.jobs import GameFacts
from neat_retro.evolution.reproduction import DefaultReproduction
from neat_retro.evolution.species import DefaultSpeciesSet
from neat_retro.experiment import Experiment
from neat_retro.game import catalog


def refuse_tutorial_kinds(experiment: Experiment) -> None:
    """Raise ExperimentError for the kinds that only a tutorial's winner is replayed with."""
    for section, kind in (("Observation", experiment.observation.kind), ("Actions", experiment.actions.kind)):
        if kind == TUTORIAL:
            raise ExperimentError(
                f"{experiment.place(section, 'kind')}: kind = {TUTORIAL} is how `neat-retro replay --legacy` plays a"
                " tutorial's winner.\n  Train with another kind: see docs/experiment.md."
            )


def settle(experiment: Experiment) -> Experiment:
    """Fill in the states and the seed. Raises UnknownStateError, MissingRomError or GameError."""
    game = catalog.resolve_game(experiment.game.game)
    catalog.rom_path(game)
    states = experiment.game.states
    if not states:
        default = catalog.default_state(game)
        if default is None:
            known = catalog.states(game)
            if not known:
                raise UnknownStateError(f"{game} has no start state. {catalog.how_to_make_a_state(game)}")
            raise UnknownStateError(f"{game} has no default state. Choose one with --state: {', '.join(known)}.")
        states = (default,)
    for state in states:
        catalog.state_path(game, state)
    patience, redraw = experiment.curriculum.patience, experiment.episode.redraw
    if 0 < redraw <= patience:
        raise ExperimentError(
            f"{experiment.place('Curriculum', 'patience')}: patience = {patience}, but [Episode] redraw = {redraw}"
            " draws other starts before that.\n  Set patience below redraw, or one of them to 0."
        )
    neat_sections, neat_seed = _without_seed(experiment.neat)
    if neat_seed is not None and neat_seed < 0:
        raise ExperimentError(f"{experiment.place('NEAT', 'seed')}: seed = {neat_seed} should be at least 0.")
    seed = experiment.run.seed if experiment.run.seed is not None else neat_seed
    return dataclasses.replace(
        experiment,
        game=dataclasses.replace(experiment.game, game=game, states=states),
        run=dataclasses.replace(experiment.run, seed=secrets.randbelow(2**31) if seed is None else seed),
        neat=neat_sections,
    )


def doubts(experiment: Experiment) -> list[str]:
    """Return what a person should know of a game before trusting what its variables say."""
    game = experiment.game.game
    if catalog.metadata(game).verified is not False:
        return []
    return [
        f"{game}: nobody has run its integration with its ROM yet. Look whether its variables are right:"
        f"  neat-retro integration watch {catalog.short_name(game)}"
    ]


def _without_seed(
    sections: Mapping[str, Mapping[str, str]],
) -> tuple[Mapping[str, Mapping[str, str]], int | None]:
    """Take [NEAT] seed out: neat-python would seed again whenever a population is restored."""
    kept = {name: dict(keys) for name, keys in sections.items()}
    seed = kept.get("NEAT", {}).pop("seed", None)
    frozen = {name: MappingProxyType(keys) for name, keys in kept.items()}
    return MappingProxyType(frozen), None if seed is None else int(seed)


def fit(experiment: Experiment, facts: GameFacts) -> tuple[Experiment, Rules]:
    """Parse the experiment against the game and fill in the network's sizes.

    Raises ExperimentError for anything that the game does not have, and for stated sizes that disagree.
    """
    rules = compile_rules(experiment, facts.shape, facts.variables)
    genome_fitness(experiment)
    if experiment.versus.state in catalog.states(experiment.game.game):  # else this game is not played by two
        compile_referee(experiment, facts.shape, facts.variables)
    genome = dict(experiment.neat["DefaultGenome"])
    _check_size(experiment, genome, "num_inputs", rules.n_inputs, _describe_inputs(experiment, facts))
    _check_size(experiment, genome, "num_outputs", rules.n_outputs, _describe_outputs(experiment, rules))
    _check_functions(experiment, genome, "activation", ACTIVATIONS)
    _check_functions(experiment, genome, "aggregation", AGGREGATIONS)
    neat_sections = {**experiment.neat, "DefaultGenome": MappingProxyType(genome)}
    return dataclasses.replace(experiment, neat=MappingProxyType(neat_sections)), rules


def _check_functions(experiment: Experiment, genome: Mapping[str, str], kind: str, known: Iterable[str]) -> None:
    named = [(f"{kind}_options", name) for name in genome[f"{kind}_options"].split()]
    for key, name in (*named, (f"{kind}_default", genome[f"{kind}_default"])):
        if name not in (*known, "random", "none"):
            raise ExperimentError(
                f"{experiment.place('DefaultGenome', key)}: unknown {kind} {name!r}.{did_you_mean(name, known)}\n"
                f"  Known: {', '.join(known)}"
            )


def _check_size(experiment: Experiment, genome: dict[str, str], key: str, derived: int, what: str) -> None:
    stated = genome.setdefault(key, str(derived))
    if int(stated) == derived:
        return
    section = "[Observation]" if key == "num_inputs" else "[Actions]"
    raise ExperimentError(
        f"{experiment.place('DefaultGenome', key)}: {key} = {stated}, but {what} {derived}.\n"
        f"  Remove {key} (it is derived), or change {section}."
    )


def _describe_inputs(experiment: Experiment, facts: GameFacts) -> str:
    section = experiment.observation
    stacked = f", {section.stack} stacked," if section.stack > 1 else ""
    if section.kind == "grayscale":
        height, width = facts.shape.screen
        return f"a {width // section.downscale} x {height // section.downscale} grayscale frame{stacked} gives"
    return f"[Observation] kind = {section.kind}{stacked} gives"


def _describe_outputs(experiment: Experiment, rules: Rules) -> str:
    return f"[Actions] kind = {experiment.actions.kind} ({', '.join(rules.actions.names)}) takes"


def neat_config(experiment: Experiment) -> neat.Config:
    """Return neat-python's own configuration of a fitted experiment. Raises ExperimentError."""
    blocks = [
        f"[{name}]\n" + "".join(f"{key} = {' '.join(value.split())}\n" for key, value in keys.items())
        for name, keys in experiment.neat.items()
    ]
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "neat.cfg"
            path.write_text("\n".join(blocks), encoding="utf-8")
            return _read_neat_config(path, experiment.source)
    except OSError as error:
        raise RunError(f"Cannot write a temporary file: {error.strerror}. Free some space, or set TMPDIR.") from error


def _read_neat_config(path: Path, source: str) -> neat.Config:
    kinds = (DefaultGenome, DefaultReproduction, DefaultSpeciesSet, neat.DefaultStagnation)
    try:
        return neat.Config(*kinds, str(path))
    except Exception as error:
        raise ExperimentError(f"{source}: neat-python cannot use this: {error}") from error


def check_rom(experiment: Experiment, rom_sha1: str, expected: str, what: str) -> None:
    """Raise GameError where the ROM on this machine is another one than `what` was made with."""
    if rom_sha1 != expected:
        raise GameError(
            f"{what} was made with another ROM of {experiment.game.game}:\n"
            f"  its SHA-1   {expected}\n  yours       {rom_sha1}"
        )
