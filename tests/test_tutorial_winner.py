"""A winner of a tutorial's script, trained by that script, plays here exactly as it did there."""

from __future__ import annotations

import configparser
import json
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import neat
import numpy as np
import pytest

from neat_retro.agent.episode import EpisodeResult, play_episode
from neat_retro.agent.expressions import Moment
from neat_retro.agent.tutorial import TutorialAgent, TutorialButtons, TutorialPixels
from neat_retro.errors import ChampionError, ExperimentError
from neat_retro.evolution.champion import load_champion
from neat_retro.evolution.worker import Stage
from neat_retro.game.emulator import Emulator
from neat_retro.output.tutorial_winner import Winner, check_sizes, load_winner

SCRIPT = Path(__file__).parent / "tutorial_script.py"
PATIENCE = 250  # the script's counter
STALL = f"Episode.stall_frames={PATIENCE}"

# What such configs say, as neat-python 0.92 took them.
CONFIG = """
[NEAT]
fitness_criterion     = max
fitness_threshold     = 100000
pop_size              = 5
reset_on_extinction   = True

[DefaultGenome]
# node activation and aggregation
activation_default      = sigmoid
activation_mutate_rate  = 0.05
activation_options      = sigmoid gauss
aggregation_default     = sum
aggregation_mutate_rate = 0.05
aggregation_options     = sum

# node bias and response
bias_init_mean          = 0.05
bias_init_stdev         = 1.0
bias_max_value          = 30.0
bias_min_value          = -30.0
bias_mutate_power       = 0.5
bias_mutate_rate        = 0.7
bias_replace_rate       = 0.1
response_init_mean      = 1.0
response_init_stdev     = 0.05
response_max_value      = 30.0
response_min_value      = -30.0
response_mutate_power   = 0.1
response_mutate_rate    = 0.75
response_replace_rate   = 0.1

# structure
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient   = 0.5
conn_add_prob           = 0.5
conn_delete_prob        = 0.1
enabled_default         = True
enabled_mutate_rate     = 0.2
feed_forward            = {feed_forward}
initial_connection      = partial_nodirect 0.01
node_add_prob           = 0.5
node_delete_prob        = 0.2
num_hidden              = 0
num_inputs              = 1120
num_outputs             = 12

# weights
weight_init_mean        = 0.1
weight_init_stdev       = 1.0
weight_max_value        = 30
weight_min_value        = -30
weight_mutate_power     = 0.5
weight_mutate_rate      = 0.8
weight_replace_rate     = 0.1

[DefaultSpeciesSet]
compatibility_threshold = 6.0

[DefaultStagnation]
species_fitness_func = max
max_stagnation       = 50
species_elitism      = 0

[DefaultReproduction]
elitism            = 1
survival_threshold = 0.3
"""
# What neat-python 2.0 asks for beyond that, from its error messages.
NEW_KEYS = {
    "NEAT": {"no_fitness_termination": "False"},
    "DefaultGenome": {
        "single_structural_mutation": "False",
        "structural_mutation_surer": "default",
        "bias_init_type": "gaussian",
        "response_init_type": "gaussian",
        "weight_init_type": "gaussian",
        "enabled_rate_to_true_add": "0.0",
        "enabled_rate_to_false_add": "0.0",
        "time_constant_init_mean": "1.0",
        "time_constant_init_stdev": "0.0",
        "time_constant_init_type": "gaussian",
        "time_constant_max_value": "10.0",
        "time_constant_min_value": "0.01",
        "time_constant_mutate_power": "0.0",
        "time_constant_mutate_rate": "0.0",
        "time_constant_replace_rate": "0.0",
    },
    "DefaultReproduction": {"min_species_size": "2"},
}


@dataclass(frozen=True)
class Trained:
    """What a run of the script left: the winner's file, its score and frames, and the config in 0.92's style."""

    winner: Path
    config: Path
    score: float
    frames: int

    def load(self, *overrides: str) -> Winner:
        return load_winner(self.winner, self.config, "Airstriker-Genesis", overrides)


