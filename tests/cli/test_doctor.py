"""`neat-retro doctor` as a person runs it, on machines, games and configs that really lack something."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
HEADINGS = ["Python", "Machine", "Integrations", "Config", "Game", "Smoke run"]

# As neat-python 0.92's own examples and the tutorials for gym-retro have it.
OLD = """[NEAT]
fitness_criterion     = max
fitness_threshold     = 100000
pop_size              = 6
reset_on_extinction   = True

[DefaultGenome]
activation_default      = sigmoid
activation_mutate_rate  = 0.05
activation_options      = sigmoid gauss
aggregation_default     = random
aggregation_mutate_rate = 0.05
aggregation_options     = sum product min max mean median maxabs
bias_init_mean          = 0.05
bias_init_stdev         = 1.0
bias_max_value          = 30.0
bias_min_value          = -30.0
bias_mutate_power       = 0.5
bias_mutate_rate        = 0.7
bias_replace_rate       = 0.1
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient   = 0.5
conn_add_prob           = 0.5
conn_delete_prob        = 0.1
enabled_default         = True
enabled_mutate_rate     = 0.2
feed_forward            = False
initial_connection      = unconnected
node_add_prob           = 0.5
node_delete_prob        = 0.5
num_hidden              = 0
num_inputs              = 1120
num_outputs             = 12
response_init_mean      = 1.0
response_init_stdev     = 0.05
response_max_value      = 30.0
response_min_value      = -30.0
response_mutate_power   = 0.1
response_mutate_rate    = 0.75
response_replace_rate   = 0.1
weight_init_mean        = 0.1
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


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)


def told(result: subprocess.CompletedProcess[str], code: int) -> str:
    """Check the exit code and the shape of the report; return it with each finding on one line."""
    assert result.returncode == code, result.stdout + result.stderr
    assert result.stderr == ""
    report = result.stdout.partition("\n# ")[0]
    assert all(len(line) <= 80 or not line.startswith(" ") for line in result.stdout.splitlines())
    assert "Traceback" not in result.stdout
    assert "\x1b" not in result.stdout
    assert re.findall(r"^[A-Z][a-z ]+$", report, re.MULTILINE)[:6] == HEADINGS
    for line in report.partition("\n\n")[0].splitlines():
        assert re.match(r"  (ok     |missing|problem)  \S| {11}\S|[A-Z]", line)
    return re.sub(r"\n {11}", " ", result.stdout)


def says(report: str, words: str) -> bool:
    """Whether a report has these words, wherever a long path in them was broken."""
    return words.replace(" ", "") in report.replace(" ", "")


