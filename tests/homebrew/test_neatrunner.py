"""NeatRunner keeps Super Mario Bros.' variables as it does, also where it is awkward; and it never drops a picture."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from homebrew.movies import movie_masks, movie_path
from tests.homebrew.console import STOCK, Console, Values, fitness, won

GAME = "NeatRunner-Nes"
REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "integrations" / GAME
SUPER_MARIO_BROS = STOCK / "SuperMarioBros-Nes-v0"
FIRST, SECOND, THIRD, FOURTH = STATES = ("Level1-1", "Level1-2", "Level1-3", "Level1-4")
BUTTONS = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
COMBOS = ("", "RIGHT", "RIGHT+A", "RIGHT+B", "RIGHT+A+B", "LEFT", "A", "DOWN")
PLAYING, DYING, REACHED_GOAL = range(3)
# The shipped config's own term, with its variables written out.
FURTHEST = "furthest xscrollHi * 256 + xscrollLo by levelHi * 4 + levelLo"

# Not in data.json: the README's table. 16-bit numbers in two bytes, the low one first.
OWN_VARIABLES = {
    "hero_state": (0x000E, "|u1"),
    "hero_page": (0x006D, "|u1"),
    "hero_low": (0x0086, "|u1"),
    "hero_top": (0x00CE, "|u1"),
    "ticks": (0x0700, "<u2"),
    "pictures": (0x0702, "<u2"),
    "least_slack": (0x0704, "|u1"),
}
# The numbers that are kept in two bytes.
DERIVED = {
    "camera": lambda now: now["xscrollHi"] * 256 + now["xscrollLo"],
    "x": lambda now: now["hero_page"] * 256 + now["hero_low"],  # the hero's
    "level": lambda now: now["levelHi"] * 4 + now["levelLo"],
}
FIRST_PIT = 320  # pixels from the level's left edge
STEP_BEFORE_PIT = 300


def power_on() -> Console:
    """Return NeatRunner's console, read through stable-retro's own data.json of Super Mario Bros."""
    return Console(
        GAME,
        "rom.nes",
        data=SUPER_MARIO_BROS / "data.json",
        scenario=SUPER_MARIO_BROS / "scenario.json",
        buttons=BUTTONS,
        own_variables=OWN_VARIABLES,
        derived=DERIVED,
        work_ram=0,
    )


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    console = power_on()
    yield console
    del console.emulator  # one emulator a process


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the ROM from its sources; return the game's folder."""
    copy = tmp_path_factory.mktemp("repository")
    folder = copy / "integrations" / GAME
    shutil.copytree(FOLDER / "src", folder / "src", ignore=shutil.ignore_patterns("build"))
    shutil.copytree(REPOSITORY / "homebrew", copy / "homebrew", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["make", "-C", str(folder / "src")], check=True, capture_output=True)
    return folder


def jump_over_first_pit(console: Console) -> list[Values]:
    """Run to the right from the first level's start and jump where its first pit begins."""
    seen = [console.values()]
    while seen[-1]["x"] < FIRST_PIT + 80:
        console.step("RIGHT+A" if seen[-1]["x"] >= STEP_BEFORE_PIT else "RIGHT")
        seen.append(console.values())
    return seen


# --- the variables


@pytest.mark.parametrize("file", ["data.json", "scenario.json"])
def test_variables_and_scenario_are_super_mario_bros(file: str) -> None:
    assert json.loads((FOLDER / file).read_text()) == json.loads((SUPER_MARIO_BROS / file).read_text())


@pytest.mark.parametrize(("state", "level"), [(FIRST, 0), (SECOND, 1), (THIRD, 2), (FOURTH, 3)])
def test_a_start_state_is_the_first_playable_frame_of_its_level(console: Console, state: str, level: int) -> None:
    console.start(state)
    values = console.values()
    expected = {"levelHi": 0, "levelLo": level, "lives": 2, "coins": 0, "score": 0, "camera": 0, "x": 40}
    assert {name: values[name] for name in expected} == expected
    assert values["ticks"] <= 2
    console.step("RIGHT", 30)
    assert console["x"] > 60


def test_x_rises_with_right_and_falls_with_left(console: Console) -> None:
    console.start(FIRST)
    seen = console.play("RIGHT", 120)
    x, camera = [values["x"] for values in seen], [values["camera"] for values in seen]
    assert x == sorted(x) and x[-1] > x[0] + 150
    assert camera == sorted(camera) and camera[-1] == x[-1] - 96
    assert [values["scrolling"] for values in seen[1:]] == [b - a for a, b in itertools.pairwise(camera)]
    seen = console.play("LEFT", 90)
    assert seen[-1]["x"] < x[-1] - 60
    assert {values["camera"] for values in seen} <= set(range(camera[-1], camera[-1] + 8))  # it never goes back


