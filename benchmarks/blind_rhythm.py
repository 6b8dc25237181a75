"""How far a blind rhythm gets: `python -m benchmarks.blind_rhythm RESULTS.jsonl`.

On Airstriker, B pressed p of every q frames (q up to 32) while LEFT and RIGHT take turns, each held for a number
of frames. The best of them is a yardstick for a champion: a score that needs no eyes. Every rhythm is played once
from the start state, with the shipped config but frame skip 1, and until its last ship is lost. Results are appended
as they come, one line a rhythm, and a second call goes on where the first was stopped.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import neat_retro
from neat_retro.agent.actions import combo_mask
from neat_retro.agent.players import RhythmAgent
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job, training_episodes
from neat_retro.evolution.resolve import settle

GAME = "Airstriker-Genesis"
LONGEST_PERIOD = 32
LAST_SHIP_LOST = "gameover == 1 and lives == 0"
HOLDS = (0, 16, 32, 64)  # frames in each direction; 0 stands still


def rhythms() -> Iterator[tuple[int, int, int]]:
    """Yield (p, q, hold); of p/q that press alike at every frame, one."""
    yield from (
        (p, q, hold)
        for hold, q in itertools.product(HOLDS, range(2, LONGEST_PERIOD + 1))
        for p in sorted({1, 2, 4, q // 2, q - 1} & set(range(1, q)))
    )


def main(results: Path) -> None:
    settings = {
        "Actions.turbo": "",
        "Episode.frame_skip": 1,
        "Episode.life_lost": "",
        "Episode.done": LAST_SHIP_LOST,
        "Run.seed": 0,
    }
    experiment = settle(neat_retro.load_experiment(GAME, settings=settings))
    done = (
        {tuple(json.loads(line)["rhythm"]) for line in results.read_text().splitlines()} if results.exists() else set()
    )
    remaining = [rhythm for rhythm in rhythms() if rhythm not in done]
    with WorkerPool(experiment, os.cpu_count() or 1) as pool, results.open("a") as file:
        buttons = pool.facts().shape.buttons
        press, left, right = (combo_mask(name, buttons, GAME) for name in ("B", "LEFT", "RIGHT"))
        episodes = training_episodes(experiment)
        for batch in _batches(remaining, 8):
            jobs = [
                Job(i, (RhythmAgent(press, p, q, (left, right) if hold else (0,), hold or 1),), episodes)
                for i, (p, q, hold) in enumerate(batch)
            ]
            for rhythm, result in zip(batch, pool.play(jobs), strict=True):
                terms = dict(zip(experiment.fitness, result.episodes[0].terms, strict=True))
                file.write(json.dumps({"rhythm": rhythm, "score": terms["score"]}) + "\n")
            file.flush()
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    best = max(lines, key=lambda line: line["score"])
    p, q, hold = best["rhythm"]
    print(f"best of {len(lines)} rhythms: {best['score']:g}, B {p} of {q} frames, {hold} frames in each direction")


def _batches(items: list[tuple[int, int, int]], size: int) -> Iterator[list[tuple[int, int, int]]]:
    yield from (items[i : i + size] for i in range(0, len(items), size))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
