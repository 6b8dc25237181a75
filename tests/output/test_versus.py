"""Two players on the real game: sides, order and workers favour nobody, and who cannot meet is told why."""

from __future__ import annotations

import dataclasses
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import neat
import numpy as np
import pytest
from neat.genes import DefaultConnectionGene
from neat.innovation import InnovationTracker

import neat_retro
from neat_retro.agent.episode import EpisodeSpec, Start
from neat_retro.agent.match import MatchResult
from neat_retro.agent.observation import GameShape
from neat_retro.agent.players import IdleAgent, RandomAgent
from neat_retro.agent.sides import OtherSide
from neat_retro.errors import ChampionError, ExperimentError, GameError, UnknownStateError, UsageError
from neat_retro.evolution import resolve
from neat_retro.evolution.champion import Champion
from neat_retro.evolution.jobs import Contestant, GameFacts
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import ObservationSection, VersusSection
from neat_retro.game import catalog
from neat_retro.game.roms.installed import rom_sha1
from neat_retro.output.evaluation import mean_interval, proportion_interval
from neat_retro.output.versus import (
    Entrant,
    Game,
    Score,
    load_entrant,
    meet,
    opening,
    play,
    schedule,
    tally,
    write_json,
)

DUEL, SHOOTER = "NeatDuel-Snes", "Airstriker-Genesis-v0"
LEFT, RIGHT = 1 << 6, 1 << 7  # of a SNES pad
SHORT = 400  # frames
LIVELY = "(enemy_x - x) / 64, (x - 128) / 64, busy / 8, enemy_busy / 8, timer % 10 - 5"
SCREENS = {DUEL: (224, 256), SHOOTER: (224, 320)}
Settings = dict[str, object]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The game for two, by the rules of its shipped config."""
    experiment = neat_retro.load_experiment(DUEL, settings={"Game.states": "TwoPlayers", "Versus.max_frames": SHORT})
    with Stage(experiment, pads=2) as opened:
        yield opened


def champion(seed: int, settings: Settings | None = None, game: str = DUEL) -> Champion:
    """A champion with random weights: it does something, and not the same as another seed's."""
    eyes: Settings = {"Observation.variables": LIVELY} if game == DUEL else {}
    links = {"DefaultGenome.initial_connection": "full_direct"}
    changed = {"Run.seed": 1, "Versus.max_frames": SHORT} | links | eyes | (settings or {})
    experiment = resolve.settle(neat_retro.load_experiment(game, settings=changed))
    expected_sha1 = rom_sha1(catalog.rom_path(game))
    shape = GameShape(SCREENS[game], 2**16, catalog.buttons(game))
    experiment, _ = resolve.fit(experiment, GameFacts(game, shape, catalog.variables(game), expected_sha1, 60.0))
    config = resolve.neat_config(experiment).genome_config
    config.innovation_tracker = InnovationTracker()
    genome = neat.DefaultGenome(seed)
    genome.configure_new(config)
    genome.fitness = 0.0
    rng = random.Random(seed)
    for gene in (*genome.connections.values(), *genome.nodes.values()):
        if isinstance(gene, DefaultConnectionGene):
            gene.weight = rng.gauss(0, 3)
        else:
            gene.bias = rng.gauss(0, 1)
    return Champion(genome, experiment, expected_sha1, seed, (), (), {})


def contest_games(a: Entrant, b: Entrant, games: int, seed: int = 0, workers: int = 1) -> Score:
    contest = meet(a, b)
    return play(contest, schedule(contest, games, seed), workers)


# --- the game seen from pad two


def test_pad_two_of_the_real_game_sees_every_variable_that_pad_one_sees_when_the_fight_is_turned_round(
    stage: Stage,
) -> None:
    """Random play for 40 seconds, then the same with the players exchanged and turned round: frame by frame."""
    sides, emulator = stage.referee.sides, stage.emulator
    assert {sides.left, sides.right} == {LEFT, RIGHT}
    rng = random.Random(1)
    combos = [rng.choice(stage.rules.actions.masks) for _ in range(800)]  # type: ignore[attr-defined]
    fight = [(one, two) for one, two in zip(combos[::2], combos[1::2], strict=True) for _ in range(6)]
    turned = [(sides.turned(two), sides.turned(one)) for one, two in fight]
    names = sorted(emulator.variables())

    def seen(masks: list[tuple[int, int]], lookup: Callable[[str], int]) -> list[tuple[int, ...]]:
        emulator.reset("TwoPlayers")
        rows = []
        for pair in masks:
            emulator.step(pair)
            rows.append(tuple(lookup(name) for name in names))
        return rows

    from_two = seen(fight, OtherSide(emulator, sides).lookup)
    from_one = seen(turned, emulator.lookup)
    unturned = seen(fight, emulator.lookup)
    assert from_two == from_one
    assert from_two != unturned
    healths = {row[names.index("health")] for row in from_two}
    assert len(healths) > 5, "nobody was hit"
    assert len({row[names.index("enemy_projectile_x")] for row in from_two}) > 10, "nothing was thrown"


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_champion_against_itself_from_the_symmetric_start_does_the_same_on_both_sides(
    stage: Stage, seed: int
) -> None:
    one = champion(seed)
    result = play_here(stage, one, one, EpisodeSpec(Start("TwoPlayers"), seed))
    turn = stage.referee.sides.turned
    assert result.masks[:, 0].tolist() == [turn(mask) for mask in result.masks[:, 1].tolist()]
    assert (result.winner, result.gap, result.frames) == (None, 0.0, SHORT)
    assert len(set(result.masks[:, 0].tolist())) >= 3, "a network that always does the same would pass"


