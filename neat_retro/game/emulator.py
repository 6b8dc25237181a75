"""One game running in this process. stable-retro allows one emulator a process."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neat_retro.errors import GameError, IntegrationError, NeatRetroError
from neat_retro.game import catalog, integration
from neat_retro.game.roms.installed import rom_sha1

Bytes = npt.NDArray[np.uint8]


class Emulator:
    """A console with one game in it; use it as a context manager, or close() it.

    Every frame and variable is that of stable_retro.RetroEnv after the same button presses. The screen is
    cropped as the scenario says and turned as the core says.
    """

    def __init__(self, game: str, scenario: str = "scenario", pads: int = 1, filtered: bool = False) -> None:
        """Open `game`, a folder name from the catalog.

        `filtered` drops button combinations as RetroEnv's default action space does. `scenario_done` is then what
        the scenario is done by, as an expression, or None where only `scenario()` can tell.

        Raises MissingRomError, IntegrationError, or NeatRetroError where this process has an emulator already.
        """
        self.game = catalog.resolve_game(game)
        rom = catalog.rom_path(self.game)
        self.rom_sha1 = rom_sha1(rom)
        self.pads = pads
        self.frames = 0  # emulated since it was opened
        self._state_size = 0
        self._filtered = filtered
        self.scenario_done, self._env = _open(self.game, scenario, pads)
        self._em = self._env.em
        self._data = self._env.data
        self.lookup: Callable[[str], int] = self._data.lookup_value  # a variable's value now, by name
        self.buttons: tuple[str | None, ...] = tuple(self._env.buttons)
        self._masks: dict[int, Bytes] = {}
        self._states: dict[str, bytes] = {}
        self._movie: Any = None

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the emulator, so that this process may open another."""
        self.stop_movie()
        self._env.close()
        del self._em, self._data, self._env, self.lookup

    def reset(self, state: str) -> None:
        """Load a start state and play one frame with nothing pressed, as RetroEnv.reset does.

        Raises UnknownStateError, IntegrationError for a state that the core does not take, or GameError for a scenario
        that cannot be played.
        """
        if not self._em.set_state(self._state(state)):
            raise IntegrationError(
                f"{catalog.state_path(self.game, state)} cannot be restored: it is of another game, another console or"
                " another version of the core. Make it anew."
            )
        self._play((0,) * self.pads)
        self._data.reset()
        try:
            self._data.update_ram()
        except ValueError as error:
            raise self._unplayable(f"data.json has no variable {str(error)!r}") from error
        except RuntimeError as error:  # what Lua says of a script
            raise self._unplayable(str(error)) from error
        if not self.screen().size:
            height, width, _ = self._em.get_screen().shape
            raise self._unplayable(f"its crop lies outside of the picture, {width} x {height}")

    def _unplayable(self, reason: str) -> GameError:
        return GameError(
            f"{self.game}: its scenario cannot be played: {reason}.\n"
            f"  All that is wrong:  neat-retro integration check {catalog.short_name(self.game)}"
        )

    def step(self, masks: Sequence[int]) -> None:
        """Play one frame with a button mask per pad (bit i is button i)."""
        if self._filtered:
            masks = [self._data.filter_action(mask) for mask in masks]
        if self._movie is not None:
            self._write_keys(masks)
        self._play(masks)

    def _play(self, masks: Sequence[int]) -> None:
        for pad, mask in enumerate(masks):
            self._em.set_button_mask(self._mask_array(mask), pad)
        if self._movie is not None:
            self._movie.step()
        self._em.step()
        self.frames += 1

    def save(self) -> bytes:
        """Return the console's state for `restore`. Not for comparing: a core may leave bytes of it unset.

        genesis_plus_gx leaves most of its megabyte as malloc found it. As a rule that is where the zeros were that
        are made and dropped here, so that states of one game differ in little and can be kept as differences.
        """
        self._state_size = self._state_size or len(self._em.get_state())
        bytes(self._state_size)
        return bytes(self._em.get_state())

    def restore(self, state: bytes) -> None:
        """Go on from a saved state; screen and memory are exact once a frame has been played."""
        self._em.set_state(state)

    def screen(self) -> Bytes:
        """Return the picture now, (height, width, 3) uint8 RGB; the array may be reused by the next frame."""
        return self._env.get_screen(apply_rotation=True)  # type: ignore[no-any-return]

    def ram(self) -> Bytes:
        """Return the console's memory now, (n_bytes,) uint8."""
        self._data.update_ram()
        return self._env.get_ram()  # type: ignore[no-any-return]

    def memory_blocks(self) -> dict[int, bytes]:
        """Return the console's memory now, each block by its first address, in stable-retro's order of bytes."""
        self._data.update_ram()
        return {int(start): bytes(block) for start, block in self._data.memory.blocks.items()}

    def variables(self) -> dict[str, int]:
        """Return every variable of data.json now, by name."""
        return {name: int(value) for name, value in sorted(self._data.lookup_all().items())}

    def scenario(self) -> tuple[float, bool]:
        """Return the scenario's reward for the last frame and whether it is done. Call it once a frame."""
        self._data.update_ram()
        return float(self._data.current_reward()), bool(self._data.is_done())

    def audio(self) -> npt.NDArray[np.int16]:
        """Return the last frame's sound, (n_samples, 2) int16."""
        return self._em.get_audio()  # type: ignore[no-any-return]

    @property
    def audio_rate(self) -> float:
        """Samples a second."""
        return float(self._em.get_audio_rate())

    @property
    def frame_rate(self) -> float:
        """Frames a second of the real console."""
        return float(self._em.get_screen_rate())

    def start_movie(self, path: Path, state: str) -> None:
        """Record the episode that the next reset begins as a BK2 movie; `state` is its start state."""
        import stable_retro

        self._movie = stable_retro.Movie(str(path), True, self.pads)
        self._movie.configure(self.game, self._em)
        self._movie.set_state(self._state(state))

    def stop_movie(self) -> None:
        """Finish the movie's file, if one is being recorded."""
        if self._movie is not None:
            self._movie.close()
            self._movie = None

    def _write_keys(self, masks: Sequence[int]) -> None:
        for pad, mask in enumerate(masks):
            for button in range(len(self.buttons)):
                self._movie.set_key(button, bool(mask >> button & 1), pad)

    def _mask_array(self, mask: int) -> Bytes:
        array = self._masks.get(mask)
        if array is None:
            array = np.array([mask >> i & 1 for i in range(len(self.buttons))], dtype=np.uint8)
            self._masks[mask] = array
        return array

    def _state(self, name: str) -> bytes:
        if name not in self._states:
            path = catalog.state_path(self.game, name)
            try:
                self._states[name] = gzip.decompress(path.read_bytes())
            except (OSError, EOFError, zlib.error) as error:
                raise IntegrationError(f"{path} is not a start state: {error}. Make it anew.") from error
        return self._states[name]


