"""Knows what a config lacks, and how it would be written for this version."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from neat_retro.errors import UnknownGameError
from neat_retro.evolution import drafts, resolve
from neat_retro.evolution.files import write_atomically
from neat_retro.experiment import Draft, Experiment, read_draft, split_list
from neat_retro.game import catalog
from neat_retro.output.doctor.finding import Finding
from neat_retro.output.target import check_free


class ConfigCheck:
    """One config that is looked at; `game` (a folder name) and `experiment` are what it says, where it can be used."""

    def __init__(self, config: Path | None, game: str | None) -> None:
        """`config` is a file, or None for the one that is shipped for the game, or for the default game."""
        self._config = config
        self._asked = game or (None if config else drafts.DEFAULT_GAME)
        self.game: str | None = None
        self.experiment: Experiment | None = None
        self.lacks_something = False
        self.misfit = False  # whoever plays by it finds out

    def findings(self) -> Iterator[Finding]:
        """Read the config, fill in what it lacks, and check every key."""
        if self._asked is not None:
            yield from self._resolve(self._asked)
        if self._config is not None:
            draft = read_draft(self._config)
        elif self.game is not None:
            draft = drafts.shipped_draft(self.game)
        else:
            return
        if self._asked is None:
            yield from self._find_game_in(draft)
        yield from self._complete(draft)

    def _resolve(self, name: str) -> Iterator[Finding]:
        try:
            self.game = catalog.resolve_game(name)
        except UnknownGameError as error:
            yield Finding.of_error(error)

    def _find_game_in(self, draft: Draft) -> Iterator[Finding]:
        section = draft.sections.get("Game", {})
        named = section.get("game") or next(iter(split_list(section.get("games", ""))), None)
        if named is not None:
            yield from self._resolve(named)
            return
        again = f"neat-retro doctor GAME --config {shlex.quote(draft.source)}"
        yield Finding("problem", f"{draft.source} names no game.", "Say which one it is for:", again)

    def _complete(self, draft: Draft) -> Iterator[Finding]:
        if self.game is not None:
            drafts.fill_in(draft, self.game)
        else:  # its neat-python sections can still be looked at
            draft.fill_neat_keys()
        filled_in = tuple(draft.notes)
        yield from (Finding("missing", note) for note in filled_in)
        experiment = draft.experiment()  # which may leave sections out, and note it
        resolve.refuse_tutorial_kinds(experiment)
        yield from (Finding("missing", note) for note in draft.notes[len(filled_in) :])
        self.lacks_something = bool(draft.notes)
        self.experiment = experiment if self.game else None
        told = "every key is known"
        if draft.notes:
            told = "it can be used, with that filled in"
        source = draft.source if self._config else f"{Path(draft.source).name}, which comes with neat-retro"
        yield Finding("ok", f"{source}: {told}")

    @property
    def completed(self) -> str:
        """The config as it would be written for this version; empty where it has to be mended first."""
        return self.experiment.to_text() if self.experiment and not self.misfit else ""

    def write(self, target: Path) -> Iterator[Finding]:
        """Write the completed config, whole or not at all. Raises RunError where it cannot be."""
        if not self.completed:
            yield Finding("problem", f"{target} was not written: the config has to be mended first.")
            return
        check_free(target, "config", ".cfg")  # once more: playing took its time
        write_atomically(target, self.completed)
        yield Finding("ok", f"wrote {target}: the config with all that it lacked")
