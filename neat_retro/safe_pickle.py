"""Reads a pickle as data: knows which opcodes, lengths and classes a champion or a checkpoint may hold.

Python's own unpickler never sees the file. An allow-list of classes would not be enough for it: nine bytes
can make it reserve gigabytes before any class is looked up. Here pickletools' readers read every opcode and
length, and a small stack machine makes plain values and neat-python genes of them. It can call nothing else.

A hostile file costs at most memory in proportion to its own size, and what is returned can be walked
recursively: no value contains itself, is nested deeply, or unfolds to far more than the file spelled out.
"""

from __future__ import annotations

import io
import pickletools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from neat_retro.errors import CorruptPickleError, PickleError, UnsafePickleError

LARGEST_FILE = 512 * 2**20  # bytes
_DEEPEST = 100  # containers within containers; a checkpoint of genomes needs about ten
_LONGEST_INT_TEXT = 4300  # digits, Python's own limit: reading more takes quadratic time
_WIDEST_INT = 4096 * 8  # bits
_WIDEST_KEY = 64  # values in one tuple used as a key
_UNFOLDED_PER_BYTE = 20  # values in the whole, shared ones counted each time, per byte of the file
_ATOMS = frozenset({type(None), bool, int, float, str, bytes})
_GENES = {
    "neat.genome.DefaultGenome",
    "neat.genes.DefaultNodeGene",
    "neat.genes.DefaultConnectionGene",
}


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
        payload = path.read_bytes()
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
    machine = _Machine(payload)
    try:
        value = machine.run()
        _refuse_tangles(value, _UNFOLDED_PER_BYTE * len(payload))
        return value
    except _RefusedError as refusal:
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


class _DamagedError(ValueError):
    """Bytes that no pickler writes."""


class _RefusedError(Exception):
    """What a pickle asks for and does not get."""


_Step = tuple[Callable[[io.BytesIO], Any] | None, Callable[..., None]]  # reads the argument, and acts on it


class _Named:
    """A class or function that the pickle names: what may be made of it, never the thing itself."""

    def __init__(self, name: str, make: Callable[..., object] | None, gene: type | None = None) -> None:
        self.name, self.make, self.gene = name, make, gene


class _Dtype:
    """A stand-in for numpy.dtype, whose own `__setstate__` could change numpy's shared types."""

    def __init__(self, code: object, align: object = False, copy: object = True) -> None:
        if code not in ("f8", "f4", "i8", "i4"):
            # Only a str is printed: the repr of something unchecked may be endless.
            asked = repr(code[:20]) if isinstance(code, str) else type(code).__name__
            raise _RefusedError(f"asks for a numpy value of type {asked}")
        self.code, self.order = code, "<"

    def set_order(self, state: object) -> None:
        if not (isinstance(state, tuple) and state[2:5] == (None, None, None) and state[1] in ("<", ">")):
            raise _DamagedError("a numpy type with an unusual state")
        self.order = state[1]


def _scalar(dtype: object, raw: object) -> object:
    if not (isinstance(dtype, _Dtype) and isinstance(raw, bytes)):
        raise _DamagedError("a numpy scalar without type and bytes")
    numpy_type = np.dtype(f"{dtype.order}{dtype.code}")
    if len(raw) != numpy_type.itemsize:
        raise _DamagedError("a numpy scalar of the wrong size")
    return np.frombuffer(raw, numpy_type)[0]


def _encode(text: object, encoding: object) -> bytes:
    """Protocols 0 to 2 write bytes as `_codecs.encode(text, 'latin1')`."""
    if not (isinstance(text, str) and encoding == "latin1"):
        raise _DamagedError("bytes in an encoding other than latin1")
    return text.encode("latin1")


def _reconstruct(named: object, base: object, state: object) -> object:
    """Protocols 0 and 1 write an instance as `copyreg._reconstructor(cls, object, None)`."""
    if not (isinstance(named, _Named) and isinstance(base, _Named) and base.name == "builtins.object"):
        raise _DamagedError("an instance without its class")
    if named.gene is None or state is not None:
        raise _RefusedError(f"asks for an instance of {named.name}")
    return object.__new__(named.gene)


def _set_of(kind: type) -> Callable[..., object]:
    def make(items: object = ()) -> object:
        if type(items) not in (list, tuple):
            raise _DamagedError("a set of something other than a list")
        return kind(_checked_key(item) for item in items)  # type: ignore[attr-defined]

    return make


