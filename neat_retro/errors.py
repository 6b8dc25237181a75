"""Every error a user can meet, as one tree.

    NeatRetroError
    ├── UsageError                  an option or argument that cannot be meant (exit code 2)
    ├── ExperimentError             a config file: unknown key, bad value, sizes that disagree
    ├── GameError
    │   ├── UnknownGameError        no integration of that name
    │   ├── MissingRomError         the integration is there, its ROM is not
    │   ├── RomError                a ROM that cannot be imported or kept, or is not the right one
    │   ├── UnknownStateError       the game has no such start state
    │   └── IntegrationError        data.json, scenario.json or a state that cannot be used
    ├── UnsupportedGeneError        an activation or aggregation with no compiled form
    ├── PickleError
    │   ├── CorruptPickleError      truncated or damaged
    │   └── UnsafePickleError       would run code or ask for absurd memory; nothing of it ran
    ├── ChampionError               a champion that does not fit what is asked of it
    ├── RunError                    a run's folder: exists already, unwritable, incomplete, changed settings
    ├── EvolutionError              the population died out or split into too many species
    └── MissingExtraError           an optional part that is not installed, or has no display

The command line prints the message without a traceback; `exit_code` is what the process ends with.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class NeatRetroError(Exception):
    """What happened, where, and what to do: the whole message is meant for a person."""

    exit_code = 1


class UsageError(NeatRetroError):
    """An option or argument that cannot be meant."""

    exit_code = 2


class ExperimentError(NeatRetroError):
    """A config file that cannot be used as it stands."""


class GameError(NeatRetroError):
    """A game that cannot be played as asked."""


class UnknownGameError(GameError):
    """No integration has this name."""


class MissingRomError(GameError):
    """The integration is known, but its ROM is not on this machine."""


class RomError(GameError):
    """A ROM that cannot be imported or kept, or is not the right one."""


class UnknownStateError(GameError):
    """The game has no start state of this name."""


class IntegrationError(GameError):
    """A data.json, scenario.json, metadata.json or state file that cannot be used."""


class UnsupportedGeneError(NeatRetroError):
    """A gene whose activation or aggregation has no compiled form."""


class PickleError(NeatRetroError):
    """A pickle that is not read."""


class CorruptPickleError(PickleError):
    """A pickle that is truncated, damaged or no pickle at all."""


class UnsafePickleError(PickleError):
    """A pickle that would run code or ask for absurd memory. Nothing of it ran."""


class ChampionError(NeatRetroError):
    """A champion that does not fit what is asked of it."""


class RunError(NeatRetroError):
    """A run's folder that cannot be written, read or continued."""


class EvolutionError(NeatRetroError):
    """The population cannot go on: extinction, or more species than it can hold."""


class MissingExtraError(NeatRetroError):
    """An optional part that is not installed, or cannot work on this machine."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the closest known word, or an empty string."""
    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f" Did you mean {by_folded[close[0]]!r}?" if close else ""
