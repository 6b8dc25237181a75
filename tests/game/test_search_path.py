"""Files are looked for in named folders, ./integrations, the user's folder, ours and stable-retro's, in that order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neat_retro.errors import UsageError
from neat_retro.game import catalog
from neat_retro.game.search_path import SearchFolder, look_here_first, search_folders

PROJECT = Path(__file__).parents[2]
GAME = "Kite-Nes"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty, and a home beside it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NEAT_RETRO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", "")  # set, so that it is put back whatever a test makes of it
    return folder


def test_the_order_is_the_documented_one(here: Path, tmp_path: Path) -> None:
    named = [tmp_path / "one", tmp_path / "two"]
    others = [here / "integrations", tmp_path / "home" / "integrations"]
    for folder in (*named, *others):
        (folder / GAME).mkdir(parents=True)
        (folder / GAME / "data.json").write_text("{}")
    look_here_first(named)
    ours, stock = PROJECT / "integrations", catalog.search_path()[-1]
    assert search_folders() == (
        SearchFolder("--integrations", named[0]),
        SearchFolder("--integrations", named[1]),
        SearchFolder("./integrations", others[0]),
        SearchFolder("yours", others[1]),
        SearchFolder("neat-retro", ours),
        SearchFolder("stable-retro", stock),
    )
    for folder in (*named, *others):
        assert catalog.find_file(GAME, "data.json") == folder / GAME / "data.json"
        (folder / GAME / "data.json").unlink()
    assert catalog.find_file(GAME, "data.json") is None
    assert catalog.find_file("NeatRunner-Nes", "data.json") == ours / "NeatRunner-Nes" / "data.json"


def test_a_relative_folder_stays_the_same_one(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "mine").mkdir()
    look_here_first([Path("mine")])
    monkeypatch.chdir(tmp_path)
    assert search_folders()[0].path == here / "mine"


def test_named_folders_come_before_those_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", os.pathsep.join([str(tmp_path / "b"), str(tmp_path / "c")]))
    look_here_first([tmp_path / "a", tmp_path / "c"])
    assert [folder.path.name for folder in search_folders()[:3]] == ["a", "c", "b"]


def test_without_a_folder_named_integrations_there_is_none_of_here(here: Path) -> None:
    (here / "integrations").write_text("a file")
    assert "./integrations" not in [folder.label for folder in search_folders()]


def test_in_the_checkout_our_folder_keeps_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So the user's overlays win there as they do elsewhere."""
    monkeypatch.chdir(PROJECT)
    assert [folder.label for folder in search_folders()] == ["yours", "neat-retro", "stable-retro"]
    (tmp_path / "integrations").symlink_to(PROJECT / "integrations")
    monkeypatch.chdir(tmp_path)
    assert [folder.label for folder in search_folders()] == ["yours", "neat-retro", "stable-retro"]


def test_a_current_folder_that_is_gone_is_no_obstacle(here: Path) -> None:
    here.rmdir()
    assert [folder.label for folder in search_folders()] == ["yours", "neat-retro", "stable-retro"]


def test_what_is_no_folder_of_games_is_refused(here: Path) -> None:
    (here / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        look_here_first([Path("nowhere")])
    assert str(caught.value) == "--integrations nowhere: there is no such folder."
    with pytest.raises(UsageError, match="--integrations file: there is no such folder"):
        look_here_first([Path("file")])
    (here / "games" / GAME).mkdir(parents=True)
    (here / "games" / GAME / "data.json").write_text("{}")
    with pytest.raises(UsageError) as caught:
        look_here_first([Path("games"), Path("games") / GAME])
    assert str(caught.value) == (
        f"--integrations games/{GAME}:\n  this is one game's folder. Name the folder that it lies in:\n"
        f"  --integrations {here / 'games'}"
    )
    (here / "a:b").mkdir()
    with pytest.raises(UsageError, match=r"its path has a ':' in it\. Choose another name"):
        look_here_first([Path("a:b")])
    assert os.environ["NEAT_RETRO_INTEGRATIONS"] == ""