def test_running_is_faster_than_walking(console: Console) -> None:
    reached = {}
    for combo in ("RIGHT", "RIGHT+B"):
        console.start(FIRST)
        console.step(combo, 100)
        reached[combo] = console["x"]
    assert reached["RIGHT+B"] > reached["RIGHT"] + 50


def test_a_tap_jumps_lower_than_a_held_button(console: Console) -> None:
    def rise(frames_held: int) -> int:
        console.start(FIRST)
        tops = [values["hero_top"] for values in (*console.play("A", frames_held), *console.play("", 60))]
        assert tops[-1] == tops[0] + 4 or tops[-1] == max(tops)
        return max(tops) - min(tops)

    assert rise(1) < 12
    assert 20 < rise(8) < 50
    assert 52 < rise(30) < 64


def test_a_held_button_jumps_once(console: Console) -> None:
    console.start(FIRST)
    tops = [values["hero_top"] for values in console.play("A", 200)]
    assert len(set(tops)) > 10
    assert len(set(tops[60:])) == 1


def test_sliding_carries_a_ducked_hero_on(console: Console) -> None:
    console.start(FIRST)
    console.step("RIGHT+B", 60)
    before = console["x"]
    console.step("DOWN", 60)
    assert 60 < console["x"] - before < 110
    standing = console["x"]
    console.step("DOWN", 120)
    assert console["x"] - standing < 20


def test_time_counts_down_one_unit_in_24_frames(console: Console) -> None:
    console.start(FIRST)
    begin = console["time"]
    for units in range(1, 25):
        console.step("", 24)
        assert console["time"] == begin - units


def test_a_coin_counts_once_and_scores(console: Console) -> None:
    console.start(FIRST)
    seen = jump_over_first_pit(console)
    first = won(console, FIRST)
    coins = [values["coins"] for values in first]
    assert coins == sorted(coins) and coins[-1] >= 3
    for before, now in itertools.pairwise(first):
        if now["coins"] != before["coins"]:
            assert now["coins"] == before["coins"] + 1
            assert now["score"] >= before["score"] + 200
    assert seen[-1]["lives"] == 2


# --- awkward moments


def test_both_bytes_of_the_position_change_in_the_same_frame(console: Console) -> None:
    for state in STATES:
        seen = won(console, state)
        end = next((i for i, values in enumerate(seen) if values["hero_state"] == REACHED_GOAL), len(seen))
        camera = [values["camera"] for values in seen[:end]]
        assert max(camera) > 1500
        assert all(0 <= now - before <= 5 for before, now in itertools.pairwise(camera))
        x = [values["x"] for values in seen[:end]]
        assert all(abs(now - before) <= 5 for before, now in itertools.pairwise(x))


def test_a_pit_takes_one_life_and_puts_the_position_back_to_the_start(console: Console) -> None:
    console.start(FIRST)
    seen = console.play("RIGHT", 420)
    death = next(frame for frame, values in enumerate(seen) if values["lives"] == 1)
    back = next(frame for frame in range(death, len(seen)) if seen[frame]["camera"] == 0)
    assert seen[death]["camera"] > 200
    assert 0 < back - death < 60
    assert {values["lives"] for values in seen[:death]} == {2}
    assert {values["lives"] for values in seen[death:]} == {1}
    assert {values["camera"] for values in seen[death:back]} == {seen[death]["camera"]}


def test_furthest_pays_no_ground_twice_across_deaths(console: Console) -> None:
    console.start(FIRST)
    seen = [console.values(), *console.play("RIGHT", 800)]
    assert {values["lives"] for values in seen} >= {2, 1, 0}
    assert fitness(FURTHEST, seen) == max(values["camera"] for values in seen)


def test_lives_run_to_minus_one_then_comes_the_title_and_start_begins_again(console: Console) -> None:
    console.start(FIRST)
    seen = console.play("RIGHT", 1300)
    lives = [values["lives"] for values in seen]
    assert sorted(set(lives)) == [-1, 0, 1, 2]
    assert lives == sorted(lives, reverse=True)
    console.step("START", 3)
    console.step("", 120)
    values = console.values()
    assert (values["lives"], values["score"], values["level"], values["camera"]) == (2, 0, 0, 0)
    console.step("RIGHT", 60)
    assert console["x"] > 80


def test_the_scenario_is_done_when_lives_are_minus_one(console: Console) -> None:
    console.start(FIRST)
    done = []
    for _ in range(1000):
        console.step("RIGHT")
        console.variables.update_ram()
        done.append((int(console.variables.lookup_value("lives")) == -1, bool(console.variables.is_done())))
    assert all(no_life == is_done for no_life, is_done in done)
    assert (True, True) in done


