"""Reads a pickled file: knows how large and how tangled it may be, and what its reader is told of a bad one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from neat_retro.errors import CorruptPickleError, PickleError, UnsafePickleError
from neat_retro.safe_pickle.classes import ATOMS, RefusedError, is_gene
from neat_retro.safe_pickle.machine import Machine

LARGEST_FILE = 512 * 2**20  # bytes
_DEEPEST = 100  # containers within containers; a checkpoint of genomes needs about ten
_UNFOLDED_PER_BYTE = 20  # values in the whole, shared ones counted each time, per byte of the file
_COUNTS_AS_ONE = 128  # bytes; a longer text or integer counts as several values
_WORTH_REMEMBERING = 5  # values; counting fewer again is cheaper than the memory to remember them


def load(path: Path, what: str = "champion", largest: int = LARGEST_FILE) -> object:
    """Return what the pickle at `path` holds; `what` names it in messages, `largest` is in bytes.

    Raises what `loads` raises, and PickleError for a file that cannot be read.
    """
    try:
        if not path.exists():
            raise PickleError(f"{path}: there is no {what} here. Check the path.")
        if not path.is_file():
            raise PickleError(f"{path}: not a file, so no {what}. Name the pickled file itself.")
        size = path.stat().st_size
        if size > largest:
            raise UnsafePickleError(f"{path}: {size:,} bytes; a {what} may have {largest:,}. Nothing of it was read.")
        with path.open("rb") as file:
            payload = file.read(size)  # no more, should it be growing
    except OSError as error:
        raise PickleError(f"{path}: this {what} cannot be read: {error.strerror or error}.") from error
    return loads(payload, f"{path} ({what})")


def loads(payload: bytes, source: str) -> object:
    """Return the one value that `payload` holds; `source` names it in messages.

    Values are None, bool, int, float, str, bytes, list, tuple, dict, OrderedDict, set, frozenset, numpy
    floats and ints, and neat-python's DefaultGenome, DefaultNodeGene and DefaultConnectionGene, in any pickle
    protocol (0 to 5). Genes keep the attributes they were saved with: those of neat 0.92 lack `innovation`.

    Raises CorruptPickleError for truncated, damaged or foreign bytes, and UnsafePickleError for a pickle that
    asks for another class, for code to run, or for memory out of proportion.
    """
    if not payload:
        raise CorruptPickleError(f"{source}: the file is empty. Use another copy.")
    if payload.startswith(b"\x1f\x8b"):
        raise CorruptPickleError(
            f"{source}: gzip-compressed, as neat-python's own checkpoints are; a plain pickle is needed.\n"
            "  Restore it with neat.Checkpointer and pickle.dump() the best genome."
        )
    machine = Machine(payload)
    try:
        value = machine.run()
        _refuse_tangles(value, _UNFOLDED_PER_BYTE * len(payload))
        return value
    except RefusedError as refusal:
        raise UnsafePickleError(
            f"{source}: {refusal}, which no champion or checkpoint needs. Nothing of it ran.\n"
            "  Do not open it with pickle either, unless you know who made it. If your own program did:\n"
            "  load it there, and save neat-python's DefaultGenome alone with pickle.dump(winner, file)."
        ) from None
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise CorruptPickleError(
            f"{source}: truncated, damaged or no pickle (byte {machine.file.tell():,}: {_reason(error)}).\n"
            "  Use another copy."
        ) from error
    except MemoryError as error:
        raise UnsafePickleError(f"{source}: asks for more memory than this machine has.") from error


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _children(value: object) -> Iterator[object]:
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return iter(value)  # type: ignore[call-overload, no-any-return]
    if isinstance(value, dict):
        return chain(value, value.values())
    if isinstance(value, np.generic):
        return iter(())
    if not is_gene(kind):
        raise RefusedError("holds a class or function where a value belongs")
    return iter(vars(value).values())


def _refuse_tangles(root: object, most_values: int) -> None:
    """Raise RefusedError if `root` contains itself, is nested too deeply or unfolds to too many values."""
    if type(root) in ATOMS:
        return
    measured: dict[int, tuple[int, int]] = {}  # id of a finished container: its height and unfolded size
    open_ids = {id(root)}
    path: list[tuple[object, Iterator[object]]] = [(root, _children(root))]
    heights, sizes, height = [1], [1], 1
    while path:
        for child in path[-1][1]:
            if type(child) in ATOMS:
                sizes[-1] += 1 + child.__sizeof__() // _COUNTS_AS_ONE
                continue
            key = id(child)
            if key in measured:
                heights[-1] = max(heights[-1], measured[key][0] + 1)
                sizes[-1] += measured[key][1]
                continue
            if key in open_ids:
                raise RefusedError("holds a value that contains itself")
            open_ids.add(key)
            path.append((child, _children(child)))
            heights.append(1)
            sizes.append(1)
            break
        else:
            value, height, size = path.pop()[0], heights.pop(), sizes.pop()
            if size > most_values:
                raise RefusedError("unfolds to far more values than it spells out")
            open_ids.discard(id(value))
            if size >= _WORTH_REMEMBERING:
                measured[id(value)] = (height, size)
            if path:
                heights[-1] = max(heights[-1], height + 1)
                sizes[-1] += size
        if max(len(path), height) > _DEEPEST:
            raise RefusedError(f"nests values more than {_DEEPEST} deep")
