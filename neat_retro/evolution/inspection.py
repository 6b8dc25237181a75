"""Everything that is wrong with a game's integration, found at once: in its files, in its config, and in play.

The files are read here; a worker opens the game and plays it. What is wrong in data.json or scenario.json does not keep
the states and the config from being checked: the worker is then given a copy with what is right in them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neat_retro.agent.actions import make_actions
from neat_retro.errors import ExperimentError, NeatRetroError
from neat_retro.evolution import drafts, resolve, verdicts
from neat_retro.evolution.config_check import Config, byte_positions, wrong_lines
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.probe import RANDOM_FRAMES, Probe, Seen
from neat_retro.experiment import Experiment, read_draft
from neat_retro.experiment.sections import ActionsSection, EpisodeSection, GameSection
from neat_retro.game import catalog
from neat_retro.game.addresses import addresses_outside, memory_areas, outside
from neat_retro.game.checks import Files, check_files
from neat_retro.game.json_source import Finding

MOST_PLAYED = 3  # start states of which random play is watched
_SEARCH_PATH = "NEAT_RETRO_INTEGRATIONS"
_SEVERITIES = ("error", "warning", "hint")


@dataclass(frozen=True)
class Report:
    """What was found, the worst first; `checked` says what was looked at, `unchecked` what was not, and why."""

    game: str
    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]

    def count(self, severity: str) -> int:
        """Return how many findings are as grave as this."""
        return sum(finding.severity == severity for finding in self.findings)


def inspect(game: str, config: Path | None = None) -> Report:
    """Check a game's integration together with its config: `config`, or the one that is shipped, if there is one.

    Raises UnknownGameError, or ExperimentError where `config` is not there.
    """
    folder_name = catalog.resolve_game(game)
    told = _Told()
    read = _read_config(folder_name, config, told)
    files = check_files(folder_name, read.experiment.game.scenario if read else "scenario")
    told.findings += files.findings
    told.unchecked += files.unchecked
    if read is not None and (files.names or "data.json" not in files.broken):
        wrong = wrong_lines(read, files.names, catalog.states(folder_name))
        told.findings += wrong
        if wrong:
            told.unchecked.append("the config in play: it has errors")
            read = None
    if files.rom is None:
        told.findings += addresses_outside(
            folder_name, files.data, files.variables or (), memory_areas(catalog.console(folder_name))
        )
    elif files.states:
        _check_in_play(files, read, told)
    findings = sorted(dict.fromkeys(told.findings), key=_order)
    return Report(catalog.short_name(folder_name), tuple(findings), tuple(told.checked), tuple(told.unchecked))


def _order(finding: Finding) -> tuple[int, str, int]:
    """Say where a finding stands in a report: the worst first, then file by file."""
    return _SEVERITIES.index(finding.severity), str(finding.path or ""), finding.line or 0


@dataclass
class _Told:
    findings: list[Finding] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


def _read_config(game: str, asked: Path | None, told: _Told) -> Config | None:
    path = asked or catalog.config_path(game)
    if path is None:
        told.unchecked.append("a config: none is shipped for this game. Yours:  --config FILE")
        return None
    if not path.is_file():
        raise ExperimentError(f"Cannot read the config {path}: there is no such file.")
    told.checked.append(f"the config {path}")
    try:
        return Config(drafts.fill_in(read_draft(path), game).experiment(), path)
    except NeatRetroError as error:
        told.findings.append(_of_config(path, error))
        told.unchecked.append("what the config names: it cannot be used")
        return None


def _of_config(path: Path, error: NeatRetroError) -> Finding:
    what, _, cure = str(error).removeprefix(str(path)).lstrip(":, ").partition("\n  ")
    line = re.match(r"line (\d+)[:,] ", what)
    return Finding("error", path, int(line[1]) if line else None, what[line.end() :] if line else what, cure)


def _check_in_play(files: Files, config: Config | None, told: _Told) -> None:
    """Open the game in a worker, as it is if that goes, and tell what is seen there."""
    areas = memory_areas(catalog.console(files.game))
    if not files.broken and files.scenario_holds and not outside(files.variables or (), areas):
        attempt = _Told()
        try:
            _play(files, config, True, attempt)
        except NeatRetroError as error:
            what, _, _ = str(error).partition("\n  ")
            told.findings.append(Finding("error", files.scenario.path if files.scenario else None, None, what, ""))
        else:
            told.findings += attempt.findings
            told.checked += attempt.checked
            told.unchecked += attempt.unchecked
            return
    with _mended(files, config):
        try:
            _play(files, config, False, told)
        except NeatRetroError as error:
            what, _, cure = str(error).partition("\n  ")
            told.findings.append(Finding("error", files.rom, None, what, cure))
            told.unchecked.append("whatever must be played: the game cannot be opened")
            return
    told.unchecked.append("the scenario in play: data.json or the scenario has errors")


@contextlib.contextmanager
def _mended(files: Files, config: Config | None) -> Iterator[None]:
    """Let workers that are started meanwhile find files in which nothing is wrong: usable variables, no scenario."""
    name = config.experiment.game.scenario if config else "scenario"
    info = {v.name: {"address": v.address, "type": v.type} for v in files.variables or ()}
    before = os.environ.get(_SEARCH_PATH)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, files.game)
        place.mkdir()
        (place / "data.json").write_text(json.dumps({"info": info}), encoding="utf-8")
        (place / f"{name}.json").write_text("{}", encoding="utf-8")
        os.environ[_SEARCH_PATH] = os.pathsep.join(filter(None, (folder, before)))
        try:
            yield
        finally:
            os.environ.pop(_SEARCH_PATH)
            if before is not None:
                os.environ[_SEARCH_PATH] = before


def _play(files: Files, config: Config | None, asks_scenario: bool, told: _Told) -> None:
    plain = _plain(files, config, asks_scenario)
    with WorkerPool(plain, 1) as pool:
        opened = _first_that_is_taken(pool, plain, files.states)
        if opened is None:
            refused = [Seen(state, refused="the core takes none of them") for state in files.states]
            told.findings += verdicts.of_states(files, refused)
            told.unchecked.append("whatever must be played: there is no start state to play from")
            return
        told.findings += addresses_outside(files.game, files.data, files.variables or (), opened.areas)
        lost = {variable.name for variable in outside(files.variables or (), opened.areas)}
        variables = [variable for variable in files.variables or () if variable.name not in lost]
        config = _fitted(pool, _started(plain, opened.state), config, [variable.name for variable in variables], told)
        positions = byte_positions(config.experiment, variables) if config else ()
        bytes_paid = {v.name for v in variables if v.width == 1}.intersection(
            files.scenario.pays if files.scenario else ()
        )
        seen = []
        for state in files.states:
            played = state in _chosen(files, config)
            probe = Probe(state, plain, config.experiment if config else None, played, bool(positions or bytes_paid))
            answer = pool.look(probe)
            seen.append(answer or Seen(state, refused="it killed the emulator"))
    told.findings += verdicts.of_states(files, seen)
    told.findings += verdicts.of_starts(files, config, seen)
    watched = [state for state in seen if state.state in _chosen(files, config) and not state.refused]
    if watched:
        told.findings += verdicts.of_random_play(files, config, watched, asks_scenario)
        told.findings += verdicts.of_wraps(files, config, positions, watched)
        names = ", ".join(state.state for state in watched)
        told.checked.append(f"{RANDOM_FRAMES:,} random frames from {names}")


def _plain(files: Files, config: Config | None, asks_scenario: bool) -> Experiment:
    """Return the experiment that looks at a game by its scenario alone, with the config's buttons where it has any."""
    section = config.experiment.game if config else GameSection()
    return Experiment(
        game=dataclasses.replace(section, game=files.game, states=files.states[:1]),
        actions=_usable_actions(files.game, config),
        fitness={"reward": "scenario_reward" if asks_scenario else "per_frame 0"},
        episode=EpisodeSection(done="scenario" if asks_scenario else "none"),
    )


