"""Remembers the frames of earlier episodes, so that episodes which begin alike are emulated once.

From one start the same buttons lead to the same frames. They form a tree: a node for each frame, a branch for each
mask that was pressed there. An episode walks down the tree as long as somebody has been there before, reading what
was seen then; where it leaves the beaten track, the emulator is brought there, from the last savestate above, and
plays on. Fitness, decisions and endings are those of an episode that is emulated whole.

The idea of returning to a place instead of going there again: Ecoffet et al. (2021), Nature 590,
doi:10.1038/s41586-020-03157-9.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from neat_retro.agent.episode import EpisodeSpec, Game, Start, go_to_start
from neat_retro.agent.expressions import Moment
from neat_retro.agent.observation import Look
from neat_retro.agent.rules import Rules

MOST_BYTES = 64 * 2**20  # in each worker
SAVE_EVERY = 32  # frames; forks are saved, too, so that more would save little
# Of a node with its moment, its branches and a look's own overhead, and of a variable's value: small numbers are
# Python's own and take none. Measured with tracemalloc.
_NODE_BYTES, _VALUE_BYTES = 410, 16


class SavingGame(Game, Protocol):
    """A game that can be left and returned to."""

    def save(self) -> bytes:
        """Return the console's state."""
        ...

    def restore(self, state: bytes) -> None:
        """Go on from a saved state."""
        ...


class _Savestate:
    """A savestate as the 8-byte words in which it differs from another: of a Genesis' megabyte, a tenth."""

    def __init__(self, state: bytes, base: bytes) -> None:
        words, base_words = (np.frombuffer(each, np.uint64, len(each) // 8) for each in (state, base))
        self._base = base
        self._where: npt.NDArray[np.uint32] = np.flatnonzero(words != base_words).astype(np.uint32)
        self._words = words[self._where]
        self._rest = state[8 * len(words) :]
        self.size = self._where.nbytes + self._words.nbytes

    def whole(self) -> bytes:
        """Return the state as it was."""
        words = np.frombuffer(self._base, np.uint64, len(self._base) // 8).copy()
        words[self._where] = self._words
        return words.tobytes() + self._rest


class _Node:
    """A frame that was played. `episode` is the last one that came by."""

    __slots__ = ("children", "depth", "episode", "look", "masks", "moment", "parent", "state")

    def __init__(self, parent: _Node | None, masks: tuple[int, ...], moment: Moment) -> None:
        self.parent = parent
        self.masks = masks
        self.moment = moment
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.children: dict[tuple[int, ...], _Node] = {}
        self.look: Look | None = None
        self.state: _Savestate | None = None
        self.episode = 0

    @property
    def size(self) -> int:
        """About how many bytes it takes, without its children."""
        values = self.moment.now
        bare = _NODE_BYTES + sys.getsizeof(values) + _VALUE_BYTES * len(values)
        return bare + (self.look.nbytes if self.look is not None else 0) + (self.state.size if self.state else 0)


class SharedFrames:
    """The frames of one game under one set of rules, which need no scenario: that has a memory of its own.

    It serves any number of episodes, one after the other: `start` begins the next.
    """

    def __init__(self, game: SavingGame, rules: Rules, most_bytes: int = MOST_BYTES) -> None:
        if rules.needs_scenario:
            raise ValueError("a scenario's memory cannot be returned to")
        self.bytes = 0
        self._game = game
        self._rules = rules
        self._most_bytes = most_bytes
        self._roots: dict[tuple[Start, int, int], _Node] = {}
        self._node: _Node
        self._emulator_at: _Node | None = None
        self._base = b""  # what savestates are told as differences from
        self._episode = 0

    def start(self, spec: EpisodeSpec, pads: int) -> int:
        if self.bytes > self._most_bytes:
            self._forget()
        self._episode += 1
        self._emulator_at = None  # since the last episode it may have been used by others
        waited = spec.waiting_frames()
        key = (spec.start, waited, pads)
        root = self._roots.get(key)
        if root is None:
            go_to_start(self._game, pads, spec, lambda: None)
            root = self._roots[key] = self._node_here(None, ())
            self._save(root)
        self._go_on_at(root)
        self.look(root.moment)
        return waited

    def step(self, masks: tuple[int, ...]) -> None:
        node = self._node.children.get(masks)
        if node is None:
            if self._emulator_at is not self._node:
                self._bring_emulator()
            self._game.step(masks)
            node = self._node_here(self._node, masks)
            self._node.children[masks] = node
            if node.depth % SAVE_EVERY == 0:
                self._save(node)
        self._go_on_at(node)

    def moment(self, before: Moment | None) -> Moment:
        return self._node.moment  # the way here is always the same, and so is what was before

    def look(self, moment: Moment) -> Look:
        node = self._node
        if node.look is None:
            assert self._emulator_at is node, "all who come here look, and somebody was here before"
            node.look = self._rules.observer.look(self._game, moment)
            self.bytes += node.look.nbytes
        return node.look

    def _go_on_at(self, node: _Node) -> None:
        node.episode = self._episode
        self._node = node

    def _node_here(self, parent: _Node | None, masks: tuple[int, ...]) -> _Node:
        moment = self._rules.variables.read(self._game.lookup, parent.moment if parent else None)
        self._emulator_at = _Node(parent, masks, moment)
        self.bytes += self._emulator_at.size
        return self._emulator_at

    def _save(self, node: _Node) -> None:
        state = self._game.save()
        if len(state) != len(self._base):
            self._base = state
        node.state = _Savestate(state, self._base)
        self.bytes += node.state.size

    def _bring_emulator(self) -> None:
        """Bring the emulator from the last savestate above to where the episode is, and save there: it is a fork."""
        node, path = self._node, []
        while node.state is None:
            assert node.parent is not None, "a root without a savestate"
            path.append(node.masks)
            node = node.parent
        self._game.restore(node.state.whole())
        for masks in reversed(path):
            self._game.step(masks)
        self._emulator_at = self._node
        if path:
            self._save(self._node)

    def _forget(self) -> None:
        """Forget what was not visited for longest, until half of the room is free."""
        sizes: dict[int, int] = {}
        for node in self._nodes():
            sizes[node.episode] = sizes.get(node.episode, 0) + node.size
        kept, oldest = 0, self._episode + 1
        for episode in sorted(sizes, reverse=True):
            if kept + sizes[episode] > self._most_bytes // 2:
                break
            kept, oldest = kept + sizes[episode], episode
        self._roots = {key: root for key, root in self._roots.items() if root.episode >= oldest}
        for node in self._nodes():
            node.children = {masks: child for masks, child in node.children.items() if child.episode >= oldest}
        self.bytes = kept
        gc.collect()  # nodes know their parents, so that those forgotten would stay until Python happens to look

    def _nodes(self) -> Iterator[_Node]:
        waiting = [*self._roots.values()]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children.values()
