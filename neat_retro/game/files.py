"""Knows how a file of an integration is written: whole or not at all, with an error that names it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from neat_retro.errors import IntegrationError


def write_whole(path: Path, content: bytes) -> None:
    """Replace `path`, making its folder: a temporary name, synced, then renamed. Raises IntegrationError."""
    unfinished = path.with_name(f".unfinished-{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException as error:
        if unfinished.exists():
            unfinished.unlink()
        if isinstance(error, OSError):
            raise IntegrationError(
                f"Cannot write {path}: {error.strerror or error}. Make the folder writable, or choose another."
            ) from error
        raise
