"""Writes the config that a new game begins with: pixels, the buttons of its console, and pay for ground in x."""

from __future__ import annotations

from neat_retro.game import catalog

# The buttons that jump, run and fire on most games of a console: the first row that the console has.
_BUTTONS = (("A", "B", "C"), ("I", "II"), ("B", "Y"), ("A", "B"), ("BUTTON",))
_DRAFT = """\
# {name}: how far to the right does it get? Find x first:
#   neat-retro integration find {name} position --write x
# What is left out has a default. All keys: docs/experiment.md; how this file is made yours: docs/your-own-game.md.

[Game]
game = {name}
states = {state}

# Where the position was found in two bytes, take the # away:
#[Variables]
#x = xHi * 256 + xLo

# What a network sees: the screen in gray, 16 times smaller, what is even in it taken away.
# 8 suits a Game Boy's small screen.
[Observation]
kind = grayscale
downscale = 16
normalise = contrast

# What it can do: one of these at a time. START and SELECT are left out, or it would learn to pause.
[Actions]
kind = argmax
combos = {combos}

# What it is paid: a pixel is a point, and ground that is lost and retaken is not paid twice.
[Fitness]
distance = furthest x

[Episode]
# A decision is held for 4 frames; the console shows 60 a second.
frame_skip = 4
# A minute at most, and no more than 4 seconds without a new best.
max_frames = 3600
stall_frames = 240
# scenario.json knows of no end yet.
done = none
# Once lives are found as well (neat-retro integration find {name} lives --write lives):
#life_lost = lives

# More of both finds more, and takes longer.
[Run]
generations = 50

[NEAT]
pop_size = 200
fitness_criterion = max
fitness_threshold = 1e9
reset_on_extinction = False
no_fitness_termination = False

# Few links, then mostly nodes that fire at what the parent saw where it ended; little else is changed: docs/tuning.md.
[DefaultGenome]
feed_forward = True
num_hidden = 0
initial_connection = partial_direct 0.01
imprint_prob = 0.9
conn_add_prob = 0.1
conn_delete_prob = 0.03
node_add_prob = 0.02
node_delete_prob = 0.03
weight_init_stdev = 2.0
mutate_only_prob = 1.0
weight_mutate_rate = 0.0005
weight_replace_rate = 0.0002
weight_mutate_power = 2.0
bias_mutate_rate = 0.0005
bias_replace_rate = 0.0002
enabled_mutate_rate = 0

# Several species keep several ways of playing open.
[DefaultSpeciesSet]
compatibility_threshold = 3.0
target_species = 4

[DefaultStagnation]
max_stagnation = 20
species_elitism = 2

[DefaultReproduction]
elitism = 2
survival_threshold = 0.02
min_species_size = 2
"""


def draft_config(name: str, state: str) -> str:
    """Return the config of a game whose x is still to be found, for the console that its name ends in."""
    console = catalog.short_name(name).rpartition("-")[2]
    return _DRAFT.format(name=name, state=state, combos=", ".join(_combos(catalog.consoles()[console]["buttons"])))


def _combos(buttons: list[str | None]) -> list[str]:
    """Return what a platformer is played with: to the right above all, and each button alone and with it."""
    first, *others = next(row for row in _BUTTONS if set(row) <= set(buttons))
    both = [f"RIGHT+{first}+{others[0]}"] if len(others) == 1 else []
    return ["nothing", "RIGHT", *(f"RIGHT+{name}" for name in (first, *others)), *both, "LEFT", first, "DOWN"]
