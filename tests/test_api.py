"""The package as a library does what its docstring and the command line say, in a few lines."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import neat_retro
from neat_retro import api
from neat_retro.agent.episode import Perturbation
from neat_retro.errors import ExperimentError, UnknownStateError
from neat_retro.output.evaluation import CARD_PERTURBATIONS

QUICK: dict[str, object] = {"NEAT.pop_size": 6, "Episode.max_frames": 300, "Run.generations": 2, "Run.seed": 1}


@pytest.fixture(scope="module")
def end(tmp_path_factory: pytest.TempPathFactory) -> neat_retro.RunEnd:
    """A short run, trained through the library."""
    experiment = neat_retro.load_experiment("Airstriker-Genesis", settings=QUICK)
    return neat_retro.train(experiment, tmp_path_factory.mktemp("runs") / "mine", workers=2)


def test_the_lines_of_the_docstring_run(tmp_path: Path) -> None:
    lines = [line for line in inspect.getdoc(neat_retro).splitlines() if line.startswith("    ")]  # type: ignore[union-attr]
    body = "\n".join(lines).replace('{"Run.generations": 5}', repr(QUICK))
    assert repr(QUICK) in body, "the docstring's example has changed"
    script = tmp_path / "mine.py"
    script.write_text(f"if __name__ == '__main__':\n{body}\n")
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    champion = neat_retro.load_champion(tmp_path / "runs" / "mine" / "champion.pkl")
    assert float(done.stdout) == champion.fitness


def test_train_gives_a_champion_that_replays_as_it_played(end: neat_retro.RunEnd) -> None:
    assert end.finished
    assert end.champion is not None
    result = neat_retro.replay(end.champion)
    assert result == end.champion.episodes[0]
    assert result.fitness == end.champion.fitness


def test_resume_goes_on_where_the_run_ended(end: neat_retro.RunEnd) -> None:
    resumed = neat_retro.resume(end.folder, generations=3, workers=1)
    assert (resumed.finished, resumed.reason) == (True, "all 3 generations were evaluated")
    assert len((end.folder / "history.jsonl").read_text().splitlines()) == 3


def test_evaluate_compares_three_agents_on_the_same_starts(end: neat_retro.RunEnd) -> None:
    assert end.champion is not None
    found = neat_retro.evaluate(end.champion, episodes=2, noops=10, seed=3, workers=2, sticky=0.25)
    told = [(row.agent, row.episodes) for row in found.agents]
    assert told == [("champion", 2), ("random agent", 2), ("do nothing", 2)]
    assert {row.perturbation for row in found.agents} == {Perturbation(10, 0.25)}
    assert found.card == ()
    assert found == neat_retro.evaluate(end.champion, ("Level1", "Level1"), 2, 10, 3, workers=1, sticky=0.25)
    everywhere = neat_retro.evaluate(end.champion, "all", episodes=1, card=True)
    assert [(row.states, row.perturbation) for row in everywhere.card] == [(("Level1",), p) for p in CARD_PERTURBATIONS]
    with pytest.raises(UnknownStateError, match="no start state 'Level2'"):
        neat_retro.evaluate(end.champion, states=("Level2",))


def test_rescore_ranks_the_genomes_of_a_run_under_other_terms(end: neat_retro.RunEnd) -> None:
    rescored = neat_retro.rescore(end.folder, {"Fitness.late": "per_frame 2"}, range(1), workers=1)
    assert [genome.generation for genome in rescored.genomes] == [0] * 6
    frames = {genome.new_fitness - genome.old_fitness for genome in rescored.genomes if genome.new_fitness is not None}
    assert 600.0 in frames and max(frames) == 600.0


def test_make_env_gives_the_experiment_as_an_environment() -> None:
    env = neat_retro.make_env(neat_retro.load_experiment("Airstriker-Genesis"))
    assert isinstance(env, neat_retro.NeatRetroEnv)
    assert env.observation_space.shape == (28 * 40,)
    env.close()


def test_settings_change_the_experiment() -> None:
    experiment = neat_retro.load_experiment(
        "Airstriker-Genesis", settings={"Episode.frame_skip": 2, "Run.stop_when_solved": False}
    )
    assert (experiment.episode.frame_skip, experiment.run.stop_when_solved) == (2, False)
    assert experiment.game.game == "Airstriker-Genesis-v0"
    with pytest.raises(ExperimentError, match="unknown key 'frameskip'"):
        neat_retro.load_experiment("Airstriker-Genesis", settings={"Episode.frameskip": 2})


def test_a_config_file_is_read_and_the_game_may_be_named_beside_it(nesplat: Path, tmp_path: Path) -> None:
    assert neat_retro.load_experiment(config=nesplat).game.game == "Nesplat-Nes"
    plain = tmp_path / "plain.cfg"
    plain.write_text("[NEAT]\npop_size = 10\n")
    assert neat_retro.load_experiment("Nesplat-Nes", str(plain)).game.game == "Nesplat-Nes"


def test_with_no_game_it_is_ours() -> None:
    assert neat_retro.load_experiment() == neat_retro.load_experiment("NeatRunner-Nes")


def test_what_is_missing_is_said(nesplat: Path) -> None:
    with pytest.raises(ExperimentError, match="There is no config for Nesplat-Nes yet"):
        neat_retro.load_experiment("Nesplat-Nes")


def test_every_public_name_is_there() -> None:
    for name in neat_retro.__all__:
        assert getattr(neat_retro, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        neat_retro.nothing  # type: ignore[attr-defined]  # noqa: B018
    assert api.cores() >= 1


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "'numba', 'stable_retro', 'cv2', 'neat', 'numpy', 'gymnasium', 'rich', 'typer'"
    code = f"import neat_retro, sys; print(*(name for name in ({heavy}) if name in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(Path(neat_retro.__file__).parents[1])}
    loaded = subprocess.run([sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True)
    assert (loaded.returncode, loaded.stdout.strip()) == (0, ""), loaded.stdout + loaded.stderr
