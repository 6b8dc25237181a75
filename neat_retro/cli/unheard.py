"""A run goes on when nobody can take its words any more: the disk is full, or the reader (`| head`) has gone."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast


@contextlib.contextmanager
def printing_may_fail() -> Iterator[None]:
    """Say it once on stderr when stdout fails, and throw away what is printed from then on, until the end."""
    stdout: TextIO | None = sys.stdout
    if stdout is None:  # it was closed before this process began (`>&-`): nothing is printed at all
        yield
        return
    forgiving = _Forgiving(stdout)
    sys.stdout = cast(TextIO, forgiving)
    try:
        yield
    finally:
        forgiving.flush()
        sys.stdout = stdout


class _Forgiving:
    """A text stream whose write and flush never fail."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _give_up(self, error: OSError) -> None:
        """Lead the stream's descriptor to nowhere: what the stream still holds has to go somewhere at the exit."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
        with contextlib.suppress(OSError):  # stderr may lead to the same place
            sys.stderr.write(f"neat-retro: Cannot print any more ({error.strerror}); the run goes on.\n")
            sys.stderr.flush()
