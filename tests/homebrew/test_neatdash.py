"""NeatDash keeps Sonic 2's variables as Sonic 2 does, also where it is awkward; and it never drops a frame."""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homebrew.console import STOCK, Console, Values, fitness, won

GAME = "NeatDash-Genesis"
REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "integrations" / GAME
SONIC_2_DATA = STOCK / "SonicTheHedgehog2-Genesis-v0" / "data.json"
FIRST, SECOND, THIRD, FOURTH = STATES = (
    "CloverCircuitZone.Act1",
    "CloverCircuitZone.Act2",
    "EmberFoundryZone.Act1",
    "EmberFoundryZone.Act2",
)
BUTTONS = ("B", "A", "MODE", "START", "UP", "DOWN", "LEFT", "RIGHT", "C", "Y", "X", "Z")
COMBOS = ("", "RIGHT", "LEFT", "B", "RIGHT+B", "LEFT+B", "DOWN", "DOWN+B", "RIGHT", "RIGHT+B")
TITLE, PLAY, GAME_OVER, CARD = 0x04, 0x0C, 0x14, 0x8C  # game_mode

FURTHEST = "furthest screen_x by act_number"  # the shipped config's own term

# Not in data.json: src/ram.h.
OWN_VARIABLES = {
    "lag_frames": (0xFFFE08, ">u2"),
    "video_frames": (0xFFFE0C, ">u4"),
    "seconds_left": (0xFFFE22, ">u2"),
}


def power_on() -> Console:
    """Return NeatDash's console, read through stable-retro's own data.json of Sonic 2."""
    return Console(
        GAME,
        "rom.md",
        data=SONIC_2_DATA,
        scenario=FOLDER / "scenario.json",
        buttons=BUTTONS,
        own_variables=OWN_VARIABLES,
        derived={"act_number": lambda now: now["zone"] * 4 + now["act"]},
        work_ram=0xFF0000,
    )


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    console = power_on()
    yield console
    del console.emulator  # one emulator a process


# --- the variables


def test_data_json_is_sonic_2s() -> None:
    assert (FOLDER / "data.json").read_text().split() == SONIC_2_DATA.read_text().split()


@pytest.mark.parametrize(("state", "zone", "act"), [(FIRST, 0, 0), (SECOND, 0, 1), (THIRD, 1, 0), (FOURTH, 1, 1)])
def test_a_start_state_is_the_first_playable_frame_of_its_act(console, state, zone, act):
    console.start(state)
    values = console.values()
    expected = {"zone": zone, "act": act, "lives": 3, "rings": 0, "score": 0, "screen_x": 0, "level_end_bonus": 0}
    assert {name: values[name] for name in expected} == expected
    assert values["game_mode"] == PLAY
    before = values["x"]
    console.step("RIGHT", 30)
    assert console["x"] > before


def test_x_rises_with_right_and_falls_with_left(console):
    console.start(FIRST)
    x = [values["x"] for values in console.play("RIGHT", 90)]
    assert x == sorted(x) and x[-1] > x[0] + 150
    console.step("LEFT", 60)
    x = [values["x"] for values in console.play("LEFT", 60)]
    assert x == sorted(x, reverse=True) and x[-1] < x[0] - 60


def test_the_camera_follows_and_never_passes_its_end(console):
    seen = won(console, FIRST)
    assert all(0 <= values["screen_x"] <= values["screen_x_end"] for values in seen)
    assert all(values["x"] - values["screen_x"] <= 116 for values in seen if values["screen_x"] < 7000)
    assert seen[-1]["screen_x"] == seen[-1]["screen_x_end"]


def test_a_jump_rises_and_falls_and_a_tap_is_lower(console):
    def rise(frames_held: int) -> int:
        console.start(FIRST)
        seen = [console.values(), *console.play("B", frames_held), *console.play("", 70 - frames_held)]
        assert seen[-1]["y"] == seen[0]["y"]
        return seen[0]["y"] - min(values["y"] for values in seen)

    assert 60 <= rise(30) <= 68
    assert 16 <= rise(2) <= 32


