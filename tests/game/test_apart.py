"""What is asked of a process apart comes back as an answer or an error, whatever becomes of that process."""

from __future__ import annotations

import os
import signal

import pytest

from neat_retro.errors import NeatRetroError
from neat_retro.game import catalog
from neat_retro.game.apart import run_apart


def test_an_answer_comes_from_another_process() -> None:
    assert run_apart(pow, 2, 10, died="") == 1024
    assert run_apart(os.getpid, died="") != os.getpid()


def test_an_error_of_ours_is_raised_here() -> None:
    with pytest.raises(NeatRetroError, match="No game is called 'Kite-Nees'"):
        run_apart(catalog.resolve_game, "Kite-Nees", died="")


def test_a_process_that_dies_is_said() -> None:
    with pytest.raises(NeatRetroError, match=r"^The emulator died of kite\.nes\.$"):
        run_apart(os._exit, 3, died="The emulator died of kite.nes.")
    with pytest.raises(NeatRetroError, match="killed"):
        run_apart(os.abort, died="killed")


def test_an_error_of_anybody_elses_is_said_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NeatRetroError, match=r"^No answer\.\n  ZeroDivisionError: "):
        run_apart(divmod, 1, 0, died="No answer.")
    assert capfd.readouterr().err == ""


def test_ctrl_c_is_not_seen_by_the_process(capfd: pytest.CaptureFixture[str]) -> None:
    """It reaches the whole group, and a process that is still importing would show a traceback."""
    assert signal.SIGINT in run_apart(signal.pthread_sigmask, signal.SIG_BLOCK, (), died="")
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
