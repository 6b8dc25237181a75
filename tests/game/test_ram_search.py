"""The searcher is told a game and a kind, and must find what the game's data.json (which it does not read) says."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from neat_retro.errors import IntegrationError, MissingRomError, UsageError
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator
from neat_retro.game.ram.candidates import Candidate, Part, Place
from neat_retro.game.ram.memory import History, Memory
from neat_retro.game.ram.positions import find_positions
from neat_retro.game.ram.probes import POSITION_SCRIPTS, Recording, Script, record
from neat_retro.game.ram.search import SEARCHES, Found, search, write_choice
from neat_retro.game.start_states import pressed_state, write_state

# The two parts of a word in data.json's notation, by what the search must find: kind, game, and the true parts.
CAMERA = Place((Part(0x71A, "|u1"), Part(0x71C, "|u1")))
SECONDS_LEFT = Place((Part(0xFFFE22, ">u2"),))  # not in NeatDash's data.json, but in its README
TRUE = [
    ("position", "NeatRunner-Nes", [CAMERA]),
    ("position", "NeatDash-Genesis", ["x", "screen_x"]),
    ("position", "NeatDuel-Snes", ["x"]),
    ("lives", "NeatRunner-Nes", ["lives"]),
    ("lives", "NeatDash-Genesis", ["lives"]),
    ("lives", "Airstriker-Genesis", ["lives"]),
    ("timer", "NeatRunner-Nes", ["time"]),
    ("timer", "NeatDash-Genesis", [SECONDS_LEFT]),
    ("timer", "NeatDuel-Snes", ["timer"]),
    ("health", "NeatDuel-Snes", ["health"]),
]


@functools.cache
def recorded(game: str, scripts: tuple[Script, ...]) -> Recording:
    """Return what a search sees; a game's lives, timer and health are sought in the same plays."""
    with Emulator(game) as emulator:
        return record(emulator, catalog.console(game), catalog.default_state(game) or "", scripts)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NEAT_RETRO_HOME", str(folder))
    monkeypatch.delenv("NEAT_RETRO_INTEGRATIONS", raising=False)
    return folder


def named_place(game: str, name: str) -> Place:
    path = catalog.find_file(catalog.resolve_game(game), "data.json")
    assert path is not None
    entry = json.loads(path.read_text())["info"][name]
    return Place((Part(entry["address"], entry["type"]),))


def values(game: str, places: list[Place], frames: int = 1500) -> list[list[int]]:
    """Return what each place holds, by stable-retro's own reading, in every frame of a random play."""
    rng = random.Random(7)
    with Emulator(game) as emulator:
        for number, place in enumerate(places):
            for part_number, part in enumerate(place.parts):
                entry = {"address": part.address, "type": part.type}
                emulator._data.set_variable(f"p{number}_{part_number}", entry)
        names = [[f"p{n}_{m}" for m in range(len(place.parts))] for n, place in enumerate(places)]
        buttons = {name: 1 << bit for bit, name in enumerate(emulator.buttons)}
        emulator.reset(catalog.default_state(game) or "")
        found: list[list[int]] = [[] for _ in places]
        for frame in range(frames):
            if frame % 20 == 0:
                mask = buttons[rng.choice(["RIGHT", "RIGHT", "LEFT"])] | rng.choice([0, buttons["B"], buttons["A"]])
            emulator.step((mask,))
            for column, parts in zip(found, names, strict=True):
                column.append(sum(256**at * int(emulator.lookup(n)) for at, n in enumerate(reversed(parts))))
    return found


@pytest.mark.parametrize(("kind", "game", "true"), TRUE, ids=lambda value: value if isinstance(value, str) else "")
def test_the_true_addresses_are_among_the_first_three(kind: str, game: str, true: list[str | Place]) -> None:
    """Or else a copy is that the game keeps: a place with the same value, at most a frame early or late."""
    found = SEARCHES[kind].rank(recorded(game, SEARCHES[kind].scripts))
    for wanted in (place if isinstance(place, Place) else named_place(game, place) for place in true):
        rows = [one for one in found[:3] if any(reads(place, wanted) for place in (one.place, *one.copies))]
        assert rows, [str(one.place) for one in found]
        shown, truth = values(game, [rows[0].place, wanted])
        assert len(set(truth)) > 1, "it changed"
        near = [number in there for number, *there in zip(shown[1:], truth[1:], truth[:-1], truth[2:], strict=False)]
        assert np.mean(near) > 0.98


