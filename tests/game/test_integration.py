"""Integration files are read whole, and each mistake is given a file, a line and a cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from neat_retro.errors import IntegrationError
from neat_retro.game.catalog import search_path
from neat_retro.game.integration import (
    Metadata,
    Scenario,
    Variable,
    load_metadata,
    load_scenario,
    load_variables,
)

SHIPPED = search_path()[-1]  # stable-retro's own


def test_every_integration_of_stable_retro_can_be_read() -> None:
    readers = {"data.json": load_variables, "metadata.json": load_metadata, "scenario.json": load_scenario}
    files = [path for name in readers for path in sorted(SHIPPED.glob(f"*/{name}"))]
    assert len(files) > 3000
    for path in files:
        readers[path.name](path)


def test_airstriker_is_read_as_it_is_written() -> None:
    folder = SHIPPED / "Airstriker-Genesis-v0"
    assert load_variables(folder / "data.json") == (
        Variable("gameover", 16712294, ">u2", None, 3),
        Variable("lives", 16712282, ">u2", None, 7),
        Variable("score", 16712270, ">u4", None, 11),
    )
    scenario = folder / "scenario.json"
    done = "gameover == 1 and lives == 0"
    assert load_scenario(scenario) == Scenario(scenario, ("gameover", "lives", "score"), (), None, done)
    assert load_metadata(folder / "metadata.json") == Metadata("Level1", ())


def test_scenario_names_variables_of_nodes_and_players_and_its_crop(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(
        '{"done": {"variables": {"lives": {}}, "nodes": {"time": {"variables": {"timer": {"op": "zero"}}}}},'
        '"rewards": [{"variables": {"score": {}}}, {"variables": {"score2": {}}}],'
        '"scripts": ["script.lua"], "crop": [0, 16, 256, 200]}'
    )
    names = ("lives", "timer", "score", "score2")
    assert load_scenario(path) == Scenario(path, names, ("script.lua",), (0, 16, 256, 200), None)


@pytest.mark.parametrize(
    "done",
    [
        '{"variables": {"lives": {"op": "zero", "measurement": "delta"}}}',
        '{"variables": {"lives": {"op": "zero"}}, "nodes": {"time": {"variables": {"timer": {"op": "zero"}}}}}',
        '{"variables": {"lives": {"op": "sign"}}}',
        '{"variables": {"lives left": {"op": "zero"}}}',
        '{"variables": {"lives": {"op": "zero"}}, "condition": "most"}',
        '{"variables": {"lives": {"op": "zero"}}, "script": "lua:done"}',
        "{}",
    ],
)
def test_a_done_condition_that_says_more_is_left_to_the_core(done: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text('{"done": ' + done + "}")
    assert load_scenario(path).done is None


def test_most_shipped_done_conditions_can_be_told_as_expressions() -> None:
    told = [load_scenario(path).done for path in sorted(SHIPPED.glob("*/scenario.json"))]
    assert sum(done is not None for done in told) > 0.9 * len(told)


def test_default_state_depends_on_the_number_of_players() -> None:
    metadata = Metadata("Level1", ("OnePlayer", "TwoPlayers"))
    assert [metadata.state_for(players) for players in (1, 2, 3)] == ["OnePlayer", "TwoPlayers", "Level1"]


def write_variables(path: Path, entry: str) -> None:
    path.write_text('{\n  "info": {\n    "lives": {"address": 1, "type": "|u1"},\n    "x": ' + entry + "\n  }\n}\n")


WRONG_VARIABLES = {
    '{"address": "0xFF00", "type": "|u1"}': (
        "line 4: variable 'x': address = \"0xFF00\", which is no whole number from 0.\n"
        "  JSON has no hexadecimal: write 65280 for 0xFF00, without quotes."
    ),
    '{"address": -5, "type": "|u1"}': "address = -5, which is no whole number from 0.",
    '{"address": 1.5, "type": "|u1"}': "address = 1.5, which is no whole number from 0.",
    '{"address": true, "type": "|u1"}': "write 16711680 for 0xFF0000, without quotes.",
    '{"type": "|u1"}': "address = null, which is no whole number from 0.",
    '{"address": 1, "type": "u16"}': (
        "line 4: variable 'x': type = \"u16\" is unknown.\n  A type is a byte order (| < > =), a kind (u unsigned"
    ),
    '{"address": 1, "type": ">f4"}': 'type = ">f4" is unknown.',
    '{"address": 1, "type": ">u9"}': 'type = ">u9" is unknown.',
    '{"address": 1}': "type = null is unknown.",
    '{"address": 1, "type": "|u1", "mask": "0x0F"}': "mask = \"0x0F\", which is no integer.",
    "12": "line 4: variable 'x' is a number, not an object.\n  Write it as {...}.",
}  # fmt: skip


@pytest.mark.parametrize("entry", WRONG_VARIABLES)
def test_wrong_variable_is_refused_with_its_line(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    write_variables(path, entry)
    with pytest.raises(IntegrationError) as caught:
        load_variables(path)
    assert str(caught.value).startswith(f"{path}, line 4: variable 'x'")
    assert WRONG_VARIABLES[entry] in str(caught.value)


WRONG_FILES = {
    b'{\n  "info": {\n    "x": {"address" 1}\n  }\n}': (
        ", line 3, column 21: not valid JSON: Expecting ':' delimiter.\n"
        "  Look for a missing or superfluous comma, quote or brace just before that place."
    ),
    b"": ", line 1, column 1: not valid JSON: Expecting value.",
    b"[]": ", line 1: holds a list, not an object. Begin with {.",
    b"{}": ': it has no "info".\n  Variables go in {"info": {"x": {"address": 0, "type": "|u1"}}}.',
    b'{"info":\n[]}': ', line 1: "info" is a list, not an object.',
    b'{"info": "\xff"}': ": not UTF-8 text (byte 10). Save it as UTF-8.",
    b"[" * 100_000: ": not usable JSON: ",
}


@pytest.mark.parametrize("content", WRONG_FILES)
def test_wrong_file_is_refused_with_its_place(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(content)
    with pytest.raises(IntegrationError) as caught:
        load_variables(path)
    assert f"{path}{WRONG_FILES[content]}" in str(caught.value)


WRONG_SCENARIOS = {
    '{\n"done": []}': ', line 2: "done" is a list, not an object.',
    '{"reward": {"variables":\n {"x": 1}}}': ", line 2: variable 'x' of \"reward\" is a number, not an object.",
    '{"rewards": {}}': ', line 1: "rewards" is not a list.\n  It holds one reward object a player.',
    '{"scripts": "script.lua"}': '"scripts" is not a list of file names.\n  Write "scripts": ["script.lua"].',
    '{"crop": [0, 16, 256]}': '"crop" is not four whole numbers.\n  Write "crop": [x, y, width, height].',
}


@pytest.mark.parametrize("content", WRONG_SCENARIOS)
def test_wrong_scenario_is_refused_with_its_line(content: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(content)
    with pytest.raises(IntegrationError) as caught:
        load_scenario(path)
    assert WRONG_SCENARIOS[content] in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"default_state": 1}', ', line 1: "default_state" is not a name.'),
        ('{"default_player_state": "A"}', ', line 1: "default_player_state" is not a list of names.'),
    ],
)
def test_wrong_metadata_is_refused_with_its_line(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_text(content)
    with pytest.raises(IntegrationError) as caught:
        load_metadata(path)
    assert words in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IntegrationError, match=r"data\.json: cannot be read: No such file or directory\."):
        load_variables(tmp_path / "data.json")
