"""The promise: ground is paid for once, whatever the position does on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.agent.expressions import Moment, parse_expression
from neat_retro.agent.fitness import parse_terms
from neat_retro.agent.furthest import FurthestState
from neat_retro.errors import ExperimentError

JUMP = 64


def follow(line, places):
    """The state of `furthest ...` after these positions, or (level, position) pairs."""
    (named,) = parse_terms({"x": line}, lambda where: lambda text: parse_expression(text, ("x", "level"), where), "cfg")
    state = named.term.start()
    assert isinstance(state, FurthestState)
    for place in places:
        level, x = place if isinstance(place, tuple) else (0, place)
        now = {"x": x, "level": level}
        state.update(Moment(now, now, now))
    return state


def paid(line, places):
    return follow(line, places).value


def walk(*corners, pace=5):
    """Positions from corner to corner, at most `pace` a frame."""
    places = [corners[0]]
    for corner in corners[1:]:
        while places[-1] != corner:
            step = max(-pace, min(pace, corner - places[-1]))
            places.append(places[-1] + step)
    return places


def in_level(level, places):
    return [(level, x) for x in places]


# --- one level


def test_ground_gained_is_paid_from_the_start_of_play():
    state = follow("furthest x", walk(100, 250))
    assert (state.value, state.reached, state.progress) == (150, 250, 150)


def test_ground_lost_and_retaken_is_paid_once():
    assert paid("furthest x", walk(0, 300, 50, 300, 310)) == 310


def test_ground_retaken_after_a_death_is_paid_once():
    assert paid("furthest x", [*walk(40, 500), *walk(40, 500), *walk(40, 520)]) == 480


def test_ground_retaken_from_a_checkpoint_is_paid_once():
    assert paid("furthest x", [*walk(40, 500), *walk(300, 520)]) == 480


def test_dying_at_the_start_of_play_pays_nothing_for_the_way_back_to_it():
    """A start state in the middle of a level: who dies there must not be paid for walking back."""
    assert paid("furthest x", [*walk(1000, 1030), *walk(0, 1000)]) == 30


def test_negative_positions_are_ground_like_any_other():
    state = follow("furthest x", walk(-200, -150, -300, 10))
    assert (state.value, state.reached) == (210, 10)


def test_going_backwards_from_the_start_pays_nothing():
    assert paid("furthest x", walk(0, -500, 0)) == 0


def test_a_warp_forwards_pays_nothing_and_the_ground_behind_it_is_paid_from_there():
    assert paid("furthest x", [*walk(0, 300), *walk(2000, 2100)]) == 300 + 100


def test_ground_before_a_warp_is_not_paid_again():
    assert paid("furthest x", [*walk(0, 300), *walk(2000, 2100), *walk(0, 300)]) == 300 + 100


@pytest.mark.parametrize("garbage", [65535, 0, -1, 30000])
@pytest.mark.parametrize("at", [1, 10, 50, 99])
def test_one_frame_of_garbage_changes_nothing(garbage, at):
    clean = walk(1000, 1500)
    assert paid("furthest x", [*clean[:at], garbage, *clean[at:]]) == 500
    assert paid("furthest x", [*clean[:at], garbage, *clean[at + 1 :]]) == 500


def test_garbage_not_far_ahead_changes_nothing():
    """170 is a step from 110, and so is 100: the nearer is believed."""
    assert paid("furthest x", [*walk(0, 100), 170, *walk(110, 300)]) == 300


def test_garbage_that_lasts_does_not_hide_the_ground_behind_it():
    frames = [*walk(0, 300), 65000, 65001, 65002, 40000, 40003, *walk(300, 600)]
    assert paid("furthest x", frames) == 600


def test_a_position_torn_between_its_two_bytes_changes_nothing():
    """The low byte wraps a frame before the high byte follows: 255, 0, 257; or 255, 511, 257."""
    assert paid("furthest x", [250, 255, 0, 257, 260]) == 10
    assert paid("furthest x", [250, 255, 511, 257, 260]) == 10


def test_jump_says_how_far_a_walk_goes_in_a_frame():
    assert paid("furthest x jump 200", [0, 150, 300]) == 300
    assert paid("furthest x jump 100", [0, 150, 300]) == 0


# --- wraps


def test_an_eight_bit_position_goes_on_where_it_wraps():
    state = follow("furthest x wrap 256", [x % 256 for x in walk(200, 1000)])
    assert (state.value, state.reached) == (800, 1000)


def test_walking_back_over_a_wrap_is_walking_back():
    assert paid("furthest x wrap 256", [x % 256 for x in walk(200, 300, 200, 310)]) == 110


def test_a_death_in_a_wrapping_level_is_a_return_to_its_start():
    died = [x % 256 for x in [*walk(40, 700), *walk(40, 700)]]  # 700 % 256 = 188, a jump of 108 the short way
    assert paid("furthest x wrap 256", died) == 660


def test_a_death_before_the_start_of_play_in_a_wrapping_level_pays_no_more_than_the_ground_covered():
    died = [x % 256 for x in [*walk(600, 648), *walk(240, 648)]]
    assert paid("furthest x wrap 256", died) == 648 - 240


def test_one_frame_of_garbage_in_a_wrapping_position_changes_nothing():
    clean = [x % 256 for x in walk(0, 600)]
    assert paid("furthest x wrap 256", [*clean[:20], 255, *clean[20:]]) == 600


# --- levels


def test_each_level_has_its_own_ground():
    assert paid("furthest x by level", [*in_level(1, walk(40, 500)), *in_level(2, walk(40, 140))]) == 460 + 100


def test_a_new_level_pays_nothing_for_the_position_it_begins_at():
    assert paid("furthest x by level", [*in_level(1, walk(40, 100)), *in_level(2, [900, 900, 900])]) == 60


def test_returning_to_an_earlier_level_pays_only_what_is_new():
    frames = [*in_level(1, walk(40, 500)), *in_level(2, walk(40, 140)), *in_level(1, walk(40, 520))]
    assert paid("furthest x by level", frames) == 460 + 100 + 20


def test_returning_to_an_earlier_level_further_on_is_a_jump():
    frames = [*in_level(1, walk(40, 500)), *in_level(2, walk(40, 140)), *in_level(1, walk(3000, 3010))]
    assert paid("furthest x by level", frames) == 460 + 100 + 10


def test_small_rooms_are_paid_for_room_by_room():
    frames = [place for room in range(5) for place in in_level(room, walk(0, 16))]
    assert paid("furthest x by level", frames) == 5 * 16


@pytest.mark.parametrize("late", range(6))
def test_a_level_number_that_changes_before_the_position_pays_the_new_level_from_its_start(late):
    stale = in_level(2, walk(3000, 3000 + 5 * late)) if late else []
    frames = [*in_level(1, walk(2900, 3000)), *stale, *in_level(2, walk(40, 140))]
    assert paid("furthest x by level", frames) == 100 + 100


@pytest.mark.parametrize("late", range(6))
def test_a_known_level_number_that_changes_before_the_position_pays_nothing_of_the_jump(late):
    stale = in_level(1, walk(3000, 3000 + 5 * late)) if late else []
    frames = [*in_level(1, walk(40, 500)), *in_level(2, walk(2900, 3000)), *stale, *in_level(1, walk(40, 520))]
    assert paid("furthest x by level", frames) == 460 + 100 + 20


@pytest.mark.parametrize("early", range(1, 6))
def test_a_position_that_changes_before_the_level_number_pays_no_jump(early):
    frames = [*in_level(1, walk(2900, 3000)), *in_level(1, [40] * early), *in_level(2, walk(40, 140))]
    assert paid("furthest x by level", frames) == 100 + 100


def test_a_frame_of_a_garbage_level_changes_nothing():
    clean = in_level(1, walk(0, 500))
    assert paid("furthest x by level", [*clean[:30], (255, 150), *clean[30:]]) == 500


def test_what_a_stale_level_paid_is_taken_from_what_was_reached_too():
    state = follow(
        "furthest x by level", [*in_level(1, walk(0, 1000)), *in_level(2, walk(1000, 1020)), *in_level(2, [0, 0])]
    )
    assert (state.value, state.reached) == (1000, 1000)


# --- any walk


class Walker:
    """A character who walks, dies and changes level; keeps the ground that was really covered."""

    def __init__(self, start):
        self.level, self.x, self.start = 1, start, start
        self.covered = set()
        self.furthest = start
        self.seen = [(1, start)]

    def walk(self, steps, pace):
        for _ in range(steps):
            target = self.x + pace
            self.covered |= {(self.level, cell) for cell in range(min(self.x, target), max(self.x, target))}
            self.x = target
            self.furthest = max(self.furthest, target)
            self.seen.append((self.level, target))

    def die(self, checkpoint):
        self.x = checkpoint
        self.seen.append((self.level, self.x))

    def enter(self, level, x, stale):
        """Change level; for `stale` frames only its number has changed."""
        self.seen += [(level, self.x)] * stale
        self.level, self.x = level, x
        self.seen.append((level, x))


moves = st.tuples(st.just("walk"), st.integers(1, 40), st.integers(-30, 30))
deaths = st.tuples(st.just("die"), st.integers(0, 2000))
levels = st.tuples(st.just("enter"), st.integers(1, 3), st.integers(0, 2000), st.integers(0, 4))
garbage = st.tuples(st.just("garbage"), st.sampled_from([0, 65535, 255, 12345]))


@given(st.integers(-500, 500), st.lists(moves, max_size=20))
def test_a_walk_pays_its_furthest_point(start, script):
    walker = Walker(start)
    for _, steps, pace in script:
        walker.walk(steps, pace)
    assert paid("furthest x", [x for _, x in walker.seen]) == walker.furthest - start


@given(st.integers(0, 500), st.lists(st.one_of(moves, st.just(("die",))), max_size=20))
def test_deaths_back_to_the_start_neither_pay_nor_cost(start, script):
    walker = Walker(start)
    for kind, *arguments in script:
        if kind == "walk":
            walker.walk(*arguments)
        else:
            walker.die(start)
    expected = walker.furthest - start
    assert paid("furthest x", [x for _, x in walker.seen]) == expected


@given(st.lists(st.one_of(moves, st.just(("die",))), max_size=20), st.integers(0, 255))
def test_a_wrapping_position_is_never_paid_more_than_the_ground_covered(script, start):
    """Deaths are those that can be told from a walk: more than `jump` the short way round."""
    walker = Walker(start)
    for kind, *arguments in script:
        if kind == "walk":
            walker.walk(*arguments)
        elif JUMP < (start - walker.x) % 256 < 256 - JUMP:
            walker.die(start)
    assert paid("furthest x wrap 256", [x % 256 for _, x in walker.seen]) <= len(walker.covered)


@given(st.lists(st.one_of(moves, deaths, levels, garbage), max_size=30))
def test_nothing_is_ever_paid_beyond_the_ground_covered(script):
    walker = Walker(100)
    for kind, *arguments in script:
        if kind == "walk":
            walker.walk(*arguments)
        elif kind == "garbage" and abs(arguments[0] - walker.x) > JUMP:
            walker.seen.append((walker.level, arguments[0]))
        elif kind == "die" and abs(arguments[0] - walker.x) > JUMP:
            walker.die(*arguments)
        elif kind == "enter" and arguments[0] != walker.level and abs(arguments[1] - walker.x) > 2 * JUMP:
            walker.enter(*arguments)
        # A place is left by a step from a frame that was really seen there.
        walker.seen.append((walker.level, walker.x))
    state = follow("furthest x by level", walker.seen)
    assert 0 <= state.value <= len(walker.covered)
    assert state.reached == 100 + state.value


# --- the words of its errors


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("furthest", "cfg, [Fitness] x: cannot read '' as an expression"),
        ("furthest x by", "cfg, [Fitness] x = furthest x by: something is missing after 'by'"),
        ("furthest x by level by level", "'by' is given twice"),
        ("furthest x wrap much", "'much' should be a number"),
        ("furthest x wrap 256 jump 128", "jump 128 must be less than half of wrap 256"),
        ("furthest x jump 0", "jump 0 must be more than 0"),
        ("furthest x jump -5", "jump -5 must be more than 0"),
        ("furthest x wrap 0", "wrap 0 must be more than 0"),
        ("furthest x jump inf", "'inf' should be a finite number"),
        ("furthest y", "no variable 'y'"),
    ],
)
def test_a_bad_line_is_named_with_its_cure(line, words):
    with pytest.raises(ExperimentError) as caught:
        follow(line, [])
    assert words in str(caught.value)
