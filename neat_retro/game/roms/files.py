"""Finds the files that may be ROMs below folders and in zips, and says of every other file why it is none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neat_retro.game.roms.archives import ArchiveError, archive_kind, read_zip
from neat_retro.game.roms.formats import is_cartridge_size, rom_endings
from neat_retro.game.roms.headers import HEADER_BYTES, recognise

LARGEST_ROM = 64 * 2**20  # bytes

Refusal = Literal["not a ROM", "unsupported kind", "corrupt zip", "too large", "unreadable"]


@dataclass(frozen=True)
class Candidate:
    """A file, or a file in a zip, that may be a ROM; `name` is where it lies, for a person."""

    name: str
    content: bytes

    @property
    def ending(self) -> str:
        """Return what the name ends in, in lower case, such as `.md`."""
        return Path(self.name).suffix.lower()


@dataclass(frozen=True)
class Refused:
    """A file that cannot be a ROM, or cannot be read."""

    name: str
    status: Refusal
    reason: str


def find_candidates(paths: Sequence[Path]) -> Iterator[Candidate | Refused]:
    """Yield every file, those of a folder sorted by name; links are followed, but no folder is entered twice.

    At most one file is held in memory, and no more than LARGEST_ROM bytes of it.
    """
    for path in _files_below(paths):
        try:
            yield from _look_into(path)
        except OSError as error:
            yield Refused(str(path), "unreadable", error.strerror or str(error))


def _files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files, and what is no folder, in the order given, and last the folders that cannot be opened."""
    entered: set[tuple[int, int]] = set()
    closed: list[Path] = []
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for what may not be looked into
            yield path
            continue
        for folder, subfolders, files in os.walk(
            path, followlinks=True, onerror=lambda error: closed.append(Path(error.filename))
        ):
            status = Path(folder).stat()
            if (status.st_dev, status.st_ino) in entered:
                subfolders.clear()
                continue
            entered.add((status.st_dev, status.st_ino))
            subfolders.sort()
            yield from (Path(folder, file) for file in sorted(files))
    yield from closed


def _look_into(path: Path) -> Iterator[Candidate | Refused]:
    if not path.exists():
        yield Refused(str(path), "unreadable", "there is no such file or folder")
    elif path.is_dir():
        yield Refused(str(path), "unreadable", "this folder cannot be opened")
    elif not path.is_file():
        yield Refused(str(path), "not a ROM", "neither a file nor a folder")
    else:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
        if archive_kind(path.name, head) == "zip":
            yield from _look_into_zip(path)
        else:
            yield _judge(str(path), head, path)


def _look_into_zip(path: Path) -> Iterator[Candidate | Refused]:
    files = 0
    try:
        for packed in read_zip(path, LARGEST_ROM):
            files += 1
            name = f"{path}/{packed.name}"
            if isinstance(packed.content, ArchiveError):
                yield Refused(name, packed.content.trouble, str(packed.content))
            else:
                yield _judge(name, packed.content, None)
    except ArchiveError as error:
        yield Refused(str(path), error.trouble, str(error))
        return
    if not files:
        yield Refused(str(path), "not a ROM", "this zip is empty")


def _judge(name: str, head: bytes, path: Path | None) -> Candidate | Refused:
    """Tell by name, size and first bytes whether to look further; `path` is None where `head` is all there is."""
    size = path.stat().st_size if path else len(head)
    if kind := archive_kind(name, head):
        inner = path is None and kind == "zip"
        reason = "a zip within a zip: unpack the outer one" if inner else f"a {kind} archive is not read: unpack it"
        return Refused(name, "unsupported kind", reason)
    if not size:
        return Refused(name, "not a ROM", "it is empty")
    ending = Path(name).suffix.lower()
    is_named_so = ending in rom_endings()
    may_be_misnamed = size <= LARGEST_ROM and (is_cartridge_size(size) or recognise(head) is not None)
    if not (is_named_so or may_be_misnamed):
        return Refused(name, "not a ROM", f"no ROM's name ends in {ending}" if ending else "its name has no ending")
    if size > LARGEST_ROM:
        return Refused(name, "too large", f"{size / 2**20:,.0f} MiB; a ROM may have {LARGEST_ROM // 2**20}")
    content = _read(path) if path else head
    if _is_text(content):
        return Refused(name, "not a ROM", "a text")
    return Candidate(name, content)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_ROM)


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False
