"""Knows how a file is written whole or not at all: a temporary name, synced, then renamed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from neat_retro.errors import IntegrationError

# What an unfinished file's name begins with.
TEMPORARY_PREFIX = ".unfinished-"


def replace_whole(path: Path, content: bytes) -> None:
    """Replace `path`. Raises OSError where that cannot be; then, as after an interrupt, nothing changed."""
    temporary = path.parent / f"{TEMPORARY_PREFIX}{path.name}.{secrets.token_hex(4)}"
    try:  # an interrupt may come between any two lines: what it finds of the file goes
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file of an integration, making its folder. Raises IntegrationError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, content)
    except OSError as error:
        raise IntegrationError(
            f"Cannot write {path}: {error.strerror or error}. Make the folder writable, or choose another."
        ) from error
