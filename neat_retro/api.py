"""The package as a library: what the command line does, in a few lines of Python."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from neat_retro.agent.episode import EpisodeResult, Perturbation, play_episode
from neat_retro.evolution import rescoring, resolve, run
from neat_retro.evolution.champion import Champion, champion_agent
from neat_retro.evolution.drafts import load_draft as load_draft
from neat_retro.evolution.drafts import override
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.processes import cores as cores
from neat_retro.evolution.reporter import Reporter, RunEnd
from neat_retro.evolution.run_folder import RunFolder, next_run_path
from neat_retro.experiment import Experiment
from neat_retro.game import catalog
from neat_retro.output import evaluation
from neat_retro.output import replay as replays
from neat_retro.output import versus as contests

if TYPE_CHECKING:
    from neat_retro.environment import NeatRetroEnv


def load_experiment(
    game: str | None = None, config: Path | str | None = None, settings: Mapping[str, object] | None = None
) -> Experiment:
    """Return the experiment of a shipped game, or of a config file, with `Section.key` settings changed.

    With neither, it is NeatRunner-Nes.

    Raises ExperimentError, UnknownGameError or UsageError.
    """
    return load_draft(game, config, settings or {}).experiment()


def train(
    experiment: Experiment,
    run_dir: Path | str | None = None,
    workers: int | None = None,
    reporter: Reporter | None = None,
    ancestor: Champion | None = None,
) -> RunEnd:
    """Train a population; see neat_retro.evolution.run.train. Workers default to every core.

    Workers are spawned processes: call this from under `if __name__ == "__main__":`.
    """
    folder = Path(run_dir) if run_dir else default_run_dir(experiment)
    return run.train(experiment, folder, workers or cores(), reporter, ancestor)


def resume(
    run_dir: Path | str, generations: int | None = None, workers: int | None = None, reporter: Reporter | None = None
) -> RunEnd:
    """Go on with a run as if it had never stopped; see neat_retro.evolution.run.resume."""
    return run.resume(Path(run_dir), workers or cores(), generations, reporter)


def replay(champion: Champion, episode: int = 0) -> EpisodeResult:
    """Play one of a champion's training episodes again, in this process."""
    with replays.open_stage(champion) as stage:
        return play_episode(stage.emulator, (champion_agent(champion),), champion.episodes[episode].spec, stage.rules)


def evaluate(
    champion: Champion,
    states: tuple[str, ...] | Literal["all"] = (),
    episodes: int = 20,
    noops: int = 30,
    seed: int = 0,
    workers: int | None = None,
    sticky: float = 0.0,
    card: bool = False,
) -> evaluation.Evaluation:
    """Compare a champion with the random agent and with doing nothing, on the same perturbed starts.

    Without `states` they are those of its training; `all` are those of the game, but for the one of two players. `card`
    plays the champion's card, too; neat_retro.output has write_json in evaluation and write_card in card.

    Raises UnknownStateError, GameError, or UsageError for a number out of its range.
    """
    if states == "all":
        states = tuple(s for s in catalog.states(champion.game) if s != champion.experiment.versus.state)
    states = tuple(dict.fromkeys(states or champion.experiment.game.states))
    for state in states:
        catalog.state_path(champion.game, state)
    plan = evaluation.Plan(states, episodes, Perturbation(noops, sticky), seed, card)
    with WorkerPool(champion.experiment, workers or cores()) as pool:
        resolve.check_rom(champion.experiment, pool.facts().rom_sha1, champion.rom_sha1, "The champion")
        return evaluation.evaluate(champion, plan, pool)


def rescore(
    run_dir: Path | str,
    settings: Mapping[str, object],
    generations: Container[int] | None = None,
    workers: int | None = None,
) -> rescoring.Rescoring:
    """Rank a run's stored genomes under other terms: `{"Fitness.coins": "gain coins", "Fitness.death": None}`.

    `generations` are those wanted, as range(10); see neat_retro.evolution.rescoring.rescore.
    """
    folder = RunFolder.open(Path(run_dir))
    draft = folder.draft()
    override(draft, settings)
    return rescoring.rescore(folder, draft.experiment(), workers or cores(), generations)


def versus(
    a: Champion | Literal["random", "nothing"],
    b: Champion | Literal["random", "nothing"],
    games: int = 20,
    seed: int = 0,
    workers: int | None = None,
    config: Path | str | None = None,
) -> contests.Score:
    """Let two players play against each other, half of the games from either side; see neat_retro.output.versus."""
    contest = contests.meet(a, b, Path(config) if config else None)
    return contests.play(contest, contests.schedule(contest, games, seed), workers or cores())


def make_env(experiment: Experiment, render_mode: str | None = None) -> NeatRetroEnv:
    """Return the experiment as a Gymnasium environment."""
    from neat_retro.environment import NeatRetroEnv  # brings gymnasium: 0.1 s that training need not wait for

    return NeatRetroEnv(experiment, render_mode)


def default_run_dir(experiment: Experiment) -> Path:
    """Return `runs/<Game>-<n>`, the first that is free."""
    return next_run_path(Path("runs"), catalog.short_name(experiment.game.game))
