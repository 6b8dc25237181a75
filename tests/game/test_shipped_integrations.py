"""The integrations that are shipped fit their configs, their start states and, where there is one, their twin."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import neat_retro
from neat_retro.agent.observation import GameShape
from neat_retro.agent.rules import compile_rules
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator
from neat_retro.game.integration import load_metadata, load_scenario, load_variables
from neat_retro.game.search_path import OURS, search_folders

SHIPPED = next(folder.path for folder in search_folders() if folder.label == OURS)
SCREENS = {"Nes": (224, 240), "Genesis": (224, 320), "Snes": (224, 256), "GameBoy": (144, 160)}
OF_OTHERS = (
    "SuperMarioBros-Nes",
    "SonicTheHedgehog-Genesis",
    "SonicTheHedgehog2-Genesis",
    "StreetFighterIISpecialChampionEdition-Genesis",
    "SuperMarioWorld-Snes",
    "StreetFighterIITurbo-Snes",
    "SuperMarioLand-GameBoy",
)


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    monkeypatch.setenv("NEAT_RETRO_HOME", str(tmp_path / "home"))


def shape_of(game: str) -> GameShape:
    """What an emulator would tell of a game."""
    scenario = catalog.find_file(catalog.resolve_game(game), "scenario.json")
    assert scenario is not None
    crop = load_scenario(scenario).crop
    screen = (crop[3], crop[2]) if crop and crop[2] else SCREENS[catalog.console(game)]
    return GameShape(screen=screen, buttons=catalog.buttons(game), ram_size=65536)


@pytest.mark.parametrize("game", [*OF_OTHERS, "NeatRunner-Nes", "NeatDash-Genesis", "NeatDuel-Snes"])
def test_every_config_compiles_with_what_data_json_has(game: str) -> None:
    experiment = neat_retro.load_experiment(game)
    assert catalog.same_game(experiment.game.game, game)
    assert set(experiment.game.states) <= set(catalog.states(game))
    compile_rules(experiment, shape_of(game), catalog.variables(game))


@pytest.mark.parametrize("game", OF_OTHERS)
def test_what_was_never_run_says_so_and_names_its_sources(game: str) -> None:
    metadata = catalog.metadata(game)
    assert metadata.verified is False
    assert metadata.sources
    assert all(source.startswith("https://") for source in metadata.sources)
    assert neat_retro.load_experiment(game)  # has a config
    stock = catalog.search_path()[-1] / catalog.resolve_game(game) / "metadata.json"
    if stock.is_file():
        assert metadata.default_state == load_metadata(stock).default_state


@pytest.mark.parametrize("game", ["NeatRunner-Nes", "NeatDash-Genesis", "NeatDuel-Snes", "Airstriker-Genesis"])
def test_what_the_tests_run_is_verified(game: str) -> None:
    assert catalog.metadata(game).verified is True
    assert catalog.rom_path(game).is_file()


def test_overlays_keep_what_stable_retro_knows() -> None:
    """A data.json of ours hides stable-retro's: it has all of its variables, at its addresses."""
    compared = 0
    for path in SHIPPED.glob("*-v0/data.json"):
        stock = catalog.search_path()[-1] / path.parent.name / "data.json"
        ours, theirs = (json.loads(file.read_text())["info"] for file in (path, stock))
        assert ours.items() > theirs.items()
        compared += 1
    assert compared == 2


def test_turbo_keeps_its_variables_where_neatduel_does() -> None:
    turbo, duel = (addresses("StreetFighterIITurbo-Snes"), addresses("NeatDuel-Snes"))
    # Turbo's positions have a fraction before them, and reach over two screens.
    positions = {"x", "enemy_x", "y", "enemy_y"}
    assert {name: duel[name] for name in turbo.keys() - positions} == {
        name: place for name, place in turbo.items() if name not in positions
    }
    assert {name: turbo[name][0] - duel[name][0] for name in positions} == dict.fromkeys(positions, 1)


def addresses(game: str) -> dict[str, tuple[int, str]]:
    path = catalog.find_file(catalog.resolve_game(game), "data.json")
    assert path is not None
    return {variable.name: (variable.address, variable.type) for variable in load_variables(path)}


def test_turbos_config_plays_neatduel() -> None:
    """The twin has a ROM, so the config's arithmetic is seen at work: who stands still loses a round, all health."""
    config = catalog.config_path("StreetFighterIITurbo-Snes")
    experiment = neat_retro.load_experiment("NeatDuel-Snes", config, {"Game.states": "Hard", "Episode.stall_frames": 0})
    with neat_retro.make_env(experiment) as env:
        observation, _ = env.reset(seed=1)
        assert observation[:2].tolist() == [1.0, 1.0]  # full health
        assert observation[3] > 0.1  # the other one stands to the right
        total, over = 0.0, False
        while not over:
            _, reward, over, truncated, _ = env.step(0)
            total += float(reward)
            assert not truncated
    assert total == -176 - 100


# --- what lies at our addresses in the start states that come with stable-retro


