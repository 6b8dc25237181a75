"""Knows what a scenario.json must look like, and says where one does not: rewards, done conditions, scripts, crops.

What is told here is what stable-retro does with the file, as read in its source:
https://github.com/openai/retro/blob/master/src/data.cpp. `schemas/scenario.schema.json` says the same to an editor.
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neat_retro.errors import did_you_mean
from neat_retro.game.json_source import Finding, Place, Source, is_texts, kind_of, raise_first_error, whole_number

# stable-retro's comparisons; those without a reference compare with 0.
_COMPARISONS = {
    "zero": "==", "nonzero": "!=", "negative": "<", "positive": ">", "equal": "==", "not-equal": "!=",
    "less-than": "<", "greater-than": ">", "less-or-equal": "<=", "greater-or-equal": ">=",
}  # fmt: skip
OPERATIONS = (*_COMPARISONS, "sign", "negative-equal")
_FILE_KEYS = ("done", "reward", "rewards", "actions", "scripts", "crop", "crops", "$schema")


@dataclass(frozen=True)
class Scenario:
    """What a scenario.json asks for. Variables are those its done conditions and rewards name, nodes included.

    `crop` is x, y, width, height in pixels of the console's screen, or None for all of it. `done` is the done
    condition as an expression such as `lives == 0 or timer < 1`; None where it says more than one can: scripts,
    nested conditions, changes from frame to frame. `lines` is where each variable is named
    first, and where the done condition and the rewards stand; `ends_by` and `pays` are their variables.
    """

    path: Path
    variables: tuple[str, ...]
    scripts: tuple[str, ...]
    crop: tuple[int, int, int, int] | None
    done: str | None
    lines: Mapping[str, int | None] = field(default_factory=dict, repr=False, compare=False)
    ends_by: tuple[str, ...] = field(default=(), repr=False, compare=False)
    pays: tuple[str, ...] = field(default=(), repr=False, compare=False)


def load_scenario(path: Path) -> Scenario:
    """Return what a scenario.json asks for.

    Raises IntegrationError, naming file and line, for malformed JSON and parts of the wrong kind.
    """
    scenario, findings = read_scenario(Source.read(path))
    raise_first_error(findings)
    return scenario


def read_scenario(source: Source) -> tuple[Scenario, tuple[Finding, ...]]:
    """Return what is usable of a scenario.json and everything that is wrong with its form."""
    content = source.content
    findings = [*source.unknown_keys((), content, _FILE_KEYS), *source.schema_key()]
    ends_by: dict[str, int | None] = {}
    pays: dict[str, int | None] = {}
    if "done" in content:
        findings += _wrong_in_part(source, ("done",), content["done"], ends_by)
    if "reward" in content:
        findings += _wrong_in_part(source, ("reward",), content["reward"], pays)
    rewards = content.get("rewards", [])
    if not isinstance(rewards, list):
        cure = "It holds one reward object a player."
        findings.append(source.finding("error", ("rewards",), '"rewards" is not a list.', cure))
        rewards = []
    for number, reward in enumerate(rewards):
        findings += _wrong_in_part(source, ("rewards", number), reward, pays)
    findings += _wrong_in_rest(source)
    scripts = content.get("scripts", [])
    found = Scenario(
        path=source.path,
        variables=tuple(ends_by | pays),
        scripts=tuple(scripts) if is_texts(scripts) else (),
        crop=_crop(content.get("crop")),
        done=None if findings or scripts else _done(content),
        lines={key: source.line_of(key) for key in ("done", "reward", "rewards")} | pays | ends_by,
        ends_by=tuple(ends_by),
        pays=tuple(pays),
    )
    return found, tuple(findings)


_PART_KEYS = {
    "done": ("variables", "nodes", "condition", "script"),
    "reward": ("variables", "time", "script"),
    "node": ("variables", "nodes", "condition"),
}
_SPEC_KEYS = {
    "done": ("op", "reference", "measurement"),
    "reward": ("reward", "penalty", "op", "reference", "measurement"),
}


def _wrong_in_part(
    source: Source, place: Place, part: object, named: dict[str, int | None], kind: str = ""
) -> Iterator[Finding]:
    """Yield what is wrong with a done condition, one of its nodes, or a reward; add its variables to `named`."""
    kind = kind or ("done" if place == ("done",) else "reward")
    title = json.dumps(next(key for key in reversed(place) if isinstance(key, str)))
    if not isinstance(part, dict):
        yield source.no_object(place, title, part)
        return
    yield from source.unknown_keys(place, part, _PART_KEYS[kind])
    if "condition" in part and part["condition"] not in ("any", "all"):
        what = f'condition = {json.dumps(part["condition"])} is unknown: stable-retro takes it for "any".'
        yield source.finding("warning", (*place, "condition"), what, 'Write "any" or "all".')
    if "script" in part and not isinstance(part["script"], str):
        what = f'"script" of {title} is a {kind_of(part["script"])}, not text.'
        yield source.finding("error", (*place, "script"), what, 'Write "lua:function", a function of its "scripts".')
    variables = part.get("variables", {})
    if not isinstance(variables, dict):
        yield source.no_object((*place, "variables"), f'"variables" of {title}', variables)
        variables = {}
    specs = "reward" if kind == "reward" else "done"
    for name, spec in variables.items():
        at = (*place, "variables", name)
        named.setdefault(name, source.line_of(*at))
        yield from _wrong_in_spec(source, at, f"variable {name!r} of {title}", spec, _SPEC_KEYS[specs])
    if "time" in part and kind == "reward":
        yield from _wrong_in_spec(source, (*place, "time"), f'"time" of {title}', part["time"], _SPEC_KEYS[specs])
    nodes = part.get("nodes", {}) if kind != "reward" else {}
    if not isinstance(nodes, dict):
        yield source.no_object((*place, "nodes"), f'"nodes" of {title}', nodes)
        nodes = {}
    for key, node in nodes.items():
        yield from _wrong_in_part(source, (*place, "nodes", key), node, named, "node")


def _wrong_in_spec(source: Source, place: Place, title: str, spec: object, known: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is wrong with what is asked of one variable, or of the time."""
    if not isinstance(spec, dict):
        yield source.no_object(place, title, spec)
        return
    yield from source.unknown_keys(place, spec, known)
    choices = {"op": OPERATIONS, "measurement": ("absolute", "delta")}
    for key in ("op", "measurement"):
        if key in spec and spec[key] not in choices[key]:
            word = spec[key] if isinstance(spec[key], str) else ""
            what = f"{title}: {key} = {json.dumps(spec[key])} is unknown, and does nothing."
            what += did_you_mean(word, choices[key])
            cure = f"There are {', '.join(choices[key])}."
            yield source.finding("warning", (*place, key), what, cure)
    for key in ("reference", "reward", "penalty"):
        if key not in spec or key not in known:
            continue
        value = whole_number(spec[key]) if key == "reference" else spec[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            wanted = "whole number" if key == "reference" else "number"
            what = f"{title}: {key} = {json.dumps(spec[key])} is no {wanted}, and counts as 0."
            yield source.finding("warning", (*place, key), what, "Write a number without quotes.")


def _wrong_in_rest(source: Source) -> Iterator[Finding]:
    """Yield what is wrong beside done conditions and rewards: scripts, crops and actions."""
    content = source.content
    if not is_texts(content.get("scripts", [])):
        cure = 'Write "scripts": ["script.lua"].'
        yield source.finding("error", ("scripts",), '"scripts" is not a list of file names.', cure)
    cure = 'Write "crop": [x, y, width, height].'
    if content.get("crop") is not None and _crop(content["crop"]) is None:
        yield source.finding("error", ("crop",), '"crop" is not four whole numbers.', cure)
    crops = content.get("crops", [])
    if not (isinstance(crops, list) and all(_crop(crop) for crop in crops)):
        cure = 'Write "crops": [[x, y, width, height]], one a player.'
        yield source.finding("error", ("crops",), '"crops" is not a list of four whole numbers each.', cure)
    actions = content.get("actions", [])
    if not (isinstance(actions, list) and all(isinstance(a, list) and all(map(is_texts, a)) for a in actions)):
        what = '"actions" is not a list of lists of combinations of buttons.'
        yield source.finding("error", ("actions",), what, 'Write "actions": [[[], ["LEFT"], ["RIGHT"]], [[], ["A"]]].')


def _done(content: Mapping[str, Any]) -> str | None:
    done = content.get("done", {})
    tests = [_comparison(name, test) for name, test in done.get("variables", {}).items()]
    known = [test for test in tests if test is not None]
    if not tests or len(known) < len(tests) or done.keys() - {"variables", "condition"}:
        return None
    joint = {"any": " or ", "all": " and "}.get(done.get("condition", "any"))
    return None if joint is None else joint.join(known)


def _comparison(name: str, test: Mapping[str, Any]) -> str | None:
    operator, reference = _COMPARISONS.get(str(test.get("op"))), test.get("reference", 0)
    if not name.isidentifier() or keyword.iskeyword(name) or type(reference) is not int or operator is None:
        return None
    if test.keys() - {"op", "reference", "measurement"} or test.get("measurement", "absolute") != "absolute":
        return None
    return f"{name} {operator} {reference}"


def _crop(crop: object) -> tuple[int, int, int, int] | None:
    sides = [whole_number(side) for side in crop] if isinstance(crop, list) else []
    whole = [side for side in sides if side is not None]
    if len(sides) != 4 or len(whole) != 4:
        return None
    x, y, width, height = whole
    return x, y, width, height
