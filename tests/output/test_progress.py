"""What a person reads of a run as it goes on."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from neat_retro.evolution.reporter import Reporters
from neat_retro.output.progress import progress_reporter


@pytest.mark.parametrize(("quiet", "terminal"), [(True, False), (False, False), (False, True)])
def test_a_note_is_printed_as_it_is_even_of_a_quiet_run(quiet: bool, terminal: bool):
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=40, color_system=None)
    note = "[Episode] reuse is off " + 30 * "again and "
    Reporters(progress_reporter(console, quiet)).noted(note)
    assert written.getvalue() == f"{note}\n"
