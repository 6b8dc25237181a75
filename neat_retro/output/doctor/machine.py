"""Knows what of this machine a run uses: cores, a display, the video encoder, folders that can be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from neat_retro.errors import MissingExtraError
from neat_retro.evolution.processes import cores as usable_cores
from neat_retro.output.doctor.finding import Finding, Status

_CGROUP = Path("/sys/fs/cgroup")
_DISPLAY_TIMEOUT_S = 30
# Apart, in a process of its own: a graphics driver may crash, and a display on another machine may not answer.
_OPEN_A_WINDOW = """
from neat_retro.errors import MissingExtraError
from neat_retro.output.window import require_display
try:
    require_display(instead="")
except MissingExtraError as error:
    print(error)
else:
    print("ok")
"""


def cores() -> Iterator[Finding]:
    """Look at how many processes can run at once."""
    usable, built_in = usable_cores(), os.cpu_count() or 1
    told = f"{usable} core{'s' if usable > 1 else ''}"
    if usable < built_in:
        told += f" of {built_in}: this process may use no others (its CPU affinity)"
    quota = cpu_quota()
    if quota is not None and quota < usable:
        limited = f"{told}, but its control group may use {quota:.3g} at once."
        yield Finding("ok", limited, f"More workers than that gain nothing: --workers {max(1, int(quota))}")
        return
    yield Finding("ok", told)


def cpu_quota(folder: Path = _CGROUP) -> float | None:
    """Return how many cores' time a container grants, or None without a limit; both versions of control groups."""
    try:
        if (folder / "cpu.max").is_file():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota, period = ((folder / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return float(quota) / float(period) if float(quota) > 0 else None
    except (OSError, ValueError):  # no such files, or "max"
        return None


def display() -> Iterator[Finding]:
    """Look whether a window can be opened."""
    instead = "Everything else works without: train without --watch, and replay with --video."
    path = os.pathsep.join(filter(None, sys.path))
    try:
        done = subprocess.run(
            [sys.executable, "-c", _OPEN_A_WINDOW],
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=_DISPLAY_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        named = os.environ.get("DISPLAY", "")
        yield Finding("missing", f"The display {named} does not answer in {_DISPLAY_TIMEOUT_S} s.", instead)
        return
    told = done.stdout.strip()
    if told == "ok":
        yield Finding("ok", "display: a window can be opened")
    elif told:
        yield Finding("missing", told, instead)
    else:
        ending = f"signal {-done.returncode}" if done.returncode < 0 else (done.stderr.strip() or "?").splitlines()[-1]
        yield Finding("missing", f"display: opening a window ended with {ending}", instead)


def encoder() -> Iterator[Finding]:
    """Look whether a video can be written, by writing one."""
    import numpy as np

    from neat_retro.output.video import VideoWriter

    install = 'pip install "neat-retro[video]"'
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "test.mp4"
            with VideoWriter(path, 60.0, 44_100.0, (224, 240)) as video:
                for shade in (0, 255):
                    video.add(np.full((224, 240, 3), shade, np.uint8), np.zeros((735, 2), np.int16))
            size = path.stat().st_size
    except MissingExtraError:
        yield Finding("missing", "video encoder: there is none without PyAV (av)", command=install)
        return
    except Exception as error:  # FFmpeg's errors, a library that cannot be loaded: videos are optional
        cure = "PyAV's own wheels have an H.264 encoder:"
        again = "pip install --force-reinstall --only-binary av av"
        yield Finding("missing", f"video encoder: {type(error).__name__}: {error}", cure, again)
        return
    yield Finding("ok", f"video encoder: H.264 and AAC work (a test of {size:,} bytes was written)")


def run_folder() -> Iterator[Finding]:
    """Look whether runs can be written here."""
    cure = "Change to another folder, or say where a run belongs:"
    yield _writable("runs", Path("runs").absolute(), "problem", cure, "neat-retro train --run-dir FOLDER")


def user_folder() -> Iterator[Finding]:
    """Look whether ROMs can be imported."""
    from neat_retro.game import catalog

    cure = "ROMs cannot be imported there. Choose another folder:"
    yield _writable("your data", catalog.user_folder().absolute(), "missing", cure, "export NEAT_RETRO_HOME=FOLDER")


def temporary_folder() -> Iterator[Finding]:
    """Look whether temporary files can be written."""
    cure = "Free some space, or choose another folder:"
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        yield Finding("problem", f"temporary files: {error.strerror}", cure, "export TMPDIR=FOLDER")
        return
    yield _writable("temporary files", folder, "problem", cure, "export TMPDIR=FOLDER")


def _writable(what: str, folder: Path, otherwise: Status, cure: str, command: str) -> Finding:
    """Write a file into a folder, or where it would be made, and take it away again."""
    there = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), folder)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".neat-retro-") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Finding(otherwise, f"{what}: {folder} cannot be written: {error.strerror}.", cure, command)
    return Finding("ok", f"{what}: {folder} can be written, {free / 1e9:,.1f} GB free")
