"""A champion played again: what it reaches, whether it still does, and as a movie."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, play_episode
from neat_retro.agent.players import Agent, ScriptedAgent
from neat_retro.errors import ChampionError, RunError
from neat_retro.evolution.champion import Champion, champion_agent
from neat_retro.evolution.resolve import check_rom
from neat_retro.evolution.worker import Stage
from neat_retro.game import catalog
from neat_retro.output.target import check_target


def open_stage(champion: Champion, game: str | None = None) -> Stage:
    """Open a champion's game in this process.

    Raises ChampionError where `game` is another one, GameError where it is not the ROM the champion knows.
    """
    if game is not None and catalog.resolve_game(game) != champion.game:
        raise ChampionError(f"This is a champion of {champion.game}, not of {game}. Leave --game out.")
    stage = Stage(champion.experiment)
    try:
        check_rom(champion.experiment, stage.emulator.rom_sha1, champion.rom_sha1, "The champion")
    except BaseException:
        stage.emulator.close()
        raise
    return stage


@dataclass(frozen=True)
class Verification:
    """Whether an episode of a champion is still the one that won.

    `emulator_same`: the stored decisions give the stored trajectory (every screen and variable) and fitness.
    `network_same`: the network, playing for itself, takes the stored decisions.
    """

    emulator_same: bool
    network_same: bool
    replayed: EpisodeResult

    @property
    def same(self) -> bool:
        return self.emulator_same and self.network_same

    def verdict(self, versions: str) -> str:
        """Return the finding as a sentence. `versions` says what the champion was made with."""
        if self.same:
            return "Verified: stored actions and network both repeat the run, frame for frame."
        if not self.emulator_same:
            return (
                "Drifted: the emulator. The stored actions no longer give the trajectory that won;"
                f" the champion was made with {versions}."
            )
        return (
            "Drifted: the network. The emulator repeats the stored actions, but the network now decides otherwise;"
            f" the champion was made with {versions}."
        )


def verify(champion: Champion, episode: int, stage: Stage) -> Verification:
    """Play an episode's stored decisions, then the network, and compare both with what was stored."""
    stored, trajectory = champion.episodes[episode], champion.trajectories[episode]
    scripted, scripted_trajectory = stage.trace(stored_actions(stored), stored.spec)
    replayed, network_trajectory = stage.trace((champion_agent(champion),), stored.spec)
    emulator_same = scripted == stored and scripted_trajectory == trajectory
    played_same = network_trajectory == scripted_trajectory and replayed == scripted
    return Verification(emulator_same, played_same, replayed)


def stored_actions(result: EpisodeResult) -> tuple[Agent, ...]:
    """Return agents, one per pad, that repeat an episode's decisions."""
    return tuple(ScriptedAgent(tuple(int(mask) for mask in pad)) for pad in result.decisions.T)


def record_movie(stage: Stage, agents: tuple[Agent, ...], spec: EpisodeSpec, path: Path) -> EpisodeResult:
    """Play an episode and write it as a BK2 movie, whole or not at all.

    stable_retro.Movie, through a RetroEnv of the same game, replays it to the same end. Raises UsageError or
    RunError where the file cannot be written.
    """
    check_target(path, "movie", ".bk2")
    rules = stage.rules  # made ready before the movie begins: a new stage plays a frame for it
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            unfinished = Path(folder) / "movie.bk2"
            stage.emulator.start_movie(unfinished, spec.start.state)
            try:
                result = play_episode(stage.emulator, agents, spec, rules)
            finally:
                stage.emulator.stop_movie()
            unfinished.replace(path)
    except OSError as error:
        raise RunError(f"Cannot write {path}: {error.strerror}. Choose another file.") from error
    return result


def terms_lines(result: EpisodeResult, names: tuple[str, ...]) -> list[str]:
    """Return what an episode reached, a line a term, for a terminal of 80 columns."""
    width = max(len(name) for name in (*names, "fitness"))
    lines = [f"  {name:<{width}}  {value:12.6g}" for name, value in zip(names, result.terms, strict=True)]
    lines.append(f"  {'fitness':<{width}}  {result.fitness:12.6g}")
    ending = result.ending.replace("_", " ")
    position = f", furthest x {result.furthest_x:g}" if result.furthest_x is not None else ""
    length = "1 frame" if result.frames == 1 else f"{result.frames} frames"
    lines.append(f"  ended: {ending}, after {length} ({result.frames / 60:.1f} s){position}")
    return lines
