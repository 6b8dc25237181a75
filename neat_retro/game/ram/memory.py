"""Knows at which data.json address each byte of a console's memory lies, and keeps what it held frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator

Bytes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]

_FRAMES_PER_CHUNK = 128


class Memory:
    """The memory of an emulator that has been reset: every byte once, in the order of its addresses.

    `addresses` is (n_bytes,), as data.json counts them: a `|u1` there is the byte. Words are in the processor's
    order, which on a Genesis is not that of stable-retro's blocks.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        blocks = emulator.memory_blocks()
        mirrors = {start for start, block in blocks.items() if _is_mirror(start, blocks)}
        self._blocks = sorted(blocks.keys() - mirrors)
        overlay = catalog.consoles()[catalog.console(emulator.game)].get("overlay")
        self._swapped = overlay is not None and overlay[2] == 2
        self.addresses: Indices = np.concatenate([np.arange(at, at + len(blocks[at])) for at in self._blocks])

    def read(self) -> Bytes:
        """Return what every byte holds now, (n_bytes,)."""
        blocks = self._emulator.memory_blocks()
        content = np.frombuffer(b"".join(blocks[start] for start in self._blocks), np.uint8)
        return content.view(np.uint16).byteswap().view(np.uint8) if self._swapped else content


def _is_mirror(start: int, blocks: dict[int, bytes]) -> bool:
    """Tell whether a block is the beginning of a larger one: SNES addresses below 0x2000 are those from 0x7E0000."""
    block = blocks[start]
    larger = (other for other in blocks.values() if len(other) > len(block) >= 4096)
    return any(other.startswith(block) for other in larger)


@dataclass(frozen=True)
class _Chunk:
    first: Bytes
    changing: Indices
    content: Bytes  # (n_frames, len(changing))


class History:
    """What a memory held in frame after frame, kept small: most bytes of a console never change."""

    def __init__(self) -> None:
        self._chunks: list[_Chunk] = []
        self._open: list[Bytes] = []
        self._differs = np.zeros(0, np.uint8)  # not 0 where any open frame is another than the first of them

    def add(self, content: Bytes) -> None:
        """Append a frame."""
        if self._open:
            self._differs |= content ^ self._open[0]
        else:
            self._differs = np.zeros_like(content)
        self._open.append(content)
        if len(self._open) == _FRAMES_PER_CHUNK:
            self._close_chunk()

    def changing(self) -> npt.NDArray[np.bool_]:
        """Return which bytes differ between any two frames, (n_bytes,)."""
        self._close_chunk()
        start = self._chunks[0].first
        found = np.zeros(start.size, bool)
        for chunk in self._chunks:
            found |= chunk.first != start
            found[chunk.changing] = True
        return found

    def columns(self, of: Indices) -> Bytes:
        """Return the bytes with these indices (sorted) in every frame, (n_frames, len(of))."""
        self._close_chunk()
        parts = []
        for chunk in self._chunks:
            part = np.repeat(chunk.first[of][None], len(chunk.content), axis=0)
            _, here, there = np.intersect1d(of, chunk.changing, assume_unique=True, return_indices=True)
            part[:, here] = chunk.content[:, there]
            parts.append(part)
        return np.concatenate(parts)

    def _close_chunk(self) -> None:
        if self._open:
            changing = np.flatnonzero(self._differs)
            content = np.array([frame[changing] for frame in self._open])
            self._chunks.append(_Chunk(self._open[0], changing, content))
            self._open = []
