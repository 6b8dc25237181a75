"""The emulator, compared with stable-retro's own RetroEnv on the real cores."""

from __future__ import annotations

import gc
import gzip
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stable_retro

from neat_retro.agent.expressions import Moment, parse_expression
from neat_retro.errors import GameError, IntegrationError, MissingRomError, NeatRetroError
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator

FRAMES = 180
FRAME_COUNT = 0x700  # of NeatRunner: ticks of this level, the low byte


def presses(buttons: int) -> list[int]:
    """Return a random mask a frame, each held for a while, without the button in the middle of the list."""
    rng = random.Random(1)
    return [mask for _ in range(FRAMES // 6) for mask in [rng.randrange(1 << buttons)] * 6]


def retro_env_frames(game: str, state: str, masks: list[int], **options: Any) -> list[tuple[Any, ...]]:
    """Return (screen, variables, reward, done) of RetroEnv, the frame after reset first."""
    env = stable_retro.make(
        game,
        state=state,
        render_mode="rgb_array",
        inttype=catalog.register_with_stable_retro(),
        use_restricted_actions=stable_retro.Actions.ALL,
        **options,
    )
    screen, _ = env.reset()
    frames = [(screen.copy(), env.data.lookup_all(), 0.0, False)]
    for mask in masks:
        screen, reward, done, _, variables = env.step([mask >> i & 1 for i in range(env.num_buttons)])
        frames.append((screen.copy(), variables, reward, done))
    env.close()
    del env
    gc.collect()
    return frames


def our_frames(emulator: Emulator, state: str, masks: list[int]) -> list[tuple[Any, ...]]:
    emulator.reset(state)
    frames = [(emulator.screen().copy(), emulator.variables(), 0.0, False)]
    for mask in masks:
        emulator.step((mask,))
        frames.append((emulator.screen().copy(), emulator.variables(), *emulator.scenario()))
    return frames


def assert_same(ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]) -> None:
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine[0], other[0])
        assert mine[1:] == other[1:]


GAMES = [
    ("Airstriker-Genesis-v0", "Level1"),
    ("NeatRunner-Nes", "Level1-1"),
    ("NeatDash-Genesis", "CloverCircuitZone.Act1"),
    ("NeatDuel-Snes", "Normal"),
]


@pytest.mark.parametrize(("game", "state"), GAMES)
def test_every_frame_is_that_of_retro_env(game: str, state: str) -> None:
    masks = presses(len(catalog.buttons(game)))
    theirs = retro_env_frames(game, state, masks)
    with Emulator(game) as emulator:
        once = our_frames(emulator, state, masks)
        again = our_frames(emulator, state, masks)
    assert_same(once, theirs)
    assert_same(again, theirs)
    assert len({frame[0].tobytes() for frame in once}) > FRAMES / 4, "the game moved"


