"""Knows which jobs need not be played: those whose networks were evaluated already, under another genome's key.

A network plays an episode alike every time, so an elite, a copy without effective mutation and a twin within one
generation get the results at hand. That holds only for a game that repeats itself: see determinism.py.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from neat_retro.agent.episode import EpisodeResult, EpisodeSpec
from neat_retro.agent.network import CompiledNetwork
from neat_retro.agent.players import NetworkAgent
from neat_retro.evolution.evaluators import Evaluator
from neat_retro.evolution.jobs import Job, JobResult

MOST_BYTES = 32 * 2**20  # some twenty generations of 500 genomes that each decide a thousand times
BYTES_PER_EPISODE = 1024  # what is kept of an episode beside its decisions, roughly

Key = tuple[bytes, tuple[EpisodeSpec, ...]]


class ReusingEvaluator:
    """An Evaluator that plays each network once, by another evaluator; the results are that one's own."""

    def __init__(self, evaluator: Evaluator, most_bytes: int = MOST_BYTES) -> None:
        """Remember the results used last, of `most_bytes` in all."""
        self._evaluator = evaluator
        self._memory = _Memory(most_bytes)

    def play(self, jobs: Sequence[Job], on_result: Callable[[JobResult], None] | None = None) -> list[JobResult]:
        """Return the results in the order of `jobs`, whose keys differ. One that is taken over has emulated 0."""
        hear = on_result or _nothing
        results: dict[int, JobResult] = {}
        alike: dict[Key | int, list[int]] = {}  # the jobs that one play serves; one without a key has only itself
        for index, job in enumerate(jobs):
            key = reuse_key(job)
            known = self._memory.get(key) if key else None
            if known is not None:
                results[index] = _taken_over(job, known)
                hear(results[index])
            else:
                alike.setdefault(key or index, []).append(index)
        first = {jobs[indices[0]].key: indices for indices in alike.values()}

        def share(played: JobResult) -> None:
            """Give a result to the job that was played and to its twins."""
            index, *twins = first[played.key]
            results[index] = played
            hear(played)
            for twin in twins:
                results[twin] = _taken_over(jobs[twin], played.episodes)
                hear(results[twin])

        self._evaluator.play([jobs[indices[0]] for indices in alike.values()], share)
        for same, indices in alike.items():
            if not isinstance(same, int):
                self._memory.put(same, results[indices[0]].episodes)
        return [results[index] for index in range(len(jobs))]


def reuse_key(job: Job) -> Key | None:
    """Return what a job's results depend on, None where a job has to be played: it asks for more than those."""
    networks = [agent.network for agent in job.agents if isinstance(agent, NetworkAgent)]
    if job.traced or job.observed or len(networks) < len(job.agents):
        return None
    return b"".join(network_digest(network) for network in networks), job.episodes


def network_digest(network: CompiledNetwork) -> bytes:
    """Return 16 bytes that tell networks apart: BLAKE2b over every field, shapes and types of arrays included."""
    digest = hashlib.blake2b(digest_size=16)
    for field in dataclasses.fields(network):
        value = np.ascontiguousarray(getattr(network, field.name))
        digest.update(f"{field.name} {value.dtype.str} {value.shape} ".encode())
        digest.update(value.data)
    return digest.digest()


class _Memory:
    """Episodes by key; past its size in bytes it forgets those that were asked for longest ago."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, tuple[EpisodeResult, ...]] = OrderedDict()

    def get(self, key: Key) -> tuple[EpisodeResult, ...] | None:
        episodes = self._kept.get(key)
        if episodes is not None:
            self._kept.move_to_end(key)
        return episodes

    def put(self, key: Key, episodes: tuple[EpisodeResult, ...]) -> None:
        self._kept[key] = episodes
        self._bytes += _size(episodes)
        while self._bytes > self._most_bytes:
            _, forgotten = self._kept.popitem(last=False)
            self._bytes -= _size(forgotten)


def _size(episodes: tuple[EpisodeResult, ...]) -> int:
    return sum(BYTES_PER_EPISODE + episode.decisions.nbytes for episode in episodes)


def _taken_over(job: Job, episodes: tuple[EpisodeResult, ...]) -> JobResult:
    return JobResult(job.key, episodes, emulated=0)


def _nothing(_: JobResult) -> None:
    return None
