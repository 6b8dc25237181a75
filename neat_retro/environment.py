"""An experiment as a Gymnasium environment: the same observations, actions and fitness, for other learners."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from neat_retro.agent.actions import Argmax, Threshold
from neat_retro.agent.episode import EpisodeSpec, LiveFrames, Perturbation, Play, Start
from neat_retro.agent.observation import NORMALISATIONS
from neat_retro.agent.rules import TUTORIAL
from neat_retro.errors import UsageError
from neat_retro.evolution import resolve
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Experiment

# Endings that are the game's, not a limit of ours.
TERMINAL = ("goal", "life_lost", "done")
Inputs = npt.NDArray[np.float32]


class NeatRetroEnv(gym.Env[Inputs, Any]):
    """One game as an experiment describes it. A process can hold one at a time: stable-retro allows one emulator.

    Observation: the network's inputs, (n_inputs,) float32; bounded by the scaling of pixels and RAM, and by float32
    itself where the author scales variables. Action: the index of a combination (argmax, Discrete)
    or a button each (threshold, MultiBinary). Reward: what the step added to the fitness. A step is a decision:
    `frame_skip` frames. Goal, lost life and done terminate; a stall or the frame limit truncates; `info` has
    the `ending`, the `frames` and the `fitness` so far. `reset(seed=...)` draws the start state and its waiting.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 60}  # noqa: RUF012 - Gymnasium's own form

    def __init__(self, experiment: Experiment, render_mode: str | None = None) -> None:
        """Open the game. Raises ExperimentError, GameError or UsageError."""
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise UsageError(f"render_mode = {render_mode!r} should be 'rgb_array' or None.")
        self.render_mode = render_mode
        self._experiment = resolve.settle(experiment)
        stage = Stage(self._experiment)
        try:
            self._experiment, self._rules = resolve.fit(self._experiment, stage.facts())
        except BaseException:
            stage.emulator.close()
            raise
        self._stage: Stage | None = stage
        low, high = _bounds(self._experiment)
        self.observation_space = gym.spaces.Box(low, high, (self._rules.n_inputs,), np.float32)
        actions = self._rules.actions
        self.action_space = (
            gym.spaces.Discrete(actions.size) if isinstance(actions, Argmax) else gym.spaces.MultiBinary(actions.size)
        )
        self._play: Play | None = None
        self._fitness = 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Inputs, dict[str, Any]]:
        """Begin an episode. `options={"state": NAME}` chooses the start state."""
        emulator = self._open_stage().emulator
        super().reset(seed=seed)
        states = self._experiment.game.states
        state = (options or {}).get("state") or states[int(self.np_random.integers(len(states)))]
        perturbation = Perturbation.of(self._experiment.episode)
        spec = EpisodeSpec(Start(state), int(self.np_random.integers(2**31)), perturbation)
        self._play = Play(LiveFrames(emulator, self._rules), 1, spec, self._rules)
        self._fitness = self._play.fitness
        return self._observe(self._play), self._info(self._play)

    def step(self, action: Any) -> tuple[Inputs, float, bool, bool, dict[str, Any]]:
        """Hold the action for one decision."""
        if self._play is None or self._play.ending is not None:
            raise gym.error.ResetNeeded("Call reset() before step(): there is no episode going on.")
        play = self._play
        play.step((self._rules.actions.decode(self._outputs(action)),))
        reward, self._fitness = play.fitness - self._fitness, play.fitness
        terminated = play.ending in TERMINAL
        truncated = play.ending is not None and not terminated
        return self._observe(play), float(reward), terminated, truncated, self._info(play)

    def render(self) -> npt.NDArray[np.uint8] | None:
        """Return the screen, (height, width, 3) uint8 RGB, where render_mode is rgb_array."""
        return self._open_stage().emulator.screen().copy() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Release the emulator, so that this process may open another. May be called again."""
        if self._stage is not None:
            self._stage.emulator.close()
        self._stage = self._play = None

    def _open_stage(self) -> Stage:
        if self._stage is None:
            raise gym.error.ClosedEnvironmentError("This environment was closed. Make another one.")
        return self._stage

    def _outputs(self, action: Any) -> npt.NDArray[np.float64]:
        """Return network outputs that decode to this action."""
        actions = self._rules.actions
        if isinstance(actions, Argmax):
            outputs = np.zeros(actions.size)
            outputs[int(action)] = 1.0
            return outputs
        pressed = np.asarray(action, dtype=bool)
        return np.where(pressed, np.inf, -np.inf) if isinstance(actions, Threshold) else pressed.astype(np.float64)

    def _observe(self, play: Play) -> Inputs:
        return play.observe().astype(np.float32)

    def _info(self, play: Play) -> dict[str, Any]:
        return {"ending": play.ending, "frames": play.frames, "fitness": play.fitness}


def _bounds(experiment: Experiment) -> tuple[float, float]:
    """Return the least and the greatest that an observation can be."""
    section = experiment.observation
    if section.kind == TUTORIAL:
        return 0.0, 255.0
    if section.kind == "variables":
        limits = np.finfo(np.float32)
        return float(limits.min), float(limits.max)
    normalisation = NORMALISATIONS[section.normalise]
    return normalisation.least, normalisation.greatest
