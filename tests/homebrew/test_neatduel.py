"""NeatDuel keeps its promises: its variables, also where they are awkward, both pads, its computer, and every bit."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from homebrew.duel import COMBOS, DIFFICULTIES, GAME, play_match, random_player, reacting_player, repeating_player
from homebrew.movies import movie_masks, movie_path
from neat_retro.agent.actions import combo_mask
from neat_retro.game.emulator import Emulator
from tests.homebrew.console import Values, fitness

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "integrations" / GAME
STATES = ("Easy", "Normal", "Hard", "TwoPlayers")
FULL_HEALTH, KNOCKED_OUT = 176, 0xFF
FLOOR_Y = 200
# enum status, enum scene_name, enum result of src/memory.h
STANDING, WALKING, CROUCHING, JUMPING, ATTACKING, BLOCKING, HIT, FALLING = 0, 1, 2, 4, 5, 8, 9, 10
TITLE, FIGHT, ROUND_OVER, MATCH_OVER = 0, 3, 4, 5
LOST, WON, DRAWN = 1, 2, 3
# The addresses of Street Fighter II Turbo that the game stands in for.
ADDRESSES = {
    "health": 0x0530,
    "enemy_health": 0x0730,
    "x": 0x0506,
    "enemy_x": 0x0706,
    "y": 0x0509,
    "enemy_y": 0x0709,
    "status": 0x0503,
    "enemy_status": 0x0703,
    "timer": 0x18F3,
    "round_over": 0x05F2,
    "enemy_round_over": 0x07F2,
    "rounds_won": 0x189C,
    "enemy_rounds_won": 0x189B,
}


class Console:
    """The real ROM on the real core, with both pads."""

    def __init__(self) -> None:
        self.emulator = Emulator(GAME, pads=2)

    def start(self, state: str) -> None:
        self.emulator.reset(state)

    def step(self, one: str = "nothing", two: str = "nothing", frames: int = 1) -> None:
        masks = tuple(combo_mask(combo, self.emulator.buttons, combo) for combo in (one, two))
        for _ in range(frames):
            self.emulator.step(masks)

    def play(self, one: str, two: str, frames: int) -> list[Values]:
        """Return the variables after each frame."""
        seen = []
        for _ in range(frames):
            self.step(one, two)
            seen.append(self.values())
        return seen

    def values(self) -> Values:
        return self.emulator.variables()

    def __getitem__(self, name: str) -> int:
        return self.emulator.lookup(name)

    def approach(self, distance: int) -> None:
        """Walk player one up to player two, on its right."""
        while self["enemy_x"] - self["x"] > distance:
            self.step("RIGHT")

    def sweep_until(self, scene: int) -> list[Values]:
        """Sweep an idle player two off its feet again and again; return the variables after each frame."""
        seen = []
        for _ in range(6000):
            close = abs(self["x"] - self["enemy_x"]) <= 48
            toward = "RIGHT" if self["x"] < self["enemy_x"] else "LEFT"
            self.step("DOWN+X" if close else toward)
            seen.append(self.values())
            if seen[-1]["scene"] == scene:
                return seen
        raise AssertionError(f"scene {scene} did not come")


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    console = Console()
    yield console
    console.emulator.close()


# --- the variables


def test_addresses_are_those_of_street_fighter_ii_turbo() -> None:
    info = json.loads((FOLDER / "data.json").read_text())["info"]
    assert {name: info[name]["address"] - 0x7E0000 for name in ADDRESSES} == ADDRESSES
    assert {name: info[name]["type"] for name in ADDRESSES} == {**dict.fromkeys(ADDRESSES, "|u1"), "timer": "|d1"}


@pytest.mark.parametrize(("state", "mode", "difficulty"), [(name, 0, at) for at, name in enumerate(DIFFICULTIES)])
def test_a_state_is_the_first_frames_of_a_fight(console: Console, state: str, mode: int, difficulty: int) -> None:
    console.start(state)
    values = console.values()
    expected = {"health": FULL_HEALTH, "enemy_health": FULL_HEALTH, "scene": FIGHT, "round": 1, "timer": 99}
    expected |= {"mode": mode, "difficulty": difficulty, "rounds_won": 0, "enemy_rounds_won": 0, "round_over": 0}
    expected |= {"x": 80, "y": FLOOR_Y, "incoming": 255, "projectile_x": 0}
    assert {name: values[name] for name in expected} == expected


def test_x_follows_the_buttons_and_walls_hold(console: Console) -> None:
    console.start("TwoPlayers")
    begin = console["x"]
    right = [values["x"] for values in console.play("RIGHT", "nothing", 20)]
    assert right == sorted(right) and right[-1] == begin + 40
    left = [values["x"] for values in console.play("LEFT", "nothing", 20)]
    assert left == sorted(left, reverse=True) and left[-1] == right[-1] - 20  # backwards, at half the speed
    console.step("LEFT", "RIGHT", 160)
    assert (console["x"], console["enemy_x"]) == (20, 235)
    console.step("RIGHT", "LEFT", 160)
    assert console["enemy_x"] - console["x"] in (28, 29)  # bodies do not pass through each other


def test_a_jump_leaves_the_floor_and_comes_back(console: Console) -> None:
    console.start("TwoPlayers")
    seen = console.play("UP", "nothing", 1) + console.play("nothing", "nothing", 60)
    heights = [FLOOR_Y - values["y"] for values in seen]
    top = heights.index(max(heights))
    assert 50 <= heights[top] <= 60
    assert heights[: top + 1] == sorted(heights[: top + 1]) and heights[-1] == 0
    assert {values["status"] for values in seen if values["y"] < FLOOR_Y} == {JUMPING}


def test_jumping_over_the_other_changes_sides(console: Console) -> None:
    console.start("TwoPlayers")
    console.approach(40)
    console.step("UP+RIGHT", frames=6)
    console.step(frames=60)
    assert console["x"] > console["enemy_x"]
    x = console["x"]
    console.step("LEFT", frames=5)  # absolute: to the left is forwards now
    assert x - console["x"] == 10


@pytest.mark.parametrize(
    ("combo", "distance", "damage"), [("Y", 40, 10), ("X", 50, 24), ("DOWN+Y", 40, 8), ("DOWN+X", 48, 18)]
)
def test_a_blow_takes_its_health_within_its_reach_only(
    console: Console, combo: str, distance: int, damage: int
) -> None:
    console.start("TwoPlayers")
    console.approach(distance)
    console.step(combo, frames=2)
    console.step(frames=40)
    assert console["enemy_health"] == FULL_HEALTH - damage
    console.start("TwoPlayers")
    console.approach(distance + 20)
    console.step(combo, frames=2)
    console.step(frames=40)
    assert console["enemy_health"] == FULL_HEALTH


@pytest.mark.parametrize(
    ("attack", "guard", "blocked"),
    [
        ("X", "RIGHT", True),
        ("X", "LEFT", False),
        ("Y", "RIGHT", True),
        ("DOWN+X", "RIGHT", False),
        ("DOWN+X", "DOWN+RIGHT", True),
        ("DOWN+X", "DOWN", False),
    ],
)
def test_holding_away_blocks_and_a_sweep_must_be_blocked_low(
    console: Console, attack: str, guard: str, blocked: bool
) -> None:
    console.start("TwoPlayers")
    console.approach(34)
    seen = console.play(attack, guard, 3) + console.play("nothing", guard, 14)
    assert (console["enemy_health"] == FULL_HEALTH) == blocked
    assert (BLOCKING in {values["enemy_status"] for values in seen}) == blocked


def test_a_high_kick_misses_who_crouches(console: Console) -> None:
    console.start("TwoPlayers")
    console.approach(40)
    console.step("X", "DOWN", 30)
    assert console["enemy_health"] == FULL_HEALTH


def test_a_projectile_comes_nearer_and_hits_or_is_ducked(console: Console) -> None:
    console.start("TwoPlayers")
    console.step("A", frames=2)
    seen = console.play("nothing", "nothing", 60)
    flying = [values for values in seen if values["projectile_x"]]
    assert all(b["projectile_x"] - a["projectile_x"] == 3 for a, b in itertools.pairwise(flying))
    assert all(values["enemy_incoming"] == values["enemy_x"] - values["projectile_x"] for values in flying)
    assert seen[-1]["enemy_health"] == FULL_HEALTH - 12
    assert (seen[-1]["projectile_x"], seen[-1]["enemy_incoming"]) == (0, 255)
    console.start("TwoPlayers")
    console.step("A", "DOWN", 2)
    console.step("nothing", "DOWN", 80)
    assert console["enemy_health"] == FULL_HEALTH


def test_two_projectiles_destroy_each_other(console: Console) -> None:
    console.start("TwoPlayers")
    console.step("A", "A", 2)
    seen = console.play("nothing", "nothing", 60)
    assert any(values["projectile_x"] and values["enemy_projectile_x"] for values in seen)
    assert (seen[-1]["health"], seen[-1]["enemy_health"]) == (FULL_HEALTH, FULL_HEALTH)


def test_busy_counts_down_to_the_frame_in_which_a_fighter_is_free(console: Console) -> None:
    console.start("TwoPlayers")
    console.step("X")
    busy = [values["busy"] for values in console.play("nothing", "nothing", 40)]
    assert busy[:31] == list(range(31, 0, -1))
    assert set(busy[31:]) == {0}


# --- awkward moments


def test_a_knock_out_reads_0xff_until_the_next_round_and_the_health_gap_stays_right(console: Console) -> None:
    console.start("TwoPlayers")
    seen = [console.values(), *console.sweep_until(MATCH_OVER)]
    enemy = [values["enemy_health"] for values in seen]
    over = [values["scene"] == ROUND_OVER for values in seen]
    pauses = [len(list(group)) for is_over, group in itertools.groupby(over) if is_over]
    assert len(pauses) == 2 and max(pauses) < 120
    for before, now in itertools.pairwise(seen):
        if now["scene"] == ROUND_OVER:
            assert (now["enemy_health"], now["health"]) == (KNOCKED_OUT, FULL_HEALTH)
            assert (now["round_over"], now["enemy_round_over"]) == (WON, LOST)
        if before["scene"] == ROUND_OVER and now["scene"] != ROUND_OVER and now["scene"] != MATCH_OVER:
            assert (now["enemy_health"], now["health"]) == (FULL_HEALTH, FULL_HEALTH)
            assert (now["round_over"], now["timer"], now["round"]) == (0, 99, 2)
        won = now["rounds_won"] - before["rounds_won"]
        assert won == (now["scene"] == ROUND_OVER != before["scene"])
    alive = [health for health in enemy if health != KNOCKED_OUT]
    assert max(alive) == FULL_HEALTH and min(alive) > 0
    assert fitness("health_gap health enemy_health", seen) == 2 * FULL_HEALTH
    assert fitness("health_gap enemy_health health", seen) == -2 * FULL_HEALTH
    assert fitness("bonus 200 when change(rounds_won) > 0", seen) == 400


def test_time_runs_out_in_a_draw_then_the_match_ends_and_start_begins_another(console: Console) -> None:
    """Rounds take 40 seconds at most; a drawn one counts for both, so that two of them end the match."""
    console.start("TwoPlayers")
    seen = [console.values()]
    while seen[-1]["scene"] != TITLE:
        console.step(frames=3)
        seen.append(console.values())
        assert len(seen) < 2000
    timer = [values["timer"] for values in seen if values["scene"] == FIGHT]
    assert set(timer) == set(range(1, 100))
    assert {a - b for a, b in itertools.pairwise(timer)} == {0, 1, 1 - 99}
    assert max(len(list(frames)) for _, frames in itertools.groupby(timer)) == 24 // 3
    drawn = [values for values in seen if values["scene"] == ROUND_OVER]
    assert {values["round_over"] for values in drawn} == {values["enemy_round_over"] for values in drawn} == {DRAWN}
    assert (seen[-1]["rounds_won"], seen[-1]["enemy_rounds_won"]) == (2, 2)
    console.step(frames=5)
    console.step("START", frames=2)
    for _ in range(200):
        console.step()
        if console["scene"] == FIGHT:
            break
    values = console.values()
    assert (values["scene"], values["rounds_won"], values["health"], values["mode"]) == (FIGHT, 0, FULL_HEALTH, 0)
    assert values["difficulty"] == DIFFICULTIES.index("Normal")


def test_the_scenario_is_done_when_somebody_has_won_two_rounds(console: Console) -> None:
    console.start("TwoPlayers")
    done = []
    for _ in range(4000):
        console.step("DOWN+X" if abs(console["x"] - console["enemy_x"]) <= 48 else "RIGHT")
        done.append(console.emulator.scenario()[1])
        if console["rounds_won"] == 2:
            break
    assert done[-1] and not any(done[:-1])


# --- two players


def test_pad_two_moves_the_second_fighter_only_in_the_two_player_state(console: Console) -> None:
    console.start("TwoPlayers")
    begin = console.values()
    console.step("nothing", "RIGHT", 20)
    assert console["enemy_x"] > begin["enemy_x"]
    assert console["x"] == begin["x"]
    fights = []
    for pad_two in ("nothing", "LEFT", "X"):
        console.start("Normal")
        fights.append(console.play("RIGHT", pad_two, 300))
    assert fights[0] == fights[1] == fights[2]


def test_the_computer_leaves_the_second_player_alone(console: Console) -> None:
    console.start("TwoPlayers")
    seen = console.play("LEFT", "nothing", 600)
    assert {(values["enemy_x"], values["enemy_status"]) for values in seen} == {(175, STANDING)}


def test_a_fight_is_the_mirror_image_of_the_fight_with_the_pads_exchanged(console: Console) -> None:
    rng = random.Random(3)
    combos = (*COMBOS, "DOWN+LEFT", "DOWN+RIGHT")
    presses = [(rng.choice(combos), rng.choice(combos)) for _ in range(200)]
    sides = {"LEFT": "RIGHT", "RIGHT": "LEFT"}

    def mirrored(combo: str) -> str:
        return "+".join(sides.get(button, button) for button in combo.split("+"))

    names = ("health", "y", "status", "busy", "rounds_won", "round_over", "incoming")
    straight, turned = [], []
    console.start("TwoPlayers")
    for one, two in presses:
        for values in console.play(one, two, 6):
            straight.append(
                [values[name] for name in names] + [values[f"enemy_{name}"] for name in names] + [values["x"]]
            )
    console.start("TwoPlayers")
    for one, two in presses:
        for values in console.play(mirrored(two), mirrored(one), 6):
            turned.append(
                [values[f"enemy_{name}"] for name in names]
                + [values[name] for name in names]
                + [255 - values["enemy_x"]]
            )
    assert straight == turned
    assert straight[-1][0] != FULL_HEALTH or straight[-1][len(names)] != FULL_HEALTH


# --- the computer


def test_the_difficulty_byte_may_be_changed_at_any_time(console: Console) -> None:
    """The states differ in nothing else: Normal with the byte of Hard plays as Hard does, and not as it did."""
    fights = {}
    for state, poked in (("Hard", None), ("Normal", 2), ("Normal", None)):
        console.start(state)
        if poked is not None:
            console.emulator._data.set_value("difficulty", poked)
        fights[state, poked] = [(values["enemy_x"], values["health"]) for values in console.play("Y", "nothing", 600)]
    assert fights["Normal", 2][1:] == fights["Hard", None][1:]
    assert fights["Normal", None] != fights["Hard", None]


def test_the_computer_beats_random_players_at_normal(console: Console) -> None:
    """In a sample; `python -m homebrew.duel` plays hundreds of rounds."""
    matches = [play_match(console.emulator, "Normal", random_player(seed)) for seed in range(2)]
    assert [(match.rounds_won, match.rounds_lost) for match in matches] == [(0, 2), (0, 2)]


@pytest.mark.parametrize("combo", ["A", "DOWN+X"])
def test_a_single_move_does_not_win_at_normal(console: Console, combo: str) -> None:
    match = play_match(console.emulator, "Normal", repeating_player((combo,)))
    assert match.rounds_lost == 2


def test_a_player_who_reacts_wins_at_normal(console: Console) -> None:
    assert play_match(console.emulator, "Normal", reacting_player).won


def test_a_movie_wins_at_hard(console: Console) -> None:
    console.start("Hard")
    for mask in movie_masks(movie_path(GAME, "Hard"), len(console.emulator.buttons)):
        console.emulator.step((mask, 0))
    assert (console["rounds_won"], console["enemy_health"]) == (2, KNOCKED_OUT)


# --- exactness


@pytest.mark.parametrize("state", STATES)
def test_random_play_never_makes_a_picture_late(console: Console, state: str) -> None:
    rng = random.Random(state)
    console.start(state)
    offset = (console["video_frames"] - console["ticks"]) % 0x10000
    for _ in range(150):
        console.step(rng.choice(COMBOS), rng.choice(COMBOS), 6)
        values = console.values()
        assert values["lag_frames"] == 0
        assert (values["video_frames"] - values["ticks"]) % 0x10000 == offset


TWIN = """
import hashlib, random
from homebrew.duel import COMBOS
from tests.homebrew.test_neatduel import Console
console = Console()
rng = random.Random(7)
digest = hashlib.sha256()
for state in ("Normal", "TwoPlayers"):
    console.start(state)
    for _ in range(100):
        console.step(rng.choice(COMBOS), rng.choice(COMBOS), 6)
        digest.update(console.emulator.screen().tobytes())
        digest.update(console.emulator.ram().tobytes())
