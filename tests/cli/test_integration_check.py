"""`neat-retro integration check` on copies of real games, each broken in its own ways."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neat_retro.game.catalog import search_path

Run = Callable[..., subprocess.CompletedProcess[str]]
OURS, STABLE = search_path()[-2:]
SHIPPED = ("NeatRunner-Nes", "NeatDash-Genesis", "NeatDuel-Snes")
CONFIGS = Path(__file__).parents[2] / "neat-configs"


class Copy:
    """A game's folder on the search path, to be broken, and what the command says of it."""

    def __init__(self, game: str, folder: Path, run: Run) -> None:
        self.game = game
        self.folder = folder
        self._run = run

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def write(self, name: str, content: object) -> None:
        (self.folder / name).write_text(json.dumps(content, indent=2))

    def line(self, name: str, text: str) -> int:
        """The line of the one place where a file has `text`."""
        content = (self.folder / name).read_text()
        assert content.count(text) == 1, content
        return content[: content.index(text)].count("\n") + 1

    def config(self, name: str, **lines: str) -> Path:
        """A copy of a shipped config, with lines of it changed: key=line."""
        text = (CONFIGS / name).read_text()
        for key, line in lines.items():
            text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {line}", text)
            assert count == 1, key
        path = self.folder.parent / "own.cfg"
        path.write_text(text)
        return path

    def check(self, code: int, *options: object) -> str:
        """What is said, on one line: where it is wrapped hangs on the length of the folder's name."""
        result = self._run("integration", "check", self.game, *options, timeout=600)
        assert (result.returncode, result.stderr) == (code, "")
        return re.sub(r"\s+", " ", result.stdout)


@pytest.fixture
def copy(tmp_path: Path, neat_retro: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Copy]:
    def copied(game: str) -> Copy:
        source = OURS / game if (OURS / game).is_dir() else STABLE / f"{game}-v0"
        folder = tmp_path / "integrations" / source.name
        folder.mkdir(parents=True)
        for path in source.iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(folder.parent))
        return Copy(game, folder, neat_retro)

    return copied


@pytest.mark.parametrize("game", [*SHIPPED, "Airstriker-Genesis"])
def test_our_own_games_and_airstriker_are_well(game: str, neat_retro: Run) -> None:
    result = neat_retro("integration", "check", game.lower(), timeout=600)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(rf"^{game}: all is well(, \d hints?)?\.$", result.stdout, re.MULTILINE)
    assert not re.search("^(error|warning)", result.stdout, re.MULTILINE)
    if game == "NeatDash-Genesis":
        assert "lives (line 15)" in result.stdout
        assert "A hint, not a proof: lives, levels and bosses take longer." in result.stdout
    assert f"neat-configs/{game}.cfg" in result.stdout
    assert "1,000 random frames from" in result.stdout
    assert "Not checked" not in result.stdout
    long = [line for line in result.stdout.splitlines() if len(line) > 80 and " " in line.strip()]
    assert all(str(OURS.parent) in line for line in long)


