"""Players for NeatDuel, and how they fare against its computer: `python -m homebrew.duel [STATE ...]`.

For each difficulty: rounds and matches that random play, single moves and a player who reacts win. `--movies` writes
the reacting player's winning match to integrations/NeatDuel-Snes/movies/STATE.bk2 instead.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from homebrew.levels import Level
from homebrew.movies import movie_path, write_movie
from homebrew.sticky import sticky_draws
from neat_retro.agent.actions import combo_mask
from neat_retro.game.emulator import Emulator

GAME = "NeatDuel-Snes"
DIFFICULTIES = ("Easy", "Normal", "Hard")
COMBOS = ("nothing", "LEFT", "RIGHT", "UP", "UP+LEFT", "UP+RIGHT", "DOWN", "Y", "X", "A", "DOWN+Y", "DOWN+X")
FRAME_SKIP = 6
ROUNDS_TO_WIN = 2
MOST_DECISIONS = 2000

# What a fighter does: `enum status` of src/memory.h.
JUMPING, ATTACKING, AIR_ATTACKING, CASTING, BLOCKING, HIT = 4, 5, 6, 7, 8, 9

Lookup = Callable[[str], int]
Player = Callable[[Lookup], str]  # from the game's variables to a combination of buttons


@dataclass(frozen=True)
class Match:
    """A match of player one, and the combinations it pressed, one for six frames."""

    rounds_won: int
    rounds_lost: int
    combos: tuple[str, ...]

    @property
    def won(self) -> bool:
        return self.rounds_won > self.rounds_lost


def random_player(seed: int) -> Player:
    """Return a player who presses anything."""
    rng = random.Random(seed)
    draws = sticky_draws(rng, lambda: rng.choice(COMBOS), last="nothing")
    return lambda _: next(draws)


def repeating_player(pattern: Sequence[str]) -> Player:
    """Return a player who presses the same over and over, without looking."""
    decisions = 0

    def choose(_: Lookup) -> str:
        nonlocal decisions
        decisions += 1
        return pattern[(decisions - 1) % len(pattern)]

    return choose


def single_moves() -> Iterator[tuple[str, ...]]:
    """Yield each combination held and pulsed, and jumps with an attack in the air."""
    for combo in COMBOS:
        yield (combo,)
    for combo in COMBOS[1:]:
        for pause in (1, 2, 3, 5):
            yield (combo, *["nothing"] * pause)
    for jump in ("UP", "UP+LEFT", "UP+RIGHT"):
        for attack in ("Y", "X"):
            for wait in (1, 2, 3, 4):
                yield (jump, *["nothing"] * wait, attack, attack)


def reacting_player(read: Lookup) -> str:
    """Return what somebody presses who watches the distance, the projectile and what the other one does."""
    distance = abs(read("x") - read("enemy_x"))
    to_the_right = read("enemy_x") > read("x")
    toward, away = ("RIGHT", "LEFT") if to_the_right else ("LEFT", "RIGHT")
    status, busy = read("enemy_status"), read("enemy_busy")
    if read("incoming") < 70:
        return "DOWN"
    if status in (JUMPING, AIR_ATTACKING) and distance < 70:
        return "X" if distance < 56 and read("enemy_y") > 140 else away
    if status == ATTACKING and distance < 64 and busy > 18:
        return away
    if status in (ATTACKING, CASTING) and busy >= 10 and distance < 80:
        return "DOWN+X" if distance <= 48 else toward
    if status in (BLOCKING, HIT):
        return "DOWN+X" if distance < 48 else toward
    if distance > 70:
        return toward
    return "DOWN+X" if distance <= 48 else "nothing"


def play_match(emulator: Emulator, state: str, player: Player, wait: int = 0) -> Match:
    """Play a match from a start state, after `wait` frames in which player one does nothing."""
    emulator.reset(state)
    idle = (0,) * emulator.pads
    for _ in range(wait):
        emulator.step(idle)
    combos: list[str] = []
    while len(combos) < MOST_DECISIONS:
        combos.append(player(emulator.lookup))
        masks = (combo_mask(combos[-1], emulator.buttons, combos[-1]), *idle[1:])
        for _ in range(FRAME_SKIP):
            emulator.step(masks)
            rounds = emulator.lookup("rounds_won"), emulator.lookup("enemy_rounds_won")
            if max(rounds) >= ROUNDS_TO_WIN:
                return Match(*rounds, tuple(combos))
    return Match(*rounds, tuple(combos))


def measure(emulator: Emulator, state: str, matches: int) -> Iterator[str]:
    """Yield a line for each kind of player."""
    played = [play_match(emulator, state, random_player(seed)) for seed in range(matches)]
    rounds = sum(match.rounds_won + match.rounds_lost for match in played)
    yield (
        f"{state}: random play wins {sum(match.rounds_won for match in played)} of {rounds} rounds, "
        f"{sum(match.won for match in played)} of {matches} matches"
    )
    moves = list(single_moves())
    winners = [move for move in moves if play_match(emulator, state, repeating_player(move)).won]
    yield f"{state}: {len(winners)} of {len(moves)} single moves win a match {winners or ''}"
    waits = [play_match(emulator, state, reacting_player, wait) for wait in range(0, matches * 7, 7)]
    yield f"{state}: the reacting player wins {sum(match.won for match in waits)} of {matches} matches"


def record_match(state: str) -> str:
    """Record the reacting player's match; return how it ended."""
    with Level(GAME, state) as level:
        match = play_match(level.stage.emulator, state, reacting_player)
        decisions = [level.mask(combo) for combo in match.combos]
        result = write_movie(level.stage, state, decisions, movie_path(GAME, state))
    rounds = f"{match.rounds_won} rounds to {match.rounds_lost}"
    return f"{state}.bk2: {rounds}, {result.ending} after {result.frames} frames"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("states", nargs="*", default=DIFFICULTIES)
    parser.add_argument("--matches", type=int, default=50)
    parser.add_argument("--movies", action="store_true")
    asked = parser.parse_args()
    if asked.movies:
        for state in asked.states:
            print(record_match(state), flush=True)
        return
    with Emulator(GAME) as emulator:
        for state in asked.states:
            for line in measure(emulator, state, asked.matches):
                print(line, flush=True)


if __name__ == "__main__":
    main()