def environment_without(folder: Path, *names: str) -> str:
    """Return the Python of an environment that has every package of this one but `names`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    libraries = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if re.split(r"[-.]", entry.name)[0] not in names:
            (libraries / entry.name).symlink_to(entry)
    return str(folder / "bin" / "python")


def run_with(python: str, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([environment.pop("first", ""), str(ROOT)]).strip(os.pathsep)
    return subprocess.run(
        [python, "-m", "neat_retro", *arguments],
        cwd=folder,
        env=os.environ | {"COLUMNS": "80", "PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_a_game_the_default_one_is_looked_at_and_played(
    neat_retro: Run, own_home: Path, tmp_path: Path
) -> None:
    before = sorted(own_home.rglob("*"))
    report = told(neat_retro("doctor"), 0)
    assert f"  ok       Python {sys.version.split()[0]}, " in report
    assert re.search(r"^  ok       stable-retro 1\.[\d.]+$", report, re.MULTILINE)
    assert re.search(r"^  ok       neat-python 2\.0[\d.]*$", report, re.MULTILINE)
    cores = len(os.sched_getaffinity(0))
    assert f"  ok       {cores} core" in report
    assert "  missing  No display here (the variable DISPLAY is not set). Everything else works without: " in report
    assert "  ok       video encoder: H.264 and AAC work" in report
    assert says(report, f"  ok  runs: {tmp_path}/runs can be written, ")
    assert says(report, f"  ok  your data: {own_home} can be written, ")
    assert "  ok       NeatRunner-Nes.cfg, which comes with neat-retro: every key is known" in report
    assert says(report, "/NeatRunner-Nes/rom.nes")
    assert "  ok       core: fceumm_libretro." in report
    assert "  ok       start state: Level1-1\n" in report
    [played] = re.findall(r"^  ok +300 frames of 240 x 224 in one worker: ([\d,]+) frames per second", report, re.M)
    assert int(played.replace(",", "")) > 60
    assert report.endswith("\n\nready (what is missing is optional):\n  neat-retro train\n")
    assert "problem" not in report
    assert list(tmp_path.iterdir()) == []
    assert sorted(own_home.rglob("*")) == before


def test_an_unknown_game_does_not_hide_the_machine(neat_retro: Run) -> None:
    report = told(neat_retro("doctor", "Airstryker-Genesis"), 1)
    assert "  problem  No game is called 'Airstryker-Genesis'. Did you mean 'Airstriker-Genesis'? " in report
    assert "  ok       video encoder" in report
    assert "  missing  not looked for: which game is meant is not known" in report
    assert "  missing  not tried: first the problems above" in report
    assert report.endswith("\nNot ready. What makes it so:\n  neat-retro games\n")


def test_a_game_without_its_rom_gets_the_command_that_imports_it(neat_retro: Run) -> None:
    result = neat_retro("doctor", "sonicthehedgehog2-genesis")
    report = told(result, 1)
    assert (
        "  problem  No ROM for SonicTheHedgehog2-Genesis-v0. Its SHA-1: 8bca5dcef1af3e00098666fd892dc1c2a76333f9."
        " Import your own copy: neat-retro roms import FOLDER\n" in report
    )
    assert "  ok       core: genesis_plus_gx_libretro." in report
    assert "  ok       start state: EmeraldHillZone.Act1" in report
    assert report.endswith("\nNot ready. What makes it so:\n  neat-retro roms import FOLDER\n")


def test_a_game_without_a_config_is_looked_at_all_the_same(
    neat_retro: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = tmp_path / "mine" / "Mine-Nes"
    game.mkdir(parents=True)
    for file in ("rom.nes", "data.json", "scenario.json", "metadata.json", "Level1-1.state"):
        (game / file).write_bytes((ROOT / "integrations" / "NeatRunner-Nes" / file).read_bytes())
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(game.parent))
    report = told(neat_retro("doctor", "Mine-Nes"), 1)
    assert "  problem  There is no config for Mine-Nes yet. Write one and name it with --config FILE; " in report
    assert says(report, "of which no SHA-1 is known to compare")
    assert re.search(r"^  ok +300 frames of 240 x 224 in one worker: ", report, re.M)
    assert report.endswith("\nNot ready: see the problems above.\n")


def test_an_old_config_is_told_what_it_lacks_and_written_for_this_version(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "old.cfg").write_text(OLD)
    shown = neat_retro("doctor", "Airstriker-Genesis", "--config", "old.cfg")
    report = told(shown, 0)
    assert "  missing  old.cfg, [NEAT]: filled in no_fitness_termination = False\n" in report
    assert "  missing  old.cfg, [DefaultGenome]: filled in single_structural_mutation = False, " in report
    assert "  missing  old.cfg, [DefaultReproduction]: filled in min_species_size = 2\n" in report
    assert "  missing  old.cfg has no [Fitness]: taken from Airstriker-Genesis.cfg\n" in report
    assert "pop_size = " not in report.partition("\n# ")[0]
    ready = "\n\nready (what is missing is optional):\n  neat-retro train --config old.cfg --game Airstriker-Genesis\n"
    assert report.endswith(ready)
    [text] = re.findall(
        r"\n# old.cfg, as --write-config OUT.cfg would write it for this version:\n\n(.*)" + re.escape(ready),
        shown.stdout,
        re.DOTALL,
    )

    report = told(neat_retro("doctor", "Airstriker-Genesis", "--config", "old.cfg", "--write-config", "new.cfg"), 0)
    assert "  ok       wrote new.cfg: the config with all that it lacked\n" in report
    assert "# old.cfg" not in report
    assert report.endswith("\n  neat-retro train --config new.cfg\n")
    assert (tmp_path / "new.cfg").read_text() == text + "\n"
    assert (tmp_path / "old.cfg").read_text() == OLD

    report = told(neat_retro("doctor", "--config", "new.cfg"), 0)
    assert "  ok       new.cfg: every key is known\n" in report
    assert "filled in" not in report
    populations = []
    for config, game in (("old.cfg", ("--game", "Airstriker-Genesis")), ("new.cfg", ())):
        options = ("--generations", 2, "--max-frames", 60, "--seed", 3, "--workers", 1)
        trained = neat_retro("train", "--config", config, *game, *options, "--run-dir", config[:3])
        assert trained.returncode == 0, trained.stderr
        assert ("filled in" in trained.stdout) == (config == "old.cfg")
        history = (tmp_path / config[:3] / "history.jsonl").read_text().splitlines()
        populations.append([json.loads(line)["population_sha256"] for line in history])
    assert populations[0] == populations[1]


def test_an_old_config_for_no_game_is_told_what_it_lacks_too(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "old one.cfg").write_text(OLD)
    report = told(neat_retro("doctor", "--config", "old one.cfg"), 1)
    assert "  problem  old one.cfg names no game. Say which one it is for: neat-retro doctor GAME" in report
    assert "  missing  old one.cfg, [NEAT]: filled in no_fitness_termination = False\n" in report
    assert report.endswith("\nNot ready. What makes it so:\n  neat-retro doctor GAME --config 'old one.cfg'\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "bad.cfg is not a text file (byte 0 is not UTF-8)."),
        (b"pop_size = 3", "bad.cfg, line 1: 'pop_size = 3' stands before any [Section]. Is this a config?"),
        (b"[NEAT]\npop_sice = 3\n", "bad.cfg, [NEAT]: unknown key 'pop_sice'. Did you mean 'pop_size'?"),
        (b"[Fitness]\nscore = gain scor\n", "[Fitness] score: no variable 'scor'. Did you mean 'score'?"),
        (
            OLD.replace("= 1120", "= 1024").encode(),
            "num_inputs = 1024, but a 40 x 28 grayscale frame gives 1120. Remove num_inputs (it is derived), or",
        ),
        (b"[Game]\nstates = Level9\n", "Airstriker-Genesis-v0 has no start state 'Level9'. Did you mean 'Level1'?"),
        (None, "Cannot read the config bad.cfg: No such file or directory."),
    ],
    ids=["binary", "no section", "unknown key", "unknown variable", "wrong size", "unknown state", "not there"],
)
def test_a_bad_config_hides_nothing_and_is_not_written(
    neat_retro: Run, tmp_path: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "bad.cfg").write_bytes(content)
    report = told(neat_retro("doctor", "Airstriker-Genesis", "--config", "bad.cfg", "--write-config", "new.cfg"), 1)
    assert words in report
    assert says(report, "/Airstriker-Genesis-v0/rom.md")
    assert ("300 frames of 320 x 224" in report) == ("Level9" not in words)
    assert "  problem  new.cfg was not written: the config has to be mended first." in report
    assert not (tmp_path / "new.cfg").exists()
    assert report.endswith("\nNot ready: see the problems above.\n")


def test_a_config_is_not_written_over_a_file_nor_under_another_ending(neat_retro: Run, tmp_path: Path) -> None:
    (tmp_path / "old.cfg").write_text(OLD)
    (tmp_path / "there.cfg").write_text("mine")
    for name, code, words in (
        ("there.cfg", 1, "there.cfg exists already, and is not written over. Choose another name."),
        ("old.cfg", 1, "old.cfg exists already, and is not written over. Choose another name."),
        ("new.txt", 2, "new.txt: a config is written as .cfg. Name it new.cfg."),
        ("no/new.cfg", 1, "Cannot write no/new.cfg: there is no folder no."),
    ):
        refused = neat_retro("doctor", "Airstriker-Genesis", "--config", "old.cfg", "--write-config", name)
        assert (refused.returncode, refused.stdout, refused.stderr) == (code, "", f"neat-retro: {words}\n")
    refused = neat_retro("doctor", "--write-config", "new.cfg")
    assert refused.returncode == 2
    assert refused.stderr == "neat-retro: --write-config completes a config: name it with --config FILE.\n"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"old.cfg": OLD, "there.cfg": "mine"}


def test_without_pyav_everything_but_videos_is_ready(tmp_path: Path) -> None:
    python = environment_without(tmp_path / "env", "av")
    report = told(run_with(python, tmp_path, "doctor"), 0)
    assert "is not installed; it makes videos (--video) pip install" in report
    assert '  missing  video encoder: there is none without PyAV (av) pip install "neat-retro[video]"\n' in report
    assert "300 frames of 240 x 224" in report
    assert report.endswith("\n  neat-retro train\n")


def test_a_video_library_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    (tmp_path / "first" / "av").mkdir(parents=True)
    (tmp_path / "first" / "av" / "__init__.py").write_text("raise OSError('libavcodec.so.61: cannot open')\n")
    report = told(run_with(sys.executable, tmp_path, "doctor", first=str(tmp_path / "first")), 0)
    assert "cannot be imported (libavcodec.so.61: cannot open); it makes videos (--video) pip install --force" in report
    assert "  missing  video encoder: OSError: libavcodec.so.61: cannot open" in report


@pytest.mark.parametrize(
    ("package", "name"), [("cv2", "opencv-python-headless"), ("numpy", "numpy"), ("neat", "neat-python")]
)
def test_the_doctor_works_where_a_package_is_not_there(tmp_path: Path, package: str, name: str) -> None:
    python = environment_without(tmp_path / "env", package, name.replace("-", "_"))
    result = run_with(python, tmp_path, "doctor")
    assert result.returncode == 1
    report = re.sub(r"\n {11}", " ", result.stdout)
    assert re.search(rf"^  problem  {name} >=[\d.]+(, <[\d.]+)? is not installed pip install \"{name}", report, re.M)
    assert "Traceback" not in result.stdout + result.stderr
    assert "  ok       temporary files: " in report
    assert f"  missing  not looked at: No module named '{package}'" in report
    assert "  missing  not tried: first the problems above" in report
    [command] = report.partition("Not ready. What makes it so:\n")[2].splitlines()
    assert command.startswith(f'  pip install "{name}')

    other = run_with(python, tmp_path, "replay", "champion.pkl")
    assert (other.returncode, other.stdout) == (1, "")
    assert f"neat-retro: A package cannot be used: No module named '{package}'.\n" in other.stderr
    assert other.stderr.endswith("  What is wrong:  neat-retro doctor\n")
    assert "Traceback" not in other.stderr
    assert "Traceback" in run_with(python, tmp_path, "--traceback", "replay", "champion.pkl").stderr


def test_versions_that_do_not_fit_are_told(tmp_path: Path) -> None:
    """Another neat-retro's metadata, found first, asks for what no machine has."""
    folder = tmp_path / "first" / "neat_retro-9.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: neat-retro\nVersion: 9\nRequires-Python: <5,>=4.0\n"
        "Requires-Dist: rich<99,>=98\nRequires-Dist: numpy<99,>=1.9\nRequires-Dist: pyglet>=77; extra == 'window'\n"
    )
    report = told(run_with(sys.executable, tmp_path, "doctor", first=str(folder.parent)), 1)
    assert re.search(r"  problem  Python 3\.[\w. ,]+: neat-retro needs Python >=4.0, <5. Make an environment", report)
    assert re.search(
        r'  problem  rich \d[\d.]+ is here, but rich >=98, <99 is needed pip install "rich<99,>=98"', report
    )
    assert re.search(r"  missing  pyglet 1[\d.]+ is here, but pyglet >=77 is needed; it opens windows", report)
    assert re.search(r"  ok       numpy \d[\d.]+\n", report)
    assert report.endswith('What makes it so:\n  pip install "rich<99,>=98"\n  and what the other problems above say\n')


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is where nobody, root included, makes files")
def test_folders_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    result = run_with(sys.executable, Path("/proc"), "doctor", NEAT_RETRO_HOME="/proc/home")
    report = told(result, 1)
    assert "  problem  runs: /proc/runs cannot be written: " in report
    assert "  missing  your data: /proc/home cannot be written: " in report
    assert "Choose another folder: export NEAT_RETRO_HOME=FOLDER" in report
    assert "300 frames of 240 x 224" in report
    assert report.endswith("\nNot ready. What makes it so:\n  neat-retro train --run-dir FOLDER\n")

    (tmp_path / "runs").write_text("a file")
    report = told(run_with(sys.executable, tmp_path, "doctor", NEAT_RETRO_INTEGRATIONS="nowhere"), 1)
    assert says(report, "/runs cannot be written: Not a directory. Change to another folder")
    assert says(report, "/nowhere: NEAT_RETRO_INTEGRATIONS names it, but there is no such folder")


