"""The rows that are measured: what against what, what must be reached, and which function measures each.

A row names a function of this package without arguments that yields a Result for each variant of it, such as a game.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

Unit = Literal["", "x", "%", "s"]


@dataclass(frozen=True)
class Result:
    """One measured figure of a row, in the row's unit. `detail` says how it came about, in a few words."""

    variant: str
    value: float
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """One row of the table. `must` and `aim` are in `unit`; neither is given for a figure that only informs.

    `measured_by` is `module:function` in this package; its results come in the order in which they were measured.
    """

    name: str
    what: str
    against: str
    must: float | None
    aim: float | None
    measured_by: str
    unit: Unit = ""
    lower_is_better: bool = False

    def measure(self) -> Iterator[Result]:
        """Measure now; this takes minutes."""
        module, _, function = self.measured_by.partition(":")
        return cast(Iterator[Result], getattr(importlib.import_module(f"benchmarks.{module}"), function)())

    def reached(self, value: float) -> str:
        """Say which goal a value reaches: `aim`, `must`, `below` or, without goals, nothing."""
        for name, goal in (("aim", self.aim), ("must", self.must)):
            if goal is not None and (value <= goal if self.lower_is_better else value >= goal):
                return name
        return "below" if self.must is not None else ""

    def text(self, value: float | None) -> str:
        """Write a value in the row's unit: `0.82`, `17x`, `1,930x`, `5 %`, `1.5 s`."""
        if value is None:
            return ""
        times = f"{value:.3g}x" if value < 1000 else f"{value:,.0f}x"
        return {"": f"{value:.3g}", "x": times, "%": f"{value:.2g} %", "s": f"{value:.2g} s"}[self.unit]


RAW = "the raw `em.step()` loop over the same frames"
LOOP = "the tutorial's loop, same genomes and actions"

ROWS = (
    Row("raw", "the raw `em.step()` loop", "the console's own frame rate", None, None, "raw:rates", "x"),
    Row("training-skip-1", "one process training from pixels, frame skip 1", RAW, 0.82, 0.92, "training:skip_1"),
    Row("training-skip-4", "one process training from pixels, frame skip 4", RAW, 0.90, 0.96, "training:skip_4"),
    Row("demanded", "frames demanded a second, with reuse and sharing", RAW, 1.3, 2.0, "sharing:demanded"),
    Row(
        "emulated",
        "frames emulated, 10 default generations",
        "frames demanded, identical fitness",
        0.65,
        0.45,
        "sharing:emulated",
        lower_is_better=True,
    ),
    Row("tutorial", "one process, 1,120 inputs, 6,700 connections", LOOP, 17, 25, "tutorial:one_process", "x"),
    Row("tutorial-default", "one process, the shipped config", LOOP, None, None, "tutorial:shipped", "x"),
    Row(
        "end-to-end",
        "two processes, five generations, all included",
        "the tutorial's loop with neat-python's reproduction",
        35,
        55,
        "end_to_end:two_processes",
        "x",
    ),
    Row("workers", "what each added worker adds", "one worker", 0.93, 0.96, "workers:added"),
    Row("reproduction", "reproduce and speciate", "neat.DefaultGenome", 40, 80, "reproduction:rows", "x"),
    Row(
        "neat-work",
        "NEAT's work, checkpoint and history",
        "a generation's wall time, population 150, two workers",
        5,
        2,
        "neat_work:share_of_wall",
        "%",
        lower_is_better=True,
    ),
    Row(
        "scheduling",
        "makespan of a generation of 30 genomes",
        "the lower bound",
        1.03,
        1.01,
        "scheduling:rows",
        lower_is_better=True,
    ),
    Row(
        "startup",
        "from `neat-retro train` to its first generation",
        "a warm cache",
        3,
        1.5,
        "startup:rows",
        "s",
        lower_is_better=True,
    ),
    Row(
        "memory",
        "memory of a worker after 100,000 frames",
        "after 1,000",
        1.05,  # "no growth": resident memory wobbles by some per cent
        None,
        "memory:growth",
        lower_is_better=True,
    ),
)
