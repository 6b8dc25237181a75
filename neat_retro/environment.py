"""An experiment as a Gymnasium environment: the same observations, actions and fitness, for other learners."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from neat_retro.agent.actions import Argmax
from neat_retro.agent.episode import EpisodeSpec, Perturbation, Play, Start
from neat_retro.evolution import resolve
from neat_retro.evolution.worker import Stage
from neat_retro.experiment import Experiment

# Endings that are the game's, not a limit of ours.
TERMINAL = ("goal", "life_lost", "done")
Inputs = npt.NDArray[np.float32]


class NeatRetroEnv(gym.Env[Inputs, Any]):
    """One game as an experiment describes it. A process can hold one at a time: stable-retro allows one emulator.

    Observation: the network's inputs, (n_inputs,) float32. Action: the index of a combination (argmax, Discrete)
    or a button each (threshold, MultiBinary). Reward: what the step added to the fitness. A step is a decision:
    `frame_skip` frames. Goal, lost life and done terminate; a stall or the frame limit truncates; `info` has
    the `ending`, the `frames` and the `fitness` so far. `reset(seed=...)` draws the start state and its waiting.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 60}  # noqa: RUF012 - Gymnasium's own form

    def __init__(self, experiment: Experiment, render_mode: str | None = None) -> None:
        """Open the game. Raises ExperimentError or GameError."""
        self.render_mode = render_mode
        self._experiment = resolve.settle(experiment)
        self._stage = Stage(self._experiment)
        try:
            self._experiment, self._rules = resolve.fit(self._experiment, self._stage.facts())
        except BaseException:
            self._stage.emulator.close()
            raise
        self.observation_space = gym.spaces.Box(-np.inf, np.inf, (self._rules.n_inputs,), np.float32)
        actions = self._rules.actions
        self.action_space = (
            gym.spaces.Discrete(actions.size) if isinstance(actions, Argmax) else gym.spaces.MultiBinary(actions.size)
        )
        self._play: Play | None = None
        self._fitness = 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Inputs, dict[str, Any]]:
        """Begin an episode. `options={"state": NAME}` chooses the start state."""
        super().reset(seed=seed)
        states = self._experiment.game.states
        state = (options or {}).get("state") or states[int(self.np_random.integers(len(states)))]
        spec = EpisodeSpec(
            Start(state), int(self.np_random.integers(2**31)), Perturbation(self._experiment.episode.noops)
        )
        self._play = Play(self._stage.emulator, 1, spec, self._rules)
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

    def render(self) -> npt.NDArray[np.uint8] | None:  # type: ignore[override]
        """Return the screen, (height, width, 3) uint8 RGB, where render_mode is rgb_array."""
        return self._stage.emulator.screen().copy() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Release the emulator."""
        if self._stage is not None:
            self._stage.emulator.close()
            self._stage = None  # type: ignore[assignment]

    def _outputs(self, action: Any) -> npt.NDArray[np.float64]:
        """Return network outputs that decode to this action."""
        if isinstance(self.action_space, gym.spaces.Discrete):
            outputs = np.zeros(self._rules.actions.size)
            outputs[int(action)] = 1.0
            return outputs
        return np.where(np.asarray(action, dtype=bool), np.inf, -np.inf)

    def _observe(self, play: Play) -> Inputs:
        return play.observe().astype(np.float32)

    def _info(self, play: Play) -> dict[str, Any]:
        return {"ending": play.ending, "frames": play.frames, "fitness": play.fitness}
