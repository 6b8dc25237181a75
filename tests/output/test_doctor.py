"""What the doctor's single checks find, on real files, a real display, a real encoder and a real emulator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import neat
import pytest

from neat_retro.errors import ExperimentError, MissingRomError, NeatRetroError, UnknownGameError
from neat_retro.evolution import drafts
from neat_retro.game.emulator import Emulator
from neat_retro.output.doctor import Finding, commands_of, is_ready, machine
from neat_retro.output.doctor.config import ConfigCheck
from neat_retro.output.doctor.finding import guarded
from neat_retro.output.doctor.packages import satisfies
from neat_retro.output.doctor.play import smoke_run

# --- findings


def test_a_finding_is_broken_between_words_but_a_command_and_a_setting_are_not():
    text = "old.cfg, [DefaultGenome]: filled in bias_init_type = gaussian, weight_init_type = gaussian, x = 1"
    finding = Finding("missing", text, "Write it:", "neat-retro doctor " + "a" * 80)
    assert finding.lines(50) == [
        "  missing  old.cfg, [DefaultGenome]: filled in",
        "           bias_init_type = gaussian,",
        "           weight_init_type = gaussian, x = 1",
        "           Write it:",
        "           neat-retro doctor " + "a" * 80,
    ]
    assert all(len(line) <= 40 for line in Finding("ok", "/" + "long/" * 50).lines(40))


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        (
            MissingRomError("No ROM for X-Nes. Import your own copy:  neat-retro roms import FOLDER\n  Its SHA-1: 12."),
            ("No ROM for X-Nes.\n  Its SHA-1: 12.", "Import your own copy:", "neat-retro roms import FOLDER"),
        ),
        (
            UnknownGameError("No game is called 'x'. Did you mean 'y'?\n  The games known here:  neat-retro games"),
            ("No game is called 'x'. Did you mean 'y'?", "The games known here:", "neat-retro games"),
        ),
        (
            NeatRetroError("stable-retro is not installed:  pip install stable-retro"),
            ("stable-retro is not installed:", "", "pip install stable-retro"),
        ),
        (
            ExperimentError("a.cfg, [NEAT]: pop_size = 1 should be at least 2."),
            ("a.cfg, [NEAT]: pop_size = 1 should be at least 2.", "", ""),
        ),
    ],
)
def test_the_command_that_an_error_names_is_told_as_such(error, finding):
    assert Finding.of_error(error) == Finding("problem", *finding)


def test_only_problems_stand_in_the_way_and_each_command_is_told_once():
    optional = Finding("missing", "a", command="pip install a")
    assert is_ready([Finding("ok", "b"), optional])
    broken = [optional, *(Finding("problem", text, command=f"pip install {text[0]}") for text in ("b1", "b2", "c"))]
    assert not is_ready(broken)
    assert commands_of(broken) == ["pip install b", "pip install c"]


@pytest.mark.parametrize(
    ("error", "sound", "last"),
    [
        (NeatRetroError("No."), True, Finding("problem", "No.")),
        (ImportError("No module named 'cv2'"), True, Finding("problem", "not looked at: No module named 'cv2'")),
        (ImportError("No module named 'cv2'"), False, Finding("missing", "not looked at: No module named 'cv2'")),
        (PermissionError(13, "No"), True, Finding("problem", "PermissionError: [Errno 13] No")),
    ],
)  # fmt: skip
def test_a_check_that_fails_keeps_what_it_found_before(error, sound, last):
    def check():
        yield Finding("ok", "first")
        raise error

    assert list(guarded(check, sound)) == [Finding("ok", "first"), last]


# --- this machine


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("2.0.0", "<2.1,>=2.0", True),
        ("2", ">=2.0", True),
        ("2.1.0", "<2.1,>=2.0", False),
        ("1.10", ">=1.9", True),
        ("1.9", ">=1.10", False),
        ("2.0", "<2", False),
        ("5.0.0.93", ">=4.8", True),
        ("3.14.0rc1", "<3.14,>=3.10", False),
        ("1.5.31", "!=1.5.31", False),
        ("1.5.31", "==1.5.31", True),
        ("1.0", "", True),
    ],
)
def test_versions_are_compared_by_number(version, wanted, fits):
    assert satisfies(version, wanted) == fits


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4.0),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu.max": "what\n"}, None),
        ({}, None),
    ],
)
def test_the_limit_of_a_control_group_is_read(tmp_path: Path, files, quota):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert machine.cpu_quota(tmp_path) == quota


def test_a_process_that_is_kept_on_one_core_is_told():
    code = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from neat_retro.output.doctor import machine
print([finding.text for finding in machine.cores()])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("['1 core")


def test_a_display_that_is_there_is_found(x_server: Any):
    code = "from neat_retro.output.doctor import machine\nprint(*machine.display())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=x_server.environment, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == f"{Finding('ok', 'display: a window can be opened')}\n"


def test_the_encoder_is_tried_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    [found] = machine.encoder()
    assert found.status == "ok", found
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    [found] = machine.encoder()
    assert found.status == "missing"
    assert "No such file or directory" in found.text


# --- a config


def test_a_completed_config_is_one_that_neat_python_reads(tmp_path: Path):
    old = tmp_path / "old.cfg"
    old.write_text("[NEAT]\npop_size = 7\n[DefaultGenome]\nnum_inputs = 1120\nnum_outputs = 12\nnum_hidden = 3\n")
    check = ConfigCheck(old, "Airstriker-Genesis")
    assert is_ready(check.findings())
    assert check.lacks_something
    [wrote] = check.write(tmp_path / "new.cfg")
    assert wrote.status == "ok"
    kinds = (neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation)
    config = neat.Config(*kinds, str(tmp_path / "new.cfg"))
    assert (config.pop_size, config.genome_config.num_inputs, config.genome_config.num_hidden) == (7, 1120, 3)
    again = ConfigCheck(tmp_path / "new.cfg", None)
    assert [finding.status for finding in again.findings()] == ["ok"]
    assert again.experiment == check.experiment
    [refused] = guarded(lambda: check.write(tmp_path / "new.cfg"))
    assert refused.status == "problem"
    assert "exists already, and is not written over" in refused.text


# --- a game


def test_the_smoke_run_plays_as_many_frames_in_a_process_of_its_own():
    """A process has room for one emulator, and here there is one already."""
    draft = drafts.fill_in(drafts.shipped_draft("NeatRunner-Nes"), "NeatRunner-Nes")
    draft.override("Episode.done=time > 0")
    draft.override("Episode.max_frames=10")
    with Emulator("NeatRunner-Nes"):
        [found] = smoke_run("NeatRunner-Nes", draft.experiment())
    assert found.status == "ok"
    assert found.text.startswith("300 frames of 240 x 224 in one worker: ")


def test_an_experiment_that_does_not_fit_is_told_and_the_game_is_played_all_the_same():
    draft = drafts.fill_in(drafts.shipped_draft("NeatRunner-Nes"), "NeatRunner-Nes")
    draft.override("Fitness.coins=gain coyns")
    misfit, played = smoke_run("NeatRunner-Nes", draft.experiment())
    assert misfit.status == "problem"
    assert "no variable 'coyns'. Did you mean 'coins'?" in misfit.text
    assert played.text.startswith("300 frames of 240 x 224 in one worker: ")
