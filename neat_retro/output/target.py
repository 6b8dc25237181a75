"""Where a video or a movie is to be written: what speaks against it is said before anything is played."""

from __future__ import annotations

import os
from pathlib import Path

from neat_retro.errors import RunError, UsageError


def check_target(path: Path, what: str, suffix: str) -> None:
    """Raise UsageError for a name without `suffix`, and RunError where only something else than a file can be."""
    if path.name in ("", ".."):
        raise UsageError(f"A {what} needs the name of a file that ends in {suffix}.")
    if path.suffix.lower() != suffix:
        raise UsageError(f"{path}: a {what} is written as {suffix}. Name it {path.stem}{suffix}.")
    try:
        if path.is_dir():
            raise RunError(f"Cannot write {path}: it is a folder. Choose another name.")
        if path.exists() and not path.is_file():
            raise RunError(f"Cannot write {path}: it is a device or a pipe. Choose another name.")
        if not path.parent.is_dir():
            raise RunError(f"Cannot write {path}: there is no folder {path.parent}.")
    except OSError as error:
        raise RunError(f"Cannot write {path}: {error.strerror}. Choose another name.") from error


def check_free(path: Path, what: str, suffix: str) -> None:
    """Raise as `check_target` does, and RunError where there is a file already."""
    check_target(path, what, suffix)
    if os.path.lexists(path):
        raise RunError(f"{path} exists already, and is not written over. Choose another name.")
