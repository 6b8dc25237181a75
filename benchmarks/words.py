"""The words of a command line that name what is to be measured."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from neat_retro.errors import did_you_mean


def check_names(parser: argparse.ArgumentParser, kind: str, given: Sequence[str], known: Sequence[str]) -> None:
    """End the command with a message for the first word that names no `kind`, as `row`."""
    for name in given:
        if name not in known:
            parser.error(f"no {kind} {name!r}.{did_you_mean(name, known)} {kind.capitalize()}s: {', '.join(known)}")
