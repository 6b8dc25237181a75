"""What a network sees: a frame of the game turned into numbers.

Kinds: `grayscale` (the screen, downscaled by area average), `variables` (expressions over RAM variables,
scaled by the author) and `ram` (bytes of the console's memory). The last `stack` observations are joined,
oldest first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from neat_retro.agent.expressions import Expression, Moment
from neat_retro.agent.gray import CONTRAST_UNIT, LARGEST_BLOCK, gray_blocks, local_contrast
from neat_retro.agent.kernels import IS_COMPILED
from neat_retro.errors import ExperimentError, did_you_mean
from neat_retro.experiment import ObservationSection

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Look = npt.NDArray[Any]  # uint8, or float64 where there is no smaller form

# One worker is one core: OpenCV's own threads would only compete with the other workers.
cv2.setNumThreads(1)


class Scene(Protocol):
    """What an observation may look at: the game between two frames."""

    def screen(self) -> Bytes:
        """The picture, (height, width, 3) uint8 RGB, cropped and rotated as the integration says."""
        ...

    def ram(self) -> Bytes:
        """The console's memory, (n_bytes,) uint8."""
        ...


class Observer(ABC):
    """One kind of observation, for frames of one game.

    It looks, then makes inputs of what was seen: a look is small, so that it can be kept and shared.
    """

    size: int

    @abstractmethod
    def look(self, scene: Scene, moment: Moment) -> Look:
        """Return what is seen of this frame, (size,) uint8 or float64."""

    @abstractmethod
    def inputs(self, look: Look) -> Floats:
        """Return a look as the network's inputs, (size,) float64."""

    def observe(self, scene: Scene, moment: Moment) -> Floats:
        """Return this frame's inputs, (size,) float64."""
        return self.inputs(self.look(scene, moment))


@dataclass(frozen=True)
class GameShape:
    """What sizes depend on: the screen's (height, width), bytes of RAM and the console's buttons."""

    screen: tuple[int, int]
    ram_size: int
    buttons: tuple[str | None, ...]


class Normalisation(Protocol):
    """Bytes to inputs; `least` and `greatest` are what an input can be."""

    least: float
    greatest: float

    def apply(self, values: Bytes) -> Floats:
        """Return bytes as inputs, (values.size,)."""
        ...


class Scaling(Normalisation):
    """Each byte for itself, in whatever shape they are: value * factor + offset."""

    def __init__(self, factor: float, offset: float) -> None:
        self._inputs = np.arange(256, dtype=np.float64) * factor + offset  # of each byte
        self.least, self.greatest = self._inputs[[0, 255]].tolist()

    def apply(self, values: Bytes) -> Floats:
        return self._inputs.take(values.reshape(-1))


class LocalContrast(Normalisation):
    """Each pixel of a picture, (height, width), less the mean of the 3 x 3 around it: 0 wherever the picture is flat.

    The subtractive half of local contrast normalisation: Jarrett, Kavukcuoglu, Ranzato & LeCun (2009), "What is the
    best multi-stage architecture for object recognition?", section 2, doi:10.1109/ICCV.2009.5459469.
    """

    greatest = 255 * 8 / 9 / CONTRAST_UNIT
    least = -greatest

    def apply(self, values: Bytes) -> Floats:
        if IS_COMPILED:
            contrast = np.empty(values.shape)
            local_contrast(values, contrast)
            return contrast.reshape(-1)
        sums = cv2.boxFilter(values, cv2.CV_32S, (3, 3), normalize=False, borderType=cv2.BORDER_REPLICATE)
        return ((9 * values.astype(np.int32) - sums) / (9 * CONTRAST_UNIT)).reshape(-1)


SCALINGS: Mapping[str, Scaling] = {
    "0..1": Scaling(1 / 255, 0.0),
    "-1..1": Scaling(2 / 255, -1.0),
    "none": Scaling(1.0, 0.0),
}
NORMALISATIONS: Mapping[str, Normalisation] = {**SCALINGS, "contrast": LocalContrast()}


