"""The promise: an episode reads the variables that somebody needs, and derives the rest in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.agent.expressions import parse_expression
from neat_retro.agent.variables import declare, derive, needed
from neat_retro.errors import ExperimentError

GAME = ("hi", "lo", "lives", "unused")
DEFINITIONS = {"x": "hi * 256 + lo", "speed": "change(x)", "faster": "change(speed)", "other": "unused + 1"}


def variables_for(*texts):
    derived = derive(DEFINITIONS, GAME, "cfg")
    return needed(derived, [parse_expression(text, (*GAME, *derived), "here") for text in texts])


def test_only_the_variables_that_are_needed_are_read():
    variables = variables_for("speed > 2", "lives")
    assert variables.read_names == ("hi", "lives", "lo")
    assert [name for name, _ in variables.derived] == ["x", "speed"]


def test_nothing_is_read_where_nothing_is_needed():
    variables = variables_for("1 + 1")
    assert (variables.read_names, variables.derived) == ((), ())


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), min_size=1))
def test_derived_variables_follow_the_game_frame_by_frame(frames):
    variables = variables_for("faster")
    moment, xs, speeds = None, [], [0]
    for hi, lo in frames:
        moment = variables.read({"hi": hi, "lo": lo}.__getitem__, moment)
        xs.append(hi * 256 + lo)
        speeds.append(xs[-1] - xs[-2] if len(xs) > 1 else 0)
        assert moment.now == {"hi": hi, "lo": lo, "x": xs[-1], "speed": speeds[-1], "faster": speeds[-1] - speeds[-2]}
        assert moment.start["x"] == xs[0]


def test_the_first_moment_is_its_own_start_and_its_own_past():
    moment = variables_for("speed").read({"hi": 1, "lo": 2}.__getitem__, None)
    assert moment.now == moment.before == moment.start == {"hi": 1, "lo": 2, "x": 258.0, "speed": 0.0}


def test_declared_names_are_the_games_and_the_derived():
    assert declare(DEFINITIONS, GAME, "cfg") == (*GAME, *DEFINITIONS)


@pytest.mark.parametrize(
    ("definitions", "words"),
    [
        ({"lives": "1"}, "cfg, [Variables]: lives is a variable of the game already. Choose another name."),
        ({"a-b": "1"}, "cfg, [Variables]: 'a-b' is not a name. Use letters, digits and _."),
        ({"lambda": "1"}, "'lambda' is not a name"),
        ({"True": "1"}, "'True' is not a name"),
        ({"x": "y", "y": "hi"}, "cfg, [Variables] x: no variable 'y'."),
        ({"x": "x + 1"}, "cfg, [Variables] x: no variable 'x'."),
        ({"x": "hi +"}, "cfg, [Variables] x: cannot read 'hi +' as an expression."),
    ],
)
def test_a_bad_definition_is_named_with_its_cure(definitions, words):
    with pytest.raises(ExperimentError) as caught:
        derive(definitions, GAME, "cfg")
    assert words in str(caught.value)
