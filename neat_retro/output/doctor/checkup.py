"""Which checks there are, in which order, and what comes of them together."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from neat_retro.output.doctor import machine, packages
from neat_retro.output.doctor.finding import Finding, guarded
from neat_retro.output.target import check_free

if TYPE_CHECKING:
    from neat_retro.output.doctor.config import ConfigCheck

Check = Callable[[], Iterable[Finding]]


class Checkup:
    """Everything that is looked at for one game and one config, each of which may be left open."""

    def __init__(self, game: str | None, config: Path | None, write_to: Path | None) -> None:
        """`write_to` is where the completed config is to be written. Raises UsageError or RunError for a bad one."""
        self._game, self._config, self._write_to = game, config, write_to
        self._checked: ConfigCheck | None = None
        self._healthy = self._sound = True
        if write_to is not None:
            check_free(write_to, "config", ".cfg")

    def findings(self) -> Iterator[tuple[str, Finding]]:
        """Yield what is found, with the heading that it belongs under, as it is found."""
        yield from self._under("Python", packages.python, packages.packages)
        self._sound = self._healthy
        folders = (machine.run_folder, machine.user_folder, machine.temporary_folder)
        yield from self._under("Machine", machine.cores, machine.display, machine.encoder, *folders)
        yield from self._under("Integrations", _search_path)
        yield from self._under("Config", self._look_at_config)
        self._healthy = self._sound  # a run needs no more of the others than what it says itself
        yield from self._under("Game", self._look_at_rom, self._look_at_states)
        yield from self._under("Smoke run", self._play if self._healthy else _not_played)
        if self._write_to is not None:
            yield from self._under("Completed config", self._write)

    @property
    def completed_config(self) -> str:
        """The config as it would be written for this version, where it lacks something and was not written."""
        checked = self._checked
        return checked.completed if checked and checked.lacks_something and not self._write_to else ""

    @property
    def train_command(self) -> str:
        """The command that trains what was looked at."""
        config = self._write_to or self._config
        options = (("--config", config), ("--game", None if self._write_to else self._game))
        return shlex.join(["neat-retro", "train", *(str(word) for pair in options if pair[1] for word in pair)])

    def _under(self, heading: str, *checks: Check) -> Iterator[tuple[str, Finding]]:
        told = set()
        for check in checks:
            for finding in guarded(check, self._sound):
                self._healthy = self._healthy and finding.status != "problem"
                if finding not in told:
                    yield heading, finding
                told.add(finding)

    def _look_at_config(self) -> Iterator[Finding]:
        from neat_retro.output.doctor.config import ConfigCheck

        self._checked = ConfigCheck(self._config, self._game)
        yield from self._checked.findings()

    def _write(self) -> Iterator[Finding]:
        if self._checked is not None and self._write_to is not None:
            yield from self._checked.write(self._write_to)

    def _look_at_rom(self) -> Iterator[Finding]:
        from neat_retro.output.doctor import play

        if self._checked is None or self._checked.game is None:
            self._healthy = False
            yield Finding("missing", "not looked for: which game is meant is not known")
            return
        yield from play.rom(self._checked.game)

    def _look_at_states(self) -> Iterator[Finding]:
        from neat_retro.output.doctor import play

        if self._checked is not None and self._checked.game is not None:
            experiment = self._checked.experiment
            named = experiment.game.states if experiment else ()
            yield from self._judging_the_config(play.states(self._checked.game, named))

    def _play(self) -> Iterator[Finding]:
        from neat_retro.output.doctor import play

        if self._checked is not None and self._checked.game is not None:
            yield from self._judging_the_config(play.smoke_run(self._checked.game, self._checked.experiment))

    def _judging_the_config(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        for finding in findings:
            if self._checked is not None and finding.status == "problem":
                self._checked.misfit = True
            yield finding


def _search_path() -> Iterator[Finding]:
    from neat_retro.output.doctor import play

    yield from play.search_path()


def _not_played() -> Iterator[Finding]:
    yield Finding("missing", "not tried: first the problems above")
