"""The promise: a network sees the picture OpenCV makes, the variables it was promised, in a fixed size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neat_retro.agent import observation
from neat_retro.agent.expressions import Moment, parse_expression
from neat_retro.agent.gray import LARGEST_BLOCK
from neat_retro.agent.observation import NORMALISATIONS, SCALINGS, GameShape, Grayscale, Stack, make_observer
from neat_retro.errors import ExperimentError
from neat_retro.experiment import ObservationSection

NES, GENESIS, SNES, GAME_BOY = (224, 240), (224, 320), (224, 256), (144, 160)
NOWHEN = Moment({}, {}, {})


@dataclass
class FakeScene:
    picture: np.ndarray = None
    memory: np.ndarray = None

    def screen(self):
        return self.picture

    def ram(self):
        return self.memory


def picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def observer(screen=GENESIS, ram_size=16, expressions=(), **keys):
    shape = GameShape(screen, ram_size, ("A",))
    return make_observer(ObservationSection(**keys), shape, expressions, "file.cfg, [Observation]")


def refusal(**keys):
    with pytest.raises(ExperimentError) as caught:
        observer(**keys)
    return str(caught.value)


def opencv(screen, width, height):
    gray = cv2.cvtColor(screen, cv2.COLOR_RGB2GRAY)
    return cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)


# --- grayscale


@pytest.mark.parametrize(
    ("screen", "small"),
    [(NES, (28, 30)), (GENESIS, (28, 40)), (SNES, (28, 32)), (GAME_BOY, (18, 20))],
    ids=["NES", "Genesis", "SNES", "Game Boy"],
)
def test_a_console_is_seen_as_opencv_downscales_it(screen, small):
    grayscale = observer(screen)
    frame = picture(*screen)
    height, width = small
    assert (grayscale.height, grayscale.width, grayscale.size) == (height, width, height * width)
    assert np.array_equal(grayscale.pixels(frame), opencv(frame, width, height))
    seen = grayscale.observe(FakeScene(frame), NOWHEN)
    assert (seen.dtype, seen.shape) == (np.float64, (height * width,))
    assert np.array_equal(seen, opencv(frame, width, height).astype(np.float64).reshape(-1) * (1 / 255))


@pytest.mark.parametrize("normalise", ["0..1", "-1..1", "none"])
@pytest.mark.parametrize("downscale", range(2, LARGEST_BLOCK + 1))
def test_one_pass_gives_the_very_numbers_that_opencv_gives(downscale, normalise):
    """Noise finds a wrong sum, even pictures find a wrong rounding: their blocks are often half way between levels."""
    height, width = 5 * downscale, 6 * downscale
    rng = np.random.default_rng(downscale)
    noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    few = rng.choice(np.array([0, 1, 2, 254, 255], np.uint8), (height, width, 3))
    gray = np.repeat(rng.integers(100, 102, (height, width, 1), dtype=np.uint8), 3, axis=2)
    seeing = observer((height, width), downscale=downscale, normalise=normalise)
    for frame in (noise, few, gray, np.full_like(noise, 255)):
        expected = SCALINGS[normalise].apply(opencv(frame, 6, 5))
        assert np.array_equal(seeing.observe(FakeScene(frame), NOWHEN), expected)


def surroundings(small, y, x):
    """The 3 x 3 around a pixel; beyond the edge the picture goes on as it ends."""
    height, width = small.shape
    rows = [min(max(row, 0), height - 1) for row in (y - 1, y, y + 1)]
    columns = [min(max(column, 0), width - 1) for column in (x - 1, x, x + 1)]
    return [int(small[row, column]) for row in rows for column in columns]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("shape", [(28, 30), (1, 7), (5, 1), (2, 2)])
def test_contrast_is_a_pixel_less_its_surroundings(shape, compiled, monkeypatch):
    monkeypatch.setattr(observation, "IS_COMPILED", compiled)
    small = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    height, width = shape
    expected = [
        (9 * int(small[y, x]) - sum(surroundings(small, y, x))) / 576 for y in range(height) for x in range(width)
    ]
    assert NORMALISATIONS["contrast"].apply(small).tolist() == expected


def test_contrast_is_nothing_where_the_picture_is_flat_and_stays_within_its_bounds():
    contrast = NORMALISATIONS["contrast"]
    assert not contrast.apply(np.full((4, 5), 130, np.uint8)).any()
    dot = np.zeros((3, 3), np.uint8)
    dot[1, 1] = 255
    assert contrast.apply(dot).max() == pytest.approx(contrast.greatest)
    assert contrast.apply(255 - dot).min() == pytest.approx(contrast.least)
    seen = observer((24, 32), normalise="contrast").observe(FakeScene(np.full((24, 32, 3), 90, np.uint8)), NOWHEN)
    assert seen.tolist() == [0.0] * 12


def test_memory_has_no_contrast():
    with pytest.raises(ExperimentError, match=r"normalise = contrast should be one of 0\.\.1, -1\.\.1, none"):
        observer((8, 8), kind="ram", normalise="contrast")


def test_a_frame_of_another_shape_or_layout_is_seen_as_opencv_sees_it():
    seeing = observer((16, 24))
    wide, turned = picture(16, 48), picture(24, 16).transpose(1, 0, 2)
    for frame in (wide, turned):
        expected = opencv(np.ascontiguousarray(frame), 3, 2).astype(np.float64).reshape(-1) * (1 / 255)
        assert np.array_equal(seeing.observe(FakeScene(frame), NOWHEN), expected)


def test_red_is_red():
    """RGB and not BGR: a red screen is 76 gray, a blue one 29."""
    red = np.zeros((8, 8, 3), np.uint8)
    red[:, :, 0] = 255
    assert observer((8, 8)).pixels(red).tolist() == [[76]]
    assert observer((8, 8)).pixels(np.ascontiguousarray(red[:, :, ::-1])).tolist() == [[29]]


def test_a_pixel_is_the_average_of_its_block():
    frame = np.zeros((16, 8, 3), np.uint8)
    frame[:8, :4] = 200
    assert observer((16, 8)).pixels(frame).tolist() == [[100], [0]]


@pytest.mark.parametrize(
    ("normalise", "expected"), [("0..1", (0.0, 1.0)), ("-1..1", (-1.0, 1.0)), ("none", (0.0, 255.0))]
)
def test_normalisation_stretches_black_and_white(normalise, expected):
    frame = np.zeros((8, 16, 3), np.uint8)
    frame[:, 8:] = 255
    seen = observer((8, 16), normalise=normalise).observe(FakeScene(frame), NOWHEN)
    assert seen.tolist() == pytest.approx(expected, abs=1e-12)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 40))
def test_any_screen_shape_gives_the_size_that_was_promised(height, width, downscale):
    grayscale = Grayscale(GAME_BOY, downscale, normalisation=None)
    assert grayscale.pixels(picture(height, width)).shape == (grayscale.height, grayscale.width)


def test_a_screen_that_changes_its_shape_is_seen_in_the_same_size():
    grayscale = observer(GENESIS)
    wide, narrow = picture(224, 320), picture(224, 256)
    assert grayscale.observe(FakeScene(wide), NOWHEN).shape == grayscale.observe(FakeScene(narrow), NOWHEN).shape
    assert np.array_equal(grayscale.pixels(narrow), opencv(narrow, 40, 28))


def test_a_cropped_and_turned_screen_is_seen_like_its_copy():
    """Crops and rotations arrive as views of the emulator's array."""
    view = np.rot90(picture(240, 256)[10:234, 8:248])
    assert np.array_equal(observer(NES).pixels(view), observer(NES).pixels(view.copy()))


