"""Two players against each other: what each is, which games they play, and the score.

Every start is played twice, with the sides exchanged, so that neither the start nor the side favours anyone.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neat_retro.agent.episode import EpisodeSpec, Start, episode_seed
from neat_retro.agent.match import PADS, MatchResult
from neat_retro.agent.players import Agent, IdleAgent, RandomAgent
from neat_retro.agent.rules import TUTORIAL
from neat_retro.errors import ChampionError, ExperimentError, UsageError, did_you_mean
from neat_retro.evolution import drafts, resolve
from neat_retro.evolution.champion import Champion, champion_agent, load_champion
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.jobs import Contestant, MatchJob
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Experiment, GameSection, read_draft
from neat_retro.game import catalog
from neat_retro.output.evaluation import MOST_EPISODES, Interval, mean_interval, proportion_interval
from neat_retro.output.video import filming

Word = Literal["random", "nothing"]
Entrant = Champion | Word
WORDS: dict[Word, Agent] = {"random": RandomAgent(), "nothing": IdleAgent()}
LONGEST_OPENING = 30  # frames
SIDES = ("left", "right")  # of pad one, of pad two


@dataclass(frozen=True)
class Contest:
    """Two players who can meet. `experiment` is what judges them: its [Versus], its variables."""

    experiment: Experiment
    contestants: tuple[Contestant, Contestant]
    rom_sha1s: tuple[str, ...]

    @property
    def game(self) -> str:
        return self.experiment.game.game

    @property
    def state(self) -> str:
        return self.experiment.versus.state

    def check_rom(self, rom_sha1: str) -> None:
        """Raise GameError where a champion was made with another ROM."""
        for expected in self.rom_sha1s:
            resolve.check_rom(self.experiment, rom_sha1, expected, "A champion")


@dataclass(frozen=True)
class Game:
    """One game that was played. `side` is A's: 0 with pad one, on the left."""

    number: int
    side: int
    match: MatchResult

    @property
    def winner(self) -> Literal["A", "B"] | None:
        if self.match.winner is None:
            return None
        return "A" if self.match.winner == self.side else "B"

    @property
    def gap(self) -> float | None:
        """The damage that A dealt minus what it took."""
        if self.match.gap is None:
            return None
        return -self.match.gap if self.side else self.match.gap


@dataclass(frozen=True)
class Tally:
    """Some games, counted. `share` is A's part of those that were decided; None where none was."""

    a_wins: int
    b_wins: int
    draws: int
    share: Interval | None
    gap: Interval | None


@dataclass(frozen=True)
class Score:
    """All games of a contest, in the order they were scheduled."""

    game: str
    state: str
    games: tuple[Game, ...]

    @property
    def total(self) -> Tally:
        return tally(self.games)

    def on_side(self, side: int) -> Tally:
        """Count the games that A played from this side: 0 is left, 1 is right."""
        return tally([game for game in self.games if game.side == side])

    @property
    def different(self) -> int:
        """How many of the games differ in what was pressed or what came of it: the same again tells nothing new."""
        return len({(game.side, game.winner, game.gap, game.match.masks.tobytes()) for game in self.games})


def load_entrant(text: str) -> Entrant:
    """Return the player that a word on the command line means: a champion's file, `random` or `nothing`.

    Raises UsageError where it is none of them, PickleError or ChampionError for a file that cannot be used.
    """
    path = Path(text)
    try:
        is_file, is_folder = path.is_file(), bool(text) and path.is_dir()
    except OSError:  # what can be no file's name
        is_file = is_folder = False
    if is_file:
        return load_champion(path)
    for word in WORDS:
        if text == word:
            return word
    if is_folder:
        raise UsageError(f"{text} is a folder. Name the file: {path / 'champion.pkl'}")
    raise UsageError(
        f"No file {text!r}.{did_you_mean(text, WORDS)} A player is the file of a champion, or one of the words"
        f" {' and '.join(WORDS)}."
    )


