"""Reads the files in a zip without trusting it: nothing is unpacked to a disk, and every size has a limit."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neat_retro.errors import NeatRetroError
from neat_retro.game.roms.formats import rom_endings

_LARGEST_DIRECTORY = 4 * 2**20  # bytes of a zip's list of files, read at once: some 40,000 names
_LARGEST_SUM = 2 * 2**30  # bytes that one zip may unpack to
_PIECE = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises for a damaged file; a number that is off surfaces in any of these ways.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError)
_MAGICS = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x1f\x8b": "gz",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zst",
}

Trouble = Literal["corrupt zip", "too large", "unsupported kind"]


class ArchiveError(NeatRetroError):
    """A zip, or a file in it, that is not read: `trouble` is the kind, the message the reason."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(reason)
        self.trouble: Trouble = trouble


@dataclass(frozen=True)
class Packed:
    """One file of a zip by the name it has there, which is only ever shown: its content or why there is none."""

    name: str
    content: bytes | ArchiveError


def archive_kind(name: str, head: bytes) -> str | None:
    """Return `zip`, `7z` and so on for a file's name and first bytes; None if it is no archive.

    Neither decides alone: `kite.nes` may be a zip, while a start state is gzipped and a movie zipped.
    """
    ending = Path(name).suffix.lower().removeprefix(".")
    is_named_so = ending in {*_MAGICS.values(), "tar", "tgz"}
    if not is_named_so and ending and f".{ending}" not in rom_endings():
        return None
    known = next((kind for magic, kind in _MAGICS.items() if head.startswith(magic)), None)
    return known or (ending if is_named_so else None)


def read_zip(path: Path, largest: int) -> Iterator[Packed]:
    """Yield the files of a zip, in its order, each with at most `largest` bytes.

    Raises ArchiveError if the zip is damaged or unpacks to too much; OSError if it cannot be read.
    """
    with _Archive(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except _DAMAGE as error:
            raise ArchiveError("corrupt zip", f"it cannot be opened ({_phrase(error)})") from error
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(min(entry.file_size, largest) for entry in files) > _LARGEST_SUM:
            raise ArchiveError("too large", f"it unpacks to more than {_LARGEST_SUM // 2**20:,} MiB")
        for entry in files:
            try:
                yield Packed(entry.filename, _read(archive, entry, largest))
            except ArchiveError as error:
                yield Packed(entry.filename, error)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, largest: int) -> bytes:
    if entry.flag_bits & 1:
        raise ArchiveError("unsupported kind", "it is encrypted: unpack the zip with its password")
    if entry.compress_type not in _METHODS:
        raise ArchiveError("unsupported kind", "it is packed by a method that is not read here: unpack the zip")
    if entry.file_size > largest:
        raise ArchiveError("too large", f"{entry.file_size / 2**20:,.0f} MiB; a ROM may have {largest // 2**20}")
    content = bytearray()
    try:
        with archive.open(entry) as file:  # which yields no more than the stated size, and checks the CRC
            while piece := file.read(_PIECE):
                content += piece
    except _DAMAGE as error:
        raise ArchiveError("corrupt zip", f"it cannot be unpacked ({_phrase(error)})") from error
    if len(content) != entry.file_size:
        raise ArchiveError("corrupt zip", f"it cannot be unpacked ({len(content):,} of {entry.file_size:,} bytes)")
    return bytes(content)


def _phrase(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


class _Archive(io.FileIO):
    """A file that gives out no more than a directory's worth of bytes at once: zipfile reads that in one piece."""

    def read(self, size: int | None = -1, /) -> bytes:
        here = self.tell()
        rest = max(0, self.seek(0, io.SEEK_END) - here)
        self.seek(here)
        wanted = rest if size is None or size < 0 else min(size, rest)
        if wanted > _LARGEST_DIRECTORY:
            raise ArchiveError("too large", f"its list of files has more than {_LARGEST_DIRECTORY // 2**20} MiB")
        return super().read(wanted) or b""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if offset < 0 and whence == io.SEEK_SET:  # what a damaged list of files may ask for
            raise zipfile.BadZipFile("it points before its own beginning")
        return super().seek(offset, whence)
