"""An experiment made ready to play: its texts parsed against one game, once, before any episode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from neat_retro.agent.actions import ActionSet, make_actions, turbo_mask
from neat_retro.agent.expressions import Expression, parse_expression
from neat_retro.agent.fitness import NamedTerm, parse_terms
from neat_retro.agent.observation import GameShape, Observer, make_observer
from neat_retro.agent.terms import Parse, ScenarioReward
from neat_retro.agent.tutorial import TutorialButtons, TutorialPixels
from neat_retro.agent.variables import Variables, derive, needed
from neat_retro.errors import ExperimentError
from neat_retro.experiment import EpisodeSection, Experiment

# The kind of observation and of actions that does as tutorial scripts do.
TUTORIAL = "tutorial"
# A life fewer; or an unsigned byte that went from 0 to 255, since lives run to -1 in many games.
_LIFE_LOST = "change({lives}) < 0 or change({lives}) > 200"


@dataclass(frozen=True)
class Endings:
    """The conditions that end an episode, beside its limits. None is never."""

    goal: Expression | None
    life_lost: Expression | None
    done: Expression | None
    scenario_done: bool


@dataclass(frozen=True)
class Rules:
    """How episodes of one experiment on one game are played and judged."""

    variables: Variables
    observer: Observer
    stack: int
    actions: ActionSet
    turbo: int
    terms: tuple[NamedTerm, ...]
    endings: Endings
    limits: EpisodeSection
    needs_scenario: bool
    behaviour: tuple[Expression, ...] = ()

    @property
    def n_inputs(self) -> int:
        """How many numbers a network is given at each decision."""
        return self.observer.size * self.stack

    @property
    def n_outputs(self) -> int:
        """How many numbers a network answers with."""
        return self.actions.size

    def held(self, mask: int, frame: int) -> int:
        """Return what a decision's `mask` presses in its frame number `frame`, from 0: turbo only in the first half."""
        return mask & ~self.turbo if 2 * frame >= self.limits.frame_skip else mask

    def stall(self, ending: str) -> int:
        """Return how many frames without a gain an episode of this ending ends with."""
        return self.limits.stall_frames if ending == "stalled" else 0

    @property
    def term_names(self) -> tuple[str, ...]:
        """The names of the fitness terms, in the order of every result's `fitness`."""
        return tuple(named.name for named in self.terms)


def compile_rules(
    experiment: Experiment, shape: GameShape, game_variables: Iterable[str], scenario_done: str | None = None
) -> Rules:
    """Parse everything in `experiment` that names a variable, a button or a kind.

    `scenario_done` is what the scenario is done by, as an expression, if that is known: it need not be asked then,
    which takes half as long as a frame.

    Raises ExperimentError for the first thing that this game does not have.
    """
    source = experiment.source
    game_variables = tuple(game_variables)
    derived = derive(experiment.variables, game_variables, source)
    known = (*game_variables, *derived)

    def parse_at(where: str) -> Parse:
        return lambda text: parse_expression(text, known, where)

    whole = source + experiment.options_of("Fitness")
    terms = parse_terms(experiment.fitness, parse_at, whole, lambda name: experiment.line("Fitness", name))
    asks_scenario = any(isinstance(named.term, ScenarioReward) for named in terms)
    endings = _endings(experiment, parse_at, None if asks_scenario else scenario_done)
    seen = [parse_at(experiment.line("Observation", "variables"))(text) for text in experiment.observation.variables]
    behaviour = [parse_at(experiment.line("Novelty", "behaviour"))(text) for text in experiment.novelty.behaviour]
    watching = experiment.observation.kind == "variables"
    read = [expression for named in terms for expression in named.term.expressions]
    read += behaviour
    read += [e for e in (endings.goal, endings.life_lost, endings.done) if e is not None]
    actions = _actions(experiment, shape)
    return Rules(
        variables=needed(derived, (*read, *(seen if watching else ()))),
        observer=_observer(experiment, shape, seen),
        stack=experiment.observation.stack,
        actions=actions,
        turbo=_turbo(experiment, actions, shape),
        terms=terms,
        endings=endings,
        limits=experiment.episode,
        needs_scenario=endings.scenario_done or asks_scenario,
        behaviour=tuple(behaviour),
    )


def _observer(experiment: Experiment, shape: GameShape, seen: Sequence[Expression]) -> Observer:
    if experiment.observation.kind == TUTORIAL:
        return TutorialPixels(shape.screen)
    return make_observer(experiment.observation, shape, seen, experiment.section_place("Observation"))


def _actions(experiment: Experiment, shape: GameShape) -> ActionSet:
    if experiment.actions.kind == TUTORIAL:
        return TutorialButtons(tuple(button or "-" for button in shape.buttons))
    return make_actions(experiment.actions, shape.buttons, experiment.section_place("Actions"))


def _turbo(experiment: Experiment, actions: ActionSet, shape: GameShape) -> int:
    where = experiment.line("Actions", "turbo")
    turbo = turbo_mask(experiment.actions, actions, shape.buttons, where)
    if turbo and experiment.episode.frame_skip < 2:
        raise ExperimentError(
            f"{where}: a turbo button is let go in the second half of a decision's frames, and frame_skip = 1 has only"
            " one. Set [Episode] frame_skip to 2 or more."
        )
    return turbo


def _endings(experiment: Experiment, parse_at: Callable[[str], Parse], scenario_done: str | None) -> Endings:
    def condition(key: str, text: str) -> Expression | None:
        return parse_at(experiment.line("Episode", key))(text) if text else None

    section = experiment.episode
    lives = section.life_lost
    done = {"scenario": scenario_done or "", "none": ""}.get(section.done, section.done)
    return Endings(
        goal=condition("goal", section.goal),
        life_lost=condition("life_lost", _LIFE_LOST.format(lives=lives) if lives else ""),
        done=condition("done", done),
        scenario_done=section.done == "scenario" and scenario_done is None,
    )
