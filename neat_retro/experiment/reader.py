"""How a .cfg file becomes an Experiment: parsing, overrides, and the words for what is wrong.

A Draft is the file as keys and texts, still open to `--set` and to being filled in; `experiment()` checks
every key and freezes it. neat-python's sections are checked key by key against neat-python itself.
"""

from __future__ import annotations

import configparser
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints

from neat_retro.errors import ExperimentError, did_you_mean
from neat_retro.experiment import neat_keys
from neat_retro.experiment.sections import (
    FREE_SECTIONS,
    MOST_NOOPS,
    MOST_STICKY,
    NEAT_SECTIONS,
    OWN_SECTIONS,
    TYPED_SECTIONS,
    CurriculumSection,
    EpisodeSection,
    Experiment,
    NoveltySection,
    ObservationSection,
    RunSection,
    VersusSection,
)

Place = Callable[[str], str]  # where a key of one section was given, in words


@dataclass
class Draft:
    """A config file's sections as texts, with the notes on what was filled in.

    `is_plain_neat` says that the file had none of our sections, as a tutorial's config has.
    """

    source: str
    sections: dict[str, dict[str, str]]
    notes: list[str] = field(default_factory=list)
    is_plain_neat: bool = False
    origins: dict[str, str] = field(default_factory=dict)  # Section.key -> the option that gave its value

    @classmethod
    def from_text(cls, text: str, source: str) -> Draft:
        """Parse INI text. Raises ExperimentError with the line of a syntax error or a repeated key."""
        parser = configparser.ConfigParser(interpolation=None, strict=True, inline_comment_prefixes=None)
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        try:
            parser.read_string(text, source)
        except configparser.Error as error:
            raise ExperimentError(_syntax_message(error, source)) from error
        if parser.defaults():
            raise ExperimentError(f"{source}: a [DEFAULT] section is not read. Move its keys where they belong.")
        sections = {name: dict(parser.items(name)) for name in parser.sections()}
        for name in NEAT_SECTIONS:  # neat-python reads its keys in any case
            if name in sections:
                sections[name] = _in_lower_case(source, name, sections[name])
        plain = bool(sections) and not any(name in sections for name in OWN_SECTIONS)
        return cls(source, sections, is_plain_neat=plain)

    def set(self, section: str, key: str, value: str) -> None:
        """Set one key, whether or not the file has it; the check comes with `experiment()`."""
        self.sections.setdefault(section, {})[key] = value

    def override(self, assignment: str, option: str = "") -> None:
        """Apply one `Section.key=value`; errors say that `option` gave it, `--set` if left out.

        In [Variables] and [Fitness], whose lines have no default, no value or `none` takes the line out.

        Raises ExperimentError where it is not of that form, or takes out a line that is not there.
        """
        option = option or f"--set {assignment.strip()}"
        target, equals, value = assignment.partition("=")
        section, dot, key = target.strip().partition(".")
        if not (equals and dot and section and key):
            raise ExperimentError(f"{option}: write it as Section.key=value, for example Episode.frame_skip=4")
        known = (*OWN_SECTIONS, *NEAT_SECTIONS)
        if section not in known:
            raise ExperimentError(
                f"{option}: no section [{section}].{did_you_mean(section, known)}\n  Sections: {', '.join(known)}"
            )
        key, value = key.strip(), value.strip()
        if section in FREE_SECTIONS and value.lower() in ("", "none"):
            lines = self.sections.get(section, {})
            if key not in lines:
                raise ExperimentError(f"{option}: [{section}] has no line {key!r}.{did_you_mean(key, lines)}")
            del lines[key]
        else:
            self.set(section, key, value)
        self.origins[f"{section}.{key}"] = option

    def fill_neat_keys(self) -> None:
        """Add what neat-python 2 requires and the file lacks, noting each key."""
        for section, missing in neat_keys.missing(self.sections).items():
            self.sections.setdefault(section, {}).update(missing)
            if not missing or not self.is_plain_neat:
                continue
            listed = ", ".join(f"{key} = {value}" for key, value in missing.items())
            self.notes.append(f"{self.source}, [{section}]: filled in {listed}")

    def experiment(self) -> Experiment:
        """Check every key and return the frozen experiment. Raises ExperimentError."""
        self._check_sections()
        values: dict[str, Any] = {"source": self.source, "origins": MappingProxyType(dict(self.origins))}
        for name, (attribute, kind) in TYPED_SECTIONS.items():
            values[attribute] = _typed_section(self._places(name), kind, self.sections.get(name, {}))
        for name, attribute in FREE_SECTIONS.items():
            values[attribute] = MappingProxyType(_free_section(self._places(name), self.sections.get(name, {})))
        neat = {name: MappingProxyType(dict(self.sections[name])) for name in NEAT_SECTIONS if name in self.sections}
        neat_keys.check(self.source, neat, self.origins)
        return Experiment(**values, neat=MappingProxyType(neat))

    def _places(self, section: str) -> Place:
        """Return what says of a key of this section where it was given."""
        return lambda key: self.origins.get(f"{section}.{key}", f"{self.source}, [{section}]")

    def _check_sections(self) -> None:
        known = (*OWN_SECTIONS, *NEAT_SECTIONS)
        unknown = [name for name in self.sections if name not in known]
        if not unknown:
            return
        misspelt = next((name for name in unknown if did_you_mean(name, known)), None)
        if self.is_plain_neat and misspelt is None:
            for name in unknown:
                self.notes.append(f"{self.source}: section [{name}] is not neat-python's and was left out")
                del self.sections[name]
            return
        named = misspelt or unknown[0]
        raise ExperimentError(
            f"{self.source}: unknown section [{named}].{did_you_mean(named, known)}\n  Sections: {', '.join(known)}"
        )


