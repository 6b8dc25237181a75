"""The allow-list: knows which classes a pickle may name, what stands in for them, and what may be a key."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

ATOMS = frozenset({type(None), bool, int, float, str, bytes})
_QUICK_KEYS = ATOMS - {int}
_WIDEST_KEY = 64  # values in one tuple used as a key
_WIDEST_KEY_INT = 1024  # bits
_NARROW = 2**60  # Python hashes smaller integers to themselves (-1 to -2), so they hardly collide
_MOST_OF_ONE_HASH = 16  # -1 and -2 hash alike, so the connections (-1, -1) to (-2, -2) do, too
_GENES = {
    "neat.genome.DefaultGenome",
    "neat.genes.DefaultNodeGene",
    "neat.genes.DefaultConnectionGene",
}
_NAMES_OF_PYTHON_2 = {"__builtin__": "builtins", "copy_reg": "copyreg"}


class DamagedError(ValueError):
    """Bytes that no pickler writes."""


class RefusedError(Exception):
    """What a pickle asks for and does not get."""


class Named:
    """A class or function that the pickle names: what may be made of it, never the thing itself."""

    def __init__(self, name: str, make: Callable[..., object] | None, gene: type | None = None) -> None:
        self.name, self.make, self.gene = name, make, gene


class AllowList:
    """The classes and functions that one pickle may name; sets are made of keys that `keys` let pass."""

    def __init__(self, keys: Keys) -> None:
        self._makers = {
            "builtins.set": partial(keys.set_of, set),
            "builtins.frozenset": partial(keys.set_of, frozenset),
            **_MAKERS,
        }
        self._named: dict[str, Named] = {}

    def find(self, full_name: str) -> Named:
        module, _, name = full_name.rpartition(".")
        full_name = f"{_NAMES_OF_PYTHON_2.get(module, module)}.{name}"
        if full_name not in self._named:
            if full_name in _GENES:
                self._named[full_name] = Named(full_name, None, _gene_class(full_name))
            elif full_name in self._makers:
                self._named[full_name] = Named(full_name, self._makers[full_name])
            else:
                raise RefusedError(f"asks for {full_name!r:.200}")
        return self._named[full_name]


class Keys:
    """Lets pass what hashes quickly and apart from other keys: equal hashes cost a dict quadratic time."""

    def __init__(self) -> None:
        self._of_hash: dict[int, tuple[object, ...]] = {}  # the distinct tuples and wide integers

    def checked(self, key: Any) -> Any:
        """Return `key`, or raise DamagedError or RefusedError."""
        kind = type(key)
        if kind in _QUICK_KEYS or (kind is int and -_NARROW < key < _NARROW):
            return key
        _refuse_slow_hash(key)
        hashed = hash(key)
        alike = self._of_hash.get(hashed, ())
        if key not in alike:
            if len(alike) == _MOST_OF_ONE_HASH:
                raise RefusedError("uses many keys of one hash")
            self._of_hash[hashed] = (*alike, key)
        return key

    def set_of(self, kind: Callable[[Iterable[Any]], object], items: object = ()) -> object:
        if not isinstance(items, (list, tuple)):
            raise DamagedError("a set of something other than a list")
        return kind(map(self.checked, items))


def _refuse_slow_hash(key: Any) -> None:
    """C code hashes nested tuples without any limit, and reads a wide integer anew each time."""
    if type(key) not in (int, tuple):
        raise DamagedError(f"a key of type {type(key).__name__}")
    parts = [key]
    if type(key) is tuple:
        # No more of a long tuple than it takes to refuse it.
        parts = [atom for part in key[: _WIDEST_KEY + 1] for atom in _atoms_of(part)]
    if len(parts) > _WIDEST_KEY:
        raise DamagedError(f"a key of more than {_WIDEST_KEY} values")
    for part in parts:
        if type(part) is int and part.bit_length() > _WIDEST_KEY_INT:
            raise RefusedError(f"uses an integer of {part.bit_length():,} bits as a key")


def _atoms_of(part: object) -> Iterable[object]:
    parts = part if type(part) is tuple and len(part) <= 4 else (part,)
    if not all(type(atom) in ATOMS for atom in parts):
        raise DamagedError("a key of nested tuples")
    return parts


def is_gene(kind: type) -> bool:
    """Whether `kind` is one of the classes of neat-python that may have instances."""
    return f"{kind.__module__}.{kind.__name__}" in _GENES


def new_gene(named: object, arguments: object = ()) -> object:
    """Return an instance without attributes; its `__init__` does not run, so it takes no arguments."""
    if not isinstance(named, Named):
        raise DamagedError("an instance without its class")
    if named.gene is None or type(arguments) is not tuple or arguments:
        raise RefusedError(f"asks for an instance of {named.name}")
    return object.__new__(named.gene)


def set_state(target: object, state: object) -> None:
    """Give a gene what an instance alone may have: nothing that its class defines, nothing special to Python."""
    if isinstance(target, Dtype):
        target.set_order(state)
        return
    kind = type(target)
    if not is_gene(kind) or type(state) is not dict:
        raise RefusedError(f"sets the state of a {kind.__name__} by a {type(state).__name__}")
    for name, value in state.items():
        if type(name) is not str or name.startswith("__") or hasattr(kind, name):
            # Escaped: a name may hold codes that a terminal obeys, or characters that it cannot print.
            asked = name[:80].encode("unicode_escape").decode() if type(name) is str else type(name).__name__
            raise RefusedError(f"sets the attribute {asked} of a {kind.__name__}")
        setattr(target, name, value)


def _gene_class(full_name: str) -> type:
    from neat import genes, genome

    name = full_name.rpartition(".")[2]
    return getattr(genome if full_name.startswith("neat.genome.") else genes, name)  # type: ignore[no-any-return]


class Dtype:
    """A stand-in for numpy.dtype, whose own `__setstate__` could change numpy's shared types."""

    def __init__(self, code: object, align: object = False, copy: object = True) -> None:
        if not isinstance(code, str) or code not in ("f8", "f4", "i8", "i4"):
            # Only a str is printed: the repr of something unchecked may be endless.
            asked = repr(code[:20]) if isinstance(code, str) else type(code).__name__
            raise RefusedError(f"asks for a numpy value of type {asked}")
        self.code, self.order = code, "<"

    def set_order(self, state: object) -> None:
        if not (isinstance(state, tuple) and state[2:5] == (None, None, None) and state[1] in ("<", ">")):
            raise DamagedError("a numpy type with an unusual state")
        self.order = state[1]


