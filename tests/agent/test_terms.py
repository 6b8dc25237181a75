"""The promise: each kind of fitness adds up what its line says, frame by frame."""

from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.agent.expressions import Moment, parse_expression
from neat_retro.agent.fitness import FITNESS_KINDS, parse_terms
from neat_retro.agent.terms import split_clauses
from neat_retro.errors import ExperimentError

NAMES = ("score", "own", "opponent", "times", "when")


def parse(line, name="term"):
    return parse_terms({name: line}, lambda where: lambda text: parse_expression(text, NAMES, where), "file.cfg")[0]


def play(line, frames, rewards=None):
    """The state of one term after frames, each a dict of variables."""
    state = parse(line).term.start()
    previous = None
    for index, now in enumerate(frames):
        moment = Moment(now, previous or now, frames[0], rewards[index] if rewards else 0.0)
        state.update(moment)
        previous = now
    return state


def value(line, frames, rewards=None):
    return play(line, frames, rewards).value


def scores(*numbers):
    return [{"score": number} for number in numbers]


def fight(*pairs):
    return [{"own": own, "opponent": opponent} for own, opponent in pairs]


def refusal(line):
    with pytest.raises(ExperimentError) as caught:
        parse(line)
    return str(caught.value)


# --- change and gain


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_change_is_the_end_minus_the_start(numbers):
    assert value("change score", scores(*numbers)) == numbers[-1] - numbers[0]


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_gain_is_the_sum_of_the_increases(numbers):
    ups = [max(0, b - a) for a, b in itertools.pairwise(numbers)]
    assert value("gain score", scores(*numbers)) == sum(ups)


def test_what_was_there_at_the_start_of_play_pays_nothing():
    assert value("gain score", scores(500)) == value("change score", scores(500)) == 0


def test_progress_of_change_and_gain_is_their_value():
    assert play("gain score", scores(1, 5, 2)).progress == 4
    assert play("change score", scores(1, 5, 2)).progress == 1


# --- health_gap


def test_health_gap_is_damage_dealt_minus_damage_taken():
    assert value("health_gap own opponent", fight((176, 176), (170, 176), (170, 150), (160, 100))) == 76 - 16


@pytest.mark.parametrize("knocked_out", [0xFF, -1, 0xFFFF, 0], ids=["u1", "i1 and i2", "u2", "plain"])
def test_a_knock_out_is_no_health(knocked_out):
    won = fight((176, 176), (176, 20), (176, knocked_out), (176, knocked_out))
    lost = fight((176, 176), (20, 176), (knocked_out, 176), (knocked_out, 176))
    assert value("health_gap own opponent", won) == 176
    assert value("health_gap own opponent", lost) == -176


@pytest.mark.parametrize("knocked_out", [0xFF, -1])
def test_health_refilled_for_a_new_round_counts_for_nobody(knocked_out):
    rounds = fight((176, 176), (100, knocked_out), (100, knocked_out), (176, 176), (176, 100), (176, knocked_out))
    assert value("health_gap own opponent", rounds) == (176 - 76) + 176


def test_a_double_knock_out_counts_for_both():
    assert value("health_gap own opponent", fight((50, 30), (0xFF, 0xFF), (176, 176))) == 30 - 50


def test_a_fight_that_begins_knocked_out_costs_nothing():
    assert value("health_gap own opponent", fight((0xFF, 0xFF), (176, 176), (176, 170))) == 6


# --- bonus and penalty


def test_a_bonus_is_paid_each_time_the_condition_comes_true():
    assert value("bonus 100 when score > 5", scores(0, 6, 7, 3, 9, 9)) == 200


def test_a_condition_that_is_true_at_the_start_pays_nothing_until_it_was_false():
    assert value("bonus 100 when score > 5", scores(6, 7)) == 0
    assert value("bonus 100 when score > 5", scores(6, 5, 7)) == 100


def test_a_penalty_is_a_bonus_taken_away():
    frames = scores(0, 6, 7, 3, 9, 9)
    assert value("penalty 100 when score > 5", frames) == -value("bonus 100 when score > 5", frames) == -200


def test_a_condition_on_a_change_comes_true_at_each_change_after_a_still_frame():
    assert value("penalty 100 when change(score) < 0", scores(3, 2, 2, 1, 0, 0)) == -200


# --- the others


def test_per_frame_pays_for_frames_played_and_is_no_progress():
    state = play("per_frame -0.5", scores(0, 0, 0, 0))
    assert (state.value, state.progress) == (-1.5, None)


def test_scenario_reward_is_the_sum_of_the_scenarios_rewards_during_play():
    assert value("scenario_reward", scores(0, 0, 0), rewards=[99.0, 2.5, -1.0]) == 1.5


def test_two_episodes_of_one_term_share_nothing():
    term = parse("gain score").term
    first, second = term.start(), term.start()
    for score in (0, 10):
        first.update(Moment({"score": score}, {"score": 0}, {"score": 0}))
    second.update(Moment({"score": 50}, {"score": 50}, {"score": 50}))
    assert (first.value, second.value) == (10, 0)


# --- lines


@pytest.mark.parametrize(
    ("line", "weight"),
    [("gain score", 1.0), ("gain score times 2.5", 2.5), ("bonus 3 when score > 1 times -2", -2.0)],
)
def test_times_is_the_weight_of_any_kind(line, weight):
    named = parse(line, "Points")
    assert (named.name, named.weight) == ("Points", weight)


