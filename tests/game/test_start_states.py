"""Start states made from presses and movies are those that the games' own scripts and recordings have."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from neat_retro.errors import IntegrationError, UnknownStateError, UsageError
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator
from neat_retro.game.presses import MOST_FRAMES, Press, parse_presses
from neat_retro.game.start_states import (
    StartState,
    movie_state,
    new_state,
    pressed_state,
    state_target,
    write_state,
)

BUTTONS = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
MOVIE = Path(__file__).parents[2] / "integrations/NeatRunner-Nes/movies/Level1-1.bk2"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NEAT_RETRO_HOME", str(folder))
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    return folder


def test_presses_are_read() -> None:
    assert parse_presses("wait 120, START 5,WAIT 60 , right+A 30", BUTTONS) == (
        Press(0, 120),
        Press(8, 5),
        Press(0, 60),
        Press(128 | 256, 30),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wait 120, STRT 5", "--press: no button 'STRT'. Did you mean 'START'?\n  The buttons are B, SELECT, START, "),
        ("wayt 120", "no button 'wayt'. Did you mean 'wait'?"),
        ("RIGHT+C 5", "no button 'C'.\n  The buttons are B, "),
        ("RIGHT+ 5", "no button ''."),
        ("", "'' should be a button and a number of frames.\n  For example:  --press \"wait 120, START 5"),
        ("START 5,", "'' should be a button"),
        ("START", "'START' should be a button"),
        ("START -5", "'START -5' should be a button"),
        ("START 0", "'START 0' should be a button"),
        ("START 5 6", "'START 5 6' should be a button"),
        (f"wait {MOST_FRAMES}, A 1", "--press takes more than 216000 frames, an hour."),
        ("wait 9999999999", "'wait 9999999999' should be a button"),
    ],
)
def test_presses_that_cannot_be_read_are_named(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        parse_presses(text, BUTTONS)


def test_the_presses_of_a_games_own_script_make_its_own_state(home: Path) -> None:
    """NeatRunner's make_states.py waits, presses START, and waits for the level to begin."""
    made = pressed_state("neatrunner-nes", "wait 60, START 4, wait 80")
    assert made.picture.shape == (224, 240, 3)
    path = state_target("neatrunner-nes", "Mine")
    assert path == home / "integrations/NeatRunner-Nes/Mine.state"
    write_state(made, path)
    assert gzip.decompress(path.read_bytes())
    assert catalog.states("NeatRunner-Nes") == ("Level1-1", "Level1-2", "Level1-3", "Level1-4", "Mine")
    with Emulator("NeatRunner-Nes") as emulator:
        emulator.reset("Mine")
        assert emulator.variables()["time"] == 200
        for _ in range(200):
            emulator.step((128,))
        assert emulator.variables()["xscrollLo"] > 20, "it is in the level, and RIGHT walks"
    later = pressed_state("NeatRunner-Nes", "RIGHT 100", start="Mine")
    assert not np.array_equal(later.picture, made.picture)
    assert pressed_state("NeatRunner-Nes", "wait 60, START 4, wait 80").content == made.content


def test_a_movies_moment_is_the_play_up_to_there(home: Path) -> None:
    frame = 500
    made = movie_state("NeatRunner-Nes", MOVIE, frame)
    write_state(made, state_target("NeatRunner-Nes", "Moment"))
    with Emulator("NeatRunner-Nes") as emulator:
        import stable_retro

        movie = stable_retro.Movie(str(MOVIE))
        movie.step()
        emulator.reset("Level1-1")
        for _ in range(frame):
            movie.step()
            emulator.step((sum(bool(movie.get_key(bit, 0)) << bit for bit in range(9)),))
        np.testing.assert_array_equal(emulator.screen(), made.picture)
        assert emulator.variables()["xscrollLo"] + emulator.variables()["xscrollHi"] > 0
        emulator.step((0,))
        then = emulator.variables()
        emulator.reset("Moment")  # plays a frame with nothing pressed
        assert emulator.variables() == then


def test_a_movie_that_cannot_be_followed_is_said(tmp_path: Path) -> None:
    with pytest.raises(IntegrationError, match=r"Level1-1\.bk2 ends at frame \d+\. Choose an earlier --frame\."):
        movie_state("NeatRunner-Nes", MOVIE, 10**6)
    with pytest.raises(IntegrationError, match=r"nothing\.bk2 is no file\. Name a BK2 movie"):
        movie_state("NeatRunner-Nes", tmp_path / "nothing.bk2", 1)
    (tmp_path / "noise.bk2").write_bytes(b"noise")
    with pytest.raises(IntegrationError, match=r"noise\.bk2 is not a BK2 movie"):
        movie_state("NeatRunner-Nes", tmp_path / "noise.bk2", 1)


def test_states_keep_to_their_folder_and_never_hide_what_is_there(tmp_path: Path) -> None:
    for name in ("", "../Level", "a/b", ".hidden", "_hidden", "a b", "Level.state", "n" * 101):
        with pytest.raises(UsageError, match="is no name for a state"):
            state_target("NeatRunner-Nes", name)
    path = state_target("NeatRunner-Nes", "A", tmp_path)
    assert path == tmp_path / "NeatRunner-Nes/A.state"
    path.parent.mkdir()
    path.write_bytes(b"mine")
    with pytest.raises(IntegrationError, match=r"A\.state is there already"):
        state_target("NeatRunner-Nes", "A", tmp_path)
    with pytest.raises(UnknownStateError, match="has no start state 'Level9'"):
        pressed_state("NeatRunner-Nes", "wait 1", start="Level9")


def test_a_state_is_taken_away_where_its_picture_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "Kite-Nes" / "A.state"
    made = StartState(b"state", np.zeros((1, 1, 3), np.uint8))
    with pytest.raises(KeyError), new_state(made, path):
        assert path.read_bytes() == b"state"
        raise KeyError
    assert not path.exists()