def genesis_memory(state: bytes) -> dict[int, int]:
    """The 64 KB of genesis_plus_gx, behind 16 bytes that name it, words swapped."""
    assert state.startswith(b"GENPLUS-GX")
    return {0xFF0000 + (offset ^ 1): byte for offset, byte in enumerate(state[16 : 16 + 65536])}


def snes_memory(state: bytes) -> dict[int, int]:
    """The 128 KB of snes9x, behind a name and a size as text."""
    start = state.index(b"RAM:131072:") + len(b"RAM:131072:")
    return {0x7E0000 + offset: byte for offset, byte in enumerate(state[start : start + 131072])}


def read_states(game: str, memory: Callable[[bytes], Mapping[int, int]]) -> dict[str, dict[str, int]]:
    """Return every variable of data.json by start state: whole numbers only, not those of decimal digits."""
    found = {}
    for state in catalog.states(game):
        at = memory(gzip.decompress(catalog.state_path(game, state).read_bytes()))
        found[state] = {
            name: int.from_bytes(
                bytes(at[address + i] for i in range(int(kind[-1]))),
                "big" if kind[0] == ">" else "little",
                signed=kind[-2] == "i",
            )
            for name, (address, kind) in addresses(game).items()
            if kind[-2] in "ui"
        }
    return found


def test_super_mario_world_starts_where_its_variables_say() -> None:
    states = read_states("SuperMarioWorld-Snes", snes_memory)
    assert len(states) == 25
    for variables in states.values():
        assert variables["x"] in (16, 24, 128)
        assert 150 < variables["y"] < 400
        assert (variables["layer1_x"], variables["end_level_timer"], variables["player_animation"]) == (0, 0, 0)
        assert (variables["lives"], variables["coins"]) == (4, 0)
    levels = {state: variables["level"] for state, variables in states.items() if state != "Start"}
    assert len(set(levels.values())) == 24
    assert states["Start"] == states["YoshiIsland2"]


@pytest.mark.parametrize(
    ("game", "acts"), [("SonicTheHedgehog-Genesis", 17), ("SonicTheHedgehog2-Genesis", 18)], ids=["1", "2"]
)
def test_the_sonics_start_where_their_variables_say(game: str, acts: int) -> None:
    states = read_states(game, genesis_memory)
    assert len(states) == acts
    for variables in states.values():
        assert variables["screen_x"] == 0
        assert 48 <= variables["x"] < 112
        assert variables["screen_x_end"] > 4000
        assert (variables["lives"], variables["level_end_bonus"]) == (3, 0)
    assert len({(variables["zone"], variables["act"]) for variables in states.values()}) == acts


def test_street_fighter_2_starts_where_its_variables_say() -> None:
    [variables] = read_states("StreetFighterIISpecialChampionEdition-Genesis", genesis_memory).values()
    assert (variables["health"], variables["enemy_health"]) == (176, 176)
    assert (variables["x"], variables["enemy_x"]) == (205, 307)
    assert variables["y"] == variables["enemy_y"] == 192
    assert (variables["matches_won"], variables["enemy_matches_won"]) == (0, 0)


# --- a Game Boy program of our own that leaves values at Super Mario Land's addresses

LEFT_BEHIND = {
    0xC0A0: 0x56, 0xC0A1: 0x34, 0xC0A2: 0x12, 0xC0AB: 40, 0xC201: 134, 0xC202: 80, 0xDA01: 0x78, 0xDA02: 0x03,
    0xDA15: 0x12, 0xFFA4: 0x27, 0xFFB3: 8, 0xFFB4: 0x21, 0xFFFA: 0x99,
}  # fmt: skip


def game_boy_rom(values: Mapping[int, int]) -> bytes:
    """A program that writes each value to its address and then stands still."""
    program = b"".join(bytes((0x3E, value, 0xEA, address & 255, address >> 8)) for address, value in values.items())
    rom = bytearray(32768)
    rom[0x100:0x104] = b"\x00\xc3\x50\x01"
    rom[0x150 : 0x150 + len(program) + 2] = program + b"\x18\xfe"
    return bytes(rom)


def test_super_mario_lands_addresses_are_within_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in high memory, too. The position is put together from three of them."""
    game = catalog.resolve_game("SuperMarioLand-GameBoy")
    folder = tmp_path / game
    folder.mkdir()
    (folder / "rom.gb").write_bytes(game_boy_rom(LEFT_BEHIND))
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(tmp_path))
    with Emulator(game) as emulator:
        for _ in range(60):
            emulator.step((0,))
        found = emulator.variables()
        (folder / "Only.state").write_bytes(gzip.compress(emulator.save()))
    assert found == {
        "coins": 99, "game_state": 8, "level_block": 40, "lives": 12, "mario_x": 80, "mario_y": 134, "score": 123456,
        "scroll_x": 39, "timer": 378, "world_level": 0x21,
    }  # fmt: skip
    assert catalog.default_state(game) == "Only"  # it has no other
    seen = {"Observation.kind": "variables", "Observation.variables": "x, world_level, lives", "Game.states": "Only"}
    with neat_retro.make_env(neat_retro.load_experiment(game, settings=seen)) as env:
        observation, _ = env.reset(seed=0)
    assert observation.tolist() == [40 * 16 + (39 - 7) % 16 + 80, 0x21, 12]
