"""The promise: an experiment is parsed against its game once, and what the game lacks is said."""

from __future__ import annotations

import pytest

from neat_retro.agent.expressions import Moment
from neat_retro.agent.observation import GameShape
from neat_retro.agent.rules import compile_rules
from neat_retro.errors import ExperimentError
from neat_retro.experiment import Draft

SHAPE = GameShape((224, 240), 2048, ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A"))
VARIABLES = ("hi", "lo", "lives", "score")
BASIS = "[Fitness]\nscore = gain score\n"


def rules(text):
    return compile_rules(Draft.from_text(text, "file.cfg").experiment(), SHAPE, VARIABLES)


def refusal(text):
    with pytest.raises(ExperimentError) as caught:
        rules(text)
    return str(caught.value)


def test_sizes_follow_from_the_observation_and_the_actions():
    assert (rules(BASIS).n_inputs, rules(BASIS).n_outputs) == (28 * 30, 6)
    text = BASIS + "[Observation]\nkind = variables\nvariables = lives, score / 100\nstack = 3\n"
    assert rules(text + "[Actions]\nkind = argmax\ncombos = A, B\n").n_inputs == 6
    assert rules(text + "[Actions]\nkind = argmax\ncombos = A, B\n").n_outputs == 2


def test_a_tutorials_sizes_are_those_of_its_transposed_picture():
    tutorial = rules(BASIS + "[Observation]\nkind = tutorial\n[Actions]\nkind = tutorial\n")
    assert (tutorial.n_inputs, tutorial.n_outputs) == (28 * 30, 9)


def test_terms_are_named_in_the_order_of_the_file():
    assert rules(BASIS + "Alive = per_frame 1\nalive = per_frame 2\n").term_names == ("score", "Alive", "alive")


def test_only_what_terms_endings_and_inputs_name_is_read():
    text = (
        "[Variables]\nx = hi * 256 + lo\nhalf = score / 2\n"
        "[Fitness]\nx = furthest x\n[Episode]\nlife_lost = lives\n[Observation]\nvariables = half\n"
    )
    assert rules(text).variables.read_names == ("hi", "lives", "lo")
    assert rules(text + "kind = variables\n").variables.read_names == ("hi", "lives", "lo", "score")


def test_a_lost_life_is_a_fall_of_the_variable():
    lost = rules(BASIS + "[Episode]\nlife_lost = lives\n").endings.life_lost
    three, two = {"lives": 3}, {"lives": 2}
    assert lost(Moment(two, three, three))
    assert not lost(Moment(three, two, three))
    assert not lost(Moment(three, three, three))
    assert lost(Moment({"lives": 255}, {"lives": 0}, three)), "an unsigned byte runs to -1"


@pytest.mark.parametrize(
    ("done", "scenario", "condition"), [("scenario", True, None), ("none", False, None), ("", False, None)]
)
def test_done_is_the_scenarios_or_nobodys(done, scenario, condition):
    compiled = rules(BASIS + f"[Episode]\ndone = {done}\n")
    assert (compiled.endings.scenario_done, compiled.endings.done) == (scenario, condition)
    assert compiled.needs_scenario is scenario


def test_a_done_condition_of_its_own_replaces_the_scenarios():
    compiled = rules(BASIS + "[Episode]\ndone = score > 9\n")
    assert (compiled.endings.done.text, compiled.endings.scenario_done) == ("score > 9", False)
    assert not compiled.needs_scenario


def test_the_scenario_is_asked_where_its_reward_is_paid():
    assert rules("[Fitness]\nreward = scenario_reward\n[Episode]\ndone = none\n").needs_scenario


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "file.cfg has no [Fitness]. Say what is good"),
        ("[Fitness]\nx = furthest x\n", "file.cfg, [Fitness] x: no variable 'x'."),
        (BASIS + "[Episode]\ngoal = livs < 1\n", "file.cfg, [Episode] goal: no variable 'livs'. Did you mean 'lives'?"),
        (BASIS + "[Episode]\ndone = x\n", "file.cfg, [Episode] done: no variable 'x'."),
        (BASIS + "[Episode]\nlife_lost = lifes\n", "file.cfg, [Episode] life_lost: no variable 'lifes'."),
        (BASIS + "[Observation]\nvariables = x\n", "file.cfg, [Observation] variables: no variable 'x'."),
        (BASIS + "[Observation]\nkind = pixels\n", "file.cfg, [Observation]: no kind of observation 'pixels'."),
        (BASIS + "[Actions]\nbuttons = Q\n", "file.cfg, [Actions]: no button 'Q'."),
        (BASIS + "[Actions]\nturbo = Q\n", "file.cfg, [Actions] turbo: no button 'Q'."),
        (BASIS + "[Actions]\nbuttons = A\nturbo = B\n", "[Actions] turbo: turbo has B, which no action presses."),
        (BASIS + "[Actions]\nturbo = A\n[Episode]\nframe_skip = 1\n", "Set [Episode] frame_skip to 2 or more."),
        (BASIS + "[Variables]\nscore = lo\n", "file.cfg, [Variables]: score is a variable of the game already."),
    ],
)
def test_what_the_game_lacks_is_named_with_its_place(text, words):
    assert words in refusal(text)
