"""The pickle machine: knows what each opcode does to the stack and the memo, and how its argument is read."""

from __future__ import annotations

import io
import pickletools
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from neat_retro.safe_pickle.classes import AllowList, DamagedError, Keys, Named, RefusedError, new_gene, set_state

_LONGEST_INT_TEXT = 4300  # digits, Python's own limit: reading more takes quadratic time
_WIDEST_INT = 4096 * 8  # bits

_Step = tuple[Callable[[io.BytesIO], Any] | None, Callable[..., None]]  # reads the argument, and acts on it


class Machine:
    """The pickle machine without its calls: a stack, marks and a memo."""

    def __init__(self, payload: bytes) -> None:
        self.file = io.BytesIO(payload)
        self.size = len(payload)
        self.copied = 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.keys = Keys()
        self.classes = AllowList(self.keys)

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
        raise DamagedError("it ends before its STOP")

    def finish(self) -> object:
        value = self.stack.pop()
        if self.stack or self.marks or self.file.read(1):
            raise DamagedError("bytes or values are left over at its end")
        return value

    def refuse(self, code: bytes) -> NoReturn:
        asked = next((known.name for known in pickletools.opcodes if known.code.encode("latin1") == code), "")
        if not asked:
            raise DamagedError(f"no opcode 0x{code.hex()}")
        if asked == "INST":
            asked = f"an instance of {_read_global(self.file)!r:.200}"
        elif asked in ("OBJ", "NEWOBJ_EX"):
            named = [value.name for value in self.stack if isinstance(value, Named)]
            asked = f"an instance of {named[-1]}" if named else asked
        raise RefusedError(f"asks for {asked}")

    def check_version(self, version: int) -> None:
        if version > 5:
            raise DamagedError(f"pickle protocol {version}, of a later Python")

    def check_frame(self, length: int) -> None:
        if length > self.size - self.file.tell():
            raise DamagedError(f"a frame of {length:,} bytes, more than the file has")

    def charge(self, values: int) -> None:
        """Keep what is copied from one container to another within what the file itself spells out."""
        self.copied += values
        if self.copied > self.size:
            raise RefusedError("copies the same values over and over")

    def push(self, value: object) -> None:
        if type(value) is int and value.bit_length() > _WIDEST_INT:
            raise RefusedError(f"asks for an integer of {value.bit_length():,} bits")
        self.stack.append(value)

    def put(self, index: int) -> None:
        # Picklers number what they remember in order, from 0 (or 1, Python 2's cPickle).
        if index > len(self.memo) + 1:
            raise RefusedError(f"asks for a memo of {index:,} places")
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
            raise DamagedError("a tuple of values that are not there")
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
            raise DamagedError("items for something that is no list")
        target.extend(items)

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) not in (dict, OrderedDict) or len(items) % 2:
            raise DamagedError("keys and values for something that is no dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[self.keys.checked(key)] = value

    def add_items(self) -> None:
        items = self.pop_mark()
        target = self.stack[-1]
        if type(target) is not set:
            raise DamagedError("items for something that is no set")
        target.update(map(self.keys.checked, items))

    def stack_global(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise DamagedError("a class without a name")
        self.stack.append(self.classes.find(f"{module}.{name}"))

    def new_object(self) -> None:
        arguments, named = self.stack.pop(), self.stack.pop()
        self.stack.append(new_gene(named, arguments))

    def reduce(self) -> None:
        arguments, named = self.stack.pop(), self.stack.pop()
        if not (isinstance(named, Named) and isinstance(arguments, tuple)):
            raise DamagedError("a call of something that is no function")
        if named.make is None:
            raise RefusedError(f"asks to call {named.name}")
        self.charge(sum(len(value) for value in arguments if isinstance(value, (str, bytes, list, tuple))))
        self.stack.append(named.make(*arguments))

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if type(state) is dict:
            self.charge(len(state))
        set_state(target, state)


def _read_int_text(file: io.BytesIO, long: bool = False) -> int:
    line = file.readline(_LONGEST_INT_TEXT + 3)
    if len(line) > _LONGEST_INT_TEXT + 2:
        raise RefusedError(f"asks for an integer of more than {_LONGEST_INT_TEXT:,} digits")
    reader = pickletools.read_decimalnl_long if long else pickletools.read_decimalnl_short
    return reader(io.BytesIO(line))


def _read_global(file: io.BytesIO) -> str:
    module, name = file.readline(), file.readline()
    if not name.endswith(b"\n"):
        raise DamagedError("it ends within a class's name")
    return f"{module[:-1].decode()}.{name[:-1].decode()}"


_NUMBERS = ["INT", "LONG", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "FLOAT", "BINFLOAT"]
_TEXTS = ["UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING"]
_BYTES = ["SHORT_BINBYTES", "BINBYTES", "BINBYTES8"]
# What each opcode does; one that is not here is refused.
_WITH_ARGUMENT: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(_NUMBERS + _TEXTS + _BYTES, Machine.push),
    **dict.fromkeys(["PUT", "BINPUT", "LONG_BINPUT"], Machine.put),
    **dict.fromkeys(["GET", "BINGET", "LONG_BINGET"], Machine.get),
    "GLOBAL": lambda machine, full_name: machine.stack.append(machine.classes.find(full_name)),
    "PROTO": Machine.check_version,
    "FRAME": Machine.check_frame,
}
_WITHOUT_ARGUMENT: dict[str, Callable[[Machine], None]] = {
    "NONE": lambda machine: machine.stack.append(None),
    "NEWTRUE": lambda machine: machine.stack.append(True),
    "NEWFALSE": lambda machine: machine.stack.append(False),
    "EMPTY_TUPLE": lambda machine: machine.stack.append(()),
    "EMPTY_LIST": lambda machine: machine.stack.append([]),
    "EMPTY_DICT": lambda machine: machine.stack.append({}),
    "EMPTY_SET": lambda machine: machine.stack.append(set()),
    "TUPLE1": partial(Machine.push_tuple, count=1),
    "TUPLE2": partial(Machine.push_tuple, count=2),
    "TUPLE3": partial(Machine.push_tuple, count=3),
    "TUPLE": partial(Machine.push_items, kind=tuple),
    "LIST": partial(Machine.push_items, kind=list),
    "FROZENSET": lambda machine: machine.push_items(partial(machine.keys.set_of, frozenset)),
    "DICT": Machine.push_dict,
    "MARK": Machine.mark,
    "POP": Machine.pop,
    "POP_MARK": lambda machine: machine.pop_mark().clear(),
    "DUP": lambda machine: machine.stack.append(machine.stack[-1]),
    "MEMOIZE": Machine.memoize,
    "APPEND": lambda machine: machine.append([machine.stack.pop()]),
    "APPENDS": lambda machine: machine.append(machine.pop_mark()),
    "SETITEM": lambda machine: machine.set_items(machine.pop_pair()),
    "SETITEMS": lambda machine: machine.set_items(machine.pop_mark()),
    "ADDITEMS": Machine.add_items,
    "STACK_GLOBAL": Machine.stack_global,
    "NEWOBJ": Machine.new_object,
    "REDUCE": Machine.reduce,
    "BUILD": Machine.build,
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