def test_a_held_button_jumps_once(console):
    console.start(FIRST)
    heights = [values["y"] for values in console.play("B", 200)]
    assert heights[-1] == max(heights)
    assert len(set(heights[60:])) == 1


def test_right_alone_dies_within_the_first_tenth_of_every_act(console):
    for state in STATES:
        console.start(state)
        seen = console.play("RIGHT", 300)
        end = next(frame for frame, values in enumerate(seen) if values["lives"] == 2)
        assert seen[end]["x"] < seen[end]["screen_x_end"] / 10


# --- awkward moments


def test_a_pit_takes_one_life_and_puts_the_position_back_to_the_start(console):
    console.start(FIRST)
    seen = console.play("RIGHT", 330)
    death = next(frame for frame, values in enumerate(seen) if values["lives"] == 2)
    back = next(frame for frame in range(death, len(seen)) if seen[frame]["x"] < 100)
    assert 0 < back - death < 70
    assert {values["lives"] for values in seen[:death]} == {3}
    assert {values["lives"] for values in seen[death:back]} == {2}
    # The camera and the hero go back in the same frame, not one after the other.
    assert seen[back - 1]["screen_x"] > 300
    assert seen[back]["screen_x"] == 0


def test_furthest_pays_no_ground_twice_across_deaths(console):
    console.start(FIRST)
    seen = [console.values(), *console.play("RIGHT", 900)]
    assert {values["lives"] for values in seen} >= {3, 2, 1}
    assert fitness(FURTHEST, seen) == max(values["screen_x"] for values in seen)


def test_no_lives_is_game_over_then_title_and_start_begins_again(console):
    console.start(FIRST)
    seen = console.play("RIGHT", 1200)
    over = next(frame for frame, values in enumerate(seen) if values["lives"] == 0)
    assert [values["lives"] for values in seen[:over:40]] == sorted(
        (values["lives"] for values in seen[:over:40]), reverse=True
    )
    assert GAME_OVER in {values["game_mode"] for values in seen[over:]}
    assert seen[-1]["game_mode"] == TITLE
    console.step("START", 2)
    console.step("", 20)
    console.step("START", 2)
    console.step("", 200)
    assert (console["lives"], console["game_mode"], console["score"]) == (3, PLAY, 0)


def test_the_scenario_is_done_when_no_life_is_left(console):
    console.start(FIRST)
    done = []
    for _ in range(1000):
        console.step("RIGHT")
        console.variables.update_ram()
        done.append((console["lives"] == 0, bool(console.variables.is_done())))
    assert all(no_life == is_done for no_life, is_done in done)
    assert (True, True) in done


def test_time_runs_out_and_takes_a_life(console):
    console.start(FIRST)
    seconds = console["seconds_left"]
    console.step("", seconds * 60 - 60)
    assert (console["lives"], console["seconds_left"]) == (3, 1)
    console.step("", 70)
    assert (console["lives"], console["seconds_left"]) == (2, 0)


def test_the_goal_counts_a_bonus_into_the_score_and_the_next_act_begins(console):
    won(console, FIRST)
    bonus, score = console["level_end_bonus"], console["score"]
    assert bonus > 0
    counted = console.play("", bonus)
    assert [values["level_end_bonus"] for values in counted] == list(range(bonus - 1, -1, -1))
    assert counted[-1]["score"] == score + 100 * bonus
    after = console.play("", 400)
    change = next(frame for frame, values in enumerate(after) if values["act"] == 1)
    # The act's number, the hero and the camera change in the same frame.
    assert after[change - 1]["screen_x"] == counted[-1]["screen_x"]
    assert (after[change]["screen_x"], after[change]["x"] < 100) == (0, True)
    assert after[change]["screen_x_end"] != counted[-1]["screen_x_end"]
    assert after[change]["game_mode"] == CARD
    assert (after[-1]["game_mode"], after[-1]["lives"], after[-1]["score"]) == (PLAY, 3, counted[-1]["score"])


