"""What a run's folder lost: its champion is brought back from its copies, and what cannot be is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neat_retro.errors import ChampionError, CorruptPickleError, PickleError, UnsafePickleError
from neat_retro.evolution.champion import Champion, load_champion
from neat_retro.evolution.checkpoint import StoredCheckpoint
from neat_retro.evolution.files import write_atomically
from neat_retro.evolution.run_folder import RunFolder


def say_lost_lines(folder: RunFolder, generation: int) -> list[str]:
    """Return a note where history.jsonl lacks a generation before `generation`, else nothing."""
    kept = {record.generation for record in folder.history()}
    lost = [number for number in range(generation) if number not in kept]
    if not lost:
        return []
    lines = f"the line of generation {lost[0]}" if len(lost) == 1 else f"the lines of generations {_ranges(lost)}"
    note = f"{folder.path / 'history.jsonl'} lacks {lines}: the run goes on without."
    if any(folder.generation_path(number).is_file() for number in lost):
        note += f" What the genomes did is still in {folder.path / 'generations'}."
    return [note]


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as `0-4, 6`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def mend_champion(folder: RunFolder, stored: StoredCheckpoint) -> tuple[Champion | None, list[str]]:
    """Return the run's champion, None before the first, and a note where it was brought back from its copy.

    Raises PickleError or ChampionError for a champion.pkl that is there, cannot be used and has no cure here.
    """
    path = folder.champion_path
    if not path.exists():
        if stored.best_fitness is None:
            return None, []
        copy = _newest_copy(folder, stored.generation)
        if copy is None:
            note = f"{path} is missing, and so are its copies: the next one is a genome that does better."
            return None, [note]
        return _bring_back(folder, copy, "was missing")
    try:
        return load_champion(path), []
    except UnsafePickleError:
        raise
    except (PickleError, ChampionError) as error:
        copy = _newest_copy(folder, stored.generation)
        if copy is None:
            raise
        if isinstance(error, CorruptPickleError):
            return _bring_back(folder, copy, "was damaged")
        raise type(error)(f"{error}\n  Its copy can be read: {copy}") from error


def _bring_back(folder: RunFolder, copy: Path, problem: str) -> tuple[Champion, list[str]]:
    write_atomically(folder.champion_path, copy.read_bytes())
    return load_champion(folder.champion_path), [f"{folder.champion_path} {problem}: brought back from {copy}."]


def _newest_copy(folder: RunFolder, generation: int) -> Path | None:
    """Return the newest of champions/ from before `generation` that can be read."""
    for number in range(generation - 1, -1, -1):
        path = folder.champion_of(number)
        try:
            if path.is_file():
                load_champion(path)
                return path
        except (PickleError, ChampionError):
            continue
    return None
