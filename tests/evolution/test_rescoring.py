"""A stored genome is rescored as its network would do under the new terms, or nobody can know it, and that is said."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import neat_retro
from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import NetworkAgent
from neat_retro.errors import ExperimentError, RunError, UsageError
from neat_retro.evolution import resolve
from neat_retro.evolution.checkpoint import StoredCheckpoint
from neat_retro.evolution.combine import genome_fitness
from neat_retro.evolution.jobs import Job, training_episodes
from neat_retro.evolution.rescoring import Rescored, Rescoring
from neat_retro.evolution.run_folder import RunFolder
from neat_retro.evolution.worker import Stage

# A weight turned round, a term less, terms more: of a variable of their own, and of the scenario's.
TERMS = {
    "Fitness.distance": "furthest x by levelLo times -2",
    "Fitness.coins": None,
    "Variables.within": "x % 16",
    "Fitness.steps": "gain within times 0.1",
    "Fitness.alive": "per_frame 0.5",
}
SCENARIO = TERMS | {"Fitness.reward": "scenario_reward"}
WALKING = {
    "Actions__kind": "argmax",
    "Actions__combos": "nothing, RIGHT, RIGHT+A, RIGHT+B, LEFT, A",
    "Episode__stall_frames": 40,
    "Episode__max_frames": 160,
    "Run__generations": 1,
    "NEAT__pop_size": 20,
}


def fitness_of(rescored: Rescoring, generation: int) -> list[tuple[int, float | None]]:
    return [(each.genome, each.new_fitness) for each in rescored.genomes if each.generation == generation]


def trained(folder: Path, generation: int, left) -> list[tuple[int, float]]:
    arrays = left.arrays(folder, generation)
    return list(zip(arrays["key"].tolist(), arrays["fitness"].tolist(), strict=True))


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def copy(uninterrupted: Path, tmp_path: Path) -> Path:
    """A run that may be damaged."""
    return Path(shutil.copytree(uninterrupted, tmp_path / "run"))


def test_the_runs_own_terms_give_what_is_stored_and_nothing_is_written(uninterrupted: Path, left):
    before = contents(uninterrupted)
    rescored = neat_retro.rescore(uninterrupted, {}, workers=2)
    for generation in range(11):
        assert fitness_of(rescored, generation) == trained(uninterrupted, generation, left)
    assert [each.generation for each in rescored.genomes] == [row // 10 for row in range(110)]
    assert all(each.old_fitness == each.new_fitness for each in rescored.genomes)
    assert rescored.left_out == ()
    assert all(place.old_rank == place.new_rank for place in rescored.ranking())
    assert {change.correlation for change in rescored.generations()} <= {1.0, None}
    assert all(change.best == change.new_best for change in rescored.generations())
    assert contents(uninterrupted) == before


@pytest.mark.parametrize("settings", [TERMS, SCENARIO], ids=["terms", "scenario"])
def test_other_terms_give_what_the_networks_get_when_they_play_again(uninterrupted: Path, settings):
    rescored = neat_retro.rescore(uninterrupted, settings, workers=1)
    folder = RunFolder(uninterrupted)
    draft = folder.draft()
    for key, value in settings.items():
        draft.override(f"{key}={value}")
    experiment = draft.experiment()
    config = resolve.neat_config(experiment)
    fitness = genome_fitness(experiment)
    with Stage(experiment) as stage:
        for generation in (0, 4, 10):
            population = StoredCheckpoint(folder.checkpoint_path(generation)).restore(config).population.population
            played = [
                (key, fitness(stage.play(job(key, genome, config, experiment)))) for key, genome in population.items()
            ]
            assert fitness_of(rescored, generation) == played
    assert len({each.new_fitness for each in rescored.genomes}) > 5
    assert rescored == neat_retro.rescore(uninterrupted, settings, workers=2)


def job(key: int, genome: object, config, experiment: neat_retro.Experiment) -> Job:
    network = compile_genome(genome, config.genome_config)
    return Job(key, (NetworkAgent(network),), training_episodes(experiment))


def test_noops_sticky_buttons_and_several_episodes_are_those_of_the_run(small, left, tmp_path: Path):
    varied = {
        "Episode__noops": 20,
        "Episode__sticky": 0.25,
        "Episode__episodes": 3,
        "Episode__combine": "min",
        "Episode__redraw": 1,
    }
    other = {key.replace(".", "__"): value for key, value in TERMS.items()}
    neat_retro.train(small(**varied, Run__generations=3), tmp_path / "run", workers=1)
    neat_retro.train(small(**varied, **other, Run__generations=1), tmp_path / "other", workers=1)
    rescored = neat_retro.rescore(tmp_path / "run", TERMS, workers=1)
    assert fitness_of(rescored, 0) == trained(tmp_path / "other", 0, left)
    own = neat_retro.rescore(tmp_path / "run", {}, workers=1)
    for generation in range(3):
        assert fitness_of(own, generation) == trained(tmp_path / "run", generation, left)
    assert {len(each.endings) for each in own.genomes} == {3}


def test_another_combine_gives_what_it_makes_of_the_stored_episodes(small, left, tmp_path: Path):
    varied = {"Episode__noops": 20, "Episode__episodes": 3, "Episode__combine": "min"}
    neat_retro.train(small(**WALKING | varied), tmp_path / "run", workers=1)
    arrays = left.arrays(tmp_path / "run", 0)
    episodes = arrays["terms"].sum(axis=1).reshape(len(arrays["key"]), 3)
    rescored = neat_retro.rescore(tmp_path / "run", {"Episode.combine": "mean"}, workers=1)
    assert [each.old_fitness for each in rescored.genomes] == pytest.approx(episodes.min(axis=1))
    assert [each.new_fitness for each in rescored.genomes] == pytest.approx(episodes.mean(axis=1))
    assert (episodes.mean(axis=1) > episodes.min(axis=1)).any()


def test_an_episode_that_would_have_stalled_earlier_is_scored_up_to_there(small, left, tmp_path: Path):
    """Going right is no progress any more, and costs what it had come to by then."""
    neat_retro.train(small(**WALKING), tmp_path / "run", workers=1)
    neat_retro.train(small(**WALKING, Fitness__distance="change x times -1"), tmp_path / "other", workers=1)
    rescored = neat_retro.rescore(tmp_path / "run", {"Fitness.distance": "change x times -1"}, workers=1)
    assert fitness_of(rescored, 0) == trained(tmp_path / "other", 0, left)
    assert rescored.left_out == ()
    before, after = left.arrays(tmp_path / "run", 0), left.arrays(tmp_path / "other", 0)
    earlier = after["frames"] < before["frames"]
    assert earlier.any() and not earlier.all()
    assert (after["fitness"][earlier] < 0).any()
    assert [each.endings for each in rescored.genomes] == [("stalled",)] * 20


def test_an_episode_that_would_have_gone_on_is_left_out_and_the_others_are_ranked(small, left, tmp_path: Path):
    neat_retro.train(small(**WALKING, Fitness__distance=None), tmp_path / "run", workers=1)
    neat_retro.train(small(**WALKING), tmp_path / "other", workers=1)
    rescored = neat_retro.rescore(tmp_path / "run", {"Fitness.distance": "furthest x by levelLo"}, workers=1)
    before, after = left.arrays(tmp_path / "run", 0), left.arrays(tmp_path / "other", 0)
    goes_on = after["frames"] > before["frames"]
    assert 0 < goes_on.sum() < 10
    expected = np.where(goes_on, None, after["fitness"]).tolist()
    assert fitness_of(rescored, 0) == list(zip(before["key"].tolist(), expected, strict=True))
    assert {each.genome for each in rescored.left_out} == set(before["key"][goes_on].tolist())
    assert all(each.endings == ("stalled",) for each in rescored.left_out)
    assert len(rescored.ranking()) == (~goes_on).sum()
    (change,) = rescored.generations()
    assert change.left_out == goes_on.sum()


def test_a_ranking_of_the_minority_is_refused(small, tmp_path: Path):
    """Everybody runs, and used to stall as nobody was paid for it."""
    running = WALKING | {"Actions__combos": "RIGHT+B, RIGHT+B+UP", "NEAT__pop_size": 4}
    neat_retro.train(small(**running, Fitness__distance=None), tmp_path / "run", workers=1)
    with pytest.raises(RunError, match=r"4 of 4 genomes stalled, and under these terms would have gone on.*\n.*Train"):
        neat_retro.rescore(tmp_path / "run", {"Fitness.distance": "furthest x by levelLo"}, workers=1)


def test_a_run_is_rescored_while_it_is_trained(copy: Path):
    trainer = RunFolder(copy)
    trainer.lock()
    trainer.write_status("running")
    (copy / "generations" / ".unfinished-0011.npz.x").write_text("half")
    rescored = neat_retro.rescore(copy, {}, range(9, 99), workers=1)
    assert trainer.is_locked()
    trainer.unlock()
    assert {each.generation for each in rescored.genomes} == {9, 10}


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        (
            {"Episode.frame_skip": 2},
            UsageError,
            r"^settings, Episode\.frame_skip = 2: only \[Fitness\] can be rescored",
        ),
        ({"Variables.x": "xscrollLo"}, UsageError, r"Variables\.x = xscrollLo: the run has a variable x already"),
        ({"Variables.x": None}, UsageError, r"Variables\.x = None: the run has a variable x already"),
        (
            {"Fitness.coins": "gain coinz"},
            ExperimentError,
            r"^settings, .*: no variable 'coinz'\. Did you mean 'coins'",
        ),
        ({"Fitness.coins": "gains coins"}, ExperimentError, r"no kind of fitness 'gains'\. Did you mean 'gain'"),
        ({"Fitness.coin": None}, ExperimentError, r"\[Fitness\] has no line 'coin'\. Did you mean 'coins'\?"),
        (
            {f"Fitness.{name}": None for name in ("distance", "coins", "finished", "death")},
            ExperimentError,
            r"experiment\.cfg with settings, Fitness\.distance = None, .* has no \[Fitness\]",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_rescored_is_refused_in_words(uninterrupted: Path, settings, kind, words):
    with pytest.raises(kind, match=words):
        neat_retro.rescore(uninterrupted, settings, workers=1)


def test_generations_that_are_not_there_are_said(uninterrupted: Path, copy: Path, tmp_path: Path):
    with pytest.raises(RunError, match=r"has no such generation: it has 0 to 10\.$"):
        neat_retro.rescore(uninterrupted, {}, range(11, 20), workers=1)
    for path in (copy / "generations").iterdir():
        path.unlink()
    with pytest.raises(RunError, match=r"has no such generation: none is evaluated yet\.$"):
        neat_retro.rescore(copy, {}, workers=1)
    with pytest.raises(RunError, match="is not a run"):
        neat_retro.rescore(tmp_path, {}, workers=1)


@pytest.mark.parametrize("content", [b"", b"noise", b"PK\x03\x04 and no more"])
def test_a_generation_that_cannot_be_read_is_named(copy: Path, content: bytes):
    (copy / "generations" / "0003.npz").write_bytes(content)
    with pytest.raises(RunError, match=r"0003\.npz cannot be read: "):
        neat_retro.rescore(copy, {}, workers=1)
    assert neat_retro.rescore(copy, {}, range(3), workers=1).left_out == ()


def test_a_generation_without_all_of_its_arrays_is_named(copy: Path, left):
    arrays = left.arrays(copy, 3)
    for name in ("decisions_end", "terms"):
        RunFolder(copy).write_generation(3, {key: array for key, array in arrays.items() if key != name})
        with pytest.raises(RunError, match=rf"0003\.npz cannot be read: KeyError: .*{name}"):
            neat_retro.rescore(copy, {}, range(3, 4), workers=1)


@pytest.mark.parametrize("of_the_best", [True, False])
def test_buttons_that_no_longer_lead_to_what_is_stored_are_no_basis(copy: Path, left, of_the_best: bool):
    """Another emulator or ROM: here the store itself says something else."""
    arrays = left.arrays(copy, 3)
    row = int(arrays["fitness"].argmax() if of_the_best else arrays["fitness"].argmin())
    if of_the_best:
        arrays["final_x"][row] += 1
    else:
        arrays["frames"][row] -= 1
    RunFolder(copy).write_generation(3, arrays)
    with pytest.raises(RunError) as caught:
        neat_retro.rescore(copy, {}, range(3, 4), workers=1)
    told = f"0003.npz: the stored buttons of genome {arrays['key'][row]} no longer lead to what was stored.\n"
    assert told in str(caught.value)


def test_a_fitness_that_is_not_repeated_is_refused(uninterrupted: Path, monkeypatch: pytest.MonkeyPatch):
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", here)
    monkeypatch.syspath_prepend(here)
    with pytest.raises(RunError, match="cannot be rescored: the same buttons from the same start do not lead to"):
        neat_retro.rescore(uninterrupted, {"Fitness.luck": "test_reuse:Clock 0"}, workers=1)


# --- the numbers


def rescoring(*rows: tuple[int, int, float, float | None]) -> Rescoring:
    return Rescoring(Path("run"), {"a": "gain x"}, tuple(Rescored(*row, ("done",)) for row in rows))


def test_the_correlation_is_spearmans_with_ties_at_their_mean_rank():
    """An example of SciPy's documentation of spearmanr."""
    old, new = (1.0, 2.0, 3.0, 4.0, 5.0), (5.0, 6.0, 7.0, 8.0, 7.0)
    rows = [(0, key, *pair) for key, pair in enumerate(zip(old, new, strict=True))]
    (change,) = rescoring(*rows, (0, 9, 99.0, None)).generations()
    assert change.correlation == pytest.approx(0.8207826816681233, abs=1e-15)
    assert rescoring((0, 1, 1.0, 3.0), (0, 2, 2.0, 3.0)).generations()[0].correlation is None
    assert rescoring((0, 1, 1.0, 3.0), (0, 2, 2.0, -3.0)).generations()[0].correlation == -1.0


