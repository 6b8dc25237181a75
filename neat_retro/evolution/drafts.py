"""What an experiment is begun with: a game's shipped config or one's own, and what it leaves out filled in.

Nothing here plays: what is wrong in a config is said before anything is imported that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from neat_retro.errors import ExperimentError, did_you_mean
from neat_retro.experiment import Draft, read_draft, split_list
from neat_retro.game import catalog

DEFAULT_GAME = "NeatRunner-Nes"  # our own: nobody needs a ROM to begin
_STATES_OF = "states."  # [Game] states.NeatRunner-Nes = ...: the states of one of several games


def load_draft(game: str | None, config: Path | str | None, settings: Mapping[str, object]) -> Draft:
    """Return the experiment still as texts, with `notes` on what was filled in."""
    if config is None:
        game = game or DEFAULT_GAME
        draft = shipped_draft(game)
    else:
        draft = read_draft(Path(config))
    draft = fill_in(draft, game)
    override(draft, settings)
    return draft


def override(draft: Draft, settings: Mapping[str, object]) -> None:
    """Change `Section.key` settings. Raises ExperimentError."""
    for key, value in settings.items():
        draft.override(f"{key}={value}", f"settings, {key} = {value}")


def shipped_draft(game: str) -> Draft:
    """Return the config that comes with a game, as it is written. Raises ExperimentError where there is none."""
    name = catalog.resolve_game(game)
    path = catalog.config_path(name)
    if path is None:
        raise ExperimentError(
            f"There is no config for {name} yet. Write one and name it with --config FILE;\n"
            "  docs/experiment.md tells every key, and the configs that are there are a good start."
        )
    return read_draft(path)


def fill_in(draft: Draft, game: str | None) -> Draft:
    """Add what a config leaves out: the game, our sections for a plain neat-python config, neat's keys.

    Every addition is told in `draft.notes`. Raises ExperimentError or GameError.
    """
    _choose_game(draft, game)
    if draft.is_plain_neat:
        _fill_own_sections(draft)
    draft.fill_neat_keys()
    return draft


def _choose_game(draft: Draft, asked: str | None) -> None:
    """Leave one game in [Game], and its states, of the several that a config may serve."""
    section = draft.sections.setdefault("Game", {})
    games = split_list(section.pop("games", ""))
    states = {key.removeprefix(_STATES_OF): section.pop(key) for key in list(section) if key.startswith(_STATES_OF)}
    for name in states:
        if name not in games:
            raise ExperimentError(
                f"{draft.source}, [Game]: {_STATES_OF}{name} is for none of the games = {', '.join(games) or '(none)'}."
                f"{did_you_mean(name, games)}"
            )
    if games and "game" in section:
        raise ExperimentError(f"{draft.source}, [Game] has both game and games. Keep one of them.")
    named = asked or section.get("game") or next(iter(games), "")
    if not named:
        raise ExperimentError(f"{draft.source} names no game. Add --game GAME, or [Game] game = GAME.")
    chosen = catalog.resolve_game(named)
    draft.set("Game", "game", chosen)
    for name, listed in states.items():
        if catalog.same_game(name, chosen):
            draft.set("Game", "states", listed)


def _fill_own_sections(draft: Draft) -> None:
    """Give a tutorial's config our sections: the shipped config's, but its own picture and buttons."""
    game = draft.sections["Game"]["game"]
    shipped = catalog.config_path(game)
    taken = read_draft(shipped).sections if shipped else {"Fitness": {"reward": "scenario_reward"}}
    origin = shipped.name if shipped else "the scenario's own reward"
    for name in ("Variables", "Fitness", "Episode"):
        if name in taken and name not in draft.sections:
            draft.sections[name] = dict(taken[name])
            draft.notes.append(f"{draft.source} has no [{name}]: taken from {origin}")
    if "Observation" not in draft.sections:
        draft.sections["Observation"] = {"kind": "grayscale", "downscale": "8"}
        draft.notes.append(f"{draft.source} has no [Observation]: grayscale pixels, downscaled by 8")
    if "Actions" not in draft.sections:
        stated = draft.sections.get("DefaultGenome", {}).get("num_outputs")
        every = stated is None or stated.strip() == str(len(catalog.buttons(game)))
        draft.sections["Actions"] = {"kind": "threshold", **({"buttons": "all"} if every else {})}
        told = "an output for each of the console's buttons" if every else "a threshold per button"
        draft.notes.append(f"{draft.source} has no [Actions]: {told}")
