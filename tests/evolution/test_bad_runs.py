"""Runs that end early, well or badly: each says why, and leaves a folder that can be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import neat_retro
from neat_retro.errors import EvolutionError, RunError
from neat_retro.evolution.run_folder import RunFolder

EXTINCT = {
    "Episode__max_frames": 16,
    "DefaultStagnation__max_stagnation": 1,
    "DefaultStagnation__species_elitism": 0,
    "DefaultSpeciesSet__compatibility_threshold": 100,
}


def test_extinction_is_told_with_its_cure(small, left, tmp_path: Path):
    run = tmp_path / "a run"
    with pytest.raises(EvolutionError) as caught:
        neat_retro.train(small(**EXTINCT), run, workers=2)
    message = str(caught.value)
    generation = len(left.history(run)) - 1
    assert f"The population died out in generation {generation}: every species stagnated." in message
    assert "max_stagnation or species_elitism" in message
    assert f"train --config '{run / 'experiment.cfg'}' --from '{run / 'champion.pkl'}' --set" in message
    assert "\n" not in json.loads((run / "status.json").read_text())["reason"]
    assert left.status(run) == "failed"
    assert neat_retro.load_champion(run / "champion.pkl").fitness == max(
        line["best_fitness"] for line in left.history(run)
    )
    # going on meets the same end
    with pytest.raises(EvolutionError, match="died out"):
        neat_retro.resume(run, workers=1)
    assert len(left.history(run)) == generation + 1


def test_a_population_that_may_start_anew_goes_on_the_same_way_each_time(small, left, tmp_path: Path):
    experiment = small(**EXTINCT, NEAT__reset_on_extinction=True, Run__generations=5)
    neat_retro.train(experiment, tmp_path / "one", workers=1)
    neat_retro.train(small(**EXTINCT, NEAT__reset_on_extinction=True, Run__generations=3), tmp_path / "two", workers=2)
    neat_retro.resume(tmp_path / "two", generations=5, workers=1)
    assert left.history(tmp_path / "two") == left.history(tmp_path / "one")
    left.assert_same_generations(tmp_path / "two", tmp_path / "one")
    keys = [set(left.arrays(tmp_path / "one", number)["key"].tolist()) for number in range(5)]
    orphans = [(left.arrays(tmp_path / "one", number)["parents"] == -1).all() for number in range(5)]
    assert any(orphans[1:]), "no population died out"
    fresh = orphans.index(True, 1)
    assert min(keys[fresh]) > max(keys[fresh - 1])


def test_too_many_species_are_told_with_the_cure(small, left, tmp_path: Path):
    run = tmp_path / "run"
    many = {"DefaultSpeciesSet__compatibility_threshold": 0.1, "DefaultReproduction__min_species_size": 2}
    with pytest.raises(EvolutionError) as caught:
        neat_retro.train(small(**many, Episode__max_frames=16), run, workers=1)
    message = str(caught.value)
    assert "Generation 0 split into 10 species, too many for neat-python to share a population of 10 among" in message
    assert "compatibility_threshold or the population" in message
    assert left.status(run) == "failed"
    assert len(left.history(run)) == 1


def test_a_run_ends_when_the_fitness_threshold_is_reached(small, left, tmp_path: Path):
    end = neat_retro.train(small(NEAT__fitness_threshold=1), tmp_path / "run", workers=1)
    lines = left.history(tmp_path / "run")
    last = len(lines) - 1
    assert end.finished
    assert end.reason == f"the fitness threshold 1 was reached in generation {last}"
    assert lines[-1]["best_fitness"] >= 1
    assert all(line["best_fitness"] < 1 for line in lines[:-1])
    assert end.champion.generation == last


def test_no_fitness_termination_goes_on_to_the_last_generation(small, left, tmp_path: Path):
    experiment = small(NEAT__fitness_threshold=1, NEAT__no_fitness_termination=True, Run__generations=3)
    end = neat_retro.train(experiment, tmp_path / "run", workers=1)
    assert end.reason == "all 3 generations were evaluated"


@pytest.mark.parametrize("stop", [True, False])
def test_a_run_ends_when_the_goal_is_reached_unless_asked_to_go_on(stop: bool, small, left, tmp_path: Path):
    experiment = small(Episode__goal="x > 20", Run__stop_when_solved=stop, Run__generations=3, Run__seed=3)
    end = neat_retro.train(experiment, tmp_path / "run", workers=1)
    first = next(n for n, line in enumerate(left.history(tmp_path / "run")) if "goal" in line["endings"])
    if stop:
        assert end.reason == f"solved: the goal was reached in generation {first}"
        assert len(left.history(tmp_path / "run")) == first + 1
        assert end.champion.episodes[0].ending == "goal"
        assert left.status(tmp_path / "run") == "solved"
        with pytest.raises(RunError, match=r"has ended: solved: the goal was reached(.|\n)*train --config .* --from"):
            neat_retro.resume(tmp_path / "run", generations=9)
    else:
        assert end.reason == "all 3 generations were evaluated"
        assert left.status(tmp_path / "run") == "finished"


# Trains while files may not grow beyond so many bytes: what a full disk does, without one.
FULL_DISK = """
import json, resource, sys
import neat_retro

