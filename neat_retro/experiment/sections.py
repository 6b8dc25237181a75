"""What an experiment says, section by section, as frozen values with their defaults.

The section and key names are those of the .cfg file; every key with its meaning is listed in
docs/experiment.md. Expressions stay text here: what they may name is only known once the game is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

NEAT_SECTIONS = ("NEAT", "DefaultGenome", "DefaultSpeciesSet", "DefaultStagnation", "DefaultReproduction")

MOST_NOOPS = 3600  # frames: a minute
MOST_STICKY = 0.95  # of a frame: beyond that a console hardly hears of a decision


@dataclass(frozen=True)
class GameSection:
    """[Game]: what is played, and from where."""

    game: str = ""
    states: tuple[str, ...] = ()
    scenario: str = "scenario"


@dataclass(frozen=True)
class ObservationSection:
    """[Observation]: what a network sees."""

    kind: str = "grayscale"
    downscale: int = 8
    normalise: str = "0..1"
    stack: int = 1
    variables: tuple[str, ...] = ()
    ram: str = "all"


@dataclass(frozen=True)
class ActionsSection:
    """[Actions]: how a network's outputs press buttons."""

    kind: str = "threshold"
    buttons: tuple[str, ...] = ()
    cut: float = 0.5
    combos: tuple[str, ...] = ()
    turbo: tuple[str, ...] = ()


@dataclass(frozen=True)
class EpisodeSection:
    """[Episode]: how long a genome plays and what ends it. Times are in emulator frames (60 a second).

    `reuse` and `share` save time and change no result.
    """

    frame_skip: int = 4
    max_frames: int = 3600
    stall_frames: int = 0
    noops: int = 0
    sticky: float = 0.0
    episodes: int = 1
    combine: str = "mean"
    redraw: int = 0
    done: str = "scenario"
    life_lost: str = ""
    goal: str = ""
    reuse: bool = True
    share: bool = True


@dataclass(frozen=True)
class CurriculumSection:
    """[Curriculum]: whether a population that is stuck also trains from just before the place where it ends."""

    patience: int = 0
    lead: int = 180
    starts: int = 1


@dataclass(frozen=True)
class NoveltySection:
    """[Novelty]: whether those are bred as well whose episodes ended where no others did, and by what that is told."""

    behaviour: tuple[str, ...] = ()
    neighbours: int = 15
    weight: float = 1.0


@dataclass(frozen=True)
class VersusSection:
    """[Versus]: how two players play against each other, where the game is for two. `won` is player one's view."""

    state: str = ""
    won: str = ""
    lead: tuple[str, ...] = ()
    swap: tuple[str, ...] = ()
    mirror: tuple[str, ...] = ()
    max_frames: int = 10800


@dataclass(frozen=True)
class RunSection:
    """[Run]: how long a population evolves."""

    generations: int = 50
    seed: int | None = None
    stop_when_solved: bool = True
    checkpoints: int = 3


@dataclass(frozen=True)
class Experiment:
    """Everything that decides what a run computes. Two equal experiments give equal runs.

    `source` is the file it was read from; `origins` are the options, such as `--population 4`, that gave
    `Section.key` another value. Errors name them.
    """

    game: GameSection = field(default_factory=GameSection)
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    observation: ObservationSection = field(default_factory=ObservationSection)
    actions: ActionsSection = field(default_factory=ActionsSection)
    fitness: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    episode: EpisodeSection = field(default_factory=EpisodeSection)
    curriculum: CurriculumSection = field(default_factory=CurriculumSection)
    novelty: NoveltySection = field(default_factory=NoveltySection)
    run: RunSection = field(default_factory=RunSection)
    versus: VersusSection = field(default_factory=VersusSection)
    neat: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    source: str = field(default="experiment", compare=False)
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def place(self, section: str, key: str) -> str:
        """Say where a value was given: the option that did, or the file and its section."""
        return self.origins.get(f"{section}.{key}", f"{self.source}, [{section}]")

    def line(self, section: str, key: str) -> str:
        """Say where a line was given: the option that did, or the file, its section and the key."""
        return self.origins.get(f"{section}.{key}", f"{self.source}, [{section}] {key}")

    def section_place(self, section: str) -> str:
        """Say where a section was given: the file, and the options that had a part in it."""
        return f"{self.source}, [{section}]" + self.options_of(section)

    def options_of(self, section: str) -> str:
        """Name the options that had a part in a section, as ` with --set ...`; nothing where there were none."""
        options = [option for target, option in self.origins.items() if target.startswith(f"{section}.")]
        return f" with {', '.join(options)}" if options else ""

    @property
    def seed(self) -> int:
        """The run's seed; an experiment that is being run always has one."""
        if self.run.seed is None:
            raise ValueError("this experiment was not resolved: it has no seed yet")
        return self.run.seed

    def __getstate__(self) -> dict[str, object]:
        """Cross a process border with plain dicts: read-only mappings do not pickle."""
        return vars(self) | {
            "variables": dict(self.variables),
            "fitness": dict(self.fitness),
            "origins": dict(self.origins),
            "neat": {name: dict(keys) for name, keys in self.neat.items()},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        neat = {name: MappingProxyType(keys) for name, keys in state["neat"].items()}
        frozen = {name: state[name] for name in ("variables", "fitness", "origins")} | {"neat": neat}
        for name, value in (state | {key: MappingProxyType(kept) for key, kept in frozen.items()}).items():
            object.__setattr__(self, name, value)

    def to_text(self) -> str:
        """Return the .cfg file that reads back as this experiment."""
        blocks = [_block(name, section_values(self, name)) for name in (*TYPED_SECTIONS, *FREE_SECTIONS)]
        blocks += [_block(name, dict(self.neat[name])) for name in NEAT_SECTIONS if name in self.neat]
        return "\n".join(block for block in blocks if block)


# Section name in the file -> field of Experiment and its type.
TYPED_SECTIONS: Mapping[str, tuple[str, type]] = {
    "Game": ("game", GameSection),
    "Observation": ("observation", ObservationSection),
    "Actions": ("actions", ActionsSection),
    "Episode": ("episode", EpisodeSection),
    "Curriculum": ("curriculum", CurriculumSection),
    "Novelty": ("novelty", NoveltySection),
    "Run": ("run", RunSection),
    "Versus": ("versus", VersusSection),
}
# Sections whose keys are names that the author chooses.
FREE_SECTIONS: Mapping[str, str] = {"Variables": "variables", "Fitness": "fitness"}
OWN_SECTIONS = (*TYPED_SECTIONS, *FREE_SECTIONS)


def section_values(experiment: Experiment, name: str) -> dict[str, str]:
    """Return one of our sections as the file's keys and texts; keys that say nothing new are left out."""
    if name in FREE_SECTIONS:
        return dict(getattr(experiment, FREE_SECTIONS[name]))
    section = getattr(experiment, TYPED_SECTIONS[name][0])
    values = {f.name: (getattr(section, f.name), f.default) for f in fields(section)}
    return {
        key: _value_text(value) for key, (value, default) in values.items() if _value_text(value) or value != default
    }


def _value_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def _block(name: str, values: Mapping[str, str]) -> str:
    if not values:
        return ""
    return f"[{name}]\n" + "".join(f"{key} = {_indented(text)}\n" for key, text in values.items())


def _indented(text: str) -> str:
    """Continue a value over lines as the INI format wants it."""
    return text.replace("\n", "\n    ")
