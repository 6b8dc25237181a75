"""A run keeps the integration that it began with, and goes on with no other one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import neat_retro
from neat_retro.errors import IntegrationError, RunError
from neat_retro.evolution.reporter import RunStart
from neat_retro.game import catalog
from neat_retro.game.search_path import look_here_first

GAME = "Nesplat-Nes"
Experiments = Callable[..., neat_retro.Experiment]


@pytest.fixture
def overlay(nesplat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the search path, before all others, with a folder of the game that is empty yet."""
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", os.environ["NEAT_RETRO_INTEGRATIONS"])  # to be put back
    (tmp_path / "overlay" / GAME).mkdir(parents=True)
    look_here_first([tmp_path / "overlay"])
    return tmp_path / "overlay"


@pytest.fixture
def run(small: Experiments, overlay: Path, tmp_path: Path) -> Path:
    """A run of two generations."""
    folder = tmp_path / "a run"
    neat_retro.train(small(Run__generations=2), folder, workers=1)
    return folder


def change(overlay: Path, name: str, old: str, new: str) -> Path:
    """Overlay one of the game's files with a changed copy."""
    original = catalog.find_file(GAME, name)
    assert original is not None
    text = original.read_text()
    assert old in text
    path = overlay / GAME / name
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_copies_are_the_files_that_were_used(run: Path) -> None:
    kept = run / "integrations" / GAME
    names = {"data.json", "scenario.json", "metadata.json", "Level1-1.state"}
    assert {path.name for path in kept.iterdir()} == names
    for name in names:
        original = catalog.find_file(GAME, name)
        assert original is not None
        assert (kept / name).read_bytes() == original.read_bytes()


def test_a_changed_file_is_refused_with_both_ways_out_and_each_works(run: Path, overlay: Path, left, tmp_path) -> None:
    data = change(overlay, "data.json", '"|u1"', '"|i1"')
    before = left.history(run)
    with pytest.raises(RunError) as caught:
        neat_retro.resume(run, generations=3, workers=1)
    assert str(caught.value) == (
        f"{run} began with other files of {GAME}:\n  data.json, now {data}\n"
        "  A resumed run must be the run that was interrupted. Go on with its own copies of them:\n"
        f"  neat-retro --integrations '{run}/integrations' resume '{run}'\n"
        "  or start a new run with the files there are now, from the champion:\n"
        f"  neat-retro train --config '{run}/experiment.cfg' --from '{run}/champion.pkl'"
    )
    assert left.history(run) == before
    look_here_first([run / "integrations"])
    assert neat_retro.resume(run, generations=3, workers=2).finished
    assert len(left.history(run)) == 3
    os.environ["NEAT_RETRO_INTEGRATIONS"] = os.environ["NEAT_RETRO_INTEGRATIONS"].partition(os.pathsep)[2]
    experiment = neat_retro.load_experiment(config=run / "experiment.cfg", settings={"Run.generations": 1})
    champion = neat_retro.load_champion(run / "champion.pkl")
    neat_retro.train(experiment, tmp_path / "new", workers=1, ancestor=champion)
    assert (tmp_path / "new" / "integrations" / GAME / "data.json").read_bytes() == data.read_bytes()


def test_a_run_that_goes_on_with_its_copies_equals_the_uninterrupted_one(
    small: Experiments, run: Path, overlay: Path, left, tmp_path: Path
) -> None:
    neat_retro.train(small(Run__generations=4), tmp_path / "whole", workers=1)
    change(overlay, "scenario.json", "{", '{"crop": [0, 0, 120, 120], ')
    with pytest.raises(RunError, match=r"scenario\.json, now"):
        neat_retro.resume(run, generations=4, workers=1)
    look_here_first([run / "integrations"])
    neat_retro.resume(run, generations=4, workers=1)
    left.assert_same_start(run, tmp_path / "whole", 4)