def test_a_display_that_does_not_answer_is_named(neat_retro: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    assert "  missing  No display here (nothing answers at DISPLAY=:4711). " in told(neat_retro("doctor"), 0)


def test_a_rom_and_a_state_that_are_not_what_they_should_be_are_told(
    neat_retro: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlay = tmp_path / "overlay" / "NeatRunner-Nes"
    overlay.mkdir(parents=True)
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(overlay.parent))
    changed = (ROOT / "integrations" / "NeatRunner-Nes" / "rom.nes").read_bytes() + b"\0"
    (overlay / "rom.nes").write_bytes(changed)
    report = told(neat_retro("doctor"), 0)
    sha1 = hashlib.sha1(changed[16:]).hexdigest()
    assert says(report, f"rom.nes is none that is known for NeatRunner-Nes (SHA-1 {sha1}). It can be played, but")
    assert "300 frames of 240 x 224" in report

    (overlay / "rom.nes").write_bytes(bytes(20_000))
    assert "  problem  stable-retro cannot open NeatRunner-Nes: " in told(neat_retro("doctor"), 1)

    (overlay / "rom.nes").unlink()
    (overlay / "Level1-1.state").write_bytes(b"no state")
    report = told(neat_retro("doctor"), 1)
    assert says(report, "Level1-1.state is not a start state: Not a gzipped file (b'no'). Make it anew.")
    assert "  missing  not tried: first the problems above" in report

    (overlay / "Level1-1.state").unlink()
    (overlay / "data.json").write_text('{"info": {\n  "score": {"address": 1 "type": "|u1"}}}')
    report = told(neat_retro("doctor"), 1)
    assert says(report, "data.json, line 2, column 26: not valid JSON")
    assert "  ok       start state: Level1-1\n" in report