def meet(a: Entrant, b: Entrant, config: Path | None = None) -> Contest:
    """Bring two players together, of whom at least one is a champion.

    [Versus] is that of `config`; else the champions' own; else that of the game's shipped config. Raises
    UsageError without a champion, ChampionError where the two cannot meet, and ExperimentError or GameError where
    the game is not for two.
    """
    champions = [entrant for entrant in (a, b) if isinstance(entrant, Champion)]
    if not champions:
        raise UsageError(
            f"{a} and {b}: at least one of the two should be a champion's file, for a champion brings the game."
        )
    for name, entrant in zip("AB", (a, b), strict=True):
        _check_can_turn_round(name, entrant)
    _check_same_game(champions)
    experiment = _judging(champions, config)
    catalog.state_path(experiment.game.game, experiment.versus.state)
    contestants = _contestant(a, champions[0]), _contestant(b, champions[-1])
    return Contest(experiment, contestants, tuple(champion.rom_sha1 for champion in champions))


def _contestant(entrant: Entrant, rival: Champion) -> Contestant:
    """Return the player with its rules; a word plays by its rival's."""
    if isinstance(entrant, Champion):
        return Contestant(champion_agent(entrant), entrant.experiment)
    return Contestant(WORDS[entrant], rival.experiment)


def _check_can_turn_round(name: str, entrant: Entrant) -> None:
    if not isinstance(entrant, Champion):
        return
    observation, actions = entrant.experiment.observation.kind, entrant.experiment.actions.kind
    if observation == "ram":
        raise ChampionError(
            f"{name} sees bytes of the console's memory, and nobody knows how those look from the other side.\n"
            "  Train one with [Observation] kind = variables or grayscale."
        )
    if TUTORIAL in (observation, actions):
        raise ChampionError(f"{name} plays as tutorial scripts do, which know one pad. Train one with other kinds.")


def _check_same_game(champions: Sequence[Champion]) -> None:
    first, last = champions[0], champions[-1]
    if first.game != last.game:
        raise ChampionError(
            f"A plays {first.game} and B plays {last.game}. Two players meet in the game that both were trained on."
        )
    scenarios = first.experiment.game.scenario, last.experiment.game.scenario
    if scenarios[0] != scenarios[1]:
        raise ChampionError(
            f"A was trained with [Game] scenario = {scenarios[0]} and B with {scenarios[1]}: they see and end the"
            " game otherwise.\n  Train one of them anew."
        )


def _judging(champions: Sequence[Champion], config: Path | None) -> Experiment:
    """Return the experiment whose [Versus] counts, with the champions' game in it."""
    game, scenario = champions[0].game, champions[0].experiment.game.scenario
    if config is not None:
        chosen = drafts.fill_in(read_draft(config), game).experiment()
    else:
        chosen = _own(champions) or _shipped(game)
    if not chosen.versus.state:
        raise ExperimentError(
            f"{chosen.source} has no [Versus] state, so {game} is not known as a game for two.\n"
            "  Say in [Versus] how two play it (docs/experiment.md), and name that file with --config FILE."
        )
    place = GameSection(game=game, states=(chosen.versus.state,), scenario=scenario)
    return dataclasses.replace(chosen, game=place)


def _own(champions: Sequence[Champion]) -> Experiment | None:
    owners = [champion.experiment for champion in champions if champion.experiment.versus.state]
    if owners and owners[0].versus != owners[-1].versus:
        raise ChampionError(
            "A and B were trained with different [Versus] sections. Name the config whose section counts with"
            " --config FILE."
        )
    return owners[0] if owners else None


def _shipped(game: str) -> Experiment:
    path = catalog.config_path(game)
    if path is None:
        raise ExperimentError(
            f"Neither the champions nor a config of {game} have a [Versus] section, so it is not known as a game for"
            " two.\n  Write one (docs/experiment.md) and name it with --config FILE."
        )
    return drafts.fill_in(read_draft(path), game).experiment()