def read_draft(path: Path) -> Draft:
    """Read a .cfg file. Raises ExperimentError where it cannot be read or parsed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ExperimentError(f"Cannot read the config {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ExperimentError(f"{path} is not a text file (byte {error.start} is not UTF-8).") from error
    return Draft.from_text(text, str(path))


def _in_lower_case(source: str, section: str, texts: Mapping[str, str]) -> dict[str, str]:
    lowered: dict[str, str] = {}
    for key, text in texts.items():
        if key.lower() in lowered:
            raise ExperimentError(f"{source}, [{section}]: {key.lower()} is given twice. Remove one.")
        lowered[key.lower()] = text
    return lowered


def _syntax_message(error: configparser.Error, source: str) -> str:
    if isinstance(error, configparser.DuplicateOptionError):
        return f"{source}, line {error.lineno}, [{error.section}]: {error.option} is given twice. Remove one."
    if isinstance(error, configparser.DuplicateSectionError):
        return f"{source}, line {error.lineno}: section [{error.section}] appears twice. Join the two."
    if isinstance(error, configparser.MissingSectionHeaderError):
        return f"{source}, line {error.lineno}: {error.line.strip()!r} stands before any [Section]. Is this a config?"
    if isinstance(error, configparser.ParsingError):
        line, text = error.errors[0]
        return f"{source}, line {line}: cannot read {_shown(text)}. Lines are `key = value` or `[Section]`."
    return f"{source}: {error}"


def _shown(line: str) -> str:
    """Return a line as configparser's error has it (its repr before Python 3.13), quoted, without the line's end."""
    return repr(line.strip().strip("'\"").replace(r"\n", ""))


def _typed_section(place: Place, kind: type, texts: Mapping[str, str]) -> object:
    hints = get_type_hints(kind)
    known = [f.name for f in fields(kind)]
    values = {}
    for key, text in texts.items():
        if key not in known:
            raise ExperimentError(
                f"{place(key)}: unknown key {key!r}.{did_you_mean(key, known)}\n  Keys: {', '.join(known)}"
            )
        values[key] = _convert(place, key, text, hints[key])
    section = kind(**values)
    _check_range(place, section)
    return section


def _free_section(place: Place, texts: Mapping[str, str]) -> dict[str, str]:
    for key in texts:  # `--set` can give a name that the file, written back, would not keep
        if set("=:\n") & set(key) or key.startswith(("#", ";", "[")):
            raise ExperimentError(f"{place(key)}: {key!r} is not a name. Use letters, digits and _.")
    return dict(texts)


def _convert(place: Place, key: str, text: str, hint: Any) -> object:
    if hint == tuple[str, ...]:
        return tuple(split_list(text))
    if hint is bool:
        return _boolean(place, key, text)
    if hint is str:
        return text
    kind, wanted = (float, "a number") if hint is float else (int, "a whole number")
    if hint == int | None and text.strip().lower() in ("", "none"):
        return None
    try:
        number = kind(text)
        if not math.isfinite(number):
            raise ValueError
        return number
    except (ValueError, OverflowError):
        raise ExperimentError(f"{place(key)}: {key} = {text} should be {wanted}.") from None


def _boolean(place: Place, key: str, text: str) -> bool:
    value = configparser.ConfigParser.BOOLEAN_STATES.get(text.lower())
    if value is None:
        raise ExperimentError(f"{place(key)}: {key} = {text} should be True or False.")
    return value


def split_list(text: str) -> list[str]:
    """Split at commas and newlines that stand outside parentheses: `a, max(b, c)` is two parts."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += (character == "(") - (character == ")")
        if character in ",\n" and depth <= 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return [part.strip() for part in (*parts, current) if part.strip()]


# The least and the most that each number may be. The most is far beyond what helps: a slip of the finger would else
# keep a run busy, or fill the memory, for hours without a word.
_RANGES: Mapping[type, Mapping[str, tuple[float, float]]] = {
    ObservationSection: {"downscale": (1, math.inf), "stack": (1, 64)},
    EpisodeSection: {
        "frame_skip": (1, 3600),
        "max_frames": (1, math.inf),
        "stall_frames": (0, math.inf),
        "noops": (0, MOST_NOOPS),
        "sticky": (0, MOST_STICKY),
        "episodes": (1, 1000),
        "redraw": (0, math.inf),
    },
    CurriculumSection: {"patience": (0, math.inf), "lead": (1, math.inf), "starts": (1, 100)},
    NoveltySection: {"neighbours": (1, 1000), "weight": (0, 1e9)},
    RunSection: {"generations": (1, math.inf), "checkpoints": (1, math.inf), "seed": (0, math.inf)},
    VersusSection: {"max_frames": (1, math.inf)},
}


def _check_range(place: Place, section: object) -> None:
    for key, (least, most) in _RANGES.get(type(section), {}).items():
        value = getattr(section, key)
        if value is not None and not least <= value <= most:
            bound = f"at least {least}" if value < least else f"at most {most}"
            raise ExperimentError(f"{place(key)}: {key} = {value} should be {bound}.")