def reads(place: Place, wanted: Place) -> bool:
    """Tell whether a place reads what lies at the true one: the sign of a byte apart, or a word's empty high byte."""
    at, true = ([part.address for part in one.parts] for one in (place, wanted))
    return at == true or (wanted.parts[0].type == ">u2" and at == [true[0] + 1])


def test_airstrikers_ship_stands_where_the_first_position_says() -> None:
    """Airstriker's data.json has no position. What is written there must move the ship in the picture as far."""
    [part] = find_positions(recorded("Airstriker-Genesis", POSITION_SCRIPTS))[0].place.parts
    pictures = []
    with Emulator("Airstriker-Genesis") as emulator:
        emulator._data.set_variable("found", {"address": part.address, "type": part.type})
        for x in (200, 300):
            emulator.reset("Level1")
            emulator._data.set_value("found", x)
            for _ in range(3):
                emulator.step((0,))
            assert emulator.lookup("found") == x
            pictures.append(emulator.screen().astype(int))
    columns = np.flatnonzero((pictures[0] != pictures[1]).any(axis=(0, 2)))
    [gap] = np.flatnonzero(np.diff(columns) > 50)
    assert columns[gap + 1] - columns[0] == 100


def test_a_search_finds_the_same_again_and_is_not_told_by_data_json(home: Path) -> None:
    folder = home / "integrations/NeatRunner-Nes"
    folder.mkdir(parents=True)
    (folder / "data.json").write_text('{"info": {}}')
    (folder / "scenario.json").write_text("{}")
    found = find_positions(recorded("NeatRunner-Nes", POSITION_SCRIPTS))
    assert len(found) > 3
    assert search("neatrunner-nes", "position", "Level1-1") == Found(found[:8], "Level1-1", answers=True)


def test_a_state_in_which_nothing_can_be_steered_is_known(home: Path) -> None:
    folder = home / "integrations/NeatDash-Genesis"
    write_state(pressed_state("NeatDash-Genesis", "wait 100"), folder / "Title.state")
    for kind in ("position", "lives"):
        found = search("NeatDash-Genesis", kind, "Title")
        assert (found.state, found.answers) == ("Title", False)


