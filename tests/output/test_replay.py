"""A champion is replayed as it won; what has drifted since is found out, and its movies end as it did."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neat
import numpy as np
import pytest
from neat.genes import DefaultConnectionGene

import neat_retro
from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Perturbation, Start, play_episode
from neat_retro.agent.players import Agent, RandomAgent, ScriptedAgent
from neat_retro.errors import ChampionError, GameError, RunError
from neat_retro.evolution import resolve
from neat_retro.evolution.champion import Champion, champion_agent, current_versions, load_champion
from neat_retro.evolution.worker import Stage
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator
from neat_retro.output.replay import Verification, open_stage, record_movie, stored_actions, terms_lines, verify

AIRSTRIKER = "Airstriker-Genesis"
SETTINGS: dict[str, object] = {"Episode.max_frames": 400, "Episode.stall_frames": 0, "Run.seed": 5}
TUTORIAL: dict[str, object] = {"Observation.kind": "tutorial", "Actions.kind": "tutorial", "Actions.combos": ""}


def make_champion(config: Path | None, noops: int = 20) -> Champion:
    """A champion as a run crowns it, of a genome whose outputs hang on what it sees."""
    game = None if config else AIRSTRIKER
    settings = {**SETTINGS, "Episode.noops": noops, "Episode.episodes": 2}
    experiment = resolve.settle(neat_retro.load_experiment(game, config, settings))
    with Stage(experiment) as stage:
        experiment, rules = resolve.fit(experiment, stage.facts())
        stage.use(experiment)
        genome = seeing_genome(resolve.neat_config(experiment), rules.n_inputs)
        agent = champion_agent(Champion(genome, experiment, "", 0, (), (), {}))
        specs = [EpisodeSpec(Start(experiment.game.states[0]), seed, Perturbation(noops)) for seed in (1, 2)]
        traced = [stage.trace((agent,), spec) for spec in specs]
        genome.fitness = sum(result.fitness for result, _ in traced) / len(traced)
        return Champion(
            genome=genome,
            experiment=experiment,
            rom_sha1=stage.emulator.rom_sha1,
            generation=3,
            episodes=tuple(result for result, _ in traced),
            trajectories=tuple(trajectory for _, trajectory in traced),
            versions=current_versions(),
        )


def seeing_genome(config: neat.Config, n_inputs: int) -> Any:
    """A genome with a weight on every seventh input, drawn with a seed of its own."""
    rng = np.random.default_rng(4)
    genome = neat.DefaultGenome(1)
    genome.fitness = 0.0
    for key in config.genome_config.output_keys:
        node = genome.create_node(config.genome_config, key)
        node.bias, node.response, node.activation, node.aggregation = 0.0, 1.0, "identity", "sum"
        genome.nodes[key] = node
        for pixel in range(key, n_inputs, 7):
            connection = DefaultConnectionGene((-pixel - 1, key), innovation=len(genome.connections) + 1)
            connection.weight, connection.enabled = float(rng.normal()), True
            genome.connections[connection.key] = connection
    return genome


@pytest.fixture(scope="module")
def champion() -> Champion:
    return make_champion(None)


@pytest.fixture
def stage(champion: Champion) -> Iterator[Stage]:
    with open_stage(champion) as opened:
        yield opened


def test_true_champion_is_verified(champion: Champion, stage: Stage) -> None:
    assert len(np.unique(champion.episodes[0].decisions)) > 1, "a network that does not look would prove little"
    for episode, stored in enumerate(champion.episodes):
        finding = verify(champion, episode, stage)
        assert finding == Verification(True, True, stored)
        assert finding.same
        assert finding.verdict("?") == ("Verified: stored actions and network both repeat the run, frame for frame.")


VERIFY = """
import sys
from pathlib import Path
from neat_retro.evolution.champion import load_champion
from neat_retro.output.replay import open_stage, verify
champion = load_champion(Path(sys.argv[1]))
with open_stage(champion) as stage:
    findings = [verify(champion, episode, stage) for episode in range(len(champion.episodes))]
