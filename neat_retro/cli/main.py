"""Where the `neat-retro` command begins, and how an error becomes a message and an exit code.

Workers are spawned processes, which import this file again: the commands, which they do not need, come later.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Any

from neat_retro.errors import NeatRetroError
from neat_retro.evolution.interrupts import heed_one_interrupt, held_back
from neat_retro.evolution.processes import start_worker


def main() -> None:
    """Run the command line and exit: 0 for success, 1 for failure, 2 for usage, 130 after an interrupt."""
    signal.signal(signal.SIGTERM, _interrupt)
    heed_one_interrupt()
    try:
        with held_back():  # half a module cannot be imported: an interrupt waits
            # Imports take a worker as long as this process, most of a second: they take it together.
            worker = start_worker() if _will_train(sys.argv[1:]) else None
            from neat_retro.cli.app import app, show_traceback
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    try:
        app(prog_name="neat-retro", obj=worker)
    except NeatRetroError as error:
        if show_traceback.value:
            raise
        sys.stderr.write(f"neat-retro: {error}\n")
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing to say, and nobody to say it to.
        _print_no_more()
        raise SystemExit(1) from None
    except OSError as error:
        if error.errno != errno.ENOSPC or show_traceback.value:
            raise
        _print_no_more()
        sys.stderr.write(f"neat-retro: Cannot print: {error.strerror}.\n")
        raise SystemExit(1) from None


def _will_train(words: list[str]) -> bool:
    return bool(words) and words[0] in ("train", "resume") and not {"-h", "--help"} & {*words}


def _print_no_more() -> None:
    """Lead stdout to nowhere: what it still holds is written when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
