"""What an editor says of an integration's files, by our schemas, and what we say ourselves are the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neat_retro.game.catalog import search_path
from neat_retro.game.integration import SCHEMAS, read_metadata, read_scenario, read_variables
from neat_retro.game.json_source import Finding, Source

OURS, STABLE = search_path()[-2:]
READERS: dict[str, Callable[[Source], tuple[Any, tuple[Finding, ...]]]] = {
    "data": read_variables,
    "scenario": read_scenario,
    "metadata": read_metadata,
}


def validator(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(SCHEMAS[name].read_text()))


def findings(name: str, content: object) -> list[str]:
    """What our reader says of the form of a file with this content."""
    text = json.dumps(content)
    return [finding.what for finding in READERS[name](Source(Path("file.json"), text, json.loads(text)))[1]]


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_of_its_draft_and_describes_every_property(name: str) -> None:
    schema = json.loads(SCHEMAS[name].read_text())
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(schema)
    described = list(properties(schema))
    assert len(described) > 3
    assert all(len(part.get("description", "")) > 10 for part in described)


def properties(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).values()
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from properties(part)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_file_of_stable_retro_and_ours_is_valid_to_both(name: str) -> None:
    schema = validator(name)
    paths = [path for folder in (STABLE, OURS) for path in sorted(folder.glob(f"*/{name}.json"))]
    assert len(paths) > 1000
    for path in paths:
        source = Source.read(path)
        assert (list(schema.iter_errors(source.content)), READERS[name](source)[1]) == ([], ()), path


def test_the_one_file_of_stable_retro_with_repeated_keys_is_known() -> None:
    told = {
        (path.parent.name, finding.line, finding.what)
        for name in SCHEMAS
        for path in STABLE.glob(f"*/{name}.json")
        for finding in Source.read(path).repeated_keys()
    }
    assert told == {
        ("NHL941on1-Genesis-v0", 155, '"p1_ori" is given twice in "info", first in line 43. The last one counts.'),
        ("NHL941on1-Genesis-v0", 159, '"p2_ori" is given twice in "info", first in line 99. The last one counts.'),
    }


VALID: dict[str, dict[str, Any]] = {
    "data": {
        "$schema": "file:///data.schema.json",
        "info": {
            "x": {"address": 1, "type": ">u2"},
            "y": {"address": 2.0, "type": "><d4", "mask": 15},
        },
    },
    "scenario": {
        "done": {
            "condition": "all",
            "variables": {"lives": {"op": "equal", "reference": -1, "measurement": "absolute"}},
            "nodes": {"end": {"condition": "any", "variables": {"time": {"op": "zero"}}, "nodes": {"deep": {}}}},
            "script": "lua:done",
        },
        "reward": {
            "variables": {"score": {"reward": 1.5, "penalty": 2, "op": "sign", "measurement": "delta"}},
            "time": {"penalty": 0.1, "reference": 3},
            "script": "lua:reward",
        },
        "rewards": [{"variables": {"score": {"reward": 1}}}, {}],
        "actions": [[[], ["LEFT"]], [["A", "B"]]],
        "scripts": ["script.lua"],
        "crop": [0, 0, 256, 200],
        "crops": [[0, 0, 1, 1], [1, 1, 2, 2]],
    },
    "metadata": {
        "default_state": "Level1",
        "default_player_state": ["Level1", "Two"],
        "verified": False,
        "source": ["https://example.org"],
        "anything": 3,
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_file_with_every_part_is_valid_to_both(name: str) -> None:
    assert (list(validator(name).iter_errors(VALID[name])), findings(name, VALID[name])) == ([], [])


SCALARS = st.sampled_from(
    [None, True, False, -1, 0, 3, 1.0, 1.5, "", "any", "x", "zero", "delta", "|u1", "|u9", "0x10", [], ["A"], {}, [[]]]
)
KEYS = st.sampled_from(["adress", "op", "mask", "type", "variables", "reward", "$schema", "info", "done", "crop"])


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_file_that_is_wrong_somewhere_is_wrong_to_both_or_to_neither(name: str, data: st.DataObject) -> None:
    content = copy.deepcopy(VALID[name])
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(containers(content))
        place = places[data.draw(st.integers(0, len(places) - 1))]
        if isinstance(place, list):
            place[: data.draw(st.integers(0, 1))] = [copy.deepcopy(data.draw(SCALARS))]
        elif place and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(sorted(place)))
            if data.draw(st.booleans()):
                place[key] = copy.deepcopy(data.draw(SCALARS))
            else:
                del place[key]
        else:
            place[data.draw(KEYS)] = copy.deepcopy(data.draw(SCALARS))
    errors = [error.message for error in validator(name).iter_errors(content)]
    assert bool(errors) == bool(findings(name, content)), (errors, findings(name, content), content)


def containers(value: object) -> Iterator[dict[str, Any] | list[Any]]:
    if isinstance(value, dict | list):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from containers(part)


WRONG = {
    "data": ['{"info": {"x": {"address": true, "type": "|u1"}}}', "{}", '{"info": {"x": {"address": 1}}}'],
    "scenario": ['{"done": {"variables": {"x": {"opp": "zero"}}}}', '{"crop": [1, 2, 3]}', '{"done": {"time": {}}}'],
    "metadata": ['{"default_state": 1}', '{"verified": "no"}', '{"source": [1]}'],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_wrong_file_is_refused_by_both(name: str, text: str) -> None:
    assert list(validator(name).iter_errors(json.loads(text)))
    assert findings(name, json.loads(text))