def test_a_downscale_beyond_the_screen_leaves_one_pixel():
    assert observer((16, 16), downscale=100).size == 1


def test_observing_writes_to_nothing():
    frame = picture(*NES)
    before = frame.copy()
    first = observer(NES).observe(FakeScene(frame), NOWHEN)
    kept = first.copy()
    observer(NES).observe(FakeScene(picture(*NES, seed=1)), NOWHEN)
    assert np.array_equal(frame, before)
    assert np.array_equal(first, kept)


# --- variables and ram


def test_variables_are_seen_as_the_author_scaled_them():
    texts = ("health / 176", "change(x)", "health > 100")
    expressions = [parse_expression(text, ("health", "x"), "") for text in texts]
    moment = Moment({"health": 88, "x": 5}, {"health": 90, "x": 2}, {"health": 176, "x": 0})
    seen = observer(kind="variables", expressions=expressions).observe(FakeScene(), moment)
    assert (seen.dtype, seen.tolist()) == (np.float64, [0.5, 3.0, 0.0])


@pytest.mark.parametrize(
    ("ram", "expected"), [("all", range(16)), ("2:5", [2, 3, 4]), ("0xC:0x10", [12, 13, 14, 15]), ("0:16", range(16))]
)
def test_ram_is_seen_byte_by_byte(ram, expected):
    memory = np.arange(16, dtype=np.uint8)
    seen = observer(kind="ram", ram=ram, normalise="none")
    assert seen.observe(FakeScene(memory=memory), NOWHEN).tolist() == list(expected)
    assert seen.size == len(expected)


