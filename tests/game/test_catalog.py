"""Games are found under the names people type, in the folders people put them in, first folder first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neat_retro.errors import IntegrationError, MissingRomError, UnknownGameError, UnknownStateError
from neat_retro.game import catalog

PROJECT = Path(__file__).parents[2]
AIRSTRIKER = "Airstriker-Genesis-v0"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NEAT_RETRO_HOME", str(folder))
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    monkeypatch.delenv("RETRO_DATA_PATH", raising=False)
    return folder


def make_files(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"{}")


@pytest.mark.parametrize("name", [AIRSTRIKER, "Airstriker-Genesis", "airstriker-genesis", "AIRSTRIKER-GENESIS-V0"])
def test_old_names_and_any_case_resolve(name: str) -> None:
    assert catalog.resolve_game(name) == AIRSTRIKER


def test_highest_version_wins_unless_one_is_named(home: Path) -> None:
    for version in ("v0", "v2", "v10"):
        make_files(home / f"integrations/Kite-Nes-{version}")
    assert catalog.resolve_game("kite-nes") == "Kite-Nes-v10"
    assert catalog.resolve_game("kite-nes-V2") == "Kite-Nes-v2"


def test_unknown_game_suggests_the_closest() -> None:
    with pytest.raises(UnknownGameError) as caught:
        catalog.resolve_game("SonicTheHedgehog2-Genessis")
    assert str(caught.value) == (
        "No game is called 'SonicTheHedgehog2-Genessis'. Did you mean 'SonicTheHedgehog2-Genesis'?\n"
        "  The games known here:  neat-retro games"
    )
    for name in ("", "..", "../stable", "/", AIRSTRIKER + "/"):
        with pytest.raises(UnknownGameError):
            catalog.resolve_game(name)


def test_files_are_overlaid_one_by_one(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = catalog.search_path()[-1] / AIRSTRIKER
    assert catalog.find_file(AIRSTRIKER, "data.json") == stock / "data.json"
    make_files(home / "integrations" / AIRSTRIKER, "data.json", "Mine.state")
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    make_files(tmp_path / "b" / AIRSTRIKER, "data.json", "_hidden.state")
    assert catalog.find_file(AIRSTRIKER, "data.json") == tmp_path / "b" / AIRSTRIKER / "data.json"
    assert catalog.find_file(AIRSTRIKER, "scenario.json") == stock / "scenario.json"
    assert catalog.find_file(AIRSTRIKER, "nothing.json") is None
    assert catalog.states(AIRSTRIKER) == ("Level1", "Mine")
    assert catalog.search_path()[:3] == (tmp_path / "a", tmp_path / "b", home / "integrations")


def test_user_folder_is_where_the_system_keeps_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEAT_RETRO_HOME")
    assert catalog.user_folder().name == "neat-retro"
    assert "site-packages" not in str(catalog.user_folder())


def test_airstriker_can_be_played_at_once() -> None:
    assert catalog.rom_path("airstriker-genesis").name == "rom.md"
    assert catalog.default_state("Airstriker-Genesis") == "Level1"
    assert catalog.state_path("Airstriker-Genesis", "Level1").is_file()
    assert catalog.variables("Airstriker-Genesis") == ("gameover", "lives", "score")
    assert len(catalog.expected_sha1s("Airstriker-Genesis")) == 1


def test_missing_rom_gives_the_hash_and_the_command() -> None:
    with pytest.raises(MissingRomError) as caught:
        catalog.rom_path("SonicTheHedgehog2-Genesis")
    (sha1,) = (catalog.search_path()[-1] / "SonicTheHedgehog2-Genesis-v0/rom.sha").read_text().split()
    assert str(caught.value).startswith(
        "No ROM for SonicTheHedgehog2-Genesis-v0. Import your own copy:  neat-retro roms import FOLDER\n  Its SHA-1: "
    )
    assert sha1 in str(caught.value)
    with pytest.raises(MissingRomError, match=r"Its SHA-1 of the file without its 16-byte header: [0-9a-f]{40}"):
        catalog.rom_path("SuperMarioBros-Nes")


def test_missing_rom_without_a_known_hash_says_so(home: Path) -> None:
    make_files(home / "integrations/Kite-Nes", "data.json")
    with pytest.raises(MissingRomError, match="none is known for this game"):
        catalog.rom_path("kite-nes")


def test_hash_files_have_comments(home: Path) -> None:
    make_files(home / "integrations/Kite-Nes")
    (home / "integrations/Kite-Nes/rom.sha").write_text(f"# ours\n{'AB' * 20}  # Rev A\n\nnonsense\n{'cd' * 20}\n")
    assert catalog.expected_sha1s("Kite-Nes") == ("ab" * 20, "cd" * 20)


def test_unknown_state_lists_the_known() -> None:
    with pytest.raises(UnknownStateError) as caught:
        catalog.state_path("Airstriker-Genesis", "level2")
    assert str(caught.value) == (
        "Airstriker-Genesis-v0 has no start state 'level2'. Did you mean 'Level1'?\n  It has Level1."
    )
    with pytest.raises(UnknownStateError):
        catalog.state_path("Airstriker-Genesis", f"../{AIRSTRIKER}/Level1")


def test_game_without_states_says_so(home: Path) -> None:
    make_files(home / "integrations/Kite-Nes", "data.json")
    with pytest.raises(UnknownStateError, match=r"Kite-Nes has no start state 'A'\.\n  It has none\."):
        catalog.state_path("Kite-Nes", "A")
    assert catalog.default_state("Kite-Nes") is None


def test_buttons_are_those_of_the_emulator(home: Path) -> None:
    import stable_retro

    for game in ("Airstriker-Genesis", "SuperMarioBros-Nes", "SuperMarioWorld-Snes", "AddamsFamily-GameBoy"):
        core = stable_retro.get_system_info(game.rpartition("-")[2])
        assert catalog.buttons(game) == tuple(core["buttons"])
    assert catalog.buttons("SuperMarioBros-Nes")[:3] == ("B", None, "SELECT")
    assert catalog.rom_extensions() == stable_retro.data.EMU_EXTENSIONS
    make_files(home / "integrations/Kite", "rom.sfc")
    assert catalog.console("Kite") == "Snes"


def test_console_without_a_core_is_refused(home: Path) -> None:
    make_files(home / "integrations/Kite-Vectrex", "data.json")
    with pytest.raises(IntegrationError, match=r"no core for the console 'Vectrex'\.\n  A game's folder ends in its"):
        catalog.buttons("Kite-Vectrex")


def test_all_games_are_listed_quickly(home: Path) -> None:
    make_files(home / "integrations/SonicTheHedgehog2-Genesis-v0", "rom.md", "Mine.state")
    make_files(home / "integrations/.hidden", "rom.md")
    start = time.perf_counter()
    games = {game.name: game for game in catalog.playable_games()}
    assert time.perf_counter() - start < 1.0
    assert len(games) > 1000
    assert games[AIRSTRIKER].rom_present
    assert games[AIRSTRIKER].states == ("Level1",)
    assert not games["SuperMarioBros-Nes-v0"].rom_present
    assert games["SonicTheHedgehog2-Genesis-v0"].rom_present
    assert "Mine" in games["SonicTheHedgehog2-Genesis-v0"].states
    assert tuple(games) == catalog.game_names()
    assert ".hidden" not in games
    for game in (AIRSTRIKER, "SuperMarioBros-Nes-v0"):
        assert games[game].has_config == (catalog.config_path(game) is not None)


def test_stable_retro_looks_in_the_same_places(home: Path) -> None:
    from stable_retro.data import Integrations, get_file_path

    elsewhere = str(home / "elsewhere")
    Integrations.add_custom_path(elsewhere)
    try:
        catalog.register_with_stable_retro()
        make_files(home / "integrations" / AIRSTRIKER, "data.json")
        inttype = catalog.register_with_stable_retro()
        before = list(Integrations.CUSTOM_PATHS)
        assert before[0] == str(home / "integrations")
        assert before[-1] == elsewhere
        for file in ("data.json", "scenario.json", "rom.md"):
            assert get_file_path(AIRSTRIKER, file, inttype) == str(catalog.find_file(AIRSTRIKER, file))
        catalog.register_with_stable_retro()
        assert before == Integrations.CUSTOM_PATHS
    finally:
        Integrations.clear_custom_paths()
    catalog.register_with_stable_retro()
    assert elsewhere not in Integrations.CUSTOM_PATHS


SHOW = """
import sys
from neat_retro.game import catalog
assert "stable_retro" not in sys.modules
print(catalog.config_path("airstriker-genesis"))
print(catalog.config_path("SuperMarioBros-Nes"))
print(catalog.config_path("1942-Nes"))
print(catalog.search_path()[1])
print(catalog.expected_sha1s("Kite-Nes"))
print([game.name for game in catalog.playable_games() if game.has_config])
assert "stable_retro" not in sys.modules
"""


@pytest.mark.parametrize(
    ("integrations", "configs", "hashes"),
    [
        ("neat_retro/_integrations", "neat_retro/_configs", "neat_retro/_roms_sha"),
        ("integrations", "neat-configs", "roms.sha"),
    ],
    ids=["installed", "checkout"],
)
def test_shipped_folders_are_found(integrations: str, configs: str, hashes: str, tmp_path: Path, home: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(PROJECT / "neat_retro", site / "neat_retro", ignore=shutil.ignore_patterns("__pycache__"))
    make_files(site / configs, "Airstriker-Genesis-v0.cfg", "SuperMarioBros-Nes.cfg", "notes.txt")
    make_files(site / integrations / "Kite-Nes-v0", "data.json")
    (site / hashes).mkdir()
    (site / hashes / "Kite-Nes.sha").write_text("ab" * 20 + "  # Rev A, World\n")
    shown = subprocess.run([sys.executable, "-c", SHOW], cwd=site, capture_output=True, text=True, check=False)
    assert shown.stderr == ""
    assert shown.stdout.splitlines() == [
        str(site / configs / "Airstriker-Genesis-v0.cfg"),
        str(site / configs / "SuperMarioBros-Nes.cfg"),
        "None",
        str(site / integrations),
        str(("ab" * 20,)),
        "['Airstriker-Genesis-v0', 'SuperMarioBros-Nes-v0']",
    ]
