"""Knows whether this Python and the packages beside it are those that neat-retro was written for."""

from __future__ import annotations

import importlib
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from neat_retro.output.doctor.finding import Finding

# Where a package is imported by another name than it is installed by.
_MODULES = {"stable-retro": "stable_retro", "neat-python": "neat", "opencv-python-headless": "cv2"}
# What a package is for that training can do without.
_OPTIONAL = {
    "av": "makes videos (--video)",
    "pyglet": "opens windows (--watch, --window)",
    "matplotlib": "draws cards (--card)",
}
_SLOWER = {"numba": "everything works, but networks are many times slower"}
_REQUIREMENT = re.compile(r"([\w.-]+)\s*\(?([^;)]*)\)?\s*(?:;.*extra\s*==\s*['\"](\w+)['\"])?")
_COMPARISON = re.compile(r"(>=|<=|==|!=|>|<)\s*([\d.]+)")


def python() -> Iterator[Finding]:
    """Look at the interpreter and the system."""
    version = platform.python_version()
    told = f"Python {version}, {platform.system()} {platform.machine()}"
    wanted = _own_metadata("Requires-Python")
    if satisfies(version, wanted):
        yield Finding("ok", told)
        return
    cure = "Make an environment with a Python of those versions, and install neat-retro there."
    yield Finding("problem", f"{told}: neat-retro needs Python {_readable(wanted)}.", cure)


def packages() -> Iterator[Finding]:
    """Look at every package that neat-retro's own metadata names, those of its extras last."""
    try:
        lines = metadata.requires("neat-retro") or []
    except metadata.PackageNotFoundError:
        cure = "Install it, with what it needs:"
        yield Finding("problem", "neat-retro is not installed in this Python.", cure, 'pip install "neat-retro[video]"')
        return
    parsed = [match.groups() for line in lines if (match := _REQUIREMENT.match(line))]
    wanted = [_Wanted(name.lower(), version.strip(), extra or "") for name, version, extra in parsed if extra != "test"]
    for package in sorted(wanted, key=lambda one: one.extra != ""):
        yield _look_at(package, wanted)


@dataclass(frozen=True)
class _Wanted:
    """A package as neat-retro asks for it, with the extra that it belongs to."""

    name: str
    versions: str
    extra: str

    def __str__(self) -> str:
        return f"{self.name} {_readable(self.versions)}"

    @property
    def module(self) -> str:
        return _MODULES.get(self.name, self.name.replace("-", "_"))

    @property
    def command(self) -> str:
        return f'pip install "neat-retro[{self.extra}]"' if self.extra else f'pip install "{self.name}{self.versions}"'

    def lacking(self, told: str, command: str) -> Finding:
        """Return the finding that it cannot be used."""
        if self.extra:
            purpose = _OPTIONAL.get(self.name, f"belongs to the extra {self.extra}")
            return Finding("missing", f"{told}; it {purpose}", command=command)
        if self.name in _SLOWER:
            return Finding("missing", f"{told}; {_SLOWER[self.name]}", command=command)
        return Finding("problem", told, command=command)


def _look_at(package: _Wanted, others: list[_Wanted]) -> Finding:
    try:
        version = metadata.version(package.name)
    except metadata.PackageNotFoundError:
        version = ""
    try:
        module = importlib.import_module(package.module)
    except Exception as error:  # a package that is broken raises whatever it likes
        if isinstance(error, ModuleNotFoundError):
            if not version:
                return package.lacking(f"{package} is not installed", package.command)
            command = next((other.command for other in others if other.module == error.name), package.command)
        else:
            command = package.command.replace("install", "install --force-reinstall", 1)
        return package.lacking(f"{package.name} {version} cannot be imported ({error})", command)
    if not version:  # cv2 comes in several packages
        return Finding("ok", f"{package.module} {getattr(module, '__version__', '')}, not from {package.name}")
    if not satisfies(version, package.versions):
        return package.lacking(f"{package.name} {version} is here, but {package} is needed", package.command)
    return Finding("ok", f"{package.name} {version}")


def satisfies(version: str, wanted: str) -> bool:
    """Whether a version is within plain comparisons such as `>=2.0,<2.1`, of releases alone."""
    comparisons = {
        ">=": tuple.__ge__, "<=": tuple.__le__, "==": tuple.__eq__, "!=": tuple.__ne__,
        ">": tuple.__gt__, "<": tuple.__lt__,
    }  # fmt: skip
    return all(comparisons[sign](_release(version), _release(bound)) for sign, bound in _COMPARISON.findall(wanted))


def _release(version: str) -> tuple[int, ...]:
    """Return `2.10.0rc1` as (2, 10): trailing zeros say nothing."""
    plain = re.match(r"[\d.]*", version)
    numbers = [int(part) for part in (plain[0] if plain else "").split(".") if part]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _readable(wanted: str) -> str:
    """Return `<2,>=1.0.1` as `>=1.0.1, <2`."""
    return ", ".join(sorted((part.strip() for part in wanted.split(",")), key=lambda part: not part.startswith(">")))


def _own_metadata(key: str) -> str:
    try:
        return metadata.metadata("neat-retro")[key] or ""
    except metadata.PackageNotFoundError:
        return ""
