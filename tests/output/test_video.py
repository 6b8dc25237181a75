"""Videos are decoded again and compared with what the emulator showed and played."""

from __future__ import annotations

import itertools
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Perturbation, Start, play_episode
from neat_retro.agent.players import RandomAgent
from neat_retro.errors import MissingExtraError, RunError, UsageError
from neat_retro.evolution.resolve import settle
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Draft
from neat_retro.output.video import VideoWriter, record_video

AIRSTRIKER = """
[Game]
game = Airstriker-Genesis
[Actions]
kind = argmax
combos = nothing, LEFT, RIGHT, B, LEFT+B, RIGHT+B
[Fitness]
score = gain score
[Episode]
frame_skip = 4
max_frames = 200
"""
SPEC = EpisodeSpec(Start("Level1"), seed=3, perturbation=Perturbation(noops=20))
GENESIS = (59.92274340431231, 44100.0)

Screen = npt.NDArray[np.uint8]
Sound = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Recording:
    """An episode as the emulator gave it, and the file made of it."""

    path: Path
    result: EpisodeResult
    seen: EpisodeResult
    screens: list[Screen]
    sound: Sound


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("video") / "champion.mp4"
    draft = Draft.from_text(AIRSTRIKER, "airstriker.cfg")
    draft.fill_neat_keys()
    screens: list[Screen] = []
    sounds: list[Sound] = []
    with Stage(settle(draft.experiment())) as stage:

        def keep() -> None:
            screens.append(stage.emulator.screen().copy())
            sounds.append(stage.emulator.audio().copy())

        seen = play_episode(stage.emulator, (RandomAgent(),), SPEC, stage.rules, keep)
        result = record_video(stage, (RandomAgent(),), SPEC, path)
    return Recording(path, result, seen, screens, np.concatenate(sounds))