class Disk(neat_retro.Reporter):
    def run_started(self, start):
        self.generation_done(None, None)
    def generation_done(self, record, best):
        if (-1 if record is None else record.generation) == int(sys.argv[4]):
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[5]), -1))

if __name__ == "__main__":
    if sys.argv[4] == "start":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[5]), -1))
        sys.argv[4] = -9
    experiment = neat_retro.load_experiment(config=sys.argv[1], settings=json.loads(sys.argv[2]))
    try:
        neat_retro.train(experiment, sys.argv[3], workers=1, reporter=Disk())
    except neat_retro.NeatRetroError as error:
        print(type(error).__name__, error)
"""


@pytest.fixture
def full_disk(nesplat, experiment_settings, processes, uninterrupted, tmp_path: Path):
    # `uninterrupted` has been trained by now, so that numba need not write its own cache to the full disk.
    script = tmp_path / "script.py"
    script.write_text(FULL_DISK)

    settings = experiment_settings.replace('"Run.generations": 6', '"Run.generations": 3')

    def train(run: Path, when: object, most: int) -> str:
        with processes.start(script, nesplat, settings, run, when, most) as process:
            out, err = process.communicate(timeout=60)
        assert err == ""
        return out

    return train


@pytest.mark.parametrize(
    ("most", "unwritten"),
    [
        (100, "a temporary file: {}. Free some space"),
        (2100, "{run}/experiment.cfg: {}"),
        (5000, "{run}/checkpoints/0000.pkl"),
    ],
)
def test_a_disk_that_is_full_from_the_start_leaves_no_folder(most: int, unwritten: str, full_disk, tmp_path: Path):
    out = full_disk(tmp_path / "run", "start", most)
    assert out.startswith("RunError Cannot write " + unwritten.format("File too large", run=tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_disk_that_fills_up_stops_the_run_which_can_be_resumed(full_disk, uninterrupted, left, tmp_path: Path):
    run = tmp_path / "run"
    out = full_disk(run, 1, 10)  # not even the status can be written
    assert out.startswith(f"RunError Cannot write {run / 'checkpoints' / '0002.pkl'}: File too large")
    assert left.unfinished_files(run) == []
    assert left.status(run) == "running"
    assert neat_retro.resume(run, workers=1).finished
    assert left.history(run) == left.history(uninterrupted)[:3]


@pytest.mark.parametrize(
    ("error", "reason"), [(RuntimeError("my\nown"), "RuntimeError: my"), (SystemExit(), "SystemExit")]
)
def test_an_error_of_a_reporter_is_its_own_and_is_the_runs_status(error, reason: str, small, tmp_path: Path):
    class Broken(neat_retro.Reporter):
        def generation_done(self, record: object, best: object) -> None:
            raise error

    with pytest.raises(type(error)) as caught:
        neat_retro.train(small(), tmp_path / "run", workers=1, reporter=Broken())
    assert caught.value is error
    assert RunFolder.open(tmp_path / "run").status() == ("failed", reason)
    with pytest.raises(RunError, match="exists already"):
        neat_retro.train(small(), tmp_path / "run", workers=1)
