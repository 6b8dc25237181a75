"""Stable-Baselines3 learns on our environment. Not part of `make test`, because torch is heavy:

make test-sb3        installs torch and stable-baselines3 into .venv and runs this file
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import neat_retro

pytest.importorskip("stable_baselines3", reason="run `make test-sb3`, which installs it")

from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env

SETTINGS: dict[str, dict[str, object]] = {
    "argmax": {"Observation.stack": 2},
    "threshold": {"Actions.kind": "threshold", "Actions.combos": ""},
    "ram": {"Observation.kind": "ram", "Observation.ram": "0x0:0x200"},
}


@pytest.fixture(params=SETTINGS)
def env(request: pytest.FixtureRequest) -> Iterator[neat_retro.NeatRetroEnv]:
    experiment = neat_retro.load_experiment("Airstriker-Genesis", settings=SETTINGS[request.param])
    env = neat_retro.make_env(experiment, render_mode="rgb_array")
    yield env
    env.close()


def test_its_checker_finds_nothing(env: neat_retro.NeatRetroEnv) -> None:
    check_env(env)


def test_ppo_learns_for_200_steps(env: neat_retro.NeatRetroEnv) -> None:
    model = PPO("MlpPolicy", env, n_steps=100, batch_size=50, n_epochs=2, seed=1, device="cpu")
    before = [parameter.detach().numpy().copy() for parameter in model.policy.parameters()]
    model.learn(200)
    after = [parameter.detach().numpy() for parameter in model.policy.parameters()]
    assert model.num_timesteps == 200
    assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    observation, _ = env.reset(seed=1)
    action, _ = model.predict(observation, deterministic=True)
    env.step(action)
