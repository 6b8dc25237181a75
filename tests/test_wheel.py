"""A wheel, installed where there is no checkout, finds everything that it needs to train."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
SHIPPED = ("neat_retro", "neat-configs", "integrations", "roms.sha")
TOY_FILES = ("data.json", "rom.nes", "Level1.state", "src/Makefile", "src/lib/main.c")
LOCATE = """
import sys
from pathlib import Path
import neat_retro
from neat_retro.game import catalog
print(Path(neat_retro.__file__).parent)
print(catalog.search_path()[-2])
print(catalog.config_path("Airstriker-Genesis"))
print(*(path for path in catalog.shared_sha1_files() if path.stem == "Toy-Nes"))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files with one more game in them, apart from the checkout: building leaves things behind."""
    folder = tmp_path_factory.mktemp("source")
    for name in SHIPPED:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(PROJECT / name, folder)
    for name in TOY_FILES:
        path = folder / "integrations" / "Toy-Nes-v0" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}")
    (folder / "roms.sha" / "Toy-Nes.sha").write_text("0" * 40)
    return folder


@pytest.fixture(scope="module")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that our wheel was installed into."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, source]
    subprocess.run(command, check=True, timeout=300, capture_output=True, text=True)
    [wheel] = folder.iterdir()
    return install(tmp_path_factory.mktemp("installed"), "--no-index", wheel)


def install(folder: Path, *what: object) -> Path:
    """Install us into a new environment that has what we depend on, and return its bin folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    libraries = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    # The .pth files over there are not followed from here: an editable install of ours is not seen.
    (libraries / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, *map(str, what)], check=True, timeout=300)
    return python.parent


def run(folder: Path, *command: object, **environment: str) -> str:
    """Run a command in an otherwise empty folder and return what it prints; warnings there are errors too."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={
            **own,
            "PYTHONWARNINGS": "error,ignore:Bitwise inversion:DeprecationWarning",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_installed_wheel_finds_its_integrations_configs_and_hashes(
    installed: Path, source: Path, tmp_path: Path
) -> None:
    package, integrations, config, hashes = map(Path, run(tmp_path, installed / "python", "-c", LOCATE).splitlines())
    assert package.is_relative_to(installed.parent)
    assert integrations == package / "_integrations"
    assert config == package / "_configs" / "Airstriker-Genesis.cfg"
    assert hashes == package / "_roms_sha" / "Toy-Nes.sha"
    assert (package / "py.typed").is_file()
    assert tree(package / "game" / "schemas") == tree(source / "neat_retro" / "game" / "schemas") != {}
    assert tree(package / "_configs") == tree(source / "neat-configs")
    played = {name: text for name, text in tree(source / "integrations").items() if is_played(name)}
    assert tree(package / "_integrations") == played
    assert {f"Toy-Nes-v0/{name}" for name in TOY_FILES if "src" not in name} <= played.keys()
    assert "NeatRunner-Nes/rom.nes" in played
    code = {name: text for name, text in tree(package).items() if name.endswith(".py")}
    assert code == {name: text for name, text in tree(source / "neat_retro").items() if name.endswith(".py")}


def is_played(file: str) -> bool:
    """Tell what of an integration is needed to play: not how it was made, nor its movies."""
    parts = Path(file).parts
    return len(parts) == 2 and not file.endswith(".py")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_installed_wheel_lists_games_and_trains(installed: Path, tmp_path: Path) -> None:
    package = installed.parent / sysconfig.get_path("purelib", vars={"base": ""}).lstrip("/") / "neat_retro"
    before = tree(package)
    listed = run(tmp_path, installed / "neat-retro", "games", COLUMNS="200")
    assert [line for line in listed.splitlines() if "Airstriker-Genesis" in line and "yes" in line]
    assert [line for line in listed.splitlines() if "Toy-Nes" in line and "Level1" in line]
    options = "--game Airstriker-Genesis --generations 1 --population 4 --workers 1 --max-frames 200 --seed 1"
    run(tmp_path, installed / "neat-retro", "train", *options.split(), "--run-dir", "run")
    assert (tmp_path / "run" / "champion.pkl").is_file()
    assert len((tmp_path / "run" / "history.jsonl").read_text().splitlines()) == 1
    replayed = run(tmp_path, installed / "neat-retro", "replay", "run/champion.pkl", "--verify")
    assert "Verified" in replayed
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert tree(package) == before != {}


def test_checkout_without_installation_finds_the_folders_beside_it(source: Path, tmp_path: Path) -> None:
    located = run(tmp_path, sys.executable, "-c", LOCATE, PYTHONPATH=str(source))
    assert list(map(Path, located.splitlines())) == [
        source / "neat_retro",
        source / "integrations",
        source / "neat-configs" / "Airstriker-Genesis.cfg",
        source / "roms.sha" / "Toy-Nes.sha",
    ]


def test_editable_installation_finds_the_folders_of_its_checkout(source: Path, tmp_path: Path) -> None:
    editable = install(tmp_path / "venv", "--editable", source)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    located = run(elsewhere, editable / "python", "-c", LOCATE)
    assert [Path(line).resolve() for line in located.splitlines()] == [
        source / "neat_retro",
        source / "integrations",
        source / "neat-configs" / "Airstriker-Genesis.cfg",
        source / "roms.sha" / "Toy-Nes.sha",
    ]


def test_an_installation_that_was_used_can_be_replaced_by_an_editable_one(source: Path, tmp_path: Path) -> None:
    used = install(tmp_path / "venv", source)
    options = "--generations 1 --population 4 --workers 1 --max-frames 60 --run-dir run"
    run(tmp_path, used / "neat-retro", "train", *options.split())
    pip = [sys.executable, "-m", "pip", "--python", used / "python", "install", "--quiet", "--no-deps", "--editable"]
    subprocess.run([*pip, source], check=True, timeout=300)
    package, *_ = run(tmp_path, used / "python", "-c", LOCATE).splitlines()
    assert Path(package).resolve() == source / "neat_retro"
    assert run(tmp_path, used / "neat-retro", "--version").startswith("neat-retro ")