def test_every_problem_is_told_at_once_with_its_line(copy: Callable[[str], Copy]) -> None:
    game = copy("NeatRunner-Nes")
    data = game.read("data.json")
    data["info"]["levelHi"]["type"] = "u16"
    data["info"]["coins"]["address"] = "0x75E"
    data["info"]["score"]["address"] = 20_000_000
    data["info"]["time"]["adress"] = 3
    game.write("data.json", data)
    text = (game.folder / "data.json").read_text()
    twice = '"scrolling": {"address": 1, "type": "|u1"},\n    "lives"'
    (game.folder / "data.json").write_text(text.replace('"lives"', twice))
    game.write(
        "scenario.json",
        {
            "done": {"condition": "either", "variables": {"livess": {"op": "zeroo"}}},
            "reward": {"variables": {"xscrolLo": {"reward": "1"}}},
            "cropp": [0, 0, 0, 0],
        },
    )
    game.write("metadata.json", {"default_state": "Level1"})
    (game.folder / "Level1-2.state").write_bytes(b"no gzip")
    (game.folder / "Level1-3.state").write_bytes((game.folder / "Level1-3.state").read_bytes()[:-100])
    (game.folder / "Level1-4.state").write_bytes(gzip.compress(bytes(1000)))
    config = game.config("NeatRunner-Nes.cfg", distance="furthest xx by level", goal="levle > 3", states="Level9-9")
    told = game.check(1, "--config", config)
    files = {name: game.folder / name for name in ("data.json", "scenario.json", "metadata.json")}

    def at(name: str, text: str) -> str:
        return f"error: {_near(files[name], game)}, line {game.line(name, text)} "

    where = at("data.json", '"u16"')
    assert f"{where}variable 'levelHi': type = \"u16\" is unknown. A type is a byte order (| < > =)" in told
    where = at("data.json", '"0x75E"')
    assert f"{where}variable 'coins': address = \"0x75E\", which is no whole number from 0. JSON has no hex" in told
    where = at("data.json", '"score"')
    assert f"{where}variable 'score': address 20000000 (0x1312D00) is outside of the console's RAM. RAM: 0 to" in told
    where = at("data.json", '"adress"').replace("error", "warning")
    assert f"{where}\"adress\" is no key that is read here. Did you mean 'address'? There are address, type" in told
    (first, second) = [
        n for n, line in enumerate((files["data.json"]).read_text().split("\n"), 1) if "scrolling" in line
    ]
    where = f"warning: {_near(files['data.json'], game)}, line {second} "
    assert f'{where}"scrolling" is given twice in "info", first in line {first}. The last one counts. Remove' in told
    where = at("scenario.json", '"livess"')
    assert f"{where}'livess' is no variable of data.json. Did you mean 'lives'? data.json has coins" in told
    where = at("scenario.json", '"xscrolLo"')
    assert f"{where}'xscrolLo' is no variable of data.json. Did you mean 'xscrollLo'?" in told
    where = at("scenario.json", '"zeroo"').replace("error", "warning")
    assert f'{where}variable \'livess\' of "done": op = "zeroo" is unknown, and does nothing. Did you mean' in told
    assert 'condition = "either" is unknown: stable-retro takes it for "any". Write "any" or "all".' in told
    assert 'variable \'xscrolLo\' of "reward": reward = "1" is no number, and counts as 0.' in told
    assert "\"cropp\" is no key that is read here. Did you mean 'crop'?" in told
    where = at("metadata.json", '"Level1"')
    assert f"{where}default_state: there is no start state 'Level1'. Did you mean 'Level1-" in told
    assert "Level1-2.state this is no start state: it is not a gzip file. Make one: neat-retro" in told
    assert "Level1-3.state this is no start state: it is cut off." in told
    assert "Level1-4.state the core does not take this state: it is of another game or console" in told
    assert "neat-retro integration state NeatRunner-Nes Level1-4" in told
    assert re.search(r"own\.cfg, line \d+ \[Fitness\] distance: no variable 'xx'\. Did you mean 'x'\?", told)
    assert re.search(r"own\.cfg, line \d+ \[Episode\] goal: no variable 'levle'\. Did you mean 'level'\?", told)
    assert re.search(r"own\.cfg, line \d+ \[Game\] states: the game has no start state 'Level9-9'\.", told)
    assert told.endswith("NeatRunner-Nes: 12 errors, 6 warnings, 1 hint. ")


def _near(path: Path, game: Copy) -> Path:
    return path.relative_to(game.folder.parents[1])


def test_broken_json_is_told_with_line_and_column_and_the_rest_is_checked(copy: Callable[[str], Copy]) -> None:
    game = copy("NeatRunner-Nes")
    text = (game.folder / "data.json").read_text()
    (game.folder / "data.json").write_text(text.replace("},", "}", 1))
    (game.folder / "Level1-4.state").write_bytes(gzip.compress(bytes(1000)))
    told = game.check(1)
    assert "error: integrations/NeatRunner-Nes/data.json, line 7 column 5: not valid JSON: Expecting ',' del" in told
    assert "Look for a missing or superfluous comma" in told
    assert "Level1-4.state the core does not take this state" in told
    assert "Not checked: the scenario in play: data.json or the scenario has errors" in told
    assert told.endswith("NeatRunner-Nes: 2 errors. ")


def test_an_offset_is_told_the_address_it_means_and_a_wrong_byte_order_is_a_warning(
    copy: Callable[[str], Copy],
) -> None:
    game = copy("NeatDash-Genesis")
    data = game.read("data.json")
    data["info"]["rings"] = {"address": 0xFE20, "type": "<u2"}
    game.write("data.json", data)
    told = game.check(1)
    assert "variable 'rings': address 65056 (0xFE20) is outside of the console's RAM." in told
    assert "RAM: 16711680 to 16777215 (0xFF0000 to 0xFFFFFF). Perhaps you meant 16776736 (0xFFFE20)." in told
    assert "variable 'rings': type = '<u2', but a Genesis keeps numbers the other way." in told
    assert 'Write ">u2", unless this game is an exception.' in told
    assert "Not checked: the config in play: it reads variables that lie outside of the RAM" in told


def test_warnings_alone_are_no_failure(copy: Callable[[str], Copy]) -> None:
    game = copy("Airstriker-Genesis")
    data = game.read("data.json")
    data["info"]["other"] = {"address": 16712294, "type": "<u2"}
    game.write("data.json", data)
    rom = game.folder / "rom.md"
    rom.write_bytes(rom.read_bytes() + b"\0")
    told = game.check(0)
    assert "warning: integrations/Airstriker-Genesis-v0/data.json, line 15 variable 'other': type = '<u2', but" in told
    assert "rom.md this ROM is not the one that the integration was made for: its SHA-1 is " in told
    assert "Another region or revision: addresses and states may not fit." in told
    assert "Airstriker-Genesis: no errors, 2 warnings" in told