print(*(f"{finding.emulator_same}, {finding.network_same}" for finding in findings), sep="; ")
"""


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda champion: champion, "True, True; True, True"),
        (lambda champion: rewired(champion), "True, False; True, False"),
        (lambda champion: replace_episode(champion, trajectory="0" * 64), "False, True; True, True"),
    ],
    ids=["true", "genome", "trajectory"],
)
def test_saved_champion_is_judged_in_a_fresh_process(
    champion: Champion, tmp_path: Path, tamper: Callable[[Champion], Champion], found: str
) -> None:
    tamper(champion).save(tmp_path / "champion.pkl")
    command = [sys.executable, "-c", VERIFY, tmp_path / "champion.pkl"]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout
    assert printed.strip() == found


def rewired(champion: Champion) -> Champion:
    """The champion with every weight turned round."""
    genome = copy.deepcopy(champion.genome)
    for connection in genome.connections.values():
        connection.weight = -connection.weight
    return dataclasses.replace(champion, genome=genome)


def replace_episode(champion: Champion, trajectory: str | None = None, **changes: Any) -> Champion:
    """The champion with something else stored of its first episode."""
    first = dataclasses.replace(champion.episodes[0], **changes)
    return dataclasses.replace(
        champion,
        episodes=(first, *champion.episodes[1:]),
        trajectories=(trajectory or champion.trajectories[0], *champion.trajectories[1:]),
    )


def test_drifted_network_is_told_from_a_drifted_emulator(champion: Champion, stage: Stage) -> None:
    finding = verify(rewired(champion), 0, stage)
    assert (finding.emulator_same, finding.network_same, finding.same) == (True, False, False)
    assert finding.verdict("numpy 1.0") == (
        "Drifted: the network. The emulator repeats the stored actions, but the network now decides otherwise;"
        " the champion was made with numpy 1.0."
    )


@pytest.mark.parametrize("what", ["trajectory", "decision", "terms", "frames", "ending", "waited"])
def test_stored_episode_that_the_emulator_does_not_repeat_is_found(champion: Champion, stage: Stage, what: str) -> None:
    stored = champion.episodes[0]
    decisions = stored.decisions.copy()
    decisions[10] ^= decisions.max()
    changes: dict[str, dict[str, Any]] = {
        "trajectory": {"trajectory": champion.trajectories[1]},
        "decision": {"decisions": decisions},
        "terms": {"terms": tuple(term + 1 for term in stored.terms)},
        "frames": {"frames": stored.frames + 1},
        "ending": {"ending": "goal"},
        "waited": {"waited": stored.waited + 1},
    }
    finding = verify(replace_episode(champion, **changes[what]), 0, stage)
    assert not finding.emulator_same
    assert finding.verdict("stable-retro 0.9") == (
        "Drifted: the emulator. The stored actions no longer give the trajectory that won;"
        " the champion was made with stable-retro 0.9."
    )


def test_stored_actions_repeat_the_episode_without_the_network(champion: Champion, stage: Stage) -> None:
    stored = champion.episodes[1]
    assert play_episode(stage.emulator, stored_actions(stored), stored.spec, stage.rules) == stored


def test_champion_of_another_game_is_refused(champion: Champion, nesplat: Path) -> None:
    with pytest.raises(ChampionError) as caught:
        open_stage(champion, "nesplat-nes")
    assert str(caught.value) == "This is a champion of Airstriker-Genesis-v0, not of nesplat-nes. Leave --game out."
    open_stage(champion, "airstriker-genesis").emulator.close()


def test_another_rom_is_refused_with_both_hashes_and_no_emulator_left(champion: Champion) -> None:
    with pytest.raises(GameError) as caught:
        open_stage(dataclasses.replace(champion, rom_sha1="0" * 40))
    assert str(caught.value) == (
        "The champion was made with another ROM of Airstriker-Genesis-v0:\n"
        f"  its SHA-1   {'0' * 40}\n  yours       {champion.rom_sha1}"
    )
    with Emulator(AIRSTRIKER) as emulator:
        emulator.reset("Level1")


PLAY_MOVIE = """
import hashlib, json, sys
import stable_retro as retro

path, *folders = sys.argv[1:]
for folder in folders:
    retro.data.Integrations.add_custom_path(folder)
movie = retro.Movie(path)
movie.step()
env = retro.make(
    movie.get_game(), state=retro.State.NONE, use_restricted_actions=retro.Actions.ALL, players=movie.players,
    render_mode="rgb_array", inttype=retro.data.Integrations.ALL,
)
env.initial_state = movie.get_state()
screen, _ = env.reset()
info, frames = {}, 0
while movie.step():
    keys = [movie.get_key(button, pad) for pad in range(movie.players) for button in range(env.num_buttons)]
    screen, _, _, _, info = env.step(keys)
    frames += 1
