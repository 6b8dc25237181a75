"""The promise: a match is fair from both sides, and each player sees and acts by its own rules."""

from __future__ import annotations

import dataclasses
import pickle
import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from neat_retro.agent.actions import ActionSet
from neat_retro.agent.episode import EpisodeSpec, Perturbation, Start
from neat_retro.agent.match import MatchResult, Referee, Seat, compile_referee, play_match
from neat_retro.agent.observation import GameShape
from neat_retro.agent.players import Agent, IdleAgent, RandomAgent, ScriptedAgent
from neat_retro.agent.rules import Rules, compile_rules
from neat_retro.errors import ExperimentError
from neat_retro.experiment import Draft, Experiment

BUTTONS = ("A", "LEFT", "RIGHT")
A, LEFT, RIGHT = 1, 2, 4
SHAPE = GameShape((2, 100), 1, BUTTONS)
VARIABLES = ("x", "enemy_x", "health", "enemy_health", "rounds", "enemy_rounds", "clock")
CONFIG = """
[Observation]
kind = variables
variables = x, enemy_x, health, enemy_health, change(enemy_health), start(x), clock

[Actions]
kind = argmax
combos = nothing, LEFT, RIGHT, A, RIGHT+A

[Fitness]
gap = health_gap health enemy_health

[Episode]
frame_skip = 1

[Versus]
state = Two
won = rounds >= 2
lead = rounds, health
swap = health enemy_health, rounds enemy_rounds
mirror = x enemy_x 99
max_frames = 300
"""


class Arena:
    """Two dots on a line of 100: A takes 10 of 50 health from who is at most 20 away; two rounds win.

    Both act at once, so that the game is the same from either side. Both look alike on the screen.
    """

    def __init__(self, done_at: int | None = None) -> None:
        self.done_at = done_at
        self.played: list[tuple[int, ...]] = []

    def reset(self, state: str) -> None:
        self.x, self.health, self.rounds, self.clock = [20, 79], [50, 50], [0, 0], 0
        self.played.clear()

    def step(self, masks: Sequence[int]) -> None:
        self.played.append(tuple(masks))
        self.clock += 1
        for pad, mask in enumerate(masks):
            self.x[pad] = min(99, max(0, self.x[pad] + bool(mask & RIGHT) - bool(mask & LEFT)))
        near = abs(self.x[0] - self.x[1]) <= 20
        hit = [near and bool(mask & A) for mask in masks]
        self.health = [self.health[pad] - 10 * hit[1 - pad] for pad in range(2)]
        if min(self.health) <= 0:
            self.rounds = [self.rounds[pad] + (self.health[1 - pad] <= 0) for pad in range(2)]
            self.health = [50, 50]

    def lookup(self, name: str) -> int:
        pad, plain = int(name.startswith("enemy_")), name.removeprefix("enemy_")
        return self.clock if plain == "clock" else int(getattr(self, plain)[pad])

    def screen(self) -> npt.NDArray[np.uint8]:
        picture = np.zeros((2, 100, 3), np.uint8)
        for pad in range(2):
            picture[:, self.x[pad]] += 100
        return picture

    def ram(self) -> npt.NDArray[np.uint8]:
        return np.zeros(1, np.uint8)

    def scenario(self) -> tuple[float, bool]:
        return 0.0, self.done_at is not None and self.clock >= self.done_at


class Watcher:
    """Plays a script, and keeps what it was shown."""

    def __init__(self, *masks: int) -> None:
        self.masks = masks
        self.seen: list[list[float]] = []

    def start(self, seed: int, actions: ActionSet) -> Watcher:
        self.seen = []
        self.seed = seed
        return self

    def decide(self, inputs: npt.NDArray[np.float64]) -> int:
        self.seen.append(inputs.tolist())
        now = len(self.seen) - 1
        return self.masks[now] if now < len(self.masks) else 0


def experiment(**settings: object) -> Experiment:
    """The experiment; `Versus__won="..."` is a key of a section."""
    draft = Draft.from_text(CONFIG, "file.cfg")
    for name, value in settings.items():
        section, key = name.split("__")
        draft.set(section, key, str(value))
    return draft.experiment()


def rules(**settings: object) -> Rules:
    return compile_rules(experiment(**settings), SHAPE, VARIABLES)


def referee(**settings: object) -> Referee:
    return compile_referee(experiment(**settings), SHAPE, VARIABLES)


def play(
    left: Agent, right: Agent, game: Arena | None = None, spec: EpisodeSpec | None = None, **settings: object
) -> MatchResult:
    seats = [Seat(agent, rules(**settings)) for agent in (left, right)]
    return play_match(game or Arena(), seats, spec or EpisodeSpec(Start("Two"), seed=1), referee(**settings))


def script(seed: int, length: int = 300) -> tuple[int, ...]:
    return tuple(random.Random(seed).choices((0, LEFT, RIGHT, RIGHT, A, RIGHT | A), k=length))


# --- both sides are one