def test_conditions_that_hold_at_the_start_are_errors(copy: Callable[[str], Copy]) -> None:
    game = copy("NeatDash-Genesis")
    game.write("scenario.json", {"done": {"variables": {"lives": {"op": "equal", "reference": 3}}}, "reward": {}})
    config = game.config("NeatDash-Genesis.cfg", goal="level_end_bonus >= 0", done="scenario")
    told = game.check(1, "--config", config)
    assert 'scenario.json, line 2 "done" holds already at the start of CloverCircuitZone.Act1 (lives = 3), Clo' in told
    assert "[Episode] goal = level_end_bonus >= 0 holds already at the start of CloverCircuitZone.Act1, Clover" in told
    assert f"own.cfg, line {_line_of(config, 'goal = ')} " in told
    assert "Compare with the start: start(x)" in told
    assert told.endswith("NeatDash-Genesis: 2 errors, 2 hints. ")


def _line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if line.startswith(text))


def test_a_done_condition_that_nobody_uses_is_a_warning(copy: Callable[[str], Copy]) -> None:
    game = copy("NeatDash-Genesis")
    scenario = game.read("scenario.json")
    scenario["done"]["variables"]["lives"] = {"op": "equal", "reference": 3}
    game.write("scenario.json", scenario)
    assert 'warning: integrations/NeatDash-Genesis/scenario.json, line 2 "done" holds already' in game.check(0)


def test_a_byte_taken_for_a_position_is_found_when_it_wraps(copy: Callable[[str], Copy]) -> None:
    game = copy("NeatRunner-Nes")
    config = game.config("NeatRunner-Nes.cfg", distance="furthest xscrollLo by level")
    told = game.check(0, "--config", config)
    line = _line_of(config, "distance")
    assert f"own.cfg, line {line} [Fitness] distance: xscrollLo is one byte, and wraps: it went from 25" in told
    assert "Write xscrollHi * 256 + xscrollLo. Without one: distance = furthest xscrollLo wrap 256" in told
    assert told.endswith("NeatRunner-Nes: no errors, 1 warning, 1 hint. ")
    config = game.config("NeatRunner-Nes.cfg", distance="scenario_reward")
    told = game.check(0, "--config", config)
    assert "scenario.json, line 12 the reward pays for xscrollLo, one byte that wraps: " in told
    config = game.config("NeatRunner-Nes.cfg", distance="furthest xscrollLo by level wrap 256")
    assert "wraps" not in game.check(0, "--config", config)


def test_reward_and_fitness_that_stay_0_are_told_as_hints_that_prove_nothing(copy: Callable[[str], Copy]) -> None:
    game = copy("Airstriker-Genesis")
    scenario = game.read("scenario.json")
    scenario["reward"]["variables"] = {"score": {"reward": 0.0}}
    game.write("scenario.json", scenario)
    config = game.config("Airstriker-Genesis.cfg", score="scenario_reward", alive="per_frame 0")
    told = game.check(0, "--config", config)
    line = _line_of(game.folder / "scenario.json", '  "reward": {')
    assert f"warning: integrations/Airstriker-Genesis-v0/scenario.json, line {line} the reward stayed 0 over" in told
    assert "A hint, not a proof. It may need better play; else see if the variables that it pays for change." in told
    assert (
        f"own.cfg, line {_line_of(config, '[Fitness]')} [Fitness] stayed 0 over 1,000 random frames from Level1" in told
    )
    assert told.endswith("Airstriker-Genesis: no errors, 2 warnings, 1 hint. ")  # lives are counted down late


def test_a_state_of_another_game_is_found(copy: Callable[[str], Copy]) -> None:
    game = copy("NeatDash-Genesis")
    shutil.copy(STABLE / "Airstriker-Genesis-v0" / "Level1.state", game.folder / "Foreign.state")
    told = game.check(0)
    assert "warning: integrations/NeatDash-Genesis/Foreign.state the picture stands still while buttons are pr" in told
    assert "Is it of another game or ROM, of a pause, or of a screen that waits for START?" in told
    game = copy("NeatRunner-Nes")
    shutil.copy(STABLE / "SuperMarioBros-Nes-v0" / "Level1-1.state", game.folder / "Foreign.state")
    told = game.check(1)
    assert "error: integrations/NeatRunner-Nes/Foreign.state the core does not take this state: it is of anoth" in told


