"""A virtual X server, whose picture of its display can be looked at."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

TIMEOUT_S = 20


@dataclass(frozen=True)
class XServer:
    """A virtual display."""

    name: str
    framebuffer: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.name}

    def screenshot(self) -> npt.NDArray[np.uint8]:
        """Return the display, (height, width, 3) RGB: Xvfb keeps it in a file in the format of xwd."""
        content = self.framebuffer.read_bytes()
        header = struct.unpack(">25I", content[:100])
        header_size, width, height, bytes_a_line, colours = (header[i] for i in (0, 4, 5, 12, 19))
        pixels = np.frombuffer(content, np.uint8, bytes_a_line * height, header_size + 12 * colours)
        return pixels.reshape(height, -1, 4)[:, :width, 2::-1]

    def run(self, code: str) -> None:
        subprocess.run([sys.executable, "-c", code], env=self.environment, check=True, timeout=TIMEOUT_S)


@pytest.fixture
def x_server(tmp_path: Path) -> Iterator[XServer]:
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24", "-fbdir", str(tmp_path), "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield XServer(f":{server.stdout.readline().strip()}", tmp_path / "Xvfb_screen0")
        finally:
            server.terminate()