def _usable_actions(game: str, config: Config | None) -> ActionsSection:
    """Return the config's buttons if the console has them, else all: fitting the config tells what is wrong."""
    if config is None:
        return ActionsSection()
    try:
        make_actions(config.experiment.actions, catalog.buttons(game), config.experiment.source)
    except ExperimentError:
        return ActionsSection()
    return config.experiment.actions


def _started(experiment: Experiment, state: str) -> Experiment:
    return dataclasses.replace(experiment, game=dataclasses.replace(experiment.game, states=(state,)))


def _first_that_is_taken(pool: WorkerPool, plain: Experiment, states: Sequence[str]) -> Seen | None:
    """Return what the first state that the core takes is like."""
    for state in states:
        pool.use(_started(plain, state))
        seen = pool.look(Probe(state, _started(plain, state), None, False, False))
        if seen is not None and seen.refused is None:
            return seen
    return None


def _fitted(
    pool: WorkerPool, plain: Experiment, config: Config | None, names: Sequence[str], told: _Told
) -> Config | None:
    """Return the config if it can be played, and tell what is wrong where it cannot."""
    if config is None:
        return None
    if wrong_lines(config, names, catalog.states(plain.game.game)):
        told.unchecked.append("the config in play: it reads variables that lie outside of the RAM, or are not usable")
        return None
    pool.use(plain)
    try:
        resolve.fit(_started(config.experiment, plain.game.states[0]), pool.facts())
    except ExperimentError as error:
        told.findings.append(_of_config(config.path, error))
        told.unchecked.append("the config in play: it has errors")
        return None
    return config


def _chosen(files: Files, config: Config | None) -> tuple[str, ...]:
    """Return the states of which random play is watched: those in use first, then others from here and there."""
    named = config.experiment.game.states if config else ()
    duel = config.experiment.versus.state if config else ""
    others = [state for state in files.states if state != duel]
    spread = others[:: max(1, len(others) // MOST_PLAYED)]
    wanted = dict.fromkeys([*named, catalog.default_state(files.game), *spread])
    return tuple(state for state in wanted if state in files.states)[:MOST_PLAYED]
