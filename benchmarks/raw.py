"""The yardstick: the buttons of episodes that were played, pressed again in a bare `em.step()` loop.

What a frame costs depends on what is on the screen, so the raw loop plays the very frames that it is compared with:
no picture is fetched, no variable read, no RetroEnv in between.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from benchmarks.populations import experiment_of, jobs_of, opened
from benchmarks.table import Result
from neat_retro.agent.episode import EpisodeResult, go_to_start, pressed_frames
from neat_retro.agent.rules import Rules
from neat_retro.game.emulator import Emulator

GAMES = ("NeatRunner-Nes", "NeatDash-Genesis", "NeatDuel-Snes", "Airstriker-Genesis")


class RawLoop:
    """Plays episodes again on an emulator that is open already; `frames` and `seconds` add up."""

    def __init__(self, emulator: Emulator, rules: Rules) -> None:
        self.frames = 0
        self.seconds = 0.0
        self._emulator = emulator
        self._rules = rules

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds

    def replay(self, episode: EpisodeResult) -> None:
        """Go to the episode's start untimed, then play its frames, timed."""
        go_to_start(self._emulator, 1, episode.spec, lambda: None)
        em: Any = self._emulator._em
        buttons = np.arange(len(self._emulator.buttons))
        pressed = groupby(masks[0] for masks in pressed_frames(episode, self._rules))
        holds = [((mask >> buttons & 1).astype(np.uint8), len(list(frames))) for mask, frames in pressed]
        began = time.perf_counter()
        for mask, frames in holds:
            em.set_button_mask(mask, 0)
            for _ in range(frames):
                em.step()
        self.seconds += time.perf_counter() - began
        self.frames += episode.frames


def replay_checked(raw: RawLoop, emulator: Emulator, episode: EpisodeResult) -> None:
    """Replay the episode that was just played; raises ValueError if its last frame is another one."""
    last = emulator.screen().copy()
    raw.replay(episode)
    if not np.array_equal(emulator.screen(), last):
        raise ValueError(f"the raw loop came to another frame than the episode from {episode.spec.start.state}")


def rates(games: tuple[str, ...] = GAMES, population: int = 12, max_frames: int = 1200) -> Iterator[Result]:
    """How many times faster than the console each core runs here: the scale of every other figure."""
    for game in games:
        experiment = experiment_of(game, {"NEAT.pop_size": population, "Episode.max_frames": max_frames})
        with opened(experiment) as (stage, config):
            raw = RawLoop(stage.emulator, stage.rules)
            for job in jobs_of(config, experiment):
                for episode in stage.play(job).episodes:
                    replay_checked(raw, stage.emulator, episode)
            yield Result(game, raw.rate / stage.emulator.frame_rate, f"{raw.frames:,} frames")