@pytest.mark.parametrize("kind", ["position", "lives"])
def test_in_a_dead_console_nothing_is_found(home: Path, kind: str) -> None:
    folder = home / "integrations/Dead-Genesis"
    folder.mkdir(parents=True)
    (folder / "rom.md").write_bytes(catalog.rom_path("NeatDash-Genesis").read_bytes()[:300])
    for name in ("data.json", "scenario.json"):
        (folder / name).write_text('{"info": {}}' if name == "data.json" else "{}")
    write_state(pressed_state("Dead-Genesis", "wait 1"), folder / "Start.state")
    assert search("Dead-Genesis", kind) == Found((), "Start", answers=False)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("NeatRunner-Nes", "live"), UsageError, "No search for 'live'. Did you mean 'lives'? There is position, "),
        (("SuperMarioBros-Nes", "lives"), MissingRomError, "neat-retro roms import"),
        (("NeatRunner-Nes", "lives", "Level9"), Exception, "has no start state 'Level9'"),
    ],
)
def test_what_cannot_be_searched_is_said(arguments: tuple[str, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        search(*arguments)
    assert words in str(caught.value)


def test_a_game_without_states_is_told_how_to_make_one(home: Path) -> None:
    folder = home / "integrations/Kite-Nes"
    folder.mkdir(parents=True)
    (folder / "rom.nes").write_bytes(catalog.rom_path("NeatRunner-Nes").read_bytes())
    with pytest.raises(IntegrationError, match=r"Kite-Nes has no start state\. Make one:\n  neat-retro integration st"):
        search("Kite-Nes", "lives")


def candidate(*parts: tuple[int, str]) -> Candidate:
    return Candidate(Place(tuple(Part(*part) for part in parts)), 1.0, ())


def test_a_choice_goes_into_the_users_copy_of_data_json_and_is_what_the_emulator_reads(home: Path) -> None:
    shipped = catalog.find_file("NeatRunner-Nes", "data.json")
    assert shipped is not None
    before = shipped.read_text()
    written = write_choice("neatrunner-nes", "x", candidate((109, "|u1"), (134, "|u1")))
    assert (written.names, written.expression) == (("xHi", "xLo"), "xHi * 256 + xLo")
    assert written.path == home / "integrations/NeatRunner-Nes/data.json"
    assert shipped.read_text() == before
    now = json.loads(written.path.read_text())["info"]
    assert list(now.items())[:-2] == list(json.loads(before)["info"].items())
    assert list(now)[-2:] == ["xHi", "xLo"]
    with Emulator("NeatRunner-Nes") as emulator:
        emulator.reset("Level1-1")
        assert 0 < emulator.variables()["xHi"] * 256 + emulator.variables()["xLo"] < 256


def test_a_data_json_of_the_users_own_is_changed_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine" / "NeatRunner-Nes"
    folder.mkdir(parents=True)
    (folder / "data.json").write_text('{"note": "Straße", "info": {"b": {"address": 1, "type": "|u1"}}, "z": []}')
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(folder.parent))
    written = write_choice("NeatRunner-Nes", "a", candidate((2, ">n3")))
    assert written.path == folder / "data.json"
    text = written.path.read_text()
    assert "Straße" in text
    expected = {"b": {"address": 1, "type": "|u1"}, "a": {"address": 2, "type": ">n3"}}
    assert list(json.loads(text).items()) == [("note", "Straße"), ("info", expected), ("z", [])]
    assert list(json.loads(text)["info"]) == ["b", "a"]
    assert [path.name for path in folder.iterdir()] == ["data.json"]


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("2x", UsageError, "--write 2x: a variable's name has letters"),
        ("if", UsageError, "--write if: "),
        ("lives", IntegrationError, "has a variable 'lives' already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(home: Path, name: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        write_choice("NeatRunner-Nes", name, candidate((2, "|u1")))
    assert words in str(caught.value)
    assert not home.exists()


def test_a_broken_data_json_is_named_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine" / "NeatRunner-Nes"
    folder.mkdir(parents=True)
    (folder / "data.json").write_text('{"info": {')
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(folder.parent))
    with pytest.raises(IntegrationError, match=r"data\.json, line 1, column 11: not valid JSON"):
        write_choice("NeatRunner-Nes", "a", candidate((2, "|u1")))
    assert (folder / "data.json").read_text() == '{"info": {'


@pytest.mark.parametrize("game", ["NeatRunner-Nes", "NeatDash-Genesis", "NeatDuel-Snes", "Airstriker-Genesis"])
def test_every_byte_is_what_stable_retro_reads_at_its_address(game: str) -> None:
    with Emulator(game) as emulator:
        emulator.reset(catalog.default_state(game) or "")
        memory = Memory(emulator)
        content = memory.read()
        assert len(np.unique(memory.addresses)) == len(content) == len(memory.addresses)
        checked = [*np.flatnonzero(content)[:300].tolist(), *random.Random(1).sample(range(len(content)), 300)]
        for index in checked:
            emulator._data.set_variable("byte", {"address": int(memory.addresses[index]), "type": "|u1"})
            assert emulator.lookup("byte") == content[index], hex(memory.addresses[index])


@pytest.mark.parametrize("frames", [1, 127, 128, 129, 700])
def test_a_history_gives_back_what_went_in(frames: int, make_content: Callable[[int], np.ndarray]) -> None:
    content = make_content(frames)
    history = History()
    for row in content:
        history.add(row)
    changing = np.flatnonzero(history.changing())
    np.testing.assert_array_equal(changing, np.flatnonzero((content != content[0]).any(axis=0)))
    every = np.arange(content.shape[1])
    np.testing.assert_array_equal(history.columns(every), content)
    np.testing.assert_array_equal(history.columns(changing), content[:, changing])


@pytest.fixture
def make_content() -> Callable[[int], np.ndarray]:
    """Bytes of which some change often, some once, and some never."""

    def make(frames: int) -> np.ndarray:
        rng = np.random.default_rng(frames)
        content = np.repeat(rng.integers(0, 256, (1, 40), np.uint8), frames, axis=0)
        content[:, :10] = rng.integers(0, 256, (frames, 10))
        for byte in range(10, 20):
            content[rng.integers(0, frames) :, byte] += 1
        return content

    return make