def test_ram_is_normalised_like_pixels():
    seen = observer(kind="ram", ram_size=2).observe(FakeScene(memory=np.array([0, 255], np.uint8)), NOWHEN)
    assert seen.tolist() == [0.0, 1.0]


# --- stacking


def test_a_stack_holds_the_last_observations_oldest_first():
    stack = Stack(3)
    pushed = [stack.push(np.array([n, n + 0.5])).tolist() for n in (1.0, 2.0, 3.0, 4.0)]
    assert pushed == [
        [1.0, 1.5, 1.0, 1.5, 1.0, 1.5],
        [1.0, 1.5, 1.0, 1.5, 2.0, 2.5],
        [1.0, 1.5, 2.0, 2.5, 3.0, 3.5],
        [2.0, 2.5, 3.0, 3.5, 4.0, 4.5],
    ]


def test_a_stack_of_one_is_the_observation():
    stack = Stack(1)
    assert [stack.push(np.array([n])).tolist() for n in (1.0, 2.0)] == [[1.0], [2.0]]


# --- the words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"kind": "greyscale"}, "no kind of observation 'greyscale'. Did you mean 'grayscale'? Kinds: grayscale, "),
        ({"normalise": "0-1"}, "normalise = 0-1 should be one of 0..1, -1..1, none, contrast."),
        ({"kind": "variables"}, "kind = variables needs a list: variables = health / 176, timer / 99"),
        ({"kind": "ram", "ram": "0:17"}, "ram = 0:17 should be `all` or first:last within 0:16, for example 0x0:0x100"),
        ({"kind": "ram", "ram": "5:5"}, "ram = 5:5 should be"),
        ({"kind": "ram", "ram": "-1:5"}, "ram = -1:5 should be"),
        ({"kind": "ram", "ram": "1:2:3"}, "ram = 1:2:3 should be"),
        ({"kind": "ram", "ram": "some"}, "ram = some should be"),
    ],
)
def test_a_bad_section_is_named_with_its_cure(keys, words):
    assert words in refusal(**keys)
    assert refusal(**keys).startswith("file.cfg, [Observation]: ")


def test_a_console_without_memory_can_be_seen():
    assert observer((16, 8), ram_size=0).size == 2


def test_a_range_of_memory_is_checked_whatever_is_seen():
    with pytest.raises(ExperimentError, match=r"ram = 0:17 should be `all` or first:last within 0:16"):
        observer((16, 8), ram="0:17")
