"""Writing files whole or not at all: a temporary name, synced, then renamed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from neat_retro.errors import RunError

# What an unfinished file's name begins with.
TEMPORARY_PREFIX = ".unfinished-"


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace `path` by `content`. Raises RunError where the folder cannot be written; then nothing changed."""
    payload = content.encode() if isinstance(content, str) else content
    temporary = path.parent / f"{TEMPORARY_PREFIX}{path.name}.{secrets.token_hex(4)}"
    try:  # an interrupt may come between any two lines: what it finds of the file goes
        with temporary.open("xb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RunError(f"Cannot write {path}: {error.strerror}. Free or choose another folder.") from error
        raise
