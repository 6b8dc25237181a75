"""The promise: rooms import only what stands below them, and only one of them knows the emulator."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import neat_retro

PACKAGE = "neat_retro"
# What each room may import of the package beside itself, as docs/ draws it. The rest - `__init__`, `__main__`,
# `api` - stands at the top and may import everything.
BELOW = {
    "errors": set(),
    "safe_pickle": {"errors"},
    "experiment": {"errors"},
    "game": {"experiment", "safe_pickle", "errors"},
    "agent": {"experiment", "safe_pickle", "errors"},
    "evolution": {"agent", "game", "experiment", "safe_pickle", "errors"},
    "environment": {"evolution", "agent", "game", "experiment", "safe_pickle", "errors"},
    "output": {"environment", "evolution", "agent", "game", "experiment", "safe_pickle", "errors"},
}
TOP = {"__init__", "__main__", "api", "cli"}
EMULATOR = {"stable_retro", "retro"}


def violations(root: Path) -> list[str]:
    """Return, for the package in folder `root`, every import that its file may not make."""
    return [
        f"{path.relative_to(root).as_posix()}:{line} imports {imported}"
        for path in sorted(root.rglob("*.py"))
        for line, imported in imports_of(path, root)
        if not is_allowed(room_of(path, root), imported)
    ]


def room_of(path: Path, root: Path) -> str:
    return path.relative_to(root).with_suffix("").parts[0]


def is_allowed(room: str, imported: str) -> bool:
    package, _, inner = imported.partition(".")
    if package in EMULATOR:
        return room == "game"
    if package != PACKAGE or room in TOP:
        return True
    target = inner.partition(".")[0]
    return target == room or target in BELOW.get(room, set())


def imports_of(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, wherever in it the import stands, with its line."""
    folder = (PACKAGE, *path.relative_to(root).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else ()
            module = ".".join((*above, *filter(None, [node.module])))
            whole = module == PACKAGE  # `from neat_retro import game` imports a room
            yield from ((node.lineno, f"{module}.{alias.name}" if whole else module) for alias in node.names)


def test_every_room_imports_only_what_stands_below_it():
    assert violations(Path(neat_retro.__file__).parent) == []


def test_every_file_and_folder_of_the_package_has_its_place():
    root = Path(neat_retro.__file__).parent
    assert {room_of(path, root) for path in root.rglob("*.py")} <= BELOW.keys() | TOP


# --- the checker itself, on trees made up for it


@pytest.mark.parametrize(
    ("file", "text", "imported"),
    [
        ("game/emulator.py", "from neat_retro.agent.episode import Game", "neat_retro.agent.episode"),
        ("agent/episode.py", "import neat_retro.game.emulator", "neat_retro.game.emulator"),
        ("agent/episode.py", "from neat_retro import game", "neat_retro.game"),
        ("agent/episode.py", "from ..game import emulator", "neat_retro.game"),
        ("agent/episode.py", "from .. import game", "neat_retro.game"),
        ("agent/episode.py", "import stable_retro", "stable_retro"),
        ("evolution/run.py", "from stable_retro.data import x", "stable_retro.data"),
        ("cli/main.py", "import retro", "retro"),
        ("evolution/run.py", "def f():\n    from neat_retro.output import report", "neat_retro.output"),
        ("evolution/run.py", "from neat_retro.environment import NeatRetroEnv", "neat_retro.environment"),
        ("evolution/run.py", "from neat_retro import api", "neat_retro.api"),
        ("output/report.py", "from neat_retro.cli.main import main", "neat_retro.cli.main"),
        ("environment.py", "from neat_retro.output import report", "neat_retro.output"),
        ("experiment/reader.py", "if True:\n    import neat_retro.agent", "neat_retro.agent"),
        ("safe_pickle.py", "from neat_retro.experiment import Draft", "neat_retro.experiment"),
        ("errors.py", "from neat_retro.safe_pickle import load", "neat_retro.safe_pickle"),
        ("utils.py", "from neat_retro.errors import NeatRetroError", "neat_retro.errors"),
        ("game/deep/er.py", "from ...agent import rules", "neat_retro.agent"),
    ],
)
def test_a_wrong_import_is_found(tmp_path, file, text, imported):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")
    line = text.count("\n") + 1
    assert violations(tmp_path) == [f"{file}:{line} imports {imported}"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("game/emulator.py", "import stable_retro, numpy\nfrom neat_retro.game import roms\nfrom . import roms"),
        ("agent/episode.py", "from neat_retro.experiment import Experiment\nfrom neat_retro.agent import rules"),
        ("evolution/worker.py", "from neat_retro.game import catalog\nfrom ..agent import rules"),
        ("environment.py", "from neat_retro.evolution.worker import Stage"),
        ("cli/main.py", "from neat_retro.output import report\nfrom neat_retro.errors import NeatRetroError"),
        ("__init__.py", "from neat_retro.api import train"),
        ("agent/episode.py", "import stable_retro_tools, neat"),
    ],
)
def test_a_right_import_is_passed(tmp_path, file, text):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")
    assert violations(tmp_path) == []