def test_a_game_without_states_scenario_or_sound_rom(copy: Callable[[str], Copy], tmp_path: Path) -> None:
    folder = tmp_path / "integrations" / "Blank-Nes"
    folder.mkdir(parents=True)
    game = copy("NeatRunner-Nes")
    (folder / "rom.nes").write_bytes(b"no cartridge")
    (folder / "data.json").write_text("{}")
    blank = Copy("Blank-Nes", folder, game._run)
    told = blank.check(1)
    assert 'Blank-Nes/data.json it has no "info". Variables go in {"info": ' in told
    assert "error: Blank-Nes has no scenario.json. Write one beside data.json" in told
    assert "error: Blank-Nes has no start state. Make one: neat-retro integration state Blank-Nes" in told
    assert "Not checked: a config: none is shipped for this game. Yours: --config FILE" in told
    shutil.copy(game.folder / "Level1-1.state", folder)
    told = blank.check(1)
    assert "rom.nes stable-retro cannot open Blank-Nes" in told
    assert "Not checked: whatever must be played: the game cannot be opened" in told


def test_without_a_rom_the_files_are_checked_and_the_rest_is_said(copy: Callable[[str], Copy]) -> None:
    game = copy("SuperMarioBros-Nes")
    data = game.read("data.json")
    data["info"]["lives"]["address"] = 0x1075A
    game.write("data.json", data)
    told = game.check(1)
    assert "variable 'lives': address 67418 (0x1075A) is outside of the console's RAM." in told
    assert "Not checked: whatever must be played: no ROM for SuperMarioBros-Nes-v0. Import your own copy: neat" in told
    assert "facee9c577a5262dbe33ac4930bb0b58c8c037f7" in told
    shutil.rmtree(game.folder)
    told = game.check(0)
    assert told.endswith("SuperMarioBros-Nes: all is well as far as it was checked. ")


def test_a_config_that_cannot_be_used_is_told_beside_the_rest(copy: Callable[[str], Copy], tmp_path: Path) -> None:
    game = copy("Airstriker-Genesis")
    config = game.config("Airstriker-Genesis.cfg", combos="nothing, FIRE")
    told = game.check(1, "--config", config)
    assert "own.cfg [Actions]" in told
    assert "'FIRE'" in told
    assert "Not checked: the config in play: it has errors" in told
    config.write_text("[Game]\ngame = Airstriker-Genesis\n[Fitness\n")
    told = game.check(1, "--config", config)
    assert "own.cfg, line 3" in told
    assert "Not checked: what the config names: it cannot be used" in told
    result = game._run("integration", "check", game.game, "--config", tmp_path / "none.cfg")
    assert (result.returncode, result.stdout) == (1, "")
    assert "none.cfg: there is no such file." in result.stderr


def test_an_unknown_game_is_refused_with_the_closest_name(neat_retro: Run) -> None:
    result = neat_retro("integration", "check", "NeatRuner-Nes")
    assert result.returncode == 1
    assert "No game is called 'NeatRuner-Nes'. Did you mean 'NeatRunner-Nes'?" in result.stderr


def test_an_editor_is_told_where_the_schemas_lie(neat_retro: Run) -> None:
    result = neat_retro("integration", "schemas")
    assert result.returncode == 0
    settings = json.loads(result.stdout[result.stdout.index("{") : result.stdout.rindex("}") + 1])
    for entry, name in zip(settings["json.schemas"], ("data", "scenario", "metadata"), strict=True):
        assert entry["fileMatch"] == [f"/integrations/*/{name}.json"]
        schema = json.loads(Path(entry["url"].removeprefix("file://")).read_text())
        assert schema["title"].startswith(f"{name}.json")


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({"crop": [400, 0, 8, 8]}, "its crop lies outside of the picture, 240 x 224"),
        ({"scripts": ["a.lua"], "done": {"script": "lua:nope"}}, "Lua call failed: attempt to call a nil value"),
    ],
)
def test_what_only_play_shows_of_a_scenario_is_an_error(
    copy: Callable[[str], Copy], scenario: dict[str, Any], words: str
) -> None:
    game = copy("NeatRunner-Nes")
    game.write("scenario.json", scenario)
    (game.folder / "a.lua").write_text("x = 1\n")
    told = game.check(1)
    assert (
        f"error: integrations/NeatRunner-Nes/scenario.json NeatRunner-Nes: its scenario cannot be played: {words}."
        in told
    )
    assert "Traceback" not in told


def test_a_config_is_held_against_a_data_json_without_variables(copy: Callable[[str], Copy]) -> None:
    game = copy("NeatRunner-Nes")
    game.write("data.json", {"info": {}})
    game.write("scenario.json", {})
    config = game.config("NeatRunner-Nes.cfg", distance="furthest xx by level")
    told = game.check(1, "--config", config)
    assert re.search(r"own\.cfg, line \d+ \[Fitness\] distance: no variable 'xx'\.", told)
