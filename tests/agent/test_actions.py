"""The promise: outputs press the buttons the experiment names, and never what it did not ask for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.agent.actions import MENU_BUTTONS, OPPOSITES, button_names, make_actions
from neat_retro.errors import ExperimentError
from neat_retro.experiment import ActionsSection

NES = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
GENESIS = ("B", "A", "MODE", "START", "UP", "DOWN", "LEFT", "RIGHT", "C", "Y", "X", "Z")
SNES = ("B", "Y", "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A", "X", "L", "R")
GAME_BOY = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
CONSOLES = {"NES": NES, "Genesis": GENESIS, "SNES": SNES, "Game Boy": GAME_BOY}


def actions(console=NES, **keys):
    return make_actions(ActionsSection(**keys), console, "file.cfg, [Actions]")


def press(action_set, outputs, console=NES):
    return button_names(action_set.decode(np.array(outputs, dtype=np.float64)), console)


def refusal(**keys):
    with pytest.raises(ExperimentError) as caught:
        actions(**keys)
    assert str(caught.value).startswith("file.cfg, [Actions]: ")
    return str(caught.value)


# --- which outputs had their way


def test_of_combinations_the_one_that_was_pressed_had_its_way():
    combos = actions(kind="argmax", combos=("nothing", "RIGHT", "RIGHT+A"))
    assert combos.chosen(combos.decode(np.array([0.0, 0.1, 0.9]))) == (False, False, True)
    assert combos.chosen(0) == (True, False, False)


def test_of_buttons_those_that_were_pressed_had_their_way():
    every = actions(GENESIS, buttons=("all",))
    mask = every.decode(np.eye(12)[GENESIS.index("RIGHT")] + np.eye(12)[GENESIS.index("START")])
    assert [name for name, chosen in zip(every.names, every.chosen(mask), strict=True) if chosen] == ["RIGHT"]


# --- threshold


def test_a_button_is_pressed_above_the_cut_and_not_at_it():
    two = actions(buttons=("A", "RIGHT"), cut=0.25)
    assert press(two, [0.25, np.nextafter(0.25, 1)]) == "RIGHT"
    assert press(two, [0.2, 0.0]) == "nothing"
    assert press(two, [99.0, 0.3]) == "RIGHT+A"


def test_an_output_that_is_no_number_presses_nothing():
    assert press(actions(buttons=("A", "B")), [np.nan, np.inf]) == "B"


def test_without_a_list_there_is_an_output_per_button_of_play():
    assert actions().names == ("B", "UP", "DOWN", "LEFT", "RIGHT", "A")
    assert actions(GENESIS).size == 10


def test_opposite_directions_cancel_out():
    every = actions()
    assert press(every, [0, 1, 1, 1, 0, 1]) == "LEFT+A"
    assert press(every, [1] * 6) == "B+A"


def test_all_has_an_output_per_button_of_the_core_and_never_presses_the_menu():
    every = actions(GENESIS, buttons=("all",))
    assert every.names == GENESIS
    for index, name in enumerate(GENESIS):
        pressed = press(every, np.eye(12)[index], GENESIS)
        assert pressed == ("nothing" if name in MENU_BUTTONS else name)
    assert actions(NES, buttons=("all",)).names == ("B", "-", *NES[2:])


def test_the_menu_is_pressed_where_it_is_named():
    assert press(actions(buttons=("START", "A")), [1, 0]) == "START"


def test_buttons_are_named_in_any_case():
    assert press(actions(buttons=("right", "a")), [1, 1]) == "RIGHT+A"


# --- argmax


def test_the_largest_output_chooses_its_combination_and_of_equals_the_first():
    three = actions(kind="argmax", combos=("nothing", "RIGHT+A", "LEFT"))
    assert [press(three, outputs) for outputs in ([1, 0, 0], [0, 0.1, 0], [-3, -2, -1], [0, 5, 5])] == [
        "nothing",
        "RIGHT+A",
        "LEFT",
        "RIGHT+A",
    ]


def test_the_default_combinations_are_one_direction_and_one_button_at_a_time():
    small = actions(kind="argmax", buttons=("LEFT", "RIGHT", "A", "B"))
    names = ("nothing", "LEFT", "RIGHT", "A", "B", "LEFT+A", "LEFT+B", "RIGHT+A", "RIGHT+B")
    assert small.names == names
    pressed = [set(press(small, row).split("+")) for row in np.eye(len(names))]
    assert pressed == [set(name.split("+")) for name in names]


def test_default_combinations_know_directions_in_any_case():
    assert actions(kind="argmax", buttons=("left", "a")).names == ("nothing", "left", "a", "left+a")


@pytest.mark.parametrize("console", CONSOLES.values(), ids=CONSOLES)
def test_the_default_set_of_a_console_has_every_direction_and_button_of_play(console):
    every = actions(console, kind="argmax")
    buttons = [b for b in console if b and b not in MENU_BUTTONS]
    presses = len(buttons) - 4
    assert every.size == 1 + 4 + presses + 4 * presses
    assert len(set(every.masks)) == every.size


# --- whatever a network says

outputs_12 = st.lists(st.floats(width=64), min_size=40, max_size=100)


@given(
    st.sampled_from(list(CONSOLES.values())),
    st.sampled_from([{}, {"buttons": ("all",)}, {"kind": "argmax"}, {"buttons": ("LEFT", "RIGHT", "A")}]),
    st.floats(-2, 2),
    outputs_12,
)
def test_no_output_presses_opposites_or_the_menu(console, keys, cut, outputs):
    chosen = actions(console, cut=cut, **keys)
    mask = chosen.decode(np.resize(np.array(outputs), chosen.size))
    pressed = {name for bit, name in enumerate(console) if mask >> bit & 1}
    assert 0 <= mask < 1 << len(console)
    assert None not in pressed
    assert not pressed & set(MENU_BUTTONS)
    assert not any({a, b} <= pressed for a, b in OPPOSITES)


# --- names and words


@given(st.integers(0, 2**12 - 1))
def test_a_mask_written_as_names_reads_back(mask):
    names = button_names(mask, SNES)
    assert sum(1 << SNES.index(name) for name in names.split("+") if name != "nothing") == mask


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"kind": "treshold"}, "no kind of actions 'treshold'. Did you mean 'threshold'? Kinds: threshold, argmax."),
        ({"buttons": ("A", "RIHGT")}, "no button 'RIHGT'. Did you mean 'RIGHT'? Buttons: B, SELECT, START, UP"),
        ({"kind": "argmax", "combos": ("A+Q",)}, "no button 'Q'."),
        ({"kind": "argmax", "combos": ("LEFT+",)}, "no button ''."),
        ({"kind": "argmax", "combos": ("LEFT+RIGHT",)}, "LEFT+RIGHT presses opposite directions. Choose one."),
        ({"combos": ("A",)}, "combos are for kind = argmax; kind is threshold. Change one of the two."),
    ],
)
def test_a_bad_section_is_named_with_its_cure(keys, words):
    assert words in refusal(**keys)


# --- the same thing twice


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"kind": "argmax", "combos": ("RIGHT", "A", "right")}, "right presses the same as RIGHT. Remove one."),
        ({"kind": "argmax", "combos": ("RIGHT+A", "A + RIGHT")}, "A + RIGHT presses the same as RIGHT+A. Remove one."),
        ({"kind": "argmax", "combos": ("nothing", "Nothing")}, "Nothing presses the same as nothing. Remove one."),
        ({"kind": "argmax", "combos": ("A", "RIGHT+A+a")}, "RIGHT+A+a presses a twice. Remove one."),
        ({"kind": "argmax", "buttons": ("A", "B", "a")}, "a presses the same as A. Remove one."),
        ({"buttons": ("A", "RIGHT", "a")}, "a presses the same as A. Remove one."),
    ],
)
def test_what_is_named_twice_is_refused(keys, words):
    assert words in refusal(**keys)