def decode_pictures(path: Path) -> list[Screen]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def decode_sound(path: Path) -> tuple[npt.NDArray[np.float32], int]:
    """Return (n_samples, 2) in -1..1 and the samples a second."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        return np.concatenate(frames, axis=1).T, container.streams.audio[0].rate


def mean_difference(one: Screen, other: Screen) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def test_recording_does_not_change_the_episode(recording: Recording) -> None:
    assert recording.result == recording.seen
    assert recording.result.waited > 0


def test_every_emulated_frame_is_in_the_video(recording: Recording) -> None:
    result = recording.result
    assert len(decode_pictures(recording.path)) == result.frames + result.waited + 1 == len(recording.screens)


def test_every_picture_is_the_emulators_screen_doubled(recording: Recording) -> None:
    pictures = decode_pictures(recording.path)
    for picture, screen in zip(pictures, recording.screens, strict=True):
        doubled = screen.repeat(2, axis=0).repeat(2, axis=1)
        assert picture.shape == doubled.shape == (448, 640, 3)
        assert mean_difference(picture, doubled) < 1.5
    assert max(screen.std() for screen in recording.screens) > 20


def test_pictures_follow_at_the_consoles_rate(recording: Recording) -> None:
    with av.open(str(recording.path)) as container:
        stream = container.streams.video[0]
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
        assert stream.codec_context.name == "h264"
        assert stream.pix_fmt == "yuv420p"
    rate = 1 / Fraction(GENESIS[0]).limit_denominator(10_000)
    assert times == [index * rate for index in range(len(times))]
    assert float(1 / rate) == pytest.approx(GENESIS[0], rel=1e-9)


def test_sound_is_the_games_and_in_step(recording: Recording) -> None:
    decoded, rate = decode_sound(recording.path)
    played = recording.sound / 32768
    assert rate == GENESIS[1]
    assert abs(len(decoded) / rate - len(recording.screens) / GENESIS[0]) < 2 / GENESIS[0]
    assert np.abs(played).max() > 0.1
    length = min(len(played), len(decoded))
    assert np.corrcoef(played[:length, 0], decoded[:length, 0])[0, 1] > 0.95


def test_nothing_but_the_video_is_left(recording: Recording) -> None:
    assert list(recording.path.parent.iterdir()) == [recording.path]


def test_pictures_keep_order_and_colour(tmp_path: Path) -> None:
    shades = [(8 * step, 250 - 8 * step, 40) for step in range(30)]
    with VideoWriter(tmp_path / "shades.mp4", *GENESIS, size=(64, 48)) as writer:
        for shade in shades:
            writer.add(np.full((64, 48, 3), shade, np.uint8), silence(735))
    pictures = decode_pictures(tmp_path / "shades.mp4")
    assert len(pictures) == len(shades)
    for picture, shade in zip(pictures, shades, strict=True):
        assert mean_difference(picture, np.full_like(picture, shade)) < 3


@pytest.mark.parametrize("audio_rate", [32040.5, 32768.0, 48000.0])
def test_any_consoles_sound_keeps_its_pitch_and_length(tmp_path: Path, audio_rate: float) -> None:
    path, frames, frame_rate = tmp_path / "tone.mp4", 120, 60.0988
    ends = [int(index * audio_rate / frame_rate) for index in range(frames + 1)]
    wave = (8000 * np.sin(2 * np.pi * 440 * np.arange(ends[-1]) / audio_rate)).astype(np.int16)
    tone = np.stack([wave, wave // 2], axis=1)
    with VideoWriter(path, frame_rate, audio_rate, size=(32, 32)) as writer:
        for start, end in itertools.pairwise(ends):
            writer.add(black(32, 32), tone[start:end])
    decoded, rate = decode_sound(path)
    assert rate == 48000
    assert abs(len(decoded) / rate - frames / frame_rate) < 2 / frame_rate
    spectrum = np.abs(np.fft.rfft(decoded[:, 0]))
    assert spectrum.argmax() * rate / len(decoded) == pytest.approx(440, abs=1)
    assert np.abs(decoded[:, 0]).mean() == pytest.approx(2 * np.abs(decoded[:, 1]).mean(), rel=0.1)


def test_odd_sizes_are_filled_up_to_even_ones(tmp_path: Path) -> None:
    screen = black(33, 47)
    screen[:, 24:] = 255
    with VideoWriter(tmp_path / "odd.mp4", *GENESIS, size=(33, 47), scale=1) as writer:
        writer.add(screen, silence(735))
    (picture,) = decode_pictures(tmp_path / "odd.mp4")
    assert picture.shape == (34, 48, 3)
    assert picture[33, 47].min() > 240


def test_a_screen_that_changes_its_shape_is_stretched_to_the_first(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "shapes.mp4", *GENESIS, size=(64, 80)) as writer:
        for width in (80, 64):
            screen = black(64, width)
            screen[:, : width // 2] = 255
            writer.add(screen, silence(735))
    first, second = decode_pictures(tmp_path / "shapes.mp4")
    assert first.shape == second.shape == (128, 160, 3)
    assert mean_difference(first, second) < 2


def test_a_game_without_sound_makes_a_video_all_the_same(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "mute.mp4", *GENESIS, size=(64, 64)) as writer:
        writer.add(black(64, 64), silence(0))
    assert len(decode_pictures(tmp_path / "mute.mp4")) == 1


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError])
def test_an_interrupted_video_leaves_the_old_file_and_no_other(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    path = tmp_path / "old.mp4"
    path.write_bytes(b"old")
    with pytest.raises(interruption), VideoWriter(path, *GENESIS, size=(64, 64)) as writer:
        writer.add(black(64, 64), silence(735))
        raise interruption
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_frame_that_cannot_be_encoded_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="bytes"),
        VideoWriter(tmp_path / "x.mp4", *GENESIS, size=(64, 64)) as writer,
    ):
        writer.add(black(64, 64), np.zeros((735, 3), np.int16))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the system refuses to write in the same place."""
    noise = np.random.default_rng(0).integers(0, 256, (60, 224, 320, 3), np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with (
            pytest.raises(
                RunError, match=r"^Cannot write .*full\.mp4: File too large\. Free or choose another folder\.$"
            ),
            VideoWriter(tmp_path / "full.mp4", *GENESIS, size=(224, 320)) as writer,
        ):
            for screen in noise:
                writer.add(screen, silence(735))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_another_suffix_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"best\.avi: a video is written as \.mp4\. Name it best\.mp4\."):
        VideoWriter(tmp_path / "best.avi", *GENESIS, size=(64, 64))


def test_a_scale_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="scale should be at least 1, not 0"):
        VideoWriter(tmp_path / "x.mp4", *GENESIS, size=(64, 64), scale=0)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "x.mp4"
    with pytest.raises(RunError) as error, VideoWriter(path, *GENESIS, size=(64, 64)):
        pass
    assert str(error.value) == f"Cannot write {path}: there is no folder {path.parent}."


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "folder.mp4"
    path.mkdir()
    with pytest.raises(RunError) as error, VideoWriter(path, *GENESIS, size=(64, 64)):
        pass
    assert str(error.value) == f"Cannot write {path}: it is a folder. Choose another name."
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def without_av(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "av", None)
    yield


@pytest.mark.usefixtures("without_av")
def test_missing_pyav_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r'A video needs PyAV.*pip install "neat-retro\[video\]"'):
        VideoWriter(tmp_path / "x.mp4", *GENESIS, size=(64, 64))


def black(height: int, width: int) -> Screen:
    return np.zeros((height, width, 3), np.uint8)


def silence(samples: int) -> Sound:
    return np.zeros((samples, 2), np.int16)
