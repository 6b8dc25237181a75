"""Knows whether a game can be played here: its files are looked at, and then it is played in a worker process."""

from __future__ import annotations

import dataclasses
import gzip
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from neat_retro.agent.episode import EpisodeSpec, Start
from neat_retro.agent.players import RandomAgent
from neat_retro.errors import ExperimentError, MissingRomError, UnknownStateError
from neat_retro.evolution import drafts, resolve
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job
from neat_retro.experiment import Draft, Experiment
from neat_retro.game import catalog
from neat_retro.game.roms.installed import rom_sha1
from neat_retro.output.doctor.finding import Finding

FRAMES = 300  # of the smoke run: five seconds of play


def search_path() -> Iterator[Finding]:
    """Look at the folders where integrations are looked for, first wins."""
    asked = os.environ.get("NEAT_RETRO_INTEGRATIONS", "").split(os.pathsep)
    named = {Path(folder).absolute() for folder in asked if folder}
    for folder in catalog.search_path():
        if folder.is_dir():
            games = len(catalog.games_in(folder))
            yield Finding("ok", f"{folder}: {games:,} game{'' if games == 1 else 's'}")
        elif folder in named:
            yield Finding("missing", f"{folder}: NEAT_RETRO_INTEGRATIONS names it, but there is no such folder")
        else:
            yield Finding("missing", f"{folder}: not there, and need not be")


def rom(game: str) -> Iterator[Finding]:
    """Look at a game's ROM and at the core that plays it. `game` is a folder name."""
    try:
        path = catalog.rom_path(game)
    except MissingRomError as error:
        yield Finding.of_error(error)
    else:
        known, sha1 = catalog.expected_sha1s(game), rom_sha1(path)
        if known and sha1 not in known:
            told = f"ROM: {path} is none that is known for {game} (SHA-1 {sha1})."
            yield Finding("missing", told, "It can be played, but start states may not fit it.")
        else:
            yield Finding("ok", f"ROM: {path}" + ("" if known else ", of which no SHA-1 is known to compare"))
    yield _core(game)


def _core(game: str) -> Finding:
    console = catalog.console(game)
    core = catalog.core_path(console)
    if core is not None:
        return Finding("ok", f"core: {core.name} plays {console}")
    if console in catalog.consoles():
        again = "pip install --force-reinstall stable-retro"
        return Finding("problem", f"core: stable-retro's core for {console} is not there", command=again)
    known = ", ".join(sorted(catalog.consoles()))
    return Finding("problem", f"core: there is none for the console {console!r} of {game}", f"Consoles: {known}.")


def states(game: str, named: tuple[str, ...]) -> Iterator[Finding]:
    """Look at the start states: those `named`, or the game's default."""
    default = catalog.default_state(game)
    wanted = named or ((default,) if default else ())
    if not wanted:
        yield Finding("problem", f"{game} has no default start state, and the config names none.")
    for state in wanted:
        try:
            path = catalog.state_path(game, state)
            gzip.decompress(path.read_bytes())
        except UnknownStateError as error:
            yield Finding.of_error(error)
        except (OSError, EOFError, zlib.error) as error:
            yield Finding("problem", f"{path} is not a start state: {error}. Make it anew.")
        else:
            yield Finding("ok", f"start state: {state}")


def smoke_run(game: str, experiment: Experiment | None) -> Iterator[Finding]:
    """Play by the experiment, or, where it cannot be used, by a bare one. The emulator lives in a worker process."""
    settled = resolve.settle(experiment or _bare(game))
    with WorkerPool(settled, 1) as pool:
        facts = pool.facts()
        try:
            fitted, _ = resolve.fit(settled, facts)
            resolve.neat_config(fitted)
        except ExperimentError as error:
            yield Finding.of_error(error)
            fitted, _ = resolve.fit(resolve.settle(_bare(game)), facts)
        pool.use(_unending(fitted, 1))
        pool.play([_job(fitted)])  # what is compiled and loaded for the first time is not measured
        pool.use(_unending(fitted, FRAMES))
        started = time.perf_counter()
        [result] = pool.play([_job(fitted)])
        seconds = time.perf_counter() - started
    frames = result.episodes[0].frames
    height, width = facts.shape.screen
    told = f"{frames} frames of {width} x {height} in one worker: {frames / seconds:,.0f} frames per second"
    yield Finding("ok", f"{told}\n(the console itself shows {facts.frame_rate:.0f})")


def _job(experiment: Experiment) -> Job:
    return Job(-1, (RandomAgent(),), (EpisodeSpec(Start(experiment.game.states[0])),))


def _unending(experiment: Experiment, frames: int) -> Experiment:
    """Return the experiment with an episode that lasts so many frames, come what may, all of them emulated."""
    episode = dataclasses.replace(
        experiment.episode, max_frames=frames, stall_frames=0, done="none", life_lost="", goal="", share=False
    )
    return dataclasses.replace(experiment, episode=episode)


def _bare(game: str) -> Experiment:
    """Return the experiment of a game with nothing said about it."""
    return drafts.fill_in(Draft.from_text("[NEAT]\n", f"{game} without a config"), game).experiment()