def test_furthest_stays_right_across_a_change_of_act(console):
    seen = won(console, FIRST)
    for _ in range(500):
        console.step("")
        seen.append(console.values())
    assert seen[-1]["act"] == 1
    seen += console.play("RIGHT", 120)
    first = max(values["screen_x"] for values in seen if values["act"] == 0)
    second = max(values["screen_x"] for values in seen if values["act"] == 1)
    assert second > 100
    assert fitness(FURTHEST, seen) == first + second


def test_the_last_act_leads_back_to_the_title(console):
    won(console, FOURTH)
    console.step("", 800)
    assert console["game_mode"] == TITLE


def run(console: Console, jumps: list[int], until: int) -> list[Values]:
    """Run to the right until x is `until` or a life is lost, with a full jump where x passes each of `jumps`."""
    seen = [console.values()]
    while seen[-1]["x"] < until and seen[-1]["lives"] == 3:
        is_jumping = any(jump <= seen[-1]["x"] < jump + 90 for jump in jumps)
        console.step("RIGHT+B" if is_jumping else "RIGHT")
        seen.append(console.values())
    return seen


BLOCK, HERO_TALL = 16, 26  # pixels: src/hero.h
FIRST_PIT, SECOND_PIT, FIRST_CELLS, FIRST_WALKER = 450, 1195, 1470, 1700


def test_cells_are_collected_and_protect_once(console):
    console.start(FIRST)
    seen = run(console, [FIRST_PIT, SECOND_PIT], until=FIRST_CELLS + 60)
    assert (seen[-1]["rings"], seen[-1]["lives"], seen[-1]["score"]) == (3, 3, 30)
    seen = console.play("RIGHT", 90)  # into the walker
    hit = next(frame for frame, values in enumerate(seen) if values["rings"] == 0)
    assert {values["lives"] for values in seen} == {3}
    assert seen[hit + 4]["x"] < seen[hit]["x"]  # thrown back


def test_an_enemy_takes_the_life_of_who_has_no_cells(console):
    console.start(FIRST)
    seen = run(console, [FIRST_PIT, SECOND_PIT, FIRST_CELLS - 60], until=FIRST_CELLS + 60)
    assert (seen[-1]["rings"], seen[-1]["lives"]) == (0, 3)
    seen = console.play("RIGHT", 90)
    assert seen[-1]["lives"] == 2


def test_a_stomp_scores_and_bounces(console):
    console.start(FIRST)
    seen = run(console, [FIRST_PIT, SECOND_PIT, FIRST_WALKER - 190], until=FIRST_WALKER + 20)
    stomp = next(frame for frame in range(1, len(seen)) if seen[frame]["score"] >= seen[frame - 1]["score"] + 100)
    assert seen[stomp + 6]["y"] < seen[stomp]["y"]
    assert seen[-1]["lives"] == 3


@pytest.mark.parametrize("hold", [1, 2, 4, 8, 16])
def test_a_jump_under_the_roof_of_spikes_kills_however_short(console, hold):
    for where in range(800, 1100, 60):
        console.start(FIRST)
        run(console, [FIRST_PIT], until=where)
        console.step("RIGHT+B", hold)
        seen = console.play("RIGHT", 120)
        assert min(values["lives"] for values in seen) == 2, where


def test_the_lowest_hop_reaches_a_roof_two_blocks_up(console):
    """The lowest is that of a press let go before the landing it waits for."""
    lowest = 1000
    for wait in range(20, 32):
        console.start(FIRST)
        ground = console["y"]
        flight = console.play("B", 8) + console.play("", wait)
        if flight[-1]["y"] == ground:
            continue
        console.step("B")
        after = console.play("", 60)
        landing = next(frame for frame, values in enumerate(after) if values["y"] == ground)
        rise = ground - min(values["y"] for values in after[landing:])
        lowest = min(lowest, rise or lowest)  # no rise: pressed too early to be remembered
    assert 2 * BLOCK - HERO_TALL + 3 < lowest < 1000


