"""Writing files whole or not at all: a temporary name, synced, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from neat_retro.errors import RunError

# What an unfinished file's name begins with.
TEMPORARY_PREFIX = ".unfinished-"


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace `path` by `content`. Raises RunError where the folder cannot be written; then nothing changed."""
    payload = content.encode() if isinstance(content, str) else content
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{TEMPORARY_PREFIX}{path.name}.")
    except OSError as error:
        raise RunError(f"Cannot write {path}: {error.strerror}. Free or choose another folder.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RunError(f"Cannot write {path}: {error.strerror}. Free or choose another folder.") from error
        raise