def test_keywords_inside_parentheses_are_names():
    assert value("change (times) times 3", [{"times": 1}, {"times": 5}]) == 4
    assert value("bonus 7 when (when > 2)", [{"when": 1}, {"when": 5}]) == 7
    assert split_clauses("max(by, wrap) by (jump) wrap 3", ("by", "wrap", "jump")) == {
        "": "max(by, wrap)",
        "by": "(jump)",
        "wrap": "3",
    }


def test_a_tab_or_a_new_line_separates_as_a_blank_does():
    assert value("gain\tscore", scores(1, 3)) == value("gain\nscore", scores(1, 3)) == 2


def test_terms_keep_the_order_of_the_file():
    lines = {"b": "gain score", "A": "per_frame 1", "a": "gain own"}
    terms = parse_terms(lines, lambda where: lambda text: parse_expression(text, NAMES, where), "file.cfg")
    assert [named.name for named in terms] == ["b", "A", "a"]


# --- a class of the user's own

EXTENSION = '''
class Twice:
    """Twice the value of an expression, now."""

    def __init__(self, arguments, parse):
        if not arguments:
            raise ValueError("say what to double")
        self.expressions = (parse(arguments),)

    def start(self):
        return TwiceState(self.expressions[0])


class TwiceState:
    value = 0.0
    progress = None

    def __init__(self, expression):
        self.expression = expression

    def update(self, moment):
        self.value = 2 * self.expression(moment)


LIMIT = 3
'''


@pytest.fixture
def extension(tmp_path, monkeypatch):
    (tmp_path / "my_terms.py").write_text(EXTENSION)
    (tmp_path / "my_broken.py").write_text("def f(:")
    (tmp_path / "my_failing.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("my_terms", None)


def test_a_class_of_the_users_own_is_a_kind_of_fitness(extension):
    assert value("my_terms:Twice score + 1", scores(1, 4)) == 10
    assert parse("my_terms:Twice score times 3").weight == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("my_terms:Thrice score", "cannot import my_terms:Thrice: module 'my_terms' has no attribute 'Thrice'"),
        ("nowhere_at_all:Twice score", "cannot import nowhere_at_all:Twice: No module named 'nowhere_at_all'"),
        ("my_broken:Twice score", "cannot import my_broken:Twice: invalid syntax"),
        ("my_failing:Twice score", "cannot import my_failing:Twice: division by zero"),
        (":Twice score", "cannot import :Twice"),
        (".terms:Twice score", "cannot import .terms:Twice"),
        ("my_terms:LIMIT score", "my_terms:LIMIT is no class. It is called as Name(arguments, parse)."),
        ("my_terms:Twice", "say what to double"),
        ("my_terms:Twice scor", "no variable 'scor'. Did you mean 'score'?"),
    ],
)
def test_a_class_that_cannot_be_used_is_named(extension, line, words):
    assert words in refusal(line)
    assert refusal(line).startswith("file.cfg, [Fitness] term")


# --- the words


def test_an_empty_fitness_section_shows_how_to_write_one():
    with pytest.raises(ExperimentError) as caught:
        parse_terms({}, lambda where: lambda text: parse_expression(text, NAMES, where), "file.cfg")
    assert str(caught.value) == (
        "file.cfg has no [Fitness]. Say what is good, one line a term, for example:\n  [Fitness]\n  score = gain score"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("gian score", f"no kind of fitness 'gian'. Did you mean 'gain'?\n  Kinds: {', '.join(FITNESS_KINDS)}, or "),
        ("", "no kind of fitness ''"),
        ("gain scores", "no variable 'scores'. Did you mean 'score'?\n  Variables of this game: opponent, own, score"),
        ("gain", "cannot read '' as an expression"),
        ("gain score times", "something is missing after 'times'"),
        ("gain score times 2 times 3", "'times' is given twice"),
        ("gain score times many", "gain score times many: 'many' should be a number"),
        ("gain score times nan", "'nan' should be a finite number"),
        ("bonus 100", "bonus 100: say when: N when CONDITION"),
        ("penalty 100", "penalty 100: say when: N when CONDITION"),
        ("bonus many when score > 1", "'many' should be a number"),
        ("bonus when score > 1", "'' should be a number"),
        ("bonus 100 when", "something is missing after 'when'"),
        ("bonus 1 when score > 1 when own > 1", "'when' is given twice"),
        ("per_frame", "'' should be a number"),
        ("per_frame inf", "'inf' should be a finite number"),
        ("health_gap own", "name two variables: health_gap OWN OPPONENT"),
        ("health_gap own opponent score", "name two variables: health_gap OWN OPPONENT"),
        ("scenario_reward score", "it takes no arguments but `times N`"),
    ],
)
def test_a_bad_line_is_named_with_its_cure(line, words):
    assert words in refusal(line)
    assert refusal(line).startswith("file.cfg, [Fitness] term")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fitness", "'fitness' is the name of the sum. Choose another name"),
        ("Fitness", "'Fitness' is the name of the sum. Choose another name"),
        ("my score", "'my score' is not a name. Choose another name, of letters, digits and _."),
        ("a-b", "'a-b' is not a name."),
    ],
)
def test_a_term_is_named_as_a_name(name, words):
    with pytest.raises(ExperimentError) as caught:
        parse_terms({name: "per_frame 1"}, lambda where: lambda text: parse_expression(text, NAMES, where), "file.cfg")
    assert f"file.cfg, [Fitness] {name}: {words}" in str(caught.value)
