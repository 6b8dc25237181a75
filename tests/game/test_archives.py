"""Zips are read without trust: what they claim costs neither memory nor time, and no name leads anywhere."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from neat_retro.game.roms.archives import ArchiveError, archive_kind, read_zip

LARGEST = 2**20


def read(path: Path) -> dict[str, bytes | str]:
    """Return each file's content, or the kind and words of its trouble."""
    return {
        packed.name: f"{packed.content.trouble}: {packed.content}"
        if isinstance(packed.content, ArchiveError)
        else packed.content
        for packed in read_zip(path, LARGEST)
    }


def make_zip(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ArchiveError) as caught:
        list(read_zip(path, LARGEST))
    return f"{caught.value.trouble}: {caught.value}"


def test_files_are_read_in_order_and_folders_passed_over(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(LARGEST)
    files = {"b.nes": noise, "sub/": b"", "sub/a.md": b"x", "c": b""}
    path = make_zip(tmp_path / "a.zip", files)
    assert list(read(path).items()) == [("b.nes", noise), ("sub/a.md", b"x"), ("c", b"")]
    assert read(make_zip(tmp_path / "b.zip", files, zipfile.ZIP_STORED)) == read(path)


def test_file_that_is_too_large_is_not_unpacked(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"bomb.nes": bytes(3 * LARGEST), "a.md": b"x"})
    assert read(path) == {"bomb.nes": "too large: 3 MiB; a ROM may have 1", "a.md": b"x"}


def test_file_that_lies_about_its_size_is_found_out(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"bomb.nes": bytes(3 * LARGEST)})
    honest, lie = struct.pack("<I", 3 * LARGEST), struct.pack("<I", 100)
    assert path.read_bytes().count(honest) == 2
    path.write_bytes(path.read_bytes().replace(honest, lie))
    assert read(path) == {"bomb.nes": "corrupt zip: it cannot be unpacked (Bad CRC-32 for file 'bomb.nes')"}


def test_zip_that_unpacks_to_too_much_is_refused_at_once(tmp_path: Path) -> None:
    """Thousands of names for one file of zeroes: a small zip of gigabytes."""
    make_zip(tmp_path / "a.zip", {"bomb.nes": bytes(LARGEST)})
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        (entry,) = archive.infolist()
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.filelist += [entry] * 2048
        archive._didModify = True
    assert (tmp_path / "a.zip").stat().st_size < 300_000
    assert refusal(tmp_path / "a.zip") == "too large: it unpacks to more than 2,048 MiB"


def test_endless_list_of_files_is_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(5_000):
            archive.writestr(zipfile.ZipInfo(f"{number:01000}.nes"), b"")
    assert refusal(tmp_path / "a.zip") == "too large: its list of files has more than 4 MiB"


def test_encrypted_file_is_named(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.nes": b"x" * 100})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert read(path) == {"a.nes": "unsupported kind: it is encrypted: unpack the zip with its password"}


def test_uncommon_method_is_named(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.nes": b"x" * 100}, zipfile.ZIP_LZMA)
    assert read(path) == {"a.nes": "unsupported kind: it is packed by a method that is not read here: unpack the zip"}


def test_damaged_zips_are_corrupt_wherever_the_damage_is(tmp_path: Path) -> None:
    files = {"a.nes": random.Random(2).randbytes(500), "b.md": b"y" * 500}
    whole = make_zip(tmp_path / "whole.zip", files).read_bytes()
    path = tmp_path / "a.zip"
    for content in (b"", b"PK", b"PK\x03\x04", bytes(5000), whole[:-30], whole[: len(whole) // 2]):
        path.write_bytes(content)
        assert refusal(path) == "corrupt zip: it cannot be opened (File is not a zip file)"
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            contents = list(read_zip(path, LARGEST))
        except ArchiveError as error:
            assert error.trouble in ("corrupt zip", "too large")
            continue
        for packed in contents:
            assert isinstance(packed.content, ArchiveError) or len(packed.content) in (0, 500)


def test_names_that_point_elsewhere_are_only_names(tmp_path: Path) -> None:
    folder = tmp_path / "in/here"
    folder.mkdir(parents=True)
    path = make_zip(folder / "a.zip", {"../../evil.nes": b"x", "/tmp/evil.nes": b"y"})
    assert read(path) == {"../../evil.nes": b"x", "/tmp/evil.nes": b"y"}
    assert list(tmp_path.rglob("*")) == [tmp_path / "in", folder, path]


def test_archives_are_known_by_name_and_first_bytes() -> None:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    for name, head, kind in [
        ("a.zip", b"", "zip"),
        ("a.ZIP", b"x", "zip"),
        ("a.nes", b"PK\x03\x04", "zip"),
        ("a", buffer.getvalue(), "zip"),
        ("a.7z", b"", "7z"),
        ("a.rar", b"", "rar"),
        ("a.zip", b"Rar!\x1a\x07\x01", "rar"),
        ("a.md", b"7z\xbc\xaf\x27\x1c", "7z"),
        ("Level1.state", b"\x1f\x8b", None),
        ("movie.bk2", b"PK\x03\x04", None),
        ("a.nes", b"NES\x1a", None),
    ]:
        assert archive_kind(name, head) == kind, name