def _open(game: str, scenario: str, pads: int) -> tuple[str | None, Any]:
    """Return the scenario's done condition and the RetroEnv."""
    import stable_retro

    inttype = catalog.register_with_stable_retro()
    scenario_file = catalog.find_file(game, f"{scenario}.json")
    if scenario_file is None:
        raise IntegrationError(f"{game} has no {scenario}.json. Choose another [Game] scenario.")
    done = integration.load_scenario(scenario_file).done
    data_file = catalog.find_file(game, "data.json")
    if data_file is None:
        raise IntegrationError(f"{game} has no data.json, so nothing is known of its variables.")
    integration.load_variables(data_file)
    try:
        return done, stable_retro.make(
            game,
            state=stable_retro.State.NONE,
            scenario=str(scenario_file),
            info=str(data_file),
            inttype=inttype,
            players=pads,
            render_mode="rgb_array",
        )
    except RuntimeError as error:
        if "one emulator" in str(error) or "multiple" in str(error).lower():
            raise NeatRetroError(
                f"Process {os.getpid()} has an emulator open already, and stable-retro allows one. Close it first."
            ) from error
        raise IntegrationError(f"stable-retro cannot open {game}: {error}") from error
    except AssertionError as error:
        raise IntegrationError(f"stable-retro cannot use the integration of {game}: {error}") from error