_MAKERS: dict[str, Callable[..., object] | None] = {
    "builtins.object": None,
    "builtins.set": _set_of(set),
    "builtins.frozenset": _set_of(frozenset),
    "builtins.bytes": lambda: b"",
    "_codecs.encode": _encode,
    "copyreg._reconstructor": _reconstruct,
    "collections.OrderedDict": lambda: OrderedDict(),
    "numpy.dtype": _Dtype,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy._core.multiarray.scalar": _scalar,
}
_NAMES_OF_PYTHON_2 = {"__builtin__": "builtins", "copy_reg": "copyreg"}


class _Machine:
    """The pickle machine without its calls: a stack, marks and a memo."""

    def __init__(self, payload: bytes) -> None:
        self.file = io.BytesIO(payload)
        self.size = len(payload)
        self.copied = 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.named: dict[str, _Named] = {}

    def run(self) -> object:
        read, file, steps = self.file.read, self.file, _STEPS
        while code := read(1):
            if code == b".":
                return self.finish()
            step = steps.get(code)
            if step is None:
                self.refuse(code)
            reader, act = step
            if reader is None:
                act(self)
            else:
                act(self, reader(file))
        raise _DamagedError("it ends before its STOP")

    def finish(self) -> object:
        value = self.stack.pop()
        if self.stack or self.marks or self.file.read(1):
            raise _DamagedError("bytes or values are left over at its end")
        return value

    def refuse(self, code: bytes) -> NoReturn:
        asked = next((known.name for known in pickletools.opcodes if known.code.encode("latin1") == code), "")
        if not asked:
            raise _DamagedError(f"no opcode 0x{code.hex()}")
        if asked == "INST":
            asked = f"an instance of {_read_global(self.file)!r:.200}"
        elif asked in ("OBJ", "NEWOBJ_EX"):
            named = [value.name for value in self.stack if isinstance(value, _Named)]
            asked = f"an instance of {named[-1]}" if named else asked
        raise _RefusedError(f"asks for {asked}")

    def check_version(self, version: int) -> None:
        if version > 5:
            raise _DamagedError(f"pickle protocol {version}, of a later Python")

    def check_frame(self, length: int) -> None:
        if length > self.size - self.file.tell():
            raise _DamagedError(f"a frame of {length:,} bytes, more than the file has")

    def charge(self, values: int) -> None:
        """Keep what is copied from one container to another within what the file itself spells out."""
        self.copied += values
        if self.copied > self.size:
            raise _RefusedError("copies the same values over and over")

    def push(self, value: object) -> None:
        if type(value) is int and value.bit_length() > _WIDEST_INT:
            raise _RefusedError(f"asks for an integer of {value.bit_length():,} bits")
        self.stack.append(value)

    def put(self, index: int) -> None:
        # Picklers number what they remember in order, from 0 (or 1, Python 2's cPickle).
        if index > len(self.memo) + 1:
            raise _RefusedError(f"asks for a memo of {index:,} places")
        self.memo[index] = self.stack[-1]

    def memoize(self) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def get(self, index: int) -> None:
        self.stack.append(self.memo[index])

    def mark(self) -> None:
        self.marks.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def pop(self) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self.pop_mark()

    def pop_pair(self) -> list[Any]:
        value, key = self.stack.pop(), self.stack.pop()
        return [key, value]

    def push_tuple(self, count: int) -> None:
        if len(self.stack) < count:
            raise _DamagedError("a tuple of values that are not there")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def push_items(self, kind: Callable[[list[Any]], object]) -> None:
        items = self.pop_mark()
        self.stack.append(kind(items))

    def push_dict(self) -> None:
        items = self.pop_mark()
        self.stack.append({})
        self.set_items(items)

    def append(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not list:
            raise _DamagedError("items for something that is no list")
        target.extend(items)

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) not in (dict, OrderedDict) or len(items) % 2:
            raise _DamagedError("keys and values for something that is no dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[key if type(key) in _ATOMS else _checked_key(key)] = value

    def add_items(self) -> None:
        items = self.pop_mark()
        target = self.stack[-1]
        if type(target) is not set:
            raise _DamagedError("items for something that is no set")
        target.update(_checked_key(item) for item in items)

    def stack_global(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise _DamagedError("a class without a name")
        self.push_named(f"{module}.{name}")

    def push_named(self, full_name: str) -> None:
        module, _, name = full_name.rpartition(".")
        full_name = f"{_NAMES_OF_PYTHON_2.get(module, module)}.{name}"
        known = self.named.get(full_name)
        if known is None:
            if full_name in _GENES:
                gene = _gene_class(full_name)
                known = _Named(full_name, None, gene)
            elif full_name in _MAKERS:
                known = _Named(full_name, _MAKERS[full_name])
            else:
                raise _RefusedError(f"asks for {full_name!r:.200}")
            self.named[full_name] = known
        self.stack.append(known)

    def new_object(self) -> None:
        arguments, named = self.stack.pop(), self.stack.pop()
        if not isinstance(named, _Named):
            raise _DamagedError("an instance without its class")
        if named.gene is None or arguments != ():
            raise _RefusedError(f"asks for an instance of {named.name}")
        self.stack.append(object.__new__(named.gene))

    def reduce(self) -> None:
        arguments, named = self.stack.pop(), self.stack.pop()
        if not (isinstance(named, _Named) and isinstance(arguments, tuple)):
            raise _DamagedError("a call of something that is no function")
        if named.make is None:
            raise _RefusedError(f"asks to call {named.name}")
        self.charge(sum(len(value) for value in arguments if isinstance(value, (str, bytes, list, tuple))))
        self.stack.append(named.make(*arguments))

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, _Dtype):
            target.set_order(state)
            return
        kind = type(target)
        if f"{kind.__module__}.{kind.__name__}" not in _GENES or type(state) is not dict:
            raise _RefusedError(f"sets the state of a {kind.__name__} by a {type(state).__name__}")
        self.charge(len(state))
        for name, value in state.items():
            if type(name) is not str or name.startswith("__") or hasattr(kind, name):
                asked = name[:80] if isinstance(name, str) else type(name).__name__
                raise _RefusedError(f"sets the attribute {asked} of a {kind.__name__}")
            setattr(target, name, value)


def _gene_class(full_name: str) -> type:
    from neat import genes, genome

    name = full_name.rpartition(".")[2]
    return getattr(genome if full_name.startswith("neat.genome.") else genes, name)  # type: ignore[no-any-return]


def _checked_key(key: Any) -> Any:
    """Return `key` if hashing it is quick and shallow; C code hashes nested tuples without any limit."""
    if type(key) in _ATOMS:
        return key
    if type(key) is not tuple or len(key) > _WIDEST_KEY:
        raise _DamagedError(f"a key of type {type(key).__name__}")
    for part in key:
        if type(part) not in _ATOMS and not (type(part) is tuple and len(part) <= 4 and _all_atoms(part)):
            raise _DamagedError("a key of nested tuples")
    return key


def _all_atoms(values: Iterable[object]) -> bool:
    return all(type(value) in _ATOMS for value in values)


def _children(value: object) -> Iterator[object]:
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return iter(value)  # type: ignore[call-overload, no-any-return]
    if isinstance(value, dict):
        return iter(value.values())
    if isinstance(value, (_Named, _Dtype)):
        raise _RefusedError("holds a class or function where a value belongs")
    return iter(()) if isinstance(value, np.generic) else iter(vars(value).values())


def _refuse_tangles(root: object, most_values: int) -> None:
    """Raise _RefusedError if `root` contains itself, is nested too deeply or unfolds to too many values."""
    if type(root) in _ATOMS:
        return
    measured: dict[int, tuple[int, int]] = {}  # id of a finished container: its height and unfolded size
    open_ids = {id(root)}
    path: list[tuple[object, Iterator[object]]] = [(root, _children(root))]
    heights, sizes = [1], [1]
    while path:
        for child in path[-1][1]:
            if type(child) in _ATOMS:
                sizes[-1] += 1
                continue
            key = id(child)
            if key in measured:
                heights[-1] = max(heights[-1], measured[key][0] + 1)
                sizes[-1] += measured[key][1]
                continue
            if key in open_ids:
                raise _RefusedError("holds a value that contains itself")
            open_ids.add(key)
            path.append((child, _children(child)))
            heights.append(1)
            sizes.append(1)
            break
        else:
            value, height, size = path.pop()[0], heights.pop(), sizes.pop()
            open_ids.discard(id(value))
            measured[id(value)] = (height, size)
            if path:
                heights[-1] = max(heights[-1], height + 1)
                sizes[-1] += size
        if max(len(path), heights[-1] if heights else 0) > _DEEPEST:
            raise _RefusedError(f"nests values more than {_DEEPEST} deep")
        if sizes and sizes[-1] > most_values:
            raise _RefusedError("unfolds to far more values than it spells out")


def _read_int_text(file: io.BytesIO, long: bool = False) -> int:
    line = file.readline(_LONGEST_INT_TEXT + 3)
    if len(line) > _LONGEST_INT_TEXT + 2:
        raise _RefusedError(f"asks for an integer of more than {_LONGEST_INT_TEXT:,} digits")
    reader = pickletools.read_decimalnl_long if long else pickletools.read_decimalnl_short
    return reader(io.BytesIO(line))


def _read_global(file: io.BytesIO) -> str:
    module, name = file.readline(), file.readline()
    if not name.endswith(b"\n"):
        raise _DamagedError("it ends within a class's name")
    return f"{module[:-1].decode()}.{name[:-1].decode()}"


_NUMBERS = ["INT", "LONG", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "FLOAT", "BINFLOAT"]
_TEXTS = ["UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING"]
_BYTES = ["SHORT_BINBYTES", "BINBYTES", "BINBYTES8"]
# What each opcode does; one that is not here is refused.
_WITH_ARGUMENT: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(_NUMBERS + _TEXTS + _BYTES, _Machine.push),
    **dict.fromkeys(["PUT", "BINPUT", "LONG_BINPUT"], _Machine.put),
    **dict.fromkeys(["GET", "BINGET", "LONG_BINGET"], _Machine.get),
    "GLOBAL": _Machine.push_named,
    "PROTO": _Machine.check_version,
    "FRAME": _Machine.check_frame,
}
_WITHOUT_ARGUMENT: dict[str, Callable[[_Machine], None]] = {
    "NONE": lambda machine: machine.stack.append(None),
    "NEWTRUE": lambda machine: machine.stack.append(True),
    "NEWFALSE": lambda machine: machine.stack.append(False),
    "EMPTY_TUPLE": lambda machine: machine.stack.append(()),
    "EMPTY_LIST": lambda machine: machine.stack.append([]),
    "EMPTY_DICT": lambda machine: machine.stack.append({}),
    "EMPTY_SET": lambda machine: machine.stack.append(set()),
    "TUPLE1": partial(_Machine.push_tuple, count=1),
    "TUPLE2": partial(_Machine.push_tuple, count=2),
    "TUPLE3": partial(_Machine.push_tuple, count=3),
    "TUPLE": partial(_Machine.push_items, kind=tuple),
    "LIST": partial(_Machine.push_items, kind=list),
    "FROZENSET": partial(_Machine.push_items, kind=_set_of(frozenset)),
    "DICT": _Machine.push_dict,
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": lambda machine: machine.pop_mark().clear(),
    "DUP": lambda machine: machine.stack.append(machine.stack[-1]),
    "MEMOIZE": _Machine.memoize,
    "APPEND": lambda machine: machine.append([machine.stack.pop()]),
    "APPENDS": lambda machine: machine.append(machine.pop_mark()),
    "SETITEM": lambda machine: machine.set_items(machine.pop_pair()),
    "SETITEMS": lambda machine: machine.set_items(machine.pop_mark()),
    "ADDITEMS": _Machine.add_items,
    "STACK_GLOBAL": _Machine.stack_global,
    "NEWOBJ": _Machine.new_object,
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
}
# pickletools' own readers of an argument, but for those that would take quadratic time or warn.
_READERS: dict[str, Callable[[io.BytesIO], Any]] = {
    **dict.fromkeys(["INT", "PUT", "GET"], _read_int_text),
    "LONG": partial(_read_int_text, long=True),
    "GLOBAL": _read_global,
}


def _step(opcode: pickletools.OpcodeInfo) -> _Step | None:
    if opcode.name in _WITHOUT_ARGUMENT:
        return None, _WITHOUT_ARGUMENT[opcode.name]
    if opcode.name in _WITH_ARGUMENT and opcode.arg is not None:
        return _READERS.get(opcode.name, opcode.arg.reader), _WITH_ARGUMENT[opcode.name]
    return None


_STEPS: dict[bytes, _Step] = {
    opcode.code.encode("latin1"): step for opcode in pickletools.opcodes if (step := _step(opcode)) is not None
}
