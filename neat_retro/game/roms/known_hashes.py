"""Reads the files of known SHA-1s: stable-retro's and a user's rom.sha, and our roms.sha/<Game>.sha.

A line is `SHA1`, or `SHA1 other` for a region or revision that the game's integration does not fit. Behind `#` it may
say which it is: `REGION; REVISION; URL`, the address being where the hash was read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"([0-9a-f]{40})(\s+other)?")


@dataclass(frozen=True)
class KnownHash:
    """A SHA-1 in lower case and what is known of the ROM that has it; `version` and `source` may be empty."""

    sha1: str
    fits: bool
    version: str
    source: str


def read_hashes(path: Path) -> tuple[KnownHash, ...]:
    """Return the hashes of a file in its order, passing over other lines; none if there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    return tuple(known for line in lines if (known := _parse(line)))


def _parse(line: str) -> KnownHash | None:
    words, _, comment = line.partition("#")
    found = _LINE.fullmatch(words.strip().lower())
    if found is None:
        return None
    fields = [field.strip() for field in comment.split(";")]
    sources = [field for field in fields if field.startswith("https://")]
    version = ", ".join(field for field in fields if field and field not in sources)
    return KnownHash(found[1], found[2] is None, version, sources[0] if sources else "")
