"""How an episode becomes an .mp4 file: H.264 pictures and AAC sound, at the console's own rates."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, play_episode
from neat_retro.agent.players import Agent
from neat_retro.errors import MissingExtraError, RunError, UsageError
from neat_retro.evolution.worker import Stage
from neat_retro.output.target import check_target

if TYPE_CHECKING:
    from av.container import OutputContainer

Screen = npt.NDArray[np.uint8]
Sound = npt.NDArray[np.int16]

# A console's rates that AAC and every player take as they are; all others (SNES: 32,040 Hz) are resampled.
_PLAIN_AUDIO_RATES = (44_100, 48_000)
_RESAMPLED_RATE = 48_000
# Finer than a millionth of a frame, and coarse enough for the 32-bit ticks of an mp4's clock.
_LARGEST_DENOMINATOR = 10_000
_VIDEO_OPTIONS = {"preset": "veryfast", "crf": "18"}
_AUDIO_BITS_A_SECOND = 160_000
# ITU-R BT.601, as ffmpeg's AVCOL_SPC_SMPTE170M and AVCOL_RANGE_MPEG: said in the file, so no player has to guess.
_BT601 = 6
_LIMITED_RANGE = 1


class VideoWriter:
    """Writes one .mp4 file; a context manager.

    The file takes its name when the block ends well. After an error or an interrupt nothing is left, and a
    file that was there before stays as it was.
    """

    def __init__(self, path: Path, frame_rate: float, audio_rate: float, size: tuple[int, int], scale: int = 2) -> None:
        """Check what can be checked before anything is played.

        `size` is (height, width) of the console's screen and `scale` how many pixels each of its pixels gets
        either way. From 2 on, the halved colour resolution of H.264 costs nothing.

        Raises UsageError, RunError, or MissingExtraError without PyAV.
        """
        check_target(path, "video", ".mp4")
        if scale < 1:
            raise UsageError(f"A video's scale should be at least 1, not {scale}.")
        self._av = _import_av()
        self._path = path
        self._frame_rate = Fraction(frame_rate).limit_denominator(_LARGEST_DENOMINATOR)
        self._audio_rate = round(audio_rate)
        height, width = size
        self._size = height * scale, width * scale
        self._encoder: _Encoder | None = None

    def __enter__(self) -> VideoWriter:
        """Open a temporary file beside the one to be written. Raises RunError where that cannot be done."""
        try:
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.", suffix=".mp4")
        except OSError as error:
            raise self._unwritable(error) from error
        os.close(handle)
        self._temporary = Path(temporary)
        with self._whole_or_nothing():
            self._encoder = _Encoder(self._av, self._temporary, self._frame_rate, self._audio_rate, self._size)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is not None:
            self._abandon()
            return
        with self._whole_or_nothing():
            self._opened.finish()
            self._temporary.chmod(0o644)
            self._temporary.replace(self._path)

    def add(self, screen: Screen, sound: Sound) -> None:
        """Append one frame: its picture (height, width, 3) uint8 RGB and its sound (n_samples, 2) int16.

        A picture of another shape than `size` is stretched to it. Raises RunError where the disk is full.
        """
        with self._whole_or_nothing():
            self._opened.add_picture(screen)
            self._opened.add_sound(sound)

    @property
    def _opened(self) -> _Encoder:
        if self._encoder is None:
            raise ValueError("a VideoWriter is used in a with block")
        return self._encoder

    @contextlib.contextmanager
    def _whole_or_nothing(self) -> Iterator[None]:
        """Leave nothing behind where a step of the writing fails."""
        try:
            yield
        except (OSError, self._av.FFmpegError) as error:
            self._abandon()
            raise self._unwritable(error) from error
        except BaseException:
            self._abandon()
            raise

    def _abandon(self) -> None:
        if self._encoder is not None:
            # the file is thrown away, whatever the encoder has to say about its end
            with contextlib.suppress(OSError, ValueError, self._av.FFmpegError):
                self._encoder.close()
        self._temporary.unlink(missing_ok=True)

    def _unwritable(self, error: Exception) -> RunError:
        reason = getattr(error, "strerror", None) or error
        return RunError(f"Cannot write {self._path}: {reason}. Free or choose another folder.")


class _Encoder:
    """An mp4 file being written: a picture stream and a sound stream."""

    def __init__(
        self, av: ModuleType, path: Path, frame_rate: Fraction, audio_rate: int, size: tuple[int, int]
    ) -> None:
        self._av = av
        self._frame_time = 1 / frame_rate
        self._audio_rate = audio_rate
        self._height, self._width = size
        self._frames = 0
        self._samples = 0
        # faststart: the index comes first, so that a browser plays the file while it loads
        self._container: OutputContainer = av.open(str(path), "w", options={"movflags": "faststart"})
        self._video = self._container.add_stream("libx264", rate=frame_rate, options=dict(_VIDEO_OPTIONS))
        self._video.pix_fmt = "yuv420p"
        self._video.height, self._video.width = _even(self._height), _even(self._width)
        context = self._video.codec_context
        context.time_base = self._frame_time
        context.colorspace = context.color_primaries = context.color_trc = _BT601
        context.color_range = _LIMITED_RANGE
        self._audio = self._container.add_stream(
            "aac", rate=audio_rate if audio_rate in _PLAIN_AUDIO_RATES else _RESAMPLED_RATE
        )
        self._audio.layout = "stereo"
        self._audio.bit_rate = _AUDIO_BITS_A_SECOND

    def add_picture(self, screen: Screen) -> None:
        picture = self._av.VideoFrame.from_ndarray(self._enlarge(screen), format="rgb24")
        frame = picture.reformat(format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG")
        frame.pts = self._frames
        frame.time_base = self._frame_time
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def add_sound(self, sound: Sound) -> None:
        if not len(sound):
            return
        interleaved = np.ascontiguousarray(sound).reshape(1, -1)
        frame = self._av.AudioFrame.from_ndarray(interleaved, format="s16", layout="stereo")
        frame.sample_rate = self._audio_rate
        frame.pts = self._samples
        frame.time_base = Fraction(1, self._audio_rate)
        self._samples += len(sound)
        self._container.mux(self._audio.encode(frame))  # PyAV resamples where the stream's rate is another

    def finish(self) -> None:
        """Write what the encoders still hold."""
        if self._frames:
            self._container.mux(self._video.encode(None))
        if self._samples:
            self._container.mux(self._audio.encode(None))
        self.close()

    def close(self) -> None:
        self._container.close()

    def _enlarge(self, screen: Screen) -> Screen:
        """Repeat pixels up to the video's size; H.264 needs even sizes, so an odd one repeats its last line."""
        large = cv2.resize(screen, (self._width, self._height), interpolation=cv2.INTER_NEAREST)
        bottom, right = self._height % 2, self._width % 2
        if bottom or right:
            large = cv2.copyMakeBorder(large, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        return large.astype(np.uint8, copy=False)


def record_video(stage: Stage, agents: Sequence[Agent], spec: EpisodeSpec, path: Path) -> EpisodeResult:
    """Play an episode, an agent per pad, and write every emulated frame of it to an .mp4 file.

    Raises UsageError for another suffix, MissingExtraError without PyAV, and RunError where the file cannot
    be written; then there is no file.
    """
    rules = stage.rules
    with filming(stage, spec.start.state, path) as see:
        return play_episode(stage.emulator, agents, spec, rules, see)


@contextlib.contextmanager
def filming(stage: Stage, state: str, path: Path) -> Iterator[Callable[[], None]]:
    """Give out what writes the frame that is on the screen; what is played meanwhile becomes an .mp4 file.

    The video is of the size that the screen has in `state`. Raises as `record_video` does.
    """
    emulator = stage.emulator
    emulator.reset(state)
    height, width, _ = emulator.screen().shape
    with VideoWriter(path, emulator.frame_rate, emulator.audio_rate, (height, width)) as writer:
        yield lambda: writer.add(emulator.screen(), emulator.audio())


def _import_av() -> ModuleType:
    try:
        import av
    except ImportError as error:
        raise MissingExtraError(
            f'A video needs PyAV, which is not here ({error}). Install it:  pip install "neat-retro[video]"'
        ) from error
    return av


def _even(length: int) -> int:
    return length + length % 2