def test_time_runs_out_and_takes_a_life(console: Console) -> None:
    console.start(FIRST)
    begin = console["time"]
    console.step("", 24 * begin - 24)
    assert (console["lives"], console["time"]) == (2, 1)
    console.step("", 48)
    assert (console["lives"], console["time"]) == (1, 0)


@pytest.mark.parametrize("state", STATES[1:])
def test_an_idle_hero_dies(console: Console, state: str) -> None:
    console.start(state)
    limit = 24 * console["time"] + 24
    while console["lives"] == 2:
        console.step("", 60)
        limit -= 60
        assert limit > -60


def test_the_goal_counts_time_into_the_score_and_the_next_level_begins(console: Console) -> None:
    seen = won(console, FIRST)
    goal = next(frame for frame, values in enumerate(seen) if values["hero_state"] == REACHED_GOAL)
    change = next(frame for frame, values in enumerate(seen) if values["level"] == 1)
    assert 0 < change - goal < 120
    assert seen[change - 1]["score"] == seen[goal - 1]["score"] + 10 * seen[goal - 1]["time"]
    # The level's number and the position change in the same frame.
    assert seen[change - 1]["camera"] > 2000
    assert seen[change]["camera"] == 0
    console.step("", 120)
    values = console.values()
    assert (values["level"], values["hero_state"], values["lives"], values["x"]) == (1, PLAYING, 2, 40)


def test_furthest_stays_right_across_a_change_of_level(console: Console) -> None:
    seen = won(console, FIRST)
    seen += console.play("", 120)
    seen += console.play("RIGHT", 110)
    assert seen[-1]["level"] == 1
    first = max(values["camera"] for values in seen if values["level"] == 0)
    second = max(values["camera"] for values in seen if values["level"] == 1)
    assert second > 60
    assert fitness(FURTHEST, seen) == first + second


def test_after_the_fourth_level_comes_the_second_world(console: Console) -> None:
    seen = won(console, FOURTH)
    assert (seen[-1]["levelHi"], seen[-1]["levelLo"]) == (1, 0)
    console.step("", 130)
    values = console.values()
    assert (values["level"], values["hero_state"], values["camera"]) == (4, PLAYING, 0)


HIGHEST, ON_THE_GROUND = 16, 168  # the hero's top
RUNNING_JUMP, FASTEST_FALL = -1280, 1088  # 1/256 pixel a picture
RUN = 40  # sixteenths of a pixel a picture


@pytest.mark.parametrize("state", STATES)
def test_nobody_leaps_over_the_portal(console: Console, built: Path, state: str) -> None:
    """Put before the portal at any height, rising or falling, a running hero is at the goal, and comes down to it."""
    rows = (FOLDER / f"src/levels/{state[-1]}.txt").read_text().splitlines()
    portal = next(row.index("P") for row in rows if "P" in row and "=" not in row and ";" not in row) * SQUARE
    labels = re.findall(r"al 00(\w{4}) \._(hero_y|speed_x|speed_y)\n", (built / "src/build/labels.txt").read_text())
    kinds = {"hero_y": "<u2", "speed_x": "|u1", "speed_y": "<u2"}
    for address, name in labels:
        console.variables.set_variable(name, {"address": int(address, 16), "type": kinds[name]})
    console.start(state)
    masks = iter(movie_masks(movie_path(GAME, state), len(BUTTONS)))
    while console["x"] < portal - 2 * SQUARE:
        console.step_mask(next(masks))
    before, place = console.values(), console.emulator.get_state()
    reached = []
    for top, speed in itertools.product(range(HIGHEST, ON_THE_GROUND, 8), (RUNNING_JUMP, 0, FASTEST_FALL)):
        console.emulator.set_state(place)
        while console["x"] < portal - SQUARE:
            console.variables.set_value("hero_y", top * 256)
            console.variables.set_value("speed_x", RUN)
            console.variables.set_value("speed_y", speed % 65536)
            console.step("RIGHT+A+B")
        seen = console.play("RIGHT+A+B", 130)
        goal = next(values for values in seen if values["hero_state"] != PLAYING)
        change = next(frame for frame, values in enumerate(seen) if values["level"] != before["level"])
        reached.append(goal["hero_top"])
        assert goal["hero_state"] == REACHED_GOAL
        assert goal["x"] + SQUARE in range(portal, portal + SQUARE)
        assert seen[change]["level"] == before["level"] + 1
        assert {values["lives"] for values in seen[: change + 1]} == {before["lives"]}
        assert ON_THE_GROUND in {values["hero_top"] for values in seen[:change]}
    assert (min(reached), max(reached)) == (HIGHEST, ON_THE_GROUND)