@pytest.mark.parametrize("condition", ["any", "all", None])
@pytest.mark.parametrize(
    "test",
    [
        {"op": "zero"},
        {"op": "nonzero"},
        {"op": "negative"},
        {"op": "positive"},
        {"op": "equal", "reference": 7},
        {"op": "not-equal", "reference": 7},
        {"op": "less-than", "reference": 7},
        {"op": "greater-than", "reference": -7},
        {"op": "less-or-equal", "reference": 7, "measurement": "absolute"},
        {"op": "greater-or-equal", "reference": 7},
    ],
    ids=lambda test: test["op"],
)
def test_a_done_condition_told_as_an_expression_is_the_cores_own(
    test: dict[str, Any], condition: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`clock` counts frames in a signed byte, `rounds` how often it went round."""
    folder = tmp_path / "NeatRunner-Nes"
    folder.mkdir()
    variables: dict[str, dict[str, object]] = {"clock": {"address": FRAME_COUNT, "type": "|i1"}}
    variables["rounds"] = {"address": FRAME_COUNT + 1, "type": "|u1"}
    (folder / "data.json").write_text(json.dumps({"info": variables}))
    done = {"variables": {"clock": test, "rounds": {"op": "equal", "reference": 1}}}
    (folder / "timed.json").write_text(json.dumps({"done": done | ({"condition": condition} if condition else {})}))
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(tmp_path))
    with Emulator("NeatRunner-Nes", scenario="timed") as emulator:
        assert emulator.scenario_done is not None
        expression = parse_expression(emulator.scenario_done, ("clock", "rounds"), "timed.json")
        emulator.reset("Level1-1")
        told = []
        for _ in range(600):
            emulator.step((0,))
            now = emulator.variables()
            told.append((bool(expression(Moment(now, now, now))), emulator.scenario()[1]))
    assert {ours for ours, _ in told} == {True, False}
    assert all(ours == theirs for ours, theirs in told)


def test_the_scenarios_crop_is_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Airstriker-Genesis-v0"
    folder.mkdir()
    scenario = json.loads(catalog.find_file("Airstriker-Genesis-v0", "scenario.json").read_text())  # type: ignore[union-attr]
    (folder / "cropped.json").write_text(json.dumps(scenario | {"crop": [16, 8, 200, 120]}))
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(tmp_path))
    with Emulator("Airstriker-Genesis") as whole:
        whole.reset("Level1")
        picture = whole.screen().copy()
    with Emulator("Airstriker-Genesis", scenario="cropped") as cropped:
        cropped.reset("Level1")
        np.testing.assert_array_equal(cropped.screen(), picture[8:128, 16:216])


def test_a_rotated_core_is_shown_upright(monkeypatch: pytest.MonkeyPatch) -> None:
    """No free game of a rotating core exists: RetroEnv is told of a rotation, and the picture must follow it."""
    with Emulator("Airstriker-Genesis") as emulator:
        emulator.reset("Level1")
        upright = emulator.screen().copy()
        monkeypatch.setattr(emulator._env, "_rotation_steps", lambda: 2)
        np.testing.assert_array_equal(emulator.screen(), upright[::-1, ::-1])


def test_sound_and_rates_are_the_consoles() -> None:
    with Emulator("Airstriker-Genesis") as emulator:
        emulator.reset("Level1")
        assert emulator.frame_rate == pytest.approx(59.92, abs=0.01)
        assert emulator.audio_rate == 44100
        sound = emulator.audio()
        assert sound.dtype == np.int16
        assert abs(len(sound) - emulator.audio_rate / emulator.frame_rate) < 2


def test_a_second_emulator_is_refused_in_words() -> None:
    with Emulator("Airstriker-Genesis"), pytest.raises(NeatRetroError, match="an emulator open already"):
        Emulator("Airstriker-Genesis")
    with Emulator("Airstriker-Genesis") as emulator:
        emulator.reset("Level1")


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingRomError, match="roms import"):
        Emulator("SuperMarioBros-Nes")
    with pytest.raises(IntegrationError, match=r"has no nowhere\.json"):
        Emulator("Airstriker-Genesis", scenario="nowhere")
    folder = tmp_path / "Airstriker-Genesis-v0"
    folder.mkdir()
    (folder / "Broken.state").write_bytes(b"no gzip")
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(tmp_path))
    with Emulator("Airstriker-Genesis") as emulator, pytest.raises(IntegrationError, match="is not a start state"):
        emulator.reset("Broken")


def test_a_state_that_the_core_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Airstriker-Genesis-v0"
    folder.mkdir()
    (folder / "Foreign.state").write_bytes(gzip.compress(bytes(1000)))
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(tmp_path))
    with Emulator("Airstriker-Genesis") as emulator:
        words = r"Foreign\.state cannot be restored: it is of another game, another console or another version of the"
        with pytest.raises(IntegrationError, match=words):
            emulator.reset("Foreign")
        emulator.reset("Level1")
        assert emulator.variables()["lives"] == 3
        blocks = emulator.memory_blocks()
        assert {start: len(block) for start, block in blocks.items()} == {0xFF0000: 0x10000}


def test_a_scenario_that_names_a_variable_too_many_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "NeatRunner-Nes"
    folder.mkdir()
    (folder / "scenario.json").write_text('{"reward": {"variables": {"nix": {"reward": 1}}}}')
    monkeypatch.setenv("NEAT_RETRO_INTEGRATIONS", str(tmp_path))
    words = "its scenario cannot be played: data.json has no variable 'nix'.\n  All that is wrong:  neat-retro integr"
    with Emulator("NeatRunner-Nes") as emulator, pytest.raises(GameError, match=words):
        emulator.reset("Level1-1")
