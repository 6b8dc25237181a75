"""The movies that prove a level can be won: where they lie, how they are written, and how they are played again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Start, play_episode
from neat_retro.agent.players import ScriptedAgent
from neat_retro.evolution.worker import Stage
from neat_retro.output.replay import record_movie

INTEGRATIONS = Path(__file__).resolve().parent.parent / "integrations"


def movie_path(game: str, state: str) -> Path:
    """Return the file of a state's winning movie, which need not exist yet."""
    return INTEGRATIONS / game / "movies" / f"{state}.bk2"


def write_movie(stage: Stage, state: str, decisions: Sequence[int], path: Path) -> EpisodeResult:
    """Play decisions, masks held for the experiment's frame skip each, from a start state and record them."""
    path.parent.mkdir(exist_ok=True)
    return record_movie(stage, (ScriptedAgent(tuple(decisions)),), EpisodeSpec(Start(state)), path)


def movie_masks(path: Path, buttons: int) -> tuple[int, ...]:
    """Return pad one's button mask at each frame of play of a BK2 movie, for a pad of so many buttons."""
    import stable_retro

    movie = stable_retro.Movie(str(path))
    movie.step()  # the frame after the start state, when nothing is pressed
    masks = []
    while movie.step():
        masks.append(sum(bool(movie.get_key(button, 0)) << button for button in range(buttons)))
    return tuple(masks)


def play_movie(stage: Stage, game: str, state: str) -> EpisodeResult:
    """Play a state's winning movie from the start state that is committed beside it."""
    every_frame = movie_masks(movie_path(game, state), len(stage.emulator.buttons))
    decisions = every_frame[:: stage.rules.limits.frame_skip]
    return play_episode(stage.emulator, (ScriptedAgent(decisions),), EpisodeSpec(Start(state)), stage.rules)