@pytest.fixture(scope="module", params=[False, True], ids=["recurrent", "feed-forward"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("tutorial")
    old, new = folder / "config-feedforward", folder / "config-2.0"
    old.write_text(CONFIG.format(feed_forward=request.param))
    parser = configparser.ConfigParser()
    parser.read(old)
    for section, keys in NEW_KEYS.items():
        parser[section].update(keys)
    with new.open("w") as file:
        parser.write(file)
    command = [sys.executable, SCRIPT, new.name, "2", "1"]
    printed = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True, timeout=180).stdout
    outcome = json.loads(printed)
    assert outcome["score"] == outcome["fitness"], "the script's own game is not repeatable"
    assert outcome["score"] > 0 and outcome["frames"] > PATIENCE, "this winner would prove little: take another seed"
    return Trained(folder / "winner.pkl", old, outcome["score"], outcome["frames"])


def play(winner: Winner) -> EpisodeResult:
    with Stage(winner.experiment) as stage:
        check_sizes(winner, stage)
        return play_episode(stage.emulator, (winner.agent,), winner.spec, stage.rules)


@pytest.mark.parametrize(("patience", "difference"), [(PATIENCE, 0), (PATIENCE - 1, -1), (PATIENCE + 1, 1)])
def test_winner_reaches_the_scripts_score_in_the_scripts_frames(
    trained: Trained, patience: int, difference: int
) -> None:
    result = play(trained.load(f"Episode.stall_frames={patience}"))
    assert (result.fitness, result.frames, result.ending) == (trained.score, trained.frames + difference, "stalled")


def test_command_line_replays_a_winner(trained: Trained, tmp_path: Path) -> None:
    options = f"--config {trained.config} --game Airstriker-Genesis --legacy --set {STALL}"
    command = [sys.executable, "-m", "neat_retro", "replay", trained.winner, *options.split()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    printed = [line.split() for line in done.stdout.splitlines()]
    assert ["fitness", f"{trained.score:g}"] in printed
    assert f"after {trained.frames} frames" in done.stdout


def test_what_the_config_lacks_is_filled_in_and_said(trained: Trained) -> None:
    notes = "\n".join(trained.load(STALL).notes)
    for keys in NEW_KEYS.values():
        assert all(key in notes for key in keys)


@pytest.mark.parametrize(
    ("protocol", "number"),
    [*((protocol, np.float64) for protocol in range(6)), (2, float), (2, np.float32), (1, np.int64), (4, int)],
)
def test_winner_pickled_otherwise_is_the_same(trained: Trained, tmp_path: Path, protocol: int, number: type) -> None:
    genome = pickle.loads(trained.winner.read_bytes())
    genome.fitness = number(genome.fitness)
    (tmp_path / "winner.pkl").write_bytes(pickle.dumps(genome, protocol))
    again = load_winner(tmp_path / "winner.pkl", trained.config, "Airstriker-Genesis", [STALL])
    assert wiring(again) == wiring(trained.load(STALL))


def wiring(winner: Winner) -> list[Any]:
    """A network's inputs, outputs and nodes with their links, as neat-python keeps them."""
    network = winner.agent.network
    return [getattr(network, "input_nodes"), getattr(network, "output_nodes"), getattr(network, "node_evals")]  # noqa: B009


def test_winner_of_neat_python_before_1_0_plays_the_same(trained: Trained, tmp_path: Path) -> None:
    genome = pickle.loads(trained.winner.read_bytes())
    for connection in genome.connections.values():
        del connection.innovation
    for node in genome.nodes.values():
        del node.time_constant
    (tmp_path / "winner.pkl").write_bytes(pickle.dumps(genome, 1))
    again = load_winner(tmp_path / "winner.pkl", trained.config, "Airstriker-Genesis", [STALL])
    assert wiring(again) == wiring(trained.load(STALL))


def test_the_kind_of_network_is_the_configs_unless_another_is_asked_for(trained: Trained) -> None:
    feed_forward = "feed_forward            = True" in trained.config.read_text()
    own, other = trained.load(STALL), trained.load(STALL, f"DefaultGenome.feed_forward={not feed_forward}")
    kinds = [neat.nn.RecurrentNetwork, neat.nn.FeedForwardNetwork]
    assert [type(winner.agent.network) for winner in (own, other)] == kinds[:: -1 if feed_forward else 1]


def test_an_episode_begins_with_a_network_that_remembers_nothing() -> None:
    class Counting:
        seen = 0

        def reset(self) -> None:
            self.seen = 0

        def activate(self, pixels: list[np.uint8]) -> list[float]:
            assert all(type(pixel) is np.uint8 for pixel in pixels)
            self.seen += 1
            return [float(self.seen)]

    agent = TutorialAgent(Counting())
    for _ in range(2):
        player = agent.start(0, TutorialButtons(("B",)))
        assert [player.decide(np.array([0.0, 255.0])) for _ in range(3)] == [1, 2, 3]


def test_pixels_are_those_of_the_script() -> None:
    screen = np.random.default_rng(0).integers(0, 256, (224, 320, 3), dtype=np.uint8)

    class Screen:
        def screen(self) -> np.ndarray[Any, Any]:
            return screen

        def ram(self) -> np.ndarray[Any, Any]:
            raise NotImplementedError

    pixels = TutorialPixels((224, 320))
    seen = pixels.observe(Screen(), Moment({}, {}, {}))
    ob = cv2.cvtColor(cv2.resize(screen, (28, 40)), cv2.COLOR_BGR2GRAY)
    np.testing.assert_array_equal(seen, np.reshape(ob, (28, 40)).flatten().astype(float))
    assert (pixels.size, seen.dtype) == (1120, np.float64)


def test_buttons_are_those_that_the_scripts_environment_presses() -> None:
    rng = np.random.default_rng(0)
    with Emulator("Airstriker-Genesis-v0", filtered=True) as emulator:
        env = emulator._env
        buttons = TutorialButtons(tuple(emulator.buttons))  # type: ignore[arg-type]
        masks = set()
        for outputs in rng.uniform(0, 4, (300, 12)) * (rng.random((300, 12)) < 0.2):
            [array] = env.action_to_array(outputs)
            expected = sum(int(bit) << place for place, bit in enumerate(array))
            assert env.data.filter_action(buttons.decode(outputs)) == expected
            masks.add(expected)
        assert len(masks) > 20


@pytest.mark.parametrize(("stated", "expected"), [("num_inputs", 1120), ("num_outputs", 12)])
def test_sizes_that_the_game_does_not_give_are_named(
    trained: Trained, tmp_path: Path, stated: str, expected: int
) -> None:
    genome = pickle.loads(trained.winner.read_bytes())
    genome.connections.clear()  # so that the genome itself shows nothing
    (tmp_path / "winner.pkl").write_bytes(pickle.dumps(genome))
    config = edited(trained, tmp_path, stated, expected - 1)
    winner = load_winner(tmp_path / "winner.pkl", config, "Airstriker-Genesis")
    with Stage(winner.experiment) as stage, pytest.raises(ExperimentError) as caught:
        check_sizes(winner, stage)
    message = str(caught.value)
    assert message.startswith(f"{config}, [DefaultGenome]: {stated} = {expected - 1}, but ")
    assert f" {expected}." in message


def edited(trained: Trained, folder: Path, key: str, value: object) -> Path:
    """The winner's config with one key changed."""
    path = folder / "other.cfg"
    path.write_text(re.sub(rf"{key} +=.*", f"{key} = {value}", trained.config.read_text()))
    return path


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("num_inputs", 100, "num_inputs = 100, but the genome has an input 1"),
        ("num_outputs", 13, "num_outputs = 13, but the genome has no output 13."),
    ],
)
def test_winner_of_another_config_is_refused(
    trained: Trained, tmp_path: Path, key: str, value: int, message: str
) -> None:
    config = edited(trained, tmp_path, key, value)
    with pytest.raises(ChampionError) as caught:
        load_winner(trained.winner, config, "Airstriker-Genesis")
    assert str(caught.value).startswith(f"{trained.winner} was not trained with {config}: {message}")


def test_winner_with_an_activation_of_the_scripts_own_is_refused(trained: Trained, tmp_path: Path) -> None:
    genome = pickle.loads(trained.winner.read_bytes())
    for node in genome.nodes.values():
        node.activation = "leaky"
    (tmp_path / "winner.pkl").write_bytes(pickle.dumps(genome))
    with pytest.raises(ChampionError, match=r"neat-python cannot make a network of this genome: .*leaky"):
        load_winner(tmp_path / "winner.pkl", trained.config, "Airstriker-Genesis")


def test_winner_and_champion_are_told_apart(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(ChampionError, match=r"is a bare genome.*\n.*--config FILE --game GAME --legacy"):
        load_champion(trained.winner)
    (tmp_path / "champion.pkl").write_bytes(pickle.dumps({"format_version": 1}))
    with pytest.raises(ChampionError, match="champion of neat-retro replays without --legacy"):
        load_winner(tmp_path / "champion.pkl", trained.config, "Airstriker-Genesis")
