"""The arithmetic of config files: `xscrollHi * 256 + xscrollLo`, `change(lives) < 0`.

An expression is parsed into closures and never eval'ed. It may name variables and use
+ - * / // %, comparisons, and, or, not, parentheses, and these functions:

    start(e)     the value of e when play began
    change(e)    e now minus e on the frame before
    min(a, b, ...)  max(a, b, ...)  abs(e)

and, or and not give True or False. start and change stand in no other start or change: derive a variable
of the inner one.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from neat_retro.errors import ExperimentError, did_you_mean

Values = Mapping[str, float]


@dataclass(slots=True)
class Moment:
    """The variables at one frame of an episode, on the frame before, and when play began.

    Every frame of play is a moment, whatever the frame skip: a knock-out or a wrap may last one frame.
    """

    now: Values
    before: Values
    start: Values
    scenario_reward: float = 0.0
    scenario_done: bool = False


Closure = Callable[[Moment], float]


@dataclass(frozen=True)
class Expression:
    """A parsed expression. `names` are the variables it reads."""

    text: str
    names: frozenset[str]
    evaluate: Closure = field(repr=False, compare=False)

    def __call__(self, moment: Moment) -> float:
        """Return the value at this moment; comparisons give True or False."""
        return self.evaluate(moment)


_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else 0.0,
    ast.FloorDiv: lambda a, b: a // b if b else 0.0,
    ast.Mod: lambda a, b: a % b if b else 0.0,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[float], float]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}
_MOMENTS = ("start", "change")
# An expression is a line of a config. Longer or deeper ones would overflow Python's stack, here or in play.
_MOST_CHARACTERS = 1000
_MOST_LEVELS = 50


def parse_expression(text: str, known: Iterable[str], where: str) -> Expression:
    """Parse `text`, which may name the `known` variables.

    Raises ExperimentError, beginning with `where`, for a syntax error or an unknown name. A division by zero
    gives 0: a variable may be 0 for a frame, and one frame must not end a run.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ExperimentError(
            f"{where}: an expression of {len(text)} characters. The most is {_MOST_CHARACTERS}; derive [Variables]."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python reads with a warning (`1or x`), it will not read for ever
            tree = ast.parse(text.strip(), mode="eval").body
        return _Parser(text, tuple(known), where).expression(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExperimentError(f"{where}: cannot read {text!r} as an expression.") from error


@dataclass
class _Parser:
    text: str
    known: tuple[str, ...]
    where: str
    names: set[str] = field(default_factory=set)
    level: int = 0
    inside: str = ""

    def expression(self, tree: ast.expr) -> Expression:
        closure = self.closure(tree)
        return Expression(self.text.strip(), frozenset(self.names), closure)

    def closure(self, node: ast.expr) -> Closure:
        self.level += 1
        if self.level > _MOST_LEVELS:
            raise ExperimentError(f"{self.where}: {self.text.strip()!r} is nested too deeply. Derive [Variables].")
        closure = self.closure_of(node)
        self.level -= 1
        return closure

    def closure_of(self, node: ast.expr) -> Closure:
        match node:
            case ast.Constant(value=bool() | int() | float() as number) if _is_finite(number):
                return lambda moment: number
            case ast.Name(id=name):
                return self.name(name)
            case ast.BinOp(left, op, right) if type(op) in _BINARY:
                apply, a, b = _BINARY[type(op)], self.closure(left), self.closure(right)
                return lambda moment: apply(a(moment), b(moment))
            case ast.UnaryOp(op, operand) if type(op) in _UNARY:
                change_sign, value = _UNARY[type(op)], self.closure(operand)
                return lambda moment: change_sign(value(moment))
            case ast.Compare():
                return self.comparison(node)
            case ast.BoolOp(op, values):
                return _joined([self.closure(value) for value in values], isinstance(op, ast.And))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if arguments:
                return self.call(name, arguments)
        raise ExperimentError(f"{self.where}: {ast.unparse(node)!r} is not allowed in {self.text.strip()!r}.")

    def name(self, name: str) -> Closure:
        if name not in self.known:
            hint = did_you_mean(name, self.known)
            listed = ", ".join(sorted(self.known)) or "none"
            raise ExperimentError(f"{self.where}: no variable {name!r}.{hint}\n  Variables of this game: {listed}")
        self.names.add(name)
        return lambda moment: moment.now[name]

    def comparison(self, node: ast.Compare) -> Closure:
        values = [self.closure(value) for value in (node.left, *node.comparators)]
        operators = [_COMPARE.get(type(op)) for op in node.ops]
        if None in operators:
            raise ExperimentError(f"{self.where}: {ast.unparse(node)!r} is not a comparison of numbers.")
        steps = [_holds(holds, a, b) for holds, a, b in zip(operators, values, values[1:], strict=False) if holds]
        return _joined(steps, every=True)

    def call(self, name: str, arguments: list[ast.expr]) -> Closure:
        if name in _MOMENTS and len(arguments) == 1:
            return self.at_moment(name, arguments[0])
        values = [self.closure(argument) for argument in arguments]
        if name in _FUNCTIONS and (name != "abs") == (len(values) > 1):
            function = _FUNCTIONS[name]
            return lambda moment: function(*(value(moment) for value in values))
        listed = "start(e), change(e), abs(e), min(a, b), max(a, b)"
        raise ExperimentError(
            f"{self.where}: cannot call {name} like this in {self.text.strip()!r}. There are {listed}."
        )

    def at_moment(self, name: str, argument: ast.expr) -> Closure:
        if self.inside:
            raise ExperimentError(
                f"{self.where}: {name} inside {self.inside} in {self.text.strip()!r}. Derive a variable of it first."
            )
        self.inside = name
        value = self.closure(argument)
        self.inside = ""
        if isinstance(argument, ast.Name):
            return _variable_at_start(argument.id) if name == "start" else _variable_change(argument.id)
        return _at_start(value) if name == "start" else _change(value)


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _holds(holds: Callable[[float, float], bool], a: Closure, b: Closure) -> Closure:
    return lambda moment: holds(a(moment), b(moment))


def _joined(parts: list[Closure], every: bool) -> Closure:
    """`and` or `or` of the parts; one or two, as most conditions have, without a generator: a third of the time."""
    if len(parts) == 1:
        (only,) = parts
        return lambda moment: bool(only(moment))
    if len(parts) == 2:
        first, second = parts
        if every:
            return lambda moment: bool(first(moment) and second(moment))
        return lambda moment: bool(first(moment) or second(moment))
    return lambda moment: (all if every else any)(part(moment) for part in parts)


def _at_start(value: Closure) -> Closure:
    return lambda moment: value(Moment(moment.start, moment.start, moment.start))


def _change(value: Closure) -> Closure:
    return lambda moment: value(moment) - value(Moment(moment.before, moment.before, moment.start))


# Those of a variable, as most are, without making a moment: a quarter of the time.
def _variable_at_start(name: str) -> Closure:
    return lambda moment: moment.start[name]


def _variable_change(name: str) -> Closure:
    return lambda moment: moment.now[name] - moment.before[name]
