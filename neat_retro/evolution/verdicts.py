"""Knows what to think of how a game behaved: what is an error, what a warning, and what no more than a hint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from neat_retro.evolution.config_check import Config, Position
from neat_retro.evolution.probe import RANDOM_FRAMES, Seen
from neat_retro.game import catalog
from neat_retro.game.checks import Files
from neat_retro.game.json_source import Finding, Severity

_PROOF = "A hint, not a proof"


def of_states(files: Files, seen: Sequence[Seen]) -> Iterator[Finding]:
    """Judge whether the start states are of this game."""
    for state in seen:
        path = catalog.state_path(files.game, state.state)
        anew = f"Make it anew:  neat-retro integration state {catalog.short_name(files.game)} {state.state}"
        if state.refused:
            what = "the core does not take this state: it is of another game or console, or of another version."
            yield Finding("error", path, None, what, anew)
        elif state.blank or state.still:
            what = "the picture has one colour only" if state.blank else "the picture stands still"
            cure = "Is it of another game or ROM, of a pause, or of a screen that waits for START?"
            yield Finding("warning", path, None, f"{what} while buttons are pressed at random.", f"{cure}\n  {anew}")


def of_starts(files: Files, config: Config | None, seen: Sequence[Seen]) -> Iterator[Finding]:
    """Judge conditions that hold before anything was played: they end an episode at once."""
    used = _states_in_use(files, config)
    scenario = files.scenario
    over = [state for state in seen if state.done]
    if over and scenario is not None:
        counts = config is None or config.experiment.episode.done == "scenario"
        grave = counts and any(state.state in used for state in over)
        told = _told(_with_values(state, scenario.ends_by) for state in over)
        what = f'"done" holds already at the start of {told}: an episode ends at once.'
        cure = "Is the address right? Choose another condition, or another start state."
        yield Finding("error" if grave else "warning", scenario.path, scenario.lines.get("done"), what, cure)
    if config is None:
        return
    for key in ("goal", "life_lost", "done"):
        ended = [state.state for state in seen if key in state.endings]
        if not ended:
            continue
        text = getattr(config.experiment.episode, key)
        what = f"[Episode] {key} = {text} holds already at the start of {_told(ended)}: an episode ends at once."
        if key == "done" and text == "scenario":
            continue  # that is the scenario's own, told above
        cure = "Compare with the start: start(x); or choose another condition."
        severity: Severity = "error" if used & {*ended} else "warning"
        yield Finding(severity, config.path, config.line_of("Episode", key), what, cure)


def of_random_play(
    files: Files, config: Config | None, seen: Sequence[Seen], asked_scenario: bool
) -> Iterator[Finding]:
    """Judge what never moved in random play."""
    frames = f"{RANDOM_FRAMES:,} random frames from {'each of ' if len(seen) > 1 else ''}{_told(s.state for s in seen)}"
    scenario = files.scenario
    if scenario is not None and asked_scenario and not any(state.rewarded for state in seen):
        counts = scenario_counts(config)
        if scenario.pays or scenario.scripts:
            what = f"the reward stayed 0 over {frames}."
            cure = f"{_PROOF}. It may need better play; else see if the variables that it pays for change."
        else:
            what = "it has no reward: it pays nothing."
            cure = 'Write "reward": {"variables": {"score": {"reward": 1}}}, or a config with [Fitness].'
        cure = cure if counts else "The config does not use it."
        line = scenario.lines.get("reward") or scenario.lines.get("rewards")
        yield Finding("warning" if counts else "hint", scenario.path, line, what, cure)
    if config is not None and any(state.paid for state in seen) and not any(any(state.paid) for state in seen):
        what = f"[Fitness] stayed 0 over {frames}, every term of it."
        cure = f"{_PROOF}. It may need better play; else see if the variables that it reads change."
        yield Finding("warning", config.path, config.line_of("Fitness", ""), what, cure)
    changed = {name for state in seen for name in state.changed}
    lines = {variable.name: variable.line for variable in files.variables or ()}
    constant = [name for name in lines if name not in changed and any(name in state.values for state in seen)]
    if constant:
        told = ", ".join(f"{name} (line {lines[name]})" for name in constant)
        one = len(constant) == 1
        what = f"{'this variable' if one else 'these variables'} did not change in {frames}:\n  {told}"
        cure = f"{_PROOF}: lives, levels and bosses take longer. If one should have changed, see its address and type."
        yield Finding("hint", files.data, lines[constant[0]], what, cure)


def of_wraps(
    files: Files, config: Config | None, positions: Sequence[Position], seen: Sequence[Seen]
) -> Iterator[Finding]:
    """Judge bytes that are taken for positions and went over their end."""
    wrapped = {name: values for state in reversed(seen) for name, values in state.wrapped.items()}
    for position in positions:
        if config is None or position.variable not in wrapped:
            continue
        before, after = wrapped[position.variable]
        what = (
            f"[Fitness] {position.term}: {position.variable} is one byte, and wraps: it went from {before} to {after}."
        )
        cure = _cure_of_wrap(files, position.variable)
        if position.kind == "furthest":
            cure += f"\n  Without one: {position.term} = furthest {position.variable} wrap 256"
        yield Finding("warning", config.path, config.line_of("Fitness", position.term), what, cure)
    scenario = files.scenario
    if scenario is None or not scenario_counts(config):
        return
    for variable in scenario.pays:
        if variable in wrapped:
            before, after = wrapped[variable]
            what = f"the reward pays for {variable}, one byte that wraps: {before} became {after}."
            cure = f"Use a config with [Fitness]. {_cure_of_wrap(files, variable)}"
            yield Finding("warning", scenario.path, scenario.lines.get(variable), what, cure)


def _cure_of_wrap(files: Files, variable: str) -> str:
    """Return how a position is made of two bytes, naming the high one where the names tell."""
    pairs = (("Lo", "Hi"), ("_lo", "_hi"), ("_low", "_high"), ("Low", "High"))
    high = next(
        (variable.removesuffix(lo) + hi for lo, hi in pairs if variable.removesuffix(lo) + hi in files.names), None
    )
    told = f"{high} * 256 + {variable}"
    return f"Write {told}." if high else f"Where the game keeps a high byte, write HIGH * 256 + {variable}."


def scenario_counts(config: Config | None) -> bool:
    """Tell whether anybody is paid the scenario's reward: where there is no config, or its fitness has it."""
    lines = config.experiment.fitness.values() if config else ["scenario_reward"]
    return any(line.split()[:1] == ["scenario_reward"] for line in lines)


def _states_in_use(files: Files, config: Config | None) -> set[str]:
    default = catalog.default_state(files.game)
    named = set(config.experiment.game.states) if config else set()
    return named or {default or ""}


def _with_values(state: Seen, names: Iterable[str]) -> str:
    values = ", ".join(f"{name} = {state.values[name]}" for name in names if name in state.values)
    return f"{state.state} ({values})" if values else state.state


def _told(names: Iterable[str], most: int = 6) -> str:
    shown = list(names)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
