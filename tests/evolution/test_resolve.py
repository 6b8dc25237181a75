"""Where an experiment meets its game: what is open is filled in, what does not fit is said with both sides."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest

import neat_retro
from neat_retro.api import load_draft
from neat_retro.errors import ExperimentError, GameError, MissingRomError, UnknownGameError, UnknownStateError
from neat_retro.evolution import drafts, resolve

# As neat-python 0.92's own XOR example has it, with a tutorial's sizes.
PLAIN_092 = """
[NEAT]
fitness_criterion     = max
fitness_threshold     = 100000
pop_size              = 20
reset_on_extinction   = True

[DefaultGenome]
activation_default      = sigmoid
activation_mutate_rate  = 0.05
activation_options      = sigmoid gauss
aggregation_default     = sum
aggregation_mutate_rate = 0.0
aggregation_options     = sum
bias_init_mean          = 0.0
bias_init_stdev         = 1.0
bias_max_value          = 30.0
bias_min_value          = -30.0
bias_mutate_power       = 0.5
bias_mutate_rate        = 0.7
bias_replace_rate       = 0.1
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient   = 0.5
conn_add_prob           = 0.5
conn_delete_prob        = 0.5
enabled_default         = True
enabled_mutate_rate     = 0.01
feed_forward            = False
initial_connection      = unconnected
node_add_prob           = 0.5
node_delete_prob        = 0.2
num_hidden              = 0
num_inputs              = 840
num_outputs             = 9
response_init_mean      = 1.0
response_init_stdev     = 0.0
response_max_value      = 30.0
response_min_value      = -30.0
response_mutate_power   = 0.0
response_mutate_rate    = 0.0
response_replace_rate   = 0.0
weight_init_mean        = 0.0
weight_init_stdev       = 1.0
weight_max_value        = 30
weight_min_value        = -30
weight_mutate_power     = 0.5
weight_mutate_rate      = 0.8
weight_replace_rate     = 0.1

[DefaultSpeciesSet]
compatibility_threshold = 2.5

[DefaultStagnation]
species_fitness_func = max
max_stagnation       = 50
species_elitism      = 0