def test_other_states_and_lost_files_are_refused(run: Path, overlay: Path) -> None:
    state = catalog.state_path(GAME, "Level1-1")
    (overlay / GAME / "Level1-1.state").write_bytes(state.read_bytes() + b"\0")
    (run / "integrations" / GAME / "script.lua").write_text("-- was there when the run began")
    with pytest.raises(RunError) as caught:
        neat_retro.resume(run, generations=3, workers=1)
    told = str(caught.value).splitlines()
    assert told[1:3] == [f"  Level1-1.state, now {overlay / GAME / 'Level1-1.state'}", "  script.lua, now missing"]


def test_what_changes_no_result_may_change(run: Path, overlay: Path) -> None:
    data = catalog.find_file(GAME, "data.json")
    assert data is not None
    content = json.loads(data.read_text())
    content["info"] = dict(reversed(content["info"].items()))
    (overlay / GAME / "data.json").write_text(json.dumps(content, indent=7))
    (overlay / GAME / "metadata.json").write_text('{"default_state": "Another"}')
    assert neat_retro.resume(run, generations=3, workers=1).finished


def test_scripts_are_kept_beside_their_scenario(
    small: Experiments, overlay: Path, tmp_path: Path, nesplat: Path
) -> None:
    (overlay / GAME / "scripted.json").write_text(
        '{"reward": {"script": "lua:pay"}, "done": {"script": "lua:over"}, "scripts": ["pay.lua"]}'
    )
    (overlay / GAME / "pay.lua").write_text("function pay() return 3 end\nfunction over() return false end\n")
    settings = {"Game.scenario": "scripted", "Fitness.paid": "scenario_reward", "Fitness.distance": None}
    end = neat_retro.train(
        neat_retro.load_experiment(config=nesplat, settings=SHORT | settings), tmp_path / "run", workers=1
    )
    assert end.champion is not None
    assert end.champion.fitness == 3 * 32
    kept = tmp_path / "run" / "integrations" / GAME
    assert {path.name for path in kept.iterdir()} >= {"scripted.json", "pay.lua", "data.json"}
    (overlay / GAME / "pay.lua").write_text("function pay() return 4 end\nfunction over() return false end\n")
    with pytest.raises(RunError, match=r"pay\.lua, now"):
        neat_retro.resume(tmp_path / "run", generations=2, workers=1)
    look_here_first([tmp_path / "run" / "integrations"])
    champion = neat_retro.resume(tmp_path / "run", generations=2, workers=1).champion
    assert champion is not None
    assert champion.fitness == 3 * 32


SHORT = {"NEAT.pop_size": 4, "Run.generations": 1, "Episode.max_frames": 32, "Episode.done": "none", "Run.seed": 1}


class Heard(neat_retro.Reporter):
    """Remembers the notes."""

    def run_started(self, start: RunStart) -> None:
        self.notes = start.notes


def test_lost_copies_are_said_and_the_run_goes_on(run: Path) -> None:
    shutil.rmtree(run / "integrations")
    heard = Heard()
    neat_retro.resume(run, generations=3, workers=1, reporter=heard)
    assert heard.notes == (
        f"{run / 'integrations' / GAME} is missing: nobody can tell whether the game's files are those that the run"
        " began with.",
    )


def test_a_malformed_scenario_is_said_before_anything_is_written(
    small: Experiments, overlay: Path, tmp_path: Path
) -> None:
    (overlay / GAME / "scenario.json").write_text("{")
    with pytest.raises(IntegrationError, match=r"scenario\.json, line 1.*not valid JSON"):
        neat_retro.train(small(Run__generations=1), tmp_path / "run", workers=1)
    assert not (tmp_path / "run").exists()


def test_a_run_of_what_was_never_verified_says_so(small: Experiments, overlay: Path, tmp_path: Path) -> None:
    (overlay / GAME / "metadata.json").write_text('{"default_state": "Level1-1", "verified": false}')
    heard = Heard()
    neat_retro.train(small(Run__generations=1), tmp_path / "run", workers=1, reporter=heard)
    assert heard.notes == (
        f"{GAME}: nobody has run its integration with its ROM yet. Look whether its variables are right:"
        f"  neat-retro integration watch {GAME}",
    )