def schedule(contest: Contest, games: int, seed: int) -> tuple[MatchJob, ...]:
    """Return the games: each start with A on the left, then on the right. An odd number becomes the next even one.

    Raises UsageError for fewer than one or too many.
    """
    if not 1 <= games <= MOST_EPISODES:
        raise UsageError(f"games = {games} should be from 1 to {MOST_EPISODES}.")
    a, b = contest.contestants
    buttons = catalog.buttons(contest.game)
    directions = [1 << buttons.index(name) for name in ("LEFT", "RIGHT") if name in buttons] or [0]
    jobs = []
    for number in range((games + 1) // PADS):
        spec = opening(contest.state, episode_seed(seed, f"versus in {contest.state}", number), directions)
        jobs += [MatchJob(PADS * number, (a, b), spec), MatchJob(PADS * number + 1, (b, a), spec)]
    return tuple(jobs)


def opening(state: str, seed: int, directions: Sequence[int]) -> EpisodeSpec:
    """Return a start where each player has walked one way for 0 to 30 frames.

    Waiting alone would not do: two networks on a game without chance play the same game again, however late.
    """
    rng = random.Random(seed)
    walks = [(rng.choice(directions), rng.randint(0, LONGEST_OPENING)) for _ in range(PADS)]
    frames = range(max(length for _, length in walks))
    prefix = tuple(tuple(mask if frame < length else 0 for mask, length in walks) for frame in frames)
    return EpisodeSpec(Start(state, prefix), seed)


def play(
    contest: Contest, jobs: Sequence[MatchJob], workers: int, on_game: Callable[[int], None] | None = None
) -> Score:
    """Play the games on worker processes. The score is the same for any number of them.

    `on_game` hears after each game how many have been played.
    """
    played = itertools.count(1)
    heard = on_game or (lambda _: None)
    with WorkerPool(contest.experiment, workers, PADS) as pool:
        contest.check_rom(pool.facts().rom_sha1)
        results = pool.play_matches(jobs, lambda _: heard(next(played)))
    games = tuple(Game(result.key + 1, result.key % PADS, result.match) for result in results)
    return Score(contest.game, contest.state, games)


def film(contest: Contest, job: MatchJob, path: Path) -> MatchResult:
    """Play a game in this process and write it as a video; errors as record_video's."""
    with Stage(contest.experiment, PADS) as stage:
        contest.check_rom(stage.emulator.rom_sha1)
        with filming(stage, contest.state, path) as see:
            return stage.play_match(job.contestants, job.spec, see)


def tally(games: Sequence[Game]) -> Tally:
    """Count some games. Draws are no part of the share."""
    a_wins, b_wins = (sum(game.winner == name for game in games) for name in "AB")
    gaps = [game.gap for game in games if game.gap is not None]
    return Tally(
        a_wins=a_wins,
        b_wins=b_wins,
        draws=len(games) - a_wins - b_wins,
        share=proportion_interval(a_wins, a_wins + b_wins) if a_wins + b_wins else None,
        gap=mean_interval(gaps) if gaps else None,
    )


def write_json(score: Score, names: tuple[str, str], seed: int, path: Path) -> None:
    """Write every game and the counts, whole or not at all. Raises RunError where the file cannot be written."""
    content = {
        "game": score.game,
        "state": score.state,
        "seed": seed,
        "A": names[0],
        "B": names[1],
        "score": dataclasses.asdict(score.total),
        "A_left": dataclasses.asdict(score.on_side(0)),
        "A_right": dataclasses.asdict(score.on_side(1)),
        "different_games": score.different,
        "games": [
            {
                "number": game.number,
                "A_side": SIDES[game.side],
                "winner": game.winner,
                "ending": game.match.ending,
                "frames": game.match.frames,
                "gap": game.gap,
            }
            for game in score.games
        ],
    }
    write_atomically(path, json.dumps(content, indent=1) + "\n")