[DefaultReproduction]
elitism            = 3
survival_threshold = 0.3
"""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "config-feedforward"
    path.write_text(PLAIN_092)
    return path


def test_a_plain_neat_config_is_filled_in_and_every_addition_noted(nesplat, plain: Path):
    draft = load_draft("Nesplat-Nes", plain, {})
    notes = "\n".join(draft.notes)
    assert "has no [Fitness]: taken from the scenario's own reward" in notes
    assert "has no [Observation]: grayscale pixels, downscaled by 8" in notes
    assert "has no [Actions]: an output for each of the console's buttons" in notes
    assert "[NEAT]: filled in no_fitness_termination = False" in notes
    assert "single_structural_mutation = False" in notes
    assert "min_species_size = 2" in notes
    assert "weight_init_type = gaussian" in notes
    assert "conn_add_prob" not in notes
    experiment = draft.experiment()
    assert experiment.fitness == {"reward": "scenario_reward"}
    assert experiment.neat["DefaultGenome"]["activation_options"] == "sigmoid gauss"


def test_a_plain_neat_config_trains(nesplat, plain: Path, left, tmp_path: Path):
    settings = {"Run.generations": 1, "NEAT.pop_size": 4, "Episode.max_frames": 20, "Run.seed": 1}
    experiment = neat_retro.load_experiment("Nesplat-Nes", plain, settings)
    end = neat_retro.train(experiment, tmp_path / "run", workers=1)
    assert end.finished
    assert left.arrays(tmp_path / "run", 0)["term_names"].tolist() == ["reward"]
    neat_retro.resume(tmp_path / "run", generations=2, workers=1)
    assert len(left.history(tmp_path / "run")) == 2


def test_a_shipped_config_lends_its_fitness_to_a_plain_one(airstriker: str, plain: Path):
    draft = load_draft(airstriker, plain, {})
    shipped = neat_retro.load_experiment(airstriker)
    assert draft.experiment().fitness == shipped.fitness
    assert any(f"has no [Fitness]: taken from {airstriker}.cfg" in note for note in draft.notes)


@pytest.mark.parametrize("outputs", ["7", "nine"])
def test_outputs_that_are_not_the_consoles_buttons_are_a_threshold_each(outputs: str, nesplat, plain: Path):
    plain.write_text(PLAIN_092.replace("num_outputs             = 9", f"num_outputs = {outputs}"))
    draft = drafts.fill_in(neat_retro.experiment.read_draft(plain), "Nesplat-Nes")
    assert draft.sections["Actions"] == {"kind": "threshold"}
    if outputs == "nine":
        with pytest.raises(ExperimentError, match="num_outputs = nine should be a whole number"):
            draft.experiment()


def test_values_over_several_lines_reach_neat_python(small):
    experiment = resolve.settle(small(DefaultGenome__num_inputs=2, DefaultGenome__num_outputs=1))
    genome = dict(experiment.neat["DefaultGenome"]) | {"activation_options": "sigmoid\ntanh\nrelu"}
    config = resolve.neat_config(dataclasses.replace(experiment, neat={**experiment.neat, "DefaultGenome": genome}))
    assert config.genome_config.activation_options == ["sigmoid", "tanh", "relu"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"DefaultGenome__num_inputs": 1024}, ("num_inputs = 1024, but a 4 x 4 grayscale frame gives 16", "[Obs")),
        (
            {"DefaultGenome__num_inputs": 16, "Observation__stack": 3},
            ("num_inputs = 16, but a 4 x 4 grayscale frame, 3 stacked, gives 48", "[Observation]"),
        ),
        (
            {"DefaultGenome__num_inputs": 3, "Observation__kind": "variables", "Observation__variables": "lives"},
            ("num_inputs = 3, but [Observation] kind = variables gives 1", "[Observation]"),
        ),
        ({"DefaultGenome__num_outputs": 12}, ("num_outputs = 12, but [Actions] kind = threshold", "takes 6", "[Act")),
    ],
)
def test_sizes_that_disagree_give_both_numbers_and_the_cure(settings, words, small, tmp_path: Path):
    with pytest.raises(ExperimentError) as caught:
        neat_retro.train(small(**settings), tmp_path / "run", workers=1)
    message = str(caught.value)
    assert message.startswith("settings, DefaultGenome.num_")
    for word in words:
        assert word in message
    assert "(it is derived)" in message
    assert not (tmp_path / "run").exists()


def test_sizes_that_agree_may_be_stated(small, champion, left, uninterrupted, tmp_path: Path):
    experiment = small(DefaultGenome__num_inputs=16, DefaultGenome__num_outputs=6, Run__generations=1)
    neat_retro.train(experiment, tmp_path / "run", workers=1)
    assert left.history(tmp_path / "run") == left.history(uninterrupted)[:1]


def test_neat_pythons_own_seed_is_honoured_and_moved(small, left, uninterrupted, tmp_path: Path):
    experiment = small(Run__seed="none", NEAT__seed=13, Run__generations=2)
    random.seed(99)
    neat_retro.train(experiment, tmp_path / "run", workers=1)
    assert left.history(tmp_path / "run") == left.history(uninterrupted)[:2]
    text = (tmp_path / "run" / "experiment.cfg").read_text()
    assert text.count("seed = 13") == 1
    assert "seed = 13" in text[text.index("[Run]") : text.index("[NEAT]")]


def test_a_negative_seed_is_refused(small):
    with pytest.raises(ExperimentError, match=r"^settings, NEAT.seed = -3: seed = -3 should be at least 0"):
        resolve.settle(small(Run__seed="none", NEAT__seed=-3))


@pytest.mark.parametrize(("redraw", "refused"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_curriculum_has_to_see_the_same_starts_for_as_long_as_its_patience(small, redraw: int, refused: bool):
    experiment = small(Curriculum__patience=3, Episode__redraw=redraw)
    if not refused:
        resolve.settle(experiment)
        return
    with pytest.raises(ExperimentError) as caught:
        resolve.settle(experiment)
    assert str(caught.value).startswith(
        f"settings, Curriculum.patience = 3: patience = 3, but [Episode] redraw = {redraw} draws other starts"
        " before that.\n"
    )


def test_without_a_seed_each_run_gets_its_own(small):
    experiment = small(Run__seed="none")
    assert experiment.run.seed is None
    seeds = {resolve.settle(experiment).seed for _ in range(4)}
    assert len(seeds) == 4
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_settling_names_the_default_state_and_the_full_name(nesplat, airstriker: str):
    experiment = neat_retro.load_experiment(airstriker, settings={"Game.states": ""})
    settled = resolve.settle(experiment)
    assert settled.game.game == "Airstriker-Genesis-v0"
    assert settled.game.states == ("Level1",)


def test_an_unknown_state_lists_the_known(small, tmp_path: Path):
    with pytest.raises(UnknownStateError) as caught:
        neat_retro.train(small(Game__states="Level1-1, Level9"), tmp_path / "run", workers=1)
    assert "Level9" in str(caught.value)
    assert "Level1-1" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_an_unknown_game_is_told_with_the_nearest(nesplat):
    with pytest.raises(UnknownGameError, match="Did you mean 'Nesplat-Nes'"):
        neat_retro.load_experiment("Nesplatt-Nes", nesplat)


def test_a_game_without_its_rom_is_told_how_to_get_it(nesplat, tmp_path: Path):
    experiment = neat_retro.load_experiment("SonicTheHedgehog2-Genesis", nesplat)
    with pytest.raises(MissingRomError, match="neat-retro roms import"):
        neat_retro.train(experiment, tmp_path / "run", workers=1)
    assert not (tmp_path / "run").exists()


def test_a_config_that_names_no_game_is_said(plain: Path):
    with pytest.raises(ExperimentError, match=r"names no game. Add --game GAME, or \[Game\] game = GAME"):
        neat_retro.load_experiment(config=plain)


TWINS = """
[Game]
games = Airstriker-Genesis, SonicTheHedgehog2-Genesis
states = Level1
states.SonicTheHedgehog2-Genesis = EmeraldHillZone.Act1, EmeraldHillZone.Act2
"""


def test_one_config_serves_several_games_each_with_its_own_states(tmp_path: Path):
    config = tmp_path / "twins.cfg"
    config.write_text(TWINS)
    first = neat_retro.load_experiment(config=config)
    assert first.game.game == "Airstriker-Genesis-v0"
    assert first.game.states == ("Level1",)
    twin = neat_retro.load_experiment("sonicthehedgehog2-genesis", config)
    assert twin.game.game == "SonicTheHedgehog2-Genesis-v0"
    assert twin.game.states == ("EmeraldHillZone.Act1", "EmeraldHillZone.Act2")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("states.Airstriker-Genisis = Level1", "Did you mean 'Airstriker-Genesis'"),
        ("game = Airstriker-Genesis", "has both game and games. Keep one"),
    ],
)
def test_games_that_contradict_are_said(line: str, words: str, tmp_path: Path):
    config = tmp_path / "twins.cfg"
    config.write_text(f"{TWINS}{line}\n")
    with pytest.raises(ExperimentError, match=words):
        neat_retro.load_experiment(config=config)


def test_twins_share_a_shipped_config():
    for ours, theirs in (
        ("NeatRunner-Nes", "SuperMarioBros-Nes"),
        ("NeatDash-Genesis", "SonicTheHedgehog2-Genesis"),
    ):
        own, twin = neat_retro.load_experiment(ours), neat_retro.load_experiment(theirs)
        assert own.fitness == twin.fitness
        assert own.variables == twin.variables
        assert own.neat == twin.neat
        assert (own.game.game, twin.game.game.removesuffix("-v0")) == (ours, theirs)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"Fitness__speed": "gain velocity"}, "velocity"),
        ({"Episode__goal": "level > 3"}, "level"),
        ({"Actions__buttons": "JUMP"}, "JUMP"),
        ({"DefaultGenome__activation_options": "sigmoid sinus"}, "sinus"),
    ],
)
def test_what_the_game_lacks_is_named_before_anything_is_written(settings, words, small, tmp_path: Path):
    with pytest.raises(ExperimentError, match=words):
        neat_retro.train(small(**settings), tmp_path / "run", workers=1)
    assert not (tmp_path / "run").exists()


def test_another_rom_is_told_with_both_hashes(champion):
    resolve.check_rom(champion.experiment, "a" * 40, "a" * 40, "The champion")
    with pytest.raises(GameError) as caught:
        resolve.check_rom(champion.experiment, "a" * 40, "b" * 40, "The champion")
    assert "The champion was made with another ROM of Nesplat-Nes" in str(caught.value)
    assert "a" * 40 in str(caught.value)
    assert "b" * 40 in str(caught.value)
