"""The promise: expressions are arithmetic, and whatever else is written in one is refused, not run."""

from __future__ import annotations

import operator
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.agent.expressions import Moment, parse_expression
from neat_retro.errors import ExperimentError

NOW, BEFORE, START = {"x": 7, "y": -3, "lives": 2}, {"x": 5, "y": -3, "lives": 3}, {"x": 100, "y": 0, "lives": 3}
MOMENT = Moment(NOW, BEFORE, START)


def value(text, moment=MOMENT):
    return parse_expression(text, tuple(NOW), "here")(moment)


def refusal(text, known=tuple(NOW)):
    with pytest.raises(ExperimentError) as caught:
        parse_expression(text, known, "file.cfg, [Fitness] score")
    assert str(caught.value).startswith("file.cfg, [Fitness] score: ")
    return str(caught.value)


# --- arithmetic, against functions that were never parsed

FUNCTIONS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else 0.0,
    "//": lambda a, b: a // b if b else 0.0,
    "%": lambda a, b: a % b if b else 0.0,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": lambda a, b: bool(a and b),
    "or": lambda a, b: bool(a or b),
}
numbers = st.one_of(st.integers(0, 300), st.floats(0, 1e6, allow_nan=False)).map(lambda n: (repr(n), n))
names = st.sampled_from([(name, NOW[name]) for name in NOW])


def joined(parts):
    """Pairs of a text and its value: two joined by an operator, or one inside a function."""
    binary = st.tuples(parts, st.sampled_from(list(FUNCTIONS)), parts).map(
        lambda t: (f"({t[0][0]}) {t[1]} ({t[2][0]})", FUNCTIONS[t[1]](t[0][1], t[2][1]))
    )
    pair = st.tuples(parts, parts)
    return st.one_of(
        binary,
        parts.map(lambda p: (f"-({p[0]})", -p[1])),
        parts.map(lambda p: (f"not ({p[0]})", not p[1])),
        parts.map(lambda p: (f"abs({p[0]})", abs(p[1]))),
        pair.map(lambda t: (f"min({t[0][0]}, {t[1][0]})", min(t[0][1], t[1][1]))),
        pair.map(lambda t: (f"max({t[0][0]}, {t[1][0]})", max(t[0][1], t[1][1]))),
    )


@given(st.recursive(st.one_of(numbers, names), joined, max_leaves=8))
def test_every_expression_has_the_value_of_its_arithmetic(pair):
    text, expected = pair
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("-x * 2", -14),
        ("2 - 3 - 4", -5),
        ("8 // 2 // 2", 2),
        ("0 < x < 10", True),
        ("0 < x < 7", False),
        ("not x == 7 or y < 0", True),
        ("x / 0 + x // 0 + x % 0", 0),
        ("start(x)", 100),
        ("change(x)", 2),
        ("change(lives) < 0", True),
        ("change(x * 256 + y)", 512),
        ("x - start(x)", -93),
        ("start(x + lives)", 103),
        ("max(x, y, lives)", 7),
    ],
)
def test_the_language_reads_as_it_is_written(text, expected):
    assert value(text) == expected


def test_an_expression_tells_which_variables_it_reads():
    assert parse_expression("change(x) + max(y, 1)", NOW, "").names == {"x", "y"}


def test_reading_an_expression_changes_no_variable():
    now, before, start = dict(NOW), dict(BEFORE), dict(START)
    value("change(x) + start(y)", Moment(now, before, start))
    assert (now, before, start) == (NOW, BEFORE, START)


# --- what is refused


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "__import__('os').system('true')",
        "x.__class__",
        "().__class__.__bases__",
        "lambda: 1",
        "(lambda: x)()",
        "9**9**9**9",
        "2 ** 2",
        "1 << 99999999999",
        "~x",
        "x @ y",
        "'text'",
        "b'bytes'",
        "f'{x}'",
        "'a' * 99999999999",
        "(x := 3)",
        "[x]",
        "[x for x in (1,)]",
        "{x: 1}",
        "x[0]",
        "x if y else 1",
        "x in (1, 2)",
        "x is y",
        "1 is 1",
        "(x, y)",
        "...",
        "None",
        "1j",
        "1e999",
        "1" + "0" * 400,
        "9" * 900,
        "await x",
        "print(x)",
        "max(*x)",
        "max(x, y, key=abs)",
        "max(x)",
        "abs(x, y)",
        "abs()",
        "change(x, y)",
        "x = 3",
        "x; y",
        "import os",
        "x\ny",
        "x\0",
        "\ud800",
        "",
        "   ",
        "#",
        "(",
        "x +",
        "1or x",
        r"'\d'",
        "0x",
        "(" * 10_000 + "x" + ")" * 10_000,
        "(" * 400 + "x" + ")" * 400,
        "-" * 900 + "x",
        "not " * 200 + "x",
        "abs(" * 150 + "x" + ")" * 150,
        "+".join(["x"] * 100_000),
        "x" * 1_000_000,
        "change(" * 40 + "x" + ")" * 40,
        "change(change(x))",
        "start(change(x))",
        "change(x + start(x))",
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_what_is_no_arithmetic_is_refused(text):
    refusal(text)


@given(st.text(st.characters(max_codepoint=0x7F) | st.sampled_from("xé²\u2028\ud800"), max_size=40))
def test_any_text_is_an_expression_or_an_experiment_error(text):
    try:
        result = parse_expression(text, ("x",), "here")(Moment({"x": 3}, {"x": 2}, {"x": 1}))
    except ExperimentError:
        return
    assert isinstance(result, int | float)


@pytest.mark.parametrize("text", ["1or x", r"'\d'", "0x1for x", "1 is 1"])
def test_no_warning_of_pythons_reaches_the_user(text):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        refusal(text)
    assert seen == []


def test_the_deepest_expression_that_is_read_can_be_played():
    """Parsing and playing use Python's stack differently; one that parses must never fail in a worker."""
    text = "x"
    while True:
        try:
            parsed = parse_expression(f"abs({text} and x)", ("x",), "here")
        except ExperimentError:
            break
        text = f"abs({text} and x)"

    def deep(levels):
        return deep(levels - 1) if levels else parsed(Moment({"x": 1}, {"x": 1}, {"x": 1}))

    assert text.count("abs") >= 20
    assert deep(600) == 1


# --- the words


def test_an_unknown_variable_lists_the_known_and_suggests_one():
    words = refusal("live < 3")
    assert "no variable 'live'. Did you mean 'lives'?" in words
    assert "Variables of this game: lives, x, y" in words


def test_an_unknown_variable_of_a_game_without_variables_says_none():
    assert "Variables of this game: none" in refusal("score", known=())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x ** 2", "'x ** 2' is not allowed in 'x ** 2'"),
        ("sqrt(x)", "cannot call sqrt like this in 'sqrt(x)'. There are start(e), change(e), abs(e)"),
        ("x in y", "'x in y' is not a comparison of numbers"),
        ("x +", "cannot read 'x +' as an expression"),
        ("change(change(x))", "change inside change in 'change(change(x))'. Derive a variable of it first."),
        ("-" * 60 + "x", "nested too deeply. Derive [Variables]."),
        ("x" * 1001, "an expression of 1001 characters. The most is 1000"),
    ],
)
def test_a_refusal_says_what_and_where(text, words):
    assert words in refusal(text)