@pytest.mark.parametrize("kind", ["variables", "grayscale"])
@pytest.mark.parametrize("stack", [1, 3])
def test_pad_two_sees_frame_by_frame_what_player_one_sees_when_the_fight_is_turned_round(kind: str, stack: int) -> None:
    keys = {"Observation__kind": kind, "Observation__stack": stack, "Observation__downscale": 1}
    for seed in range(5):
        one, two = script(seed), script(seed + 100)
        on_the_right, on_the_left = Watcher(*two), Watcher(*two)
        first = play(ScriptedAgent(one), on_the_right, **keys)
        second = play(on_the_left, ScriptedAgent(one), **keys)
        assert on_the_right.seen == on_the_left.seen
        assert len({tuple(seen) for seen in on_the_right.seen}) > 20
        assert first.frames == second.frames
        assert first.winner == (None if second.winner is None else 1 - second.winner)
        assert first.gap == -second.gap  # type: ignore[operator]


def test_fights_of_the_test_before_are_decided() -> None:
    """It would hold in a game where nothing happens, too."""
    results = [play(ScriptedAgent(script(seed)), ScriptedAgent(script(seed + 100))) for seed in range(5)]
    assert {result.winner for result in results} >= {0, 1}
    assert any(result.gap for result in results)


def test_pad_two_presses_what_player_one_would() -> None:
    game = Arena()
    result = play(ScriptedAgent((LEFT, RIGHT | A)), ScriptedAgent((RIGHT, RIGHT | A, LEFT)), game, Versus__max_frames=3)
    assert game.played == [(LEFT, LEFT), (RIGHT | A, LEFT | A), (0, RIGHT)]
    assert result.masks.tolist() == [list(masks) for masks in game.played]


def test_masks_repeat_the_match() -> None:
    result = play(RandomAgent(), RandomAgent(), Episode__frame_skip=4)
    one, two = (tuple(pad) for pad in result.masks.T.tolist())
    turned = tuple({LEFT: RIGHT, RIGHT: LEFT, RIGHT | A: LEFT | A, LEFT | A: RIGHT | A}.get(mask, mask) for mask in two)
    assert play(ScriptedAgent(one), ScriptedAgent(turned)) == result


def test_a_turbo_button_of_one_is_no_turbo_button_of_the_other() -> None:
    game = Arena()
    seats = [
        Seat(ScriptedAgent((A, A)), rules(Actions__turbo="A", Episode__frame_skip=4)),
        Seat(ScriptedAgent((A, A)), rules(Episode__frame_skip=4)),
    ]
    play_match(game, seats, EpisodeSpec(Start("Two")), referee(Versus__max_frames=6))
    assert game.played == [(A, A)] * 2 + [(0, A)] * 2 + [(A, A)] * 2


# --- each by its own rules


def test_each_player_decides_as_often_as_its_own_experiment_says() -> None:
    slow, quick = Watcher(), Watcher()
    seats = [Seat(slow, rules(Episode__frame_skip=10)), Seat(quick, rules(Episode__frame_skip=4))]
    play_match(Arena(), seats, EpisodeSpec(Start("Two")), referee(Versus__max_frames=40))
    assert [seen[-1] for seen in slow.seen] == [0, 10, 20, 30]
    assert [seen[-1] for seen in quick.seen] == list(range(0, 40, 4))


def test_each_player_sees_with_its_own_eyes() -> None:
    pixels, numbers = Watcher(), Watcher()
    grayscale = rules(Observation__kind="grayscale", Observation__downscale=1, Observation__stack=2)
    seats = [Seat(pixels, grayscale), Seat(numbers, rules())]
    play_match(Arena(), seats, EpisodeSpec(Start("Two")), referee(Versus__max_frames=1))
    assert (len(pixels.seen[0]), len(numbers.seen[0])) == (400, 7)
    assert numbers.seen[0][:2] == [20, 79]


def test_change_and_start_are_those_of_the_players_own_view() -> None:
    watcher = Watcher()
    hits = ScriptedAgent((RIGHT,) * 40 + (A,))
    play(hits, watcher, Versus__max_frames=43)
    change, start = [seen[4] for seen in watcher.seen], {seen[5] for seen in watcher.seen}
    assert change == [0.0] * 43  # nobody hits the opponent of pad two
    assert start == {20}
    play(watcher, hits, Versus__max_frames=43)
    assert [seen[4] for seen in watcher.seen] == [0.0] * 43
    play(Watcher(*(RIGHT,) * 40, A), watcher, Versus__max_frames=43)
    own = [seen[2] for seen in watcher.seen]
    assert own[40:] == [50, 40, 40]


def test_seeds_belong_to_the_pads_and_come_from_the_spec() -> None:
    one, two = Watcher(), Watcher()
    play(one, two, spec=EpisodeSpec(Start("Two"), seed=7))
    assert (one.seed, two.seed) == (7, 8)
    assert play(RandomAgent(), RandomAgent()) == play(RandomAgent(), RandomAgent())
    other = play(RandomAgent(), RandomAgent(), spec=EpisodeSpec(Start("Two"), seed=5))
    assert not np.array_equal(other.masks[:50], play(RandomAgent(), RandomAgent()).masks[:50])


