"""The words of a command line that name what is to be measured, and how such a command ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from neat_retro.errors import NeatRetroError, did_you_mean


def check_names(parser: argparse.ArgumentParser, kind: str, given: Sequence[str], known: Sequence[str]) -> None:
    """End the command with a message for the first word that names no `kind`, as `row`."""
    for name in given:
        if name not in known:
            parser.error(f"no {kind} {name!r}.{did_you_mean(name, known)} {kind.capitalize()}s: {', '.join(known)}")


def positive(word: str) -> int:
    """Return a number of at least 1: what argparse calls for a word of that type."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} should be at least 1")
    return number


def ended(main: Callable[[Sequence[str]], int]) -> int:
    """Run a command with the words it was given and return its exit code, with an error or a Ctrl-C in one line."""
    try:
        return main(sys.argv[1:])
    except NeatRetroError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same command goes on.", file=sys.stderr)
        return 130