LONGEST_RHYTHM, TOP_SPEED = 64, 4.5  # frames, pixels a frame


@pytest.mark.parametrize("level", ["clover-1", "clover-2", "ember-1", "ember-2"])
def test_every_act_has_a_roof_that_no_rhythm_passes(level):
    """Whoever presses a button once in 64 frames presses it below this roof."""
    text = (FOLDER / f"src/levels/{level}.txt").read_text()
    roof = max(len(run) for line in text.splitlines() for run in re.findall("v+", line) if not line.startswith(":"))
    assert roof * BLOCK > (LONGEST_RHYTHM + 6) * TOP_SPEED


# --- exactness


def random_play(console: Console, state: str, seed: int, frames: int) -> list[tuple[bytes, bytes]]:
    """Play at random from the state; return what is to be seen each 100 frames."""
    rng = random.Random(seed)
    console.start(state)
    sights = []
    for frame in range(0, frames, 4):
        console.step(rng.choice(COMBOS), 4)
        if frame % 100 == 0:
            sights.append(console.sight())
    return sights


@pytest.mark.parametrize("state", STATES)
def test_no_frame_is_late(console, state):
    """A tick that takes longer than a frame is counted by the vertical interrupt."""
    for seed in range(3):
        random_play(console, state, seed, 600)
        assert console["lag_frames"] == 0
    frames = len(won(console, state))
    assert frames > 1000
    assert console["lag_frames"] == 0


def test_every_video_frame_has_its_tick(console):
    console.start(THIRD)
    before = console["video_frames"]
    console.step("RIGHT", 100)
    assert console["video_frames"] == before + 100


def fingerprint(seed: int) -> str:
    console = power_on()
    digest = hashlib.sha256()
    for state in STATES:
        for sight in random_play(console, state, seed, 400):
            digest.update(b"".join(sight))
    return digest.hexdigest()


def test_two_fresh_processes_see_the_same() -> None:
    command = [sys.executable, __file__, "7"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    first, second = (
        subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=120).stdout
        for _ in range(2)
    )
    assert first == second
    assert len(first.strip()) == 64


def test_a_restored_state_goes_on_exactly(console):
    random_play(console, THIRD, 1, 200)
    saved = console.emulator.get_state()

    def on() -> list[tuple[bytes, bytes]]:
        sights = []
        for _ in range(30):
            console.step("RIGHT+B", 3)
            console.step("RIGHT", 4)
            sights.append(console.sight())
        return sights

    straight = on()
    random_play(console, FIRST, 2, 100)
    console.emulator.set_state(saved)
    assert on() == straight


# --- the files


def test_the_rom_rebuilds_byte_for_byte(tmp_path: Path) -> None:
    copy = tmp_path / "integrations" / GAME
    shutil.copytree(FOLDER / "src", copy / "src", ignore=shutil.ignore_patterns("build"))
    shutil.copytree(REPOSITORY / "homebrew", tmp_path / "homebrew")
    subprocess.run(["make", "-s", "-C", copy / "src", f"PYTHON={sys.executable}"], check=True, timeout=120)
    assert (copy / "rom.md").read_bytes() == (FOLDER / "rom.md").read_bytes()
    assert (copy / "rom.sha").read_text() == (FOLDER / "rom.sha").read_text()


def test_rom_sha_is_the_roms() -> None:
    assert (FOLDER / "rom.sha").read_text().strip() == hashlib.sha1((FOLDER / "rom.md").read_bytes()).hexdigest()


def test_the_states_are_what_the_script_makes(tmp_path: Path) -> None:
    """Making them again finds nothing that plays differently."""
    copy = tmp_path / GAME
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("src", "movies"))
    made = subprocess.run(
        [sys.executable, copy / "make_states.py"], check=True, capture_output=True, text=True, timeout=120
    ).stdout
    assert made.splitlines() == [f"{state}: unchanged" for state in STATES]


if __name__ == "__main__":
    print(fingerprint(int(sys.argv[1])))
