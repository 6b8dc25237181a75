"""Takes the README's pictures of our games: `python -m homebrew.pictures`.

Each is a frame of a winning movie, twice as large, written to docs/pictures/GAME.png.
"""

from __future__ import annotations

from pathlib import Path

import cv2

from homebrew.levels import Level
from homebrew.movies import movie_masks, movie_path

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SCALE = 2
# The state and the frame of its movie that show a game at its best.
SHOTS = {
    "NeatRunner-Nes": ("Level1-2", 950),
    "NeatDash-Genesis": ("CloverCircuitZone.Act1", 1526),
    "NeatDuel-Snes": ("Hard", 1000),
}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for game, (state, frame) in SHOTS.items():
        with Level(game, state) as level:
            emulator = level.stage.emulator
            emulator.reset(state)
            for mask in movie_masks(movie_path(game, state), len(emulator.buttons))[:frame]:
                emulator.step((mask,))
            screen = cv2.cvtColor(emulator.screen(), cv2.COLOR_RGB2BGR)
        larger = cv2.resize(screen, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(PICTURES / f"{game}.png"), larger)
        print(f"wrote docs/pictures/{game}.png")


if __name__ == "__main__":
    main()
