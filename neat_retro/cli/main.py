"""Where the `neat-retro` command begins, and how an error becomes a message and an exit code.

Workers are spawned processes, which import this file again: the commands, which they do not need, come later.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from neat_retro.errors import NeatRetroError
from neat_retro.evolution.interrupts import heed_one_interrupt, held_back
from neat_retro.evolution.processes import start_worker

if TYPE_CHECKING:
    from typer import Typer


class _Flag:
    value = False


show_traceback = _Flag()


def main() -> None:
    """Run the command line and exit: 0 for success, 1 for failure, 2 for usage, 130 after an interrupt."""
    signal.signal(signal.SIGTERM, _interrupt)
    heed_one_interrupt()
    try:
        with held_back():  # half a module cannot be imported: an interrupt waits
            # Imports take a worker as long as this process, most of a second: they take it together.
            worker = start_worker() if _will_train(sys.argv[1:]) else None
            from neat_retro.cli.app import app
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except ImportError as error:
        app = _only_the_doctor(error)
    try:
        app(prog_name="neat-retro", obj=worker)
    except NeatRetroError as error:
        if show_traceback.value:
            raise
        _complain(str(error))
        raise SystemExit(error.exit_code) from None
    except ImportError as error:
        if show_traceback.value:
            raise
        raise _refusal(error) from None
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing to say, and nobody to say it to.
        _print_no_more()
        raise SystemExit(1) from None
    except OSError as error:
        if show_traceback.value:
            raise
        if error.filename is not None:
            _complain(f"Cannot use {error.filename}: {error.strerror}. Choose another, or see that you may use it.")
            raise SystemExit(1) from None
        if error.errno != errno.ENOSPC:
            raise
        _print_no_more()
        sys.stderr.write(f"neat-retro: Cannot print: {error.strerror}.\n")
        raise SystemExit(1) from None


def folded(text: str, width: int) -> str:
    """Return a text with no line longer than `width`, as far as words go: a path or a command stays whole."""
    lines: list[str] = []
    for line in text.split("\n"):
        words, gap, command = line.partition("  neat-retro ")
        if len(line) <= width or not words.strip():
            lines.append(line)
            continue
        inner = " " * max(2, len(line) - len(line.lstrip()))
        lines += textwrap.wrap(words, width, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False)
        lines += [f"{inner}{gap.lstrip()}{command}"] if gap else []
    return "\n".join(lines)


def _complain(message: str) -> None:
    text = f"neat-retro: {message}"
    if sys.stderr.isatty():  # elsewhere a line is a line: for grep, and for scripts
        text = folded(text, shutil.get_terminal_size().columns)
    sys.stderr.write(f"{text}\n")


def _will_train(words: list[str]) -> bool:
    return bool(words) and words[0] in ("train", "resume") and not {"-h", "--help"} & {*words}


def _only_the_doctor(reason: ImportError) -> Typer:
    """Return the one command that works where a package does not; for all others say which package, and exit."""
    if "--traceback" in sys.argv[1:]:
        raise reason
    if sys.argv[1:2] == ["doctor"]:
        with contextlib.suppress(ImportError):
            from neat_retro.cli.doctor import alone

            return alone
    raise _refusal(reason)


def _refusal(reason: ImportError) -> SystemExit:
    sys.stderr.write(f"neat-retro: A package cannot be used: {reason}.\n  What is wrong:  neat-retro doctor\n")
    return SystemExit(1)


def _print_no_more() -> None:
    """Lead stdout to nowhere: what it still holds is written when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