print(json.dumps([frames, hashlib.sha256(screen.tobytes()).hexdigest(), info]))
"""


@pytest.mark.parametrize("noops", [0, 30])
@pytest.mark.parametrize("game", ["airstriker", "nesplat", "airstriker as a tutorial plays it"])
def test_movie_ends_in_stable_retro_as_the_episode_did(
    request: pytest.FixtureRequest, tmp_path: Path, game: str, noops: int
) -> None:
    config = request.getfixturevalue("nesplat") if game == "nesplat" else None
    settings = SETTINGS | (TUTORIAL if "tutorial" in game else {})
    experiment = resolve.settle(neat_retro.load_experiment(None if config else AIRSTRIKER, config, settings))
    spec = EpisodeSpec(Start(experiment.game.states[0]), 12, Perturbation(noops))
    assert (spec.waiting_frames() > 0) == (noops > 0)
    path = tmp_path / "champion.bk2"
    # Masks with buttons against each other: a tutorial's environment lets only some of them through.
    agent = (
        ScriptedAgent(tuple(np.random.default_rng(0).integers(0, 2**12, 400))) if "tutorial" in game else RandomAgent()
    )
    with Stage(experiment) as stage:
        result = record_movie(stage, (agent,), spec, path)
        end = end_of(result, stage)
        assert play_episode(stage.emulator, (agent,), spec, stage.rules) == result, "recording changed the episode"
    assert [file.name for file in tmp_path.iterdir()] == ["champion.bk2"]
    assert played_movie(path) == end


def end_of(result: EpisodeResult, stage: Stage) -> list[Any]:
    """Frames, last screen and last variables of the episode that was just played."""
    return [result.waited + result.frames, digest(stage.emulator.screen()), stage.emulator.variables()]


def digest(screen: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(screen.tobytes()).hexdigest()


def played_movie(path: Path) -> list[Any]:
    """A movie's frames, last screen and last variables, played by stable-retro alone in a process of its own."""
    folders = [folder for folder in catalog.search_path()[:-1] if folder.is_dir()]
    command = [sys.executable, "-c", PLAY_MOVIE, path, *folders]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout
    ended: list[Any] = json.loads(printed)
    return ended


def test_movie_of_a_champion_ends_as_the_champion_did(champion: Champion, stage: Stage, tmp_path: Path) -> None:
    result = record_movie(stage, (champion_agent(champion),), champion.episodes[0].spec, tmp_path / "a.bk2")
    assert result == champion.episodes[0]
    assert played_movie(tmp_path / "a.bk2") == end_of(result, stage)


def test_movie_without_a_folder_to_write_to_is_refused(champion: Champion, stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "none" / "a.bk2"
    with pytest.raises(RunError, match=rf"Cannot write {path}: there is no folder {path.parent}"):
        record_movie(stage, (RandomAgent(),), champion.episodes[0].spec, path)


def test_movie_that_cannot_replace_what_is_there_leaves_it_alone(
    champion: Champion, stage: Stage, tmp_path: Path
) -> None:
    path = tmp_path / "folder.bk2"
    path.mkdir()
    with pytest.raises(RunError, match=rf"Cannot write {path}: .*Choose another name"):
        record_movie(stage, (RandomAgent(),), champion.episodes[0].spec, path)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.bk2"]
    played = play_episode(stage.emulator, stored_actions(champion.episodes[0]), champion.episodes[0].spec, stage.rules)
    assert played == champion.episodes[0], "the emulator is of no more use"


def test_movie_is_not_written_where_the_episode_fails(champion: Champion, stage: Stage, tmp_path: Path) -> None:
    class Failing:
        def start(self, seed: int, actions: object) -> Failing:
            return self

        def decide(self, inputs: object) -> int:
            raise ArithmeticError

    failing: Agent = Failing()
    with pytest.raises(ArithmeticError):
        record_movie(stage, (failing,), champion.episodes[0].spec, tmp_path / "a.bk2")
    assert list(tmp_path.iterdir()) == []


def test_library_replays_any_of_the_training_episodes(champion: Champion) -> None:
    for episode, stored in enumerate(champion.episodes):
        assert neat_retro.replay(champion, episode) == stored


def test_champion_of_the_platformer_is_verified_too(nesplat: Path, tmp_path: Path) -> None:
    made = make_champion(nesplat)
    made.save(tmp_path / "champion.pkl")
    champion = load_champion(tmp_path / "champion.pkl")
    assert champion.episodes == made.episodes
    with open_stage(champion) as stage:
        assert verify(champion, 1, stage).same


def test_what_an_episode_reached_is_a_line_a_term() -> None:
    spec = EpisodeSpec(Start("Level1-1"))
    result = EpisodeResult(spec, (1176.0, -100.0), "life_lost", 422, 0, 300.0, 1176.0, np.zeros((1, 1), np.uint16))
    assert terms_lines(result, ("distance", "death")) == [
        "  distance          1176",
        "  death             -100",
        "  fitness           1076",
        "  ended: life lost, after 422 frames (7.0 s), furthest x 1176",
    ]
    nowhere = dataclasses.replace(result, ending="frame_limit", final_x=None, furthest_x=None)
    assert terms_lines(nowhere, ("a", "b"))[-1] == "  ended: frame limit, after 422 frames (7.0 s)"
    short = dataclasses.replace(nowhere, frames=1)
    assert terms_lines(short, ("a", "b"))[-1] == "  ended: frame limit, after 1 frame (0.0 s)"