# --- how it ends

WALK_UP = (RIGHT,) * 40
KNOCK_OUT = (A,) * 5


def test_two_rounds_won_end_it_from_either_side() -> None:
    winner = ScriptedAgent((*WALK_UP, *KNOCK_OUT, *KNOCK_OUT))
    left, right = play(winner, IdleAgent()), play(IdleAgent(), winner)
    assert (left.winner, left.ending, left.frames, left.gap) == (0, "won", 50, 80.0)
    assert (right.winner, right.ending, right.frames, right.gap) == (1, "won", 50, -80.0)


def test_two_who_win_in_one_frame_draw() -> None:
    winner = ScriptedAgent((*WALK_UP[:20], *KNOCK_OUT, *KNOCK_OUT))
    both = play(winner, winner)
    assert (both.winner, both.ending, both.frames, both.gap) == (None, "won", 30, 0.0)


@pytest.mark.parametrize(
    ("moves", "theirs", "winner"),
    [
        ((), (), None),
        ((A,), (), 0),
        ((), (A,), 1),
        ((A,), (A,), None),
        ((A, A), (0, A), 0),
        (KNOCK_OUT, (A, A, A, A), 0),
        ((*KNOCK_OUT, 0), (0,) * 5 + (A,), 0),  # a round counts for more than health
    ],
)
@pytest.mark.parametrize("ending", ["frame_limit", "done"])
def test_an_undecided_game_goes_to_who_leads(
    moves: tuple[int, ...], theirs: tuple[int, ...], winner: int | None, ending: str
) -> None:
    game = Arena(done_at=60) if ending == "done" else Arena()
    limit = 300 if ending == "done" else 60
    fighters = ScriptedAgent((*WALK_UP, *moves)), ScriptedAgent((*WALK_UP[:20], *(0,) * 20, *theirs))
    result = play(*fighters, game, Versus__max_frames=limit)
    assert (result.winner, result.ending, result.frames) == (winner, ending, 60)


def test_without_a_lead_an_undecided_game_is_a_draw() -> None:
    ahead = ScriptedAgent((*WALK_UP, A))
    assert play(ahead, IdleAgent()).winner == 0
    assert play(ahead, IdleAgent(), Versus__lead="").winner is None


def test_a_win_counts_for_more_than_what_ends_the_game_in_the_same_frame() -> None:
    winner = ScriptedAgent((*WALK_UP, *KNOCK_OUT, *KNOCK_OUT))
    result = play(IdleAgent(), winner, Arena(done_at=50), Versus__max_frames=50)
    assert (result.winner, result.ending) == (1, "won")


def test_without_a_health_gap_in_the_fitness_there_is_none() -> None:
    assert play(IdleAgent(), IdleAgent(), Fitness__gap="change health").gap is None


def test_start_prefix_and_waiting_come_before_play() -> None:
    game = Arena()
    spec = EpisodeSpec(Start("Two", ((RIGHT, 0), (0, LEFT))), 3, Perturbation(noops=9))
    frames = []
    seats = [Seat(IdleAgent(), rules()) for _ in range(2)]
    result = play_match(game, seats, spec, referee(Versus__max_frames=5), lambda: frames.append(game.clock))
    assert game.played[:2] == [(RIGHT, 0), (0, LEFT)]
    assert result.waited == spec.waiting_frames()
    assert (result.frames, game.clock) == (5, 2 + result.waited + 5)
    assert frames == list(range(2 + result.waited + 5 + 1))


def test_a_result_crosses_process_borders() -> None:
    result = play(RandomAgent(), RandomAgent())
    assert pickle.loads(pickle.dumps(result)) == result
    assert dataclasses.replace(result, winner=2) != result
    assert dataclasses.replace(result, masks=result.masks + 1) != result


# --- what [Versus] may say


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"Versus__won": ""}, "[Versus] has no won. Say when player one has won: won = rounds_won >= 2"),
        ({"Versus__won": "round >= 2"}, "[Versus] won: no variable 'round'. Did you mean 'rounds'?"),
        ({"Versus__lead": "rounds, helth"}, "[Versus] lead: no variable 'helth'. Did you mean 'health'?"),
        ({"Versus__swap": "rounds enemy_round"}, "[Versus] swap: no variable 'enemy_round'"),
    ],
)
def test_slips_in_versus_are_named(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ExperimentError) as refused:
        referee(**settings)
    assert words in str(refused.value)


def test_won_and_lead_may_name_derived_variables() -> None:
    mine = {"Variables__mine": "health - enemy_health", "Versus__lead": "mine", "Versus__won": "mine > 30"}
    result = play(IdleAgent(), ScriptedAgent((*WALK_UP, *KNOCK_OUT)), **mine)
    assert (result.winner, result.ending, result.frames) == (1, "won", 44)