# --- what each level asks for


@pytest.mark.parametrize("state", STATES)
def test_right_alone_dies_early(console: Console, state: str) -> None:
    length = max(values["camera"] for values in won(console, state))
    console.start(state)
    seen = console.play("RIGHT", 400)
    death = next(values for values in seen if values["lives"] == 1)
    assert death["camera"] < 0.15 * length


def test_a_jump_under_the_thorns_kills(console: Console) -> None:
    """The first level's first long roof; who walks below it lives."""
    seen = won(console, FIRST)
    walked = [values["x"] for values in seen if values["hero_top"] == 168]
    roofed = range(39 * 16, 48 * 16)
    under = [frame for frame, values in enumerate(seen) if values["x"] in roofed]
    assert len(under) > 60 and set(walked) & set(roofed)
    masks = movie_masks(movie_path(GAME, FIRST), len(BUTTONS))
    for frame in under[5:-30:15]:
        console.start(FIRST)
        for mask in masks[:frame]:
            console.step_mask(mask)
        console.step("")
        console.step("RIGHT+A", 30)
        assert console["lives"] == 1


LONGEST_RHYTHM, TOP_SPEED, SQUARE = 64, 2.5, 16  # frames, pixels a frame, pixels


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_every_level_has_a_roof_that_no_rhythm_passes(level: int) -> None:
    """Whoever presses a button once in 64 frames presses it below these thorns, wherever it came down."""
    rows = (FOLDER / f"src/levels/{level}.txt").read_text().splitlines()
    roof = max(len(run) for row in rows for run in re.findall("v+", row) if "=" not in row)
    assert roof * SQUARE > (LONGEST_RHYTHM + 6) * TOP_SPEED


# --- exactness


@pytest.mark.parametrize("state", STATES)
def test_random_play_never_makes_a_picture_late(console: Console, state: str) -> None:
    """Each tick ends before the next picture: both counts stay equal, with time to spare."""
    rng = random.Random(state)
    console.start(state)
    for _ in range(500):
        console.step(rng.choice((*COMBOS, "RIGHT", "RIGHT+A+B")), 4)
        values = console.values()
        assert values["ticks"] == values["pictures"]
        if values["hero_state"] == PLAYING:
            assert values["least_slack"] > 20
        if values["lives"] < 1:
            console.start(state)
    for values in won(console, state)[:-1]:
        assert values["ticks"] == values["pictures"]
        assert values["least_slack"] > 20


TWIN = """
import hashlib, random, sys
from tests.homebrew.test_neatrunner import COMBOS, STATES, power_on
console = power_on()
rng = random.Random(7)
digest = hashlib.sha256()
for state in STATES:
    console.start(state)
    for _ in range(150):
        console.step(rng.choice((*COMBOS, "RIGHT", "RIGHT+A+B", "START")), 4)
        for part in console.sight():
            digest.update(part)
print(digest.hexdigest())
"""


def test_two_fresh_processes_see_the_same_screens_and_memory() -> None:
    command = [sys.executable, "-c", TWIN]
    runs = [subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout.strip()) == 64


def test_a_restored_state_goes_on_exactly(console: Console) -> None:
    rng = random.Random(3)
    console.start(SECOND)
    console.step("RIGHT", 60)
    saved = console.emulator.get_state()
    script = [rng.choice(COMBOS) for _ in range(60)]
    runs = []
    for _ in range(2):
        console.emulator.set_state(saved)
        run = []
        for combo in script:
            console.step(combo, 3)
            run.append(console.sight())
        runs.append(run)
    assert runs[0] == runs[1]


# --- the files


def test_the_rom_is_rebuilt_byte_for_byte(built: Path) -> None:
    assert (built / "rom.nes").read_bytes() == (FOLDER / "rom.nes").read_bytes()
    assert (built / "rom.sha").read_text() == (FOLDER / "rom.sha").read_text()
    assert hashlib.sha1((built / "rom.nes").read_bytes()[16:]).hexdigest() == (built / "rom.sha").read_text().strip()


def test_the_states_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    for name in ("rom.nes", "make_states.py"):
        shutil.copy(FOLDER / name, tmp_path)
    subprocess.run([sys.executable, str(tmp_path / "make_states.py")], check=True, capture_output=True)
    for state in STATES:
        made, kept = (path / f"{state}.state" for path in (tmp_path, FOLDER))
        assert gzip.decompress(made.read_bytes()) == gzip.decompress(kept.read_bytes())