def play_here(stage: Stage, a: Champion, b: Champion, spec: EpisodeSpec) -> MatchResult:
    return stage.play_match(meet(a, b).contestants, spec)


def test_mirrored_starts_with_exchanged_players_end_mirrored(stage: Stage) -> None:
    turn = stage.referee.sides.turned
    one, two = champion(4), champion(5)
    for seed in range(3):
        spec = opening("TwoPlayers", seed, (LEFT, RIGHT))
        turned = tuple((turn(second), turn(first)) for first, second in spec.start.prefix)
        mirrored = dataclasses.replace(spec, start=Start("TwoPlayers", turned))
        here, there = play_here(stage, one, two, spec), play_here(stage, two, one, mirrored)
        assert here.masks.tolist() == [[turn(second), turn(first)] for first, second in there.masks.tolist()]
        assert (here.gap, here.winner) == (-there.gap, None if there.winner is None else 1 - there.winner)  # type: ignore[operator]


def test_grayscale_pixels_of_pad_two_are_flipped(stage: Stage) -> None:
    experiment = dataclasses.replace(
        stage.experiment,
        observation=ObservationSection(kind="grayscale", downscale=1, normalise="none"),
    )
    shown: dict[int, np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = {}

    @dataclasses.dataclass(frozen=True)
    class Look:
        pad: int

        def start(self, seed: int, actions: object) -> Look:
            return self

        def decide(self, inputs: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> int:
            shown.setdefault(self.pad, inputs.reshape(stage.shape.screen))
            return 0

    looks = (Contestant(Look(0), experiment), Contestant(Look(1), experiment))
    stage.play_match(looks, EpisodeSpec(Start("TwoPlayers")))
    assert np.array_equal(shown[0], shown[1][:, ::-1])
    assert not np.array_equal(shown[0], shown[1])


# --- the games of a contest


def test_a_against_b_is_b_against_a_reversed_whoever_plays_where_and_when() -> None:
    one, two = champion(4), champion(5)
    forth, back = contest_games(one, two, 4, workers=2), contest_games(two, one, 4)

    def told(score: Score, swap: bool) -> Counter[tuple[object, ...]]:
        names = {"A": "B", "B": "A", None: None} if swap else {"A": "A", "B": "B", None: None}
        sign = -1 if swap else 1
        return Counter(
            (names[g.winner], sign * (g.gap or 0), g.match.frames, g.match.masks.tobytes()) for g in score.games
        )

    assert told(forth, False) == told(back, True)
    assert forth == contest_games(one, two, 4, workers=1)
    assert (forth.total.a_wins, forth.total.b_wins, forth.total.draws) == (
        back.total.b_wins,
        back.total.a_wins,
        back.total.draws,
    )
    assert forth.on_side(0).a_wins == back.on_side(1).b_wins
    assert forth.different == 4
    assert forth.games[:2] != contest_games(one, two, 2, seed=1).games


def test_random_plays_the_same_game_whether_it_is_named_first_or_second() -> None:
    one = champion(1)
    forth, back = contest_games("random", one, 2), contest_games(one, "random", 2)
    assert [g.match for g in forth.games] == [g.match for g in reversed(back.games)]
    assert forth.games[0].match != forth.games[1].match


def test_a_champion_that_hits_beats_nobody_at_all() -> None:
    """Light attacks while walking towards the opponent, from either side."""
    seen = {"Observation.variables": "(enemy_x - x) / 256", "Observation.stack": 1}
    hitter = champion(1, seen | {"Actions.combos": "RIGHT, Y"})
    walk, hit = 0, 1
    for connection, weight in ((-1, walk), 5.0), ((-1, hit), 0.0):
        hitter.genome.connections[connection].weight = weight
    hitter.genome.nodes[walk].bias, hitter.genome.nodes[hit].bias = 0.0, 0.8  # walk while they are 41 pixels apart
    score = contest_games(hitter, "nothing", 4)
    assert [game.winner for game in score.games] == ["A"] * 4
    assert all((game.gap or 0) > 20 for game in score.games)
    assert [game.side for game in score.games] == [0, 1, 0, 1]
    assert [game.winner for game in contest_games("nothing", hitter, 2).games] == ["B", "B"]


def test_players_of_other_rules_meet_each_by_its_own() -> None:
    pixels = champion(
        3,
        {
            "Observation.kind": "grayscale",
            "Observation.downscale": 32,
            "Observation.stack": 1,
            "Episode.frame_skip": 10,
        },
    )
    one = champion(5)
    game = contest_games(pixels, one, 2).games[0]
    changed = [np.flatnonzero(np.diff(game.match.masks[:, pad].astype(int))) + 1 for pad in (0, 1)]
    assert all(frame % 10 == 0 for frame in changed[0])
    assert all(frame % 6 == 0 for frame in changed[1]) and any(frame % 10 for frame in changed[1])


def test_every_start_is_played_from_both_sides_and_an_odd_number_is_rounded_up() -> None:
    contest = meet(champion(1), "random")
    jobs = schedule(contest, 5, seed=0)
    a, b = contest.contestants
    assert [job.contestants for job in jobs] == [(a, b), (b, a)] * 3
    assert [job.spec for job in jobs[::2]] == [job.spec for job in jobs[1::2]]
    assert len({job.spec for job in jobs}) == 3
    assert schedule(contest, 6, seed=0) == jobs
    assert {job.spec for job in schedule(contest, 6, seed=1)}.isdisjoint(job.spec for job in jobs)
    assert schedule(contest, 4, seed=0) == jobs[:4]
    for wrong in (0, -1, 10_001):
        with pytest.raises(UsageError, match=f"games = {wrong} should be from 1 to 10000"):
            schedule(contest, wrong, seed=0)


def test_openings_walk_both_players_up_to_half_a_second() -> None:
    specs = [opening("TwoPlayers", seed, (LEFT, RIGHT)) for seed in range(200)]
    assert len(set(specs)) == 200
    lengths = {len(spec.start.prefix) for spec in specs}
    assert min(lengths) >= 0 and max(lengths) == 30
    assert {mask for spec in specs for masks in spec.start.prefix for mask in masks} == {0, LEFT, RIGHT}
    for spec in specs:
        for pad in zip(*spec.start.prefix, strict=True):
            walked = [mask for mask in pad if mask]
            assert len(set(walked)) <= 1 and tuple(walked) == pad[: len(walked)]


def game(number: int, winner: int | None, gap: float | None, mask: int = 0) -> Game:
    masks = np.full((3, 2), mask, np.uint16)
    match = MatchResult(EpisodeSpec(Start("TwoPlayers")), winner, "won", 3, 0, gap, masks)
    return Game(number, number % 2, match)


def test_games_are_counted_for_a_from_the_side_it_played() -> None:
    games = (
        game(0, 0, 50.0),
        game(1, 0, 30.0),
        game(2, 0, 10.0),
        game(3, 1, -20.0),
        game(4, None, 0.0),
        game(5, None, 4.0),
    )
    score = Score(DUEL, "TwoPlayers", games)
    assert [g.winner for g in games] == ["A", "B", "A", "A", None, None]
    assert [g.gap for g in games] == [50.0, -30.0, 10.0, 20.0, 0.0, -4.0]
    assert score.total == tally(games)
    assert (score.total.a_wins, score.total.b_wins, score.total.draws) == (3, 1, 2)
    assert score.total.share == proportion_interval(3, 4)
    assert score.total.gap == mean_interval([50.0, -30.0, 10.0, 20.0, 0.0, -4.0])
    left, right = score.on_side(0), score.on_side(1)
    assert (left.a_wins, left.b_wins, left.draws) == (2, 0, 1)
    assert (right.a_wins, right.b_wins, right.draws) == (1, 1, 1)


def test_games_that_were_all_drawn_have_no_share() -> None:
    drawn = tally([game(0, None, None), game(1, None, None)])
    assert (drawn.share, drawn.gap, drawn.draws) == (None, None, 2)


def test_a_game_that_is_played_again_is_counted_as_one() -> None:
    played = (game(0, 0, 1.0), game(1, 0, 1.0), game(2, 0, 1.0), game(4, 0, 1.0, mask=1), game(6, 0, 2.0))
    assert Score(DUEL, "TwoPlayers", played).different == 4


def test_the_score_is_written_game_by_game(tmp_path: Path) -> None:
    score = Score(DUEL, "TwoPlayers", (game(0, 0, 50.0), game(1, 0, 30.0)))
    write_json(score, ("a.pkl", "random"), 7, tmp_path / "score.json")
    content = json.loads((tmp_path / "score.json").read_text())
    assert (content["A"], content["B"], content["seed"]) == ("a.pkl", "random", 7)
    assert [(g["number"], g["A_side"], g["winner"], g["gap"]) for g in content["games"]] == [
        (0, "left", "A", 50.0),
        (1, "right", "B", -30.0),
    ]
    assert content["score"]["a_wins"] == content["A_left"]["a_wins"] == content["A_right"]["b_wins"] == 1
    assert content["score"]["share"] == dataclasses.asdict(proportion_interval(1, 2))


# --- who can meet


def test_words_mean_players_unless_there_is_such_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (load_entrant("random"), load_entrant("nothing")) == ("random", "nothing")
    one = champion(1)
    one.save(tmp_path / "random")
    loaded = load_entrant("random")
    assert isinstance(loaded, Champion) and loaded.experiment == one.experiment
    contest = meet(loaded, "nothing")
    assert contest.contestants[1] == Contestant(IdleAgent(), loaded.experiment)
    assert meet("random", loaded).contestants[0] == Contestant(RandomAgent(), loaded.experiment)
    with pytest.raises(UsageError, match=r"No file 'randm'\. Did you mean 'random'"):
        load_entrant("randm")
    for no_name in ("x" * 10_000, "a\0b", ""):
        with pytest.raises(UsageError, match="No file"):
            load_entrant(no_name)
    with pytest.raises(UsageError, match=r"is a folder. Name the file: .*champion\.pkl"):
        load_entrant(str(tmp_path))


def test_without_a_champion_there_is_no_game() -> None:
    with pytest.raises(UsageError, match="random and nothing: at least one of the two should be a champion's file"):
        meet("random", "nothing")


def other(one: Champion, **sections: object) -> Champion:
    return dataclasses.replace(one, experiment=dataclasses.replace(one.experiment, **sections))


def test_who_cannot_meet_is_told_why() -> None:
    one = champion(1)
    shooter = champion(2, game=SHOOTER)
    with pytest.raises(ChampionError, match=f"A plays {DUEL} and B plays Airstriker-Genesis-v0"):
        meet(one, shooter)
    section = dataclasses.replace(one.experiment.game, scenario="other")
    with pytest.raises(ChampionError, match=r"A was trained with \[Game\] scenario = scenario and B with other"):
        meet(one, other(one, game=section))
    section = dataclasses.replace(one.experiment.observation, kind="ram")
    with pytest.raises(ChampionError, match="B sees bytes of the console's memory"):
        meet(one, other(one, observation=section))
    section = dataclasses.replace(one.experiment.actions, kind="tutorial")
    with pytest.raises(ChampionError, match="A plays as tutorial scripts do"):
        meet(other(one, actions=section), "random")
    section = dataclasses.replace(one.experiment.versus, state="ThreePlayers")
    with pytest.raises(UnknownStateError, match=r"no start state 'ThreePlayers'.*'TwoPlayers'"):
        meet(other(one, versus=section), "random")


def test_a_game_for_one_is_refused() -> None:
    shooter = champion(2, game=SHOOTER)
    shooter = other(shooter, versus=VersusSection())
    with pytest.raises(ExperimentError, match=r"has no \[Versus\] state, so Airstriker-Genesis-v0 is not known as a"):
        meet(shooter, "random")


def test_another_rom_is_refused() -> None:
    one = dataclasses.replace(champion(1), rom_sha1="0" * 40)
    with pytest.raises(GameError, match="another ROM of NeatDuel-Snes"):
        contest_games(one, "random", 2)


def test_versus_is_the_champions_own_else_the_shipped_one_and_a_config_overrules(tmp_path: Path) -> None:
    one = champion(1)
    assert meet(one, "random").experiment.versus == one.experiment.versus
    assert one.experiment.versus.max_frames == SHORT
    bare = other(one, versus=VersusSection())
    shipped = neat_retro.load_experiment(DUEL).versus
    assert meet(bare, "random").experiment.versus == shipped != one.experiment.versus
    assert meet(bare, one).experiment.versus == meet(one, bare).experiment.versus == one.experiment.versus
    longer = other(one, versus=dataclasses.replace(one.experiment.versus, max_frames=999))
    with pytest.raises(ChampionError, match=r"different \[Versus\] sections.*--config FILE"):
        meet(one, longer)
    config = tmp_path / "mine.cfg"
    config.write_text(longer.experiment.to_text())
    assert meet(one, longer, config).experiment.versus.max_frames == 999
    config.write_text("[Fitness]\nx = change x\n")
    with pytest.raises(ExperimentError, match=r"mine.cfg has no \[Versus\] state"):
        meet(one, longer, config)