def _scalar(dtype: object, raw: object) -> object:
    if not (isinstance(dtype, Dtype) and isinstance(raw, bytes)):
        raise DamagedError("a numpy scalar without type and bytes")
    numpy_type = np.dtype(f"{dtype.order}{dtype.code}")
    if len(raw) != numpy_type.itemsize:
        raise DamagedError("a numpy scalar of the wrong size")
    return np.frombuffer(raw, numpy_type)[0]


def _encode(text: object, encoding: object) -> bytes:
    """Protocols 0 to 2 write bytes as `_codecs.encode(text, 'latin1')`."""
    if not (isinstance(text, str) and encoding == "latin1"):
        raise DamagedError("bytes in an encoding other than latin1")
    return text.encode("latin1")


def _reconstruct(named: object, base: object, state: object) -> object:
    """Protocols 0 and 1 write an instance as `copyreg._reconstructor(cls, object, None)`."""
    if not (isinstance(named, Named) and isinstance(base, Named) and base.name == "builtins.object"):
        raise DamagedError("an instance without its class")
    if state is not None:
        raise RefusedError(f"asks for an instance of {named.name}")
    return new_gene(named)


_MAKERS: dict[str, Callable[..., object] | None] = {
    "builtins.object": None,
    "builtins.bytes": lambda: b"",
    "_codecs.encode": _encode,
    "copyreg._reconstructor": _reconstruct,
    "collections.OrderedDict": lambda: OrderedDict(),
    "numpy.dtype": Dtype,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy._core.multiarray.scalar": _scalar,
}
