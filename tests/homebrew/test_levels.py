"""The levels of our platformers: every one can be won, and none without looking."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from homebrew.difficulty import measure_agents
from homebrew.levels import Level
from homebrew.movies import movie_path, play_movie
from homebrew.rhythms import all_rhythms, play_rhythms
from homebrew.search import search
from neat_retro.game import catalog

GAMES = ("NeatRunner-Nes", "NeatDash-Genesis")
LEVELS = [(game, state) for game in GAMES for state in catalog.states(game)]
JUMP = {"NeatRunner-Nes": "A", "NeatDash-Genesis": "B"}

# Plays a movie as anybody would who has only stable-retro, and prints the variables after each frame.
REPLAY = """
import json, sys
import stable_retro
path, integrations = sys.argv[1:]
stable_retro.data.Integrations.add_custom_path(integrations)
movie = stable_retro.Movie(path)
movie.step()
env = stable_retro.make(
    movie.get_game(), state=stable_retro.State.NONE, use_restricted_actions=stable_retro.Actions.ALL,
    render_mode="rgb_array", inttype=stable_retro.data.Integrations.ALL,
)
env.initial_state = movie.get_state()
env.reset()
infos = []
while movie.step():
    infos.append(env.step([movie.get_key(button, 0) for button in range(env.num_buttons)])[-1])
print(json.dumps([infos[0], infos[-1]]))
"""


@pytest.mark.parametrize("game", GAMES)
def test_there_are_four_levels(game: str) -> None:
    assert len(catalog.states(game)) >= 4


@pytest.mark.parametrize(("game", "state"), LEVELS)
def test_the_movie_reaches_the_goal(game: str, state: str) -> None:
    """In our own emulator and in stable-retro's, where the last frame is the first of the goal."""
    with Level(game, state) as level:
        won = play_movie(level.stage, game, state)
        assert won.ending == "goal"
        right = level.mask("RIGHT")
        node, ending, frames = level.root(), None, 0
        reached = level.progress(node.moment)
        while ending is None and frames < level.rules.limits.max_frames:
            node, ending = level.play(node, right, 1)
            frames += 1
            if ending is None:
                reached = max(reached, level.progress(node.moment))
        goal = level.rules.endings.goal
        assert won.furthest_x is not None
        # RIGHT alone, by the way, comes to nothing.
        assert ending == "life_lost"
        assert reached < won.furthest_x / 4
    command = [sys.executable, "-c", REPLAY, movie_path(game, state), catalog.search_path()[-2]]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    first, last = json.loads(shown.stdout)
    assert goal is not None
    if "levelLo" in first:
        assert (last["levelHi"], last["levelLo"]) > (first["levelHi"], first["levelLo"])
    else:
        assert last["level_end_bonus"] > 0 == first["level_end_bonus"]


@pytest.mark.parametrize(("game", "state"), LEVELS)
def test_chance_does_not_reach_the_goal(game: str, state: str) -> None:
    """A sample of what docs/our-games.md tells of 1,000 random episodes and 200 random networks."""
    rows = {str(row["player"]): row for row in measure_agents(game, state, set(), episodes=40, networks=20)}
    assert {name for name, row in rows.items() if row["finished"]} <= {"networks"}
    assert int(str(rows["networks"]["finished"])) <= 1
    assert rows["random"]["episodes"] == 40


@pytest.mark.parametrize("game", GAMES)
def test_all_rhythms_at_once_come_as_far_as_one_by_one(game: str) -> None:
    with Level(game, catalog.states(game)[0]) as level:
        low, high = level.mask("RIGHT"), level.mask("RIGHT") | level.mask(JUMP[game])
        furthest = []
        for p, q, phase in all_rhythms(4):
            node, ending, reached, frame = level.root(), None, 0.0, 0
            while ending is None and frame < level.rules.limits.max_frames:
                reached = max(reached, level.progress(node.moment))
                node, ending = level.play(node, high if (frame + phase) % q < p else low, 1)
                frame += 1
            furthest.append(reached)
        together = play_rhythms(level, "RIGHT", JUMP[game], 4)
    assert together.furthest == max(furthest)
    assert together.rhythms == len(furthest)
    assert furthest[np.flatnonzero((all_rhythms(4) == together.best).all(axis=1))[0]] == together.furthest


def test_the_search_finds_a_way_of_its_own() -> None:
    with Level("NeatRunner-Nes", "Level1-1") as level:
        decisions = search(level, seed=7, most_frames=3_000_000)
        node, ending = level.root(), None
        for mask in decisions:
            assert ending is None
            node, ending = level.play(node, mask, level.rules.limits.frame_skip)
    assert ending == "goal"


def test_difficulty_is_measured_once_and_printed(tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "homebrew.difficulty", "NeatRunner-Nes", "Level1-1", "--out", out]
    few = ["--episodes", "3", "--networks", "2", "--longest", "3"]
    for _ in range(2):
        shown = subprocess.run([*command, *few], check=True, capture_output=True, text=True, timeout=120)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    players = [row["player"] for row in rows]
    assert len(players) == len(set(players))
    assert {"RIGHT held", "random", "networks", "RIGHT held, A in rhythm", "movie"} <= set(players)
    *_, line = shown.stdout.splitlines()
    random = next(row for row in rows if row["player"] == "random")
    assert f"| 0 of 3, x {random['furthest']:g} |" in line
    assert len(shown.stdout.splitlines()) == 3
