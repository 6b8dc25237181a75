"""The inside of a worker: one emulator, one experiment, jobs in and results out."""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from types import TracebackType

import numpy as np
import numpy.typing as npt

from neat_retro.agent import kernels
from neat_retro.agent.episode import EpisodeResult, EpisodeSpec, Frames, LiveFrames, play_episode, play_frames
from neat_retro.agent.match import MatchResult, Referee, Seat, compile_referee, play_match
from neat_retro.agent.observation import GameShape
from neat_retro.agent.players import Agent, ObservedAgent
from neat_retro.agent.rules import TUTORIAL, Rules, compile_rules
from neat_retro.agent.sharing import SharedFrames
from neat_retro.errors import NeatRetroError
from neat_retro.evolution.determinism import rehearse
from neat_retro.evolution.jobs import (
    Contestant,
    GameFacts,
    Job,
    JobResult,
    MatchJob,
    MatchJobResult,
    Opening,
    Rehearsal,
    demanded_frames,
)
from neat_retro.evolution.probe import Probe, look
from neat_retro.experiment import Experiment
from neat_retro.game import catalog
from neat_retro.game.emulator import Emulator


class Stage:
    """A game opened for an experiment; it plays episodes in this process. A context manager."""

    def __init__(self, experiment: Experiment, pads: int = 1) -> None:
        """Open the emulator. Raises GameError; the experiment's own errors come with the first episode."""
        self.experiment = experiment
        section = experiment.game
        filtered = experiment.actions.kind == TUTORIAL
        self.emulator = Emulator(section.game, section.scenario, pads=pads, filtered=filtered)
        self._rules: Rules | None = None
        self._frames: Frames | None = None
        self._shape: GameShape | None = None

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.emulator.close()

    def use(self, experiment: Experiment) -> None:
        """Play by other rules from now on; the game and its scenario stay."""
        self.experiment = experiment
        self._rules = None
        self._frames = None

    @property
    def shape(self) -> GameShape:
        """Screen, RAM and buttons, measured on the first frame of the first state."""
        if self._shape is None:
            states = self.experiment.game.states
            self.emulator.reset(states[0])
            height, width, _ = self.emulator.screen().shape
            self._shape = GameShape((height, width), self.emulator.ram().size, self.emulator.buttons)
        return self._shape

    @property
    def rules(self) -> Rules:
        """The experiment's rules for this game. Raises ExperimentError."""
        if self._rules is None:
            self._rules = self._rules_of(self.experiment)
        return self._rules

    def _rules_of(self, experiment: Experiment) -> Rules:
        return compile_rules(experiment, self.shape, self.emulator.variables(), self.emulator.scenario_done)

    @property
    def referee(self) -> Referee:
        """Who judges matches on this stage. Raises ExperimentError."""
        return compile_referee(self.experiment, self.shape, self.emulator.variables())

    @property
    def frames(self) -> Frames:
        """Where jobs get their frames: from memory as far as another episode went the same way, if that is allowed."""
        if self._frames is None:
            shared = self.experiment.episode.share and not self.rules.needs_scenario
            self._frames = (SharedFrames if shared else LiveFrames)(self.emulator, self.rules)
        return self._frames

    def facts(self) -> GameFacts:
        """Return what was found out about the game."""
        return GameFacts(
            game=catalog.resolve_game(self.experiment.game.game),
            shape=self.shape,
            variables=tuple(self.emulator.variables()),
            rom_sha1=self.emulator.rom_sha1,
            frame_rate=self.emulator.frame_rate,
        )

    def play(self, job: Job) -> JobResult:
        """Play a job's episodes."""
        if job.traced:
            pairs = [self.trace(job.agents, spec) for spec in job.episodes]
            played = tuple(episode for episode, _ in pairs)
            return JobResult(job.key, played, demanded_frames(played), tuple(trajectory for _, trajectory in pairs))
        frames, before = self.frames, self.emulator.frames
        if job.observed:
            observed = [self._observe(job.agents, spec) for spec in job.episodes]
            played = tuple(episode for episode, _ in observed)
            seen = tuple(inputs for _, inputs in observed)
            return JobResult(job.key, played, self.emulator.frames - before, observations=seen)
        played = tuple(play_frames(frames, job.agents, spec, self.rules) for spec in job.episodes)
        return JobResult(job.key, played, self.emulator.frames - before)

    def _observe(self, agents: tuple[Agent, ...], spec: EpisodeSpec) -> tuple[EpisodeResult, npt.NDArray[np.float32]]:
        first = ObservedAgent(agents[0])
        result = play_frames(self.frames, (first, *agents[1:]), spec, self.rules)
        return result, np.array(first.inputs, dtype=np.float32)

    def play_match(
        self,
        contestants: tuple[Contestant, Contestant],
        spec: EpisodeSpec,
        on_frame: Callable[[], None] | None = None,
    ) -> MatchResult:
        """Play a match by this stage's [Versus], each contestant by its own rules; the stage needs two pads."""
        seats = [Seat(c.agent, self._rules_of(c.experiment)) for c in contestants]
        return play_match(self.emulator, seats, spec, self.referee, on_frame)

    def trace(self, agents: tuple[Agent, ...], spec: EpisodeSpec) -> tuple[EpisodeResult, str]:
        """Play an episode and hash its trajectory: every frame's screen and all its variables, as SHA-256."""
        digest = hashlib.sha256()

        def see() -> None:
            screen = self.emulator.screen()
            digest.update(repr(screen.shape).encode())
            digest.update(screen.tobytes())
            digest.update(repr(tuple(self.emulator.variables().items())).encode())

        result = play_episode(self.emulator, agents, spec, self.rules, see)
        return result, digest.hexdigest()


def work(connection: Connection) -> None:
    """Open what the first request says, then serve jobs until the main process hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the main process decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _warm_up()
    stage: Stage | None = None
    while True:
        try:
            request = connection.recv()
        except (EOFError, OSError):
            return
        if isinstance(request, Opening):
            opening = request
            continue
        if isinstance(request, Experiment):
            opening = dataclasses.replace(opening, experiment=request)
            if stage is not None:
                stage.use(request)
            continue
        try:
            stage = stage or Stage(opening.experiment, opening.pads)
            answer = _answer(stage, request)
        except NeatRetroError as error:
            answer = error
        except Exception as error:
            answer = NeatRetroError(f"A worker failed while playing: {type(error).__name__}: {error}")
        try:
            connection.send(answer)
        except (BrokenPipeError, OSError):
            return


def _answer(stage: Stage, request: object) -> object:
    if isinstance(request, Job):
        return stage.play(request)
    if isinstance(request, MatchJob):
        return MatchJobResult(request.key, stage.play_match(request.contestants, request.spec))
    if isinstance(request, Rehearsal):
        return rehearse(stage)
    if isinstance(request, Probe):
        return look(stage, request)
    return stage.facts()


def _warm_up() -> None:
    """Load what the first episode needs, while the main process still reads its config."""
    catalog.register_with_stable_retro()  # imports it
    kernels.clamp(0.0, 1.0)  # numba takes 0.2 s before it calls anything compiled for the first time


def _end_with_parent() -> None:
    """End this process when the one that started it has been killed, be it in the middle of an episode."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