class Grayscale(Observer):
    """The screen in gray, each pixel the average of a downscale x downscale block."""

    def __init__(self, screen: tuple[int, int], downscale: int, normalisation: Normalisation) -> None:
        height, width = screen
        self.height, self.width = max(1, height // downscale), max(1, width // downscale)
        self.size = self.height * self.width
        self._normalisation = normalisation
        self._downscale = downscale
        # Frames of this shape are seen in one compiled pass; others, and all without numba, by OpenCV.
        fits = IS_COMPILED and height % downscale == width % downscale == 0 and 2 <= downscale <= LARGEST_BLOCK
        self._shape = (height, width, 3) if fits else None
        self._colours = np.empty((3, width), np.uint8)
        self._sums = np.empty(width, np.uint32)

    def look(self, scene: Scene, moment: Moment) -> Bytes:
        return self.pixels(scene.screen()).reshape(-1)

    def pixels(self, screen: Bytes) -> Bytes:
        """Return the small gray picture, (height, width) uint8. Any screen shape gives the same size."""
        if screen.shape == self._shape and screen.flags.c_contiguous:
            small = np.empty((self.height, self.width), np.uint8)
            gray_blocks(screen.reshape(len(screen), -1), self._downscale, self._colours, self._sums, small)
            return small
        gray = cv2.cvtColor(screen, cv2.COLOR_RGB2GRAY)
        return cv2.resize(gray, (self.width, self.height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]

    def inputs(self, look: Look) -> Floats:
        return self._normalisation.apply(look.reshape(self.height, self.width))


class ChosenVariables(Observer):
    """The values of expressions, as the author scaled them."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self._expressions = tuple(expressions)
        self.size = len(self._expressions)

    def look(self, scene: Scene, moment: Moment) -> Floats:
        return np.array([expression(moment) for expression in self._expressions], dtype=np.float64)

    def inputs(self, look: Look) -> Floats:
        return look


class Ram(Observer):
    """Bytes of the console's memory."""

    def __init__(self, chosen: slice, size: int, normalisation: Normalisation) -> None:
        self._chosen = chosen
        self.size = size
        self._normalisation = normalisation

    def look(self, scene: Scene, moment: Moment) -> Bytes:
        return scene.ram()[self._chosen].copy()  # not a view, which would keep all of the memory

    def inputs(self, look: Look) -> Floats:
        return self._normalisation.apply(look)


OBSERVATION_KINDS = ("grayscale", "variables", "ram")


def make_observer(
    section: ObservationSection, shape: GameShape, expressions: Sequence[Expression], where: str
) -> Observer:
    """Return the observer that [Observation] describes, for a game of this shape.

    `expressions` are the parsed entries of `variables`. Raises ExperimentError.
    """
    known: Mapping[str, Normalisation] = SCALINGS if section.kind == "ram" else NORMALISATIONS
    if section.normalise not in known:
        raise ExperimentError(f"{where}: normalise = {section.normalise} should be one of {', '.join(known)}.")
    given = section.kind == "ram" or section.ram != "all"  # a console may have no memory to see
    chosen = _ram_range(section.ram, shape.ram_size, where) if given else slice(0, 0)
    makers: Mapping[str, Callable[[], Observer]] = {
        "grayscale": lambda: Grayscale(shape.screen, section.downscale, known[section.normalise]),
        "variables": lambda: _chosen_variables(expressions, where),
        "ram": lambda: Ram(chosen, chosen.stop - chosen.start, known[section.normalise]),
    }
    if section.kind not in makers:
        hint = did_you_mean(section.kind, OBSERVATION_KINDS)
        raise ExperimentError(
            f"{where}: no kind of observation {section.kind!r}.{hint} Kinds: {', '.join(OBSERVATION_KINDS)}."
        )
    return makers[section.kind]()


def _chosen_variables(expressions: Sequence[Expression], where: str) -> ChosenVariables:
    if not expressions:
        raise ExperimentError(f"{where}: kind = variables needs a list: variables = health / 176, timer / 99")
    return ChosenVariables(expressions)


def _ram_range(text: str, ram_size: int, where: str) -> slice:
    try:
        first, last = (0, ram_size) if text == "all" else (int(part, 0) for part in text.split(":"))
    except ValueError:
        first, last = 0, -1
    if not 0 <= first < last <= ram_size:
        raise ExperimentError(
            f"{where}: ram = {text} should be `all` or first:last within 0:{ram_size}, for example 0x0:0x100."
        )
    return slice(first, last)


class Stack:
    """The last `depth` observations of one episode, oldest first; at the start all are the first one."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._frames: list[Floats] = []

    def push(self, observation: Floats) -> Floats:
        """Take in an observation, (size,), and return the network's inputs, (depth * size,)."""
        if self._depth == 1:
            return observation
        self._frames = [*(self._frames or [observation] * self._depth)[1:], observation]
        return np.concatenate(self._frames)
