"""A level as a tree of savestates: play some frames from any node, and see what that leads to."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

import neat_retro
from neat_retro.agent.actions import combo_mask
from neat_retro.agent.episode import Ending
from neat_retro.agent.expressions import Moment, parse_expression
from neat_retro.agent.variables import Variables, derive
from neat_retro.evolution.resolve import settle
from neat_retro.evolution.worker import Stage

# Where a level has been: what is far, and what is worth telling apart. Positions in squares of 16 pixels.
PROGRESS = {
    "NeatRunner-Nes": "x",
    "NeatDash-Genesis": "x",
    "NeatDuel-Snes": "rounds_won * 400 - enemy_rounds_won * 200 + own_health - their_health",
}


@dataclass(frozen=True)
class Node:
    """A moment of play that can be gone back to."""

    state: bytes
    moment: Moment


class Level:
    """A game's start state, opened in this process with the experiment that is shipped for the game."""

    def __init__(self, game: str, state: str) -> None:
        settings = {"Game.states": state, "Run.seed": 0}
        self.experiment = settle(neat_retro.load_experiment(game, settings=settings))
        self.game = game
        self.state = state
        self.stage = Stage(self.experiment)
        self.rules = self.stage.rules
        emulator = self.stage.emulator
        names = tuple(emulator.variables())
        derived = derive(self.experiment.variables, names, game)
        self._variables = Variables(names, tuple(derived.items()))
        self._progress = parse_expression(PROGRESS[game], (*names, *derived), "PROGRESS")

    def __enter__(self) -> Level:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stage.emulator.close()

    def mask(self, combo: str) -> int:
        """Return the button mask of a combination such as `RIGHT+A`."""
        return combo_mask(combo, self.stage.emulator.buttons, combo)

    def root(self) -> Node:
        """Return the start: one frame after the state, as every episode begins."""
        self.stage.emulator.reset(self.state)
        return self._here(self._variables.read(self.stage.emulator.lookup, None))

    def play(self, node: Node, mask: int, frames: int) -> tuple[Node, Ending | None]:
        """Hold `mask` for so many frames after `node`; stop at what ends the episode."""
        self.stage.emulator.restore(node.state)
        moment, ending = node.moment, None
        for _ in range(frames):
            moment, ending = self.step(moment, mask)
            if ending is not None:
                break
        return self._here(moment), ending

    def step(self, before: Moment, mask: int) -> tuple[Moment, Ending | None]:
        """Play one frame from where the emulator is."""
        emulator, endings = self.stage.emulator, self.rules.endings
        emulator.step((mask,))
        moment = self._variables.read(emulator.lookup, before)
        if endings.goal is not None and endings.goal(moment):
            return moment, "goal"
        if endings.life_lost is not None and endings.life_lost(moment):
            return moment, "life_lost"
        # Game over comes with the last life; asking the scenario costs as much as the frame.
        if endings.life_lost is None and endings.scenario_done and emulator.scenario()[1]:
            return moment, "done"
        return moment, None

    def progress(self, moment: Moment) -> float:
        """Return how far the level has been played: pixels, or points of health."""
        return float(self._progress(moment))

    def _here(self, moment: Moment) -> Node:
        return Node(self.stage.emulator.save(), moment)
