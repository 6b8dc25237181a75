"""A virtual X server, whose picture of its display can be looked at, and a champion with its evaluation."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import neat_retro
from neat_retro.agent.episode import Perturbation
from neat_retro.evolution.champion import Champion
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.output.evaluation import Evaluation, Plan, evaluate

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


@pytest.fixture(scope="session")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Champion:
    """One of NeatRunner's first level that comes to x 553, with a goal that it passes from some starts only."""
    settings: dict[str, object] = {
        "NEAT.pop_size": 30,
        "Run.generations": 1,
        "Run.seed": 9,
        "Episode.max_frames": 500,
    }
    experiment = neat_retro.load_experiment("NeatRunner-Nes", settings=settings)
    trained = neat_retro.train(experiment, tmp_path_factory.mktemp("champion") / "run", workers=2).champion
    assert trained is not None
    near = replace(trained.experiment, episode=replace(trained.experiment.episode, goal="x > 552"))
    return replace(trained, experiment=near)


@pytest.fixture(scope="session")
def evaluation(champion: Champion) -> Evaluation:
    """The champion on the level it knows and on one that it does not, with its card."""
    plan = Plan(("Level1-2", "Level1-1"), 4, Perturbation(30, 0.25), seed=3, card=True)
    with WorkerPool(champion.experiment, 2) as pool:
        return evaluate(champion, plan, pool)
