"""Measures how hard a game's levels are: `python -m homebrew.difficulty GAME [STATE ...] --out RESULTS.jsonl`.

For each start state: every combination of buttons held alone, random play (sticky and leaning to the right), random
dense networks, every blind rhythm, and the winning movie. A line a measurement is appended as it comes; what the file
has already is not measured again. `--table` prints the file as a table.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import neat

import neat_retro
from homebrew.levels import Level
from homebrew.movies import movie_path, play_movie
from homebrew.rhythms import play_rhythms
from homebrew.sticky import sticky_draws
from neat_retro.agent.actions import ActionSet, combo_mask
from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Start
from neat_retro.agent.network import compile_genome
from neat_retro.agent.players import Agent, NetworkAgent, Player, ScriptedAgent
from neat_retro.evolution.evaluators import WorkerPool
from neat_retro.evolution.jobs import Job
from neat_retro.evolution.resolve import fit, neat_config, settle
from neat_retro.experiment import Experiment
from neat_retro.game import catalog

LEAN = 2.0  # how much likelier a combination with RIGHT is than one without
# What is held and what is pressed in a blind rhythm.
RHYTHMS = {
    "NeatRunner-Nes": (("RIGHT", "A"), ("RIGHT+B", "A")),
    "NeatDash-Genesis": (("RIGHT", "B"),),
}

Row = dict[str, object]


@dataclass(frozen=True)
class StickyRandomAgent:
    """Draws a mask at each decision, unless it repeats the last one."""

    masks: tuple[int, ...]
    weights: tuple[float, ...]

    def start(self, seed: int, actions: ActionSet) -> Player:
        rng = random.Random(seed)
        return _StickyRandomPlayer(sticky_draws(rng, lambda: rng.choices(self.masks, self.weights)[0]))


@dataclass
class _StickyRandomPlayer:
    draws: Iterator[int]

    def decide(self, inputs: object) -> int:
        return next(self.draws)


def random_networks(experiment: Experiment, count: int) -> Iterator[Agent]:
    """Yield dense networks without hidden nodes, all weights drawn from N(0, 1)."""
    genome = dict(experiment.neat["DefaultGenome"])
    genome |= {"initial_connection": "full_direct", "num_hidden": "0", "enabled_default": "True"}
    genome |= {"weight_init_mean": "0.0", "weight_init_stdev": "1.0", "weight_init_type": "gaussian"}
    population = {**experiment.neat["NEAT"], "pop_size": str(count)}
    changed = {**experiment.neat, "DefaultGenome": genome, "NEAT": population}
    config = neat_config(dataclasses.replace(experiment, neat=changed))
    random.seed(0)  # neat-python draws from the global generator
    for drawn in neat.Population(config).population.values():
        yield NetworkAgent(compile_genome(drawn, config.genome_config))


def summary(episodes: Sequence[EpisodeResult]) -> Row:
    """Return how many finished, and how far the median and the furthest came."""
    positions = [episode.furthest_x or 0.0 for episode in episodes]
    return {
        "episodes": len(episodes),
        "finished": sum(episode.ending == "goal" for episode in episodes),
        "median": median(positions),
        "furthest": max(positions),
        "frames": sum(episode.frames for episode in episodes),
    }


def measure_agents(game: str, state: str, measured: set[str], episodes: int, networks: int) -> Iterator[Row]:
    """Yield a row for everything that is played by agents in workers."""
    experiment = settle(neat_retro.load_experiment(game, settings={"Game.states": state, "Run.seed": 0}))
    with WorkerPool(experiment, os.cpu_count() or 1) as pool:
        facts = pool.facts()
        fitted, rules = fit(experiment, facts)
        names = rules.actions.names
        masks = tuple(combo_mask(name, facts.shape.buttons, game) for name in names)

        def play(player: str, agents: Sequence[Agent]) -> Row:
            jobs = [Job(n, (agent,), (EpisodeSpec(Start(state), n),)) for n, agent in enumerate(agents)]
            return {"state": state, "player": player, **summary([r.episodes[0] for r in pool.play(jobs)])}

        for name, mask in zip(names, masks, strict=True):
            if f"{name} held" not in measured:
                yield play(f"{name} held", [ScriptedAgent((mask,) * rules.limits.max_frames)])
        if "random" not in measured:
            weights = tuple(LEAN if "RIGHT" in name else 1.0 for name in names)
            yield play("random", [StickyRandomAgent(masks, weights)] * episodes)
        if "networks" not in measured:
            yield play("networks", list(random_networks(fitted, networks)))


def measure_level(game: str, state: str, measured: set[str], longest: int) -> Iterator[Row]:
    """Yield a row for every kind of blind rhythm, and for the winning movie."""
    with Level(game, state) as level:
        for held, pressed in RHYTHMS.get(game, ()) if longest else ():
            player = f"{held} held, {pressed} in rhythm"
            if player not in measured:
                yield {"state": state, "player": player, **asdict(play_rhythms(level, held, pressed, longest))}
        if "movie" not in measured and movie_path(game, state).exists():
            yield {"state": state, "player": "movie", **summary([play_movie(level.stage, game, state)])}


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the results as a Markdown table, a line a state: how many finished of how many, and how far x came."""
    yield "| state | RIGHT alone | any one held | random play | random networks | blind rhythms | the movie |"
    yield "|---|---|---|---|---|---|---|"
    for state in dict.fromkeys(str(row["state"]) for row in rows):
        here = {str(row["player"]): row for row in rows if row["state"] == state}
        held = [row["furthest"] for player, row in here.items() if player.endswith(" held")]
        rhythms = [cell(row) for player, row in here.items() if "rhythm" in player]
        cells = [f"{here['RIGHT held']['furthest']:g}", f"{max(held):g}"]  # type: ignore[type-var]
        cells += [cell(here[player]) if player in here else "" for player in ("random", "networks")]
        cells += ["; ".join(rhythms), f"{here['movie']['furthest']:g}" if "movie" in here else ""]
        yield f"| `{state}` | {' | '.join(cells)} |"


def cell(row: Row) -> str:
    """Return how many finished, and the furthest x."""
    return f"{row['finished']} of {row.get('episodes', row.get('rhythms')):,}, x {row['furthest']:g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("game")
    parser.add_argument("states", nargs="*", help="all of the game's if left out")
    parser.add_argument("--out", type=Path, required=True, help="the results, a JSON line each")
    parser.add_argument("--episodes", type=int, default=1000, help="of random play")
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--longest", type=int, default=64, help="the longest period of a rhythm, in frames; 0: none")
    parser.add_argument("--table", action="store_true", help="only print what has been measured")
    asked = parser.parse_args()
    out: Path = asked.out
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    if not asked.table:
        for state in asked.states or catalog.states(asked.game):
            measured = {row["player"] for row in rows if row["state"] == state}
            agents = measure_agents(asked.game, state, measured, asked.episodes, asked.networks)
            for source in (agents, measure_level(asked.game, state, measured, asked.longest)):
                for row in source:
                    rows.append(row)
                    with out.open("a") as file:
                        file.write(json.dumps(row) + "\n")
                    print(json.dumps(row), flush=True)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