print(digest.hexdigest())
"""


def test_two_processes_see_the_same_screens_and_memory() -> None:
    command = [sys.executable, "-c", TWIN]
    twins = [subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True) for _ in range(2)]
    assert len({twin.stdout for twin in twins}) == 1
    assert len(twins[0].stdout.strip()) == 64


def test_the_rom_builds_to_the_same_bytes(tmp_path: Path) -> None:
    copy = tmp_path / "integrations" / GAME
    shutil.copytree(FOLDER / "src", copy / "src", ignore=shutil.ignore_patterns("build"))
    shutil.copytree(REPOSITORY / "homebrew", tmp_path / "homebrew", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["make", "-C", str(copy / "src")], check=True, capture_output=True, timeout=120)
    rom = (copy / "rom.sfc").read_bytes()
    assert rom == (FOLDER / "rom.sfc").read_bytes()
    assert hashlib.sha1(rom).hexdigest() == (FOLDER / "rom.sha").read_text().strip()
    assert (copy / "rom.sha").read_text() == (FOLDER / "rom.sha").read_text()


def test_make_states_finds_every_state_as_it_was(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / GAME, ignore=shutil.ignore_patterns("src"))
    command = [sys.executable, str(tmp_path / GAME / "make_states.py")]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert run.stdout.splitlines() == [f"{state} is as it was" for state in STATES]
    for state in STATES:
        assert (tmp_path / GAME / f"{state}.state").read_bytes() == (FOLDER / f"{state}.state").read_bytes()
