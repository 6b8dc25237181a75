"""A value of a JSON file is given the line on which it stands, however the file is laid out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.errors import IntegrationError
from neat_retro.game.json_source import Source

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(), part, max_size=4),
    max_leaves=20,
)


def source(text: str) -> Source:
    return Source(Path("file.json"), text, json.loads(text))


@given(content=st.dictionaries(st.text(), JSON, max_size=5))
def test_every_value_is_found_on_the_line_where_it_begins(content: dict[str, object]) -> None:
    written = source(json.dumps(content, indent=1))
    lines = written.text.split("\n")

    def look(place: tuple[str | int, ...], value: object) -> None:
        line = written.line_of(*place)
        assert line is not None
        begin = f"{json.dumps(place[-1])}: " if isinstance(place[-1], str) else ""
        opening = {dict: "{", list: "["}.get(type(value)) or json.dumps(value)
        assert lines[line - 1].startswith(" " * len(place) + begin + opening)
        assert place not in seen or seen[place] == line
        seen[place] = line
        if isinstance(value, dict):
            for key, part in value.items():
                look((*place, key), part)
        if isinstance(value, list):
            for index, part in enumerate(value):
                look((*place, index), part)

    seen: dict[tuple[str | int, ...], int] = {}
    for key, value in content.items():
        look((key,), value)
    assert len(set(seen.values())) == len(seen)
    assert list(written.repeated_keys()) == []


def test_a_place_that_is_not_there_gets_the_line_around_it() -> None:
    written = source('{\n "info": {\n  "x": {\n   "address": 1}}}')
    assert written.line_of("info", "x", "address") == 4
    assert written.line_of("info", "x", "type") == 3
    assert written.line_of("reward") is None


def test_keys_that_an_object_has_twice_are_told_on_one_line_or_on_two() -> None:
    told = source('{"a": {"x": 1, "x": 2},\n "b": [{"x": 1}, {"x": 2}],\n "a": {"x": 3}}').repeated_keys()
    assert [(finding.severity, finding.line, finding.what) for finding in told] == [
        ("warning", 1, '"x" is given twice in "a", first in line 1. The last one counts.'),
        ("warning", 3, '"a" is given twice, first in line 1. The last one counts.'),
    ]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_only_python_takes_for_json_are_refused(constant: str, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(f'{{"info": {constant}}}')
    with pytest.raises(IntegrationError, match=rf"not usable JSON: {constant} is no number of JSON's\."):
        Source.read(path)
