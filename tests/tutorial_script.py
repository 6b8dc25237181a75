"""A training script as the well-known tutorials have it, which knows nothing of neat_retro.

    python tutorial_script.py CONFIG GENERATIONS SEED

trains on Airstriker, writes winner.pkl into the working folder, then plays the winner once more and prints
its score and its frames as JSON. The loop is the tutorials': the frame shrunk by 8 with width and height
swapped, gray as if it were BGR, raw bytes in, `env.step` given the outputs as they are, and a counter that
ends the game after 250 frames without a new best score.
"""

from __future__ import annotations

import json
import pickle
import random
import sys
from typing import Any

import cv2
import neat
import numpy as np
import stable_retro

PATIENCE = 250

env = stable_retro.make("Airstriker-Genesis-v0", render_mode="rgb_array")


def play(genome: Any, config: neat.Config) -> tuple[float, int]:
    """Play one game and return its score and its frames."""
    ob, _ = env.reset()
    inx, iny, _ = env.observation_space.shape
    inx, iny = int(inx / 8), int(iny / 8)
    kind = neat.nn.FeedForwardNetwork if config.genome_config.feed_forward else neat.nn.recurrent.RecurrentNetwork
    net = kind.create(genome, config)
    best = score = 0.0
    frames = counter = 0
    done = False
    while not done:
        frames += 1
        ob = cv2.resize(ob, (inx, iny))
        ob = cv2.cvtColor(ob, cv2.COLOR_BGR2GRAY)
        ob = np.reshape(ob, (inx, iny))
        pixels = [pixel for row in ob for pixel in row]
        ob, reward, terminated, truncated, _ = env.step(net.activate(pixels))
        score += reward
        if score > best:
            best = score
            counter = 0
        else:
            counter += 1
        done = terminated or truncated or counter == PATIENCE
    return score, frames


def eval_genomes(genomes: list[tuple[int, Any]], config: neat.Config) -> None:
    for _, genome in genomes:
        genome.fitness = play(genome, config)[0]


def main(path: str, generations: int, seed: int) -> None:
    random.seed(seed)
    config = neat.Config(
        neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation, path
    )
    winner = neat.Population(config).run(eval_genomes, generations)
    with open("winner.pkl", "wb") as output:  # noqa: PTH123 - as scripts do
        pickle.dump(winner, output, 1)
    score, frames = play(winner, config)
    print(json.dumps({"score": score, "frames": frames, "fitness": winner.fitness}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