def test_the_best_of_each_generation_is_the_same_one_as_long_as_it_is_among_the_best():
    tie, other, lost, nobody = rescoring(
        (0, 1, 5.0, 7.0), (0, 2, 9.0, 7.0), (1, 3, 9.0, 1.0), (1, 4, 8.0, 2.0), (2, 5, 9.0, None), (2, 6, 8.0, 1.0),
        (3, 7, 9.0, None),
    ).generations()  # fmt: skip
    assert tie.new_best is not None and (tie.best.genome, tie.new_best.genome, tie.left_out) == (2, 2, 0)
    assert other.new_best is not None and (other.best.genome, other.new_best.genome, other.left_out) == (3, 4, 0)
    assert lost.new_best is not None and (lost.best.genome, lost.new_best.genome, lost.left_out) == (5, 6, 1)
    assert (nobody.best.genome, nobody.new_best, nobody.correlation, nobody.left_out) == (7, None, None, 1)


def test_the_ranking_has_each_genome_once_and_ties_share_a_rank(tmp_path: Path):
    rescored = rescoring(
        (0, 1, 5.0, 2.0), (0, 2, 9.0, 1.0), (0, 3, 7.0, None), (1, 2, 9.0, 1.0), (1, 4, 5.0, 3.0), (1, 5, 1.0, 2.0)
    )
    places = [(p.genome.generation, p.genome.genome, p.old_rank, p.new_rank) for p in rescored.ranking()]
    assert places == [(1, 4, 2, 1), (0, 1, 2, 2), (1, 5, 4, 2), (0, 2, 1, 4)]
    rescored.write_json(tmp_path / "a.json")
    content = json.loads((tmp_path / "a.json").read_text())
    assert [entry["genome"] for entry in content["ranking"]] == [4, 1, 5, 2]
    assert content["ranking"][0] == {
        "generation": 1, "genome": 4, "old_fitness": 5.0, "new_fitness": 3.0, "endings": ["done"], "old_rank": 2,
        "new_rank": 1,
    }  # fmt: skip
    assert [entry["genome"] for entry in content["left_out"]] == [3]
    assert [entry["best"]["genome"] for entry in content["generations"]] == [2, 2]
    assert content["fitness"] == {"a": "gain x"}
