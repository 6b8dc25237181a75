"""Knows what is said where a file of a run, or one that is made of it, cannot be written."""

from __future__ import annotations

from pathlib import Path

from neat_retro.errors import RunError
from neat_retro.game.files import replace_whole


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace `path` by `content`. Raises RunError where the folder cannot be written; then nothing changed."""
    try:
        replace_whole(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise RunError(f"Cannot write {path}: {error.strerror}. Free or choose another folder.") from error
