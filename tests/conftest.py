"""What tests share: a home of their own, and the games they play."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

# The files that take longest, in this order: begun last, one would keep one core busy when the other has no more to do.
LONGEST = (
    "game/test_ram_search.py",
    "evolution/test_interrupt.py",
    "homebrew/test_levels.py",
    "cli/test_commands.py",
    "test_your_own_game.py",
    "cli/test_integration_check.py",
    "evolution/test_bad_runs.py",
    "output/test_versus.py",
    "agent/test_sharing.py",
    "evolution/test_rescoring.py",
    "cli/test_integration_commands.py",
    "cli/test_doctor.py",
    "evolution/test_combine.py",
    "evolution/test_workers.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files in front; xdist, told not to go by their numbers of tests, hands them out in this order."""
    place = {TESTS / name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(autouse=True, scope="session")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder of the tests' own: nothing of the person who runs them is read or written."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("NEAT_RETRO_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def nesplat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The config of Nesplat-Nes, a platformer compiled for this test session and put on the search path."""
    folder = tmp_path_factory.mktemp("integrations")
    subprocess.run([sys.executable, TESTS / "games" / "build_nesplat.py", folder], check=True, timeout=120)
    with pytest.MonkeyPatch.context() as patch:
        previous = os.environ.get("NEAT_RETRO_INTEGRATIONS")
        patch.setenv("NEAT_RETRO_INTEGRATIONS", os.pathsep.join(filter(None, (str(folder), previous))))
        yield TESTS / "games" / "nesplat.cfg"


@pytest.fixture(scope="session")
def airstriker() -> str:
    """The one game whose ROM comes with stable-retro."""
    return "Airstriker-Genesis"
