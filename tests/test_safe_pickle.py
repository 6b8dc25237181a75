"""Pickles are data: real champions load in every protocol, and no hostile file runs or takes memory."""

from __future__ import annotations

import io
import math
import pickle
import random
import resource
import struct
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neat.genes import DefaultConnectionGene, DefaultNodeGene
from neat.genome import DefaultGenome

from neat_retro import safe_pickle
from neat_retro.errors import CorruptPickleError, PickleError, UnsafePickleError

PROTOCOLS = range(6)


def make_genome() -> DefaultGenome:
    genome = DefaultGenome(7)
    for key, weight in (((-1, 0), 0.25), ((-2, 0), -1.5), ((-1, 3), 30.0)):
        gene = DefaultConnectionGene(key, innovation=abs(key[0]))
        gene.weight, gene.enabled = weight, weight > 0
        genome.connections[key] = gene
    for key in (0, 3):
        node = DefaultNodeGene(key)
        node.bias, node.response, node.activation, node.aggregation = 0.1 * key, 1.0, "tanh", "sum"
        genome.nodes[key] = node
    genome.fitness = np.float64(123.5)
    return genome


def as_values(value: object) -> object:
    """Unfold genes into dicts, for they compare by identity."""
    if isinstance(value, (DefaultGenome, DefaultNodeGene, DefaultConnectionGene)):
        return type(value).__name__, as_values(vars(value))
    return {key: as_values(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_genome_round_trips_through_every_protocol(protocol: int) -> None:
    genome = make_genome()
    loaded = safe_pickle.loads(pickle.dumps(genome, protocol), "winner.pkl")
    assert as_values(loaded) == as_values(genome)
    assert isinstance(loaded, DefaultGenome)
    assert type(loaded.fitness) is np.float64


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_genome_pickled_by_neat_0_92_loads_without_innovation(protocol: int) -> None:
    genome = make_genome()
    for gene in genome.connections.values():
        del gene.innovation
    loaded = safe_pickle.loads(pickle.dumps(genome, protocol), "winner.pkl")
    assert as_values(loaded) == as_values(genome)


def test_pickle_of_python_2_loads() -> None:
    payload = (
        b"ccopy_reg\n_reconstructor\nq\x01(cneat.genome\nDefaultGenome\nq\x02c__builtin__\nobject\nq\x03Ntq\x04Rq\x05"
        b"}q\x06(U\x03keyq\x07K\x05U\x0bconnectionsq\x08}q\x09U\x05nodesq\x0a}q\x0bU\x07fitnessq\x0cG?\xf0\0\0\0\0\0\0ub."
    )
    loaded = safe_pickle.loads(payload, "winner.pkl")
    assert vars(loaded) == {"key": 5, "connections": {}, "nodes": {}, "fitness": 1.0}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_checkpoint_of_plain_values_round_trips(protocol: int) -> None:
    checkpoint = {
        "random_state": random.Random(3).getstate(),
        "big": [2**63, -(2**200), 0, True, None],
        "bytes": (b"", b"\x00\xff" * 400, "", "ä\n\\u0041\U0001f40d", 1e-300, math.inf),
        "sets": [{1, 2}, frozenset({"a"}), set(), OrderedDict(b=1, a=2)],
        (1, 2): {(-1, 0): [[], (), {}]},
        "numpy": [np.float32(0.5), np.int64(-3), np.int32(9), np.float64(2.5)],
    }
    loaded = safe_pickle.loads(pickle.dumps(checkpoint, protocol), "checkpoint")
    assert loaded == checkpoint
    assert repr(loaded) == repr(checkpoint)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.integers() | st.text() | st.tuples(st.integers(), st.integers()), inner)
    ),
    max_leaves=20,
)


@given(value=plain_values, protocol=st.sampled_from(PROTOCOLS))
@settings(max_examples=300, deadline=None)
def test_reads_plain_values_as_python_does(value: object, protocol: int) -> None:
    payload = pickle.dumps(value, protocol)
    assert repr(safe_pickle.loads(payload, "values")) == repr(pickle.loads(payload))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_truncation_of_a_champion_is_refused(protocol: int) -> None:
    payload = pickle.dumps(make_genome(), protocol)
    for length in range(len(payload)):
        with pytest.raises(PickleError):
            safe_pickle.loads(payload[:length], "champion.pkl")


@given(data=st.data(), protocol=st.sampled_from(PROTOCOLS))
@settings(max_examples=1500, deadline=None)
def test_damaged_champion_loads_or_is_refused(data: Any, protocol: int) -> None:
    payload = bytearray(pickle.dumps({"genome": make_genome(), "seen": {1, 2}, "n": 10**30}, protocol))
    for place in data.draw(st.lists(st.integers(0, len(payload) - 1), min_size=1, max_size=3)):
        payload[place] = data.draw(st.integers(0, 255))
    try:
        safe_pickle.loads(bytes(payload), "champion.pkl")
    except PickleError as error:
        assert "champion.pkl" in str(error)


@given(payload=st.binary(min_size=1, max_size=60))
@settings(max_examples=1000, deadline=None)
def test_random_bytes_load_or_are_refused(payload: bytes) -> None:
    try:
        safe_pickle.loads(payload, "champion.pkl")
    except PickleError as error:
        assert "champion.pkl" in str(error)


class RunsCommand:
    """Pickles as a call of os.system that leaves a file behind."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (f"touch {self.witness}",)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_command_in_a_champion_is_named_and_not_run(protocol: int, tmp_path: Path) -> None:
    champion = tmp_path / "champion.pkl"
    champion.write_bytes(pickle.dumps({"genome": RunsCommand(tmp_path / "witness")}, protocol))
    with pytest.raises(UnsafePickleError) as caught:
        safe_pickle.load(champion)
    assert str(caught.value) == (
        f"{champion} (champion): asks for 'posix.system', which no champion or checkpoint needs. Nothing of it ran.\n"
        "  Do not open it with pickle either, unless you know who made it. If your own program did:\n"
        "  load it there, and save neat-python's DefaultGenome alone with pickle.dump(winner, file)."
    )
    pickle.loads(champion.read_bytes())
    assert (tmp_path / "witness").exists(), "the file was harmless, so this test proved nothing"


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def integer(value: int) -> bytes:
    spelled = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8b" + struct.pack("<i", len(spelled)) + spelled


ONE_HASH = b"".join(integer(factor * (2**61 - 1)) for factor in range(1, 20_000))
MINUS_ONES_AND_TWOS = b"".join(
    b"(" + b"".join(b"J" + struct.pack("<i", -1 - (number >> bit & 1)) for bit in range(12)) + b"t"
    for number in range(2**12)
)
GENOME = b"cneat.genome\nDefaultGenome\n"
HOSTILE = {
    "eval": (b"c__builtin__\neval\n(" + text("1+1") + b"tR.", "builtins.eval"),
    "INST": (b"(" + text("id") + b"ios\nsystem\n.", "an instance of 'os.system'"),
    "OBJ": (b"(" + GENOME + text("id") + b"o.", "an instance of neat.genome.DefaultGenome"),
    "STACK_GLOBAL": (b"\x80\x04" + text("os") + text("system") + b"\x93" + text("id") + b"\x85R.", "os.system"),
    "dotted": (b"\x80\x04" + text("neat.genome") + text("DefaultGenome.mutate") + b"\x93.", "mutate"),
    "NEWOBJ_EX": (b"\x80\x04" + GENOME + b")}\x92.", "an instance of neat.genome.DefaultGenome"),
    "NEWOBJ of a function": (b"\x80\x02ccollections\nOrderedDict\n)\x81.", "collections.OrderedDict"),
    "NEWOBJ with arguments": (b"\x80\x02" + GENOME + b"K\x01\x85\x81.", "neat.genome.DefaultGenome"),
    "REDUCE of a gene": (GENOME + b"K\x01\x85R.", "call neat.genome.DefaultGenome"),
    "EXT1": (b"\x80\x02\x82\x01.", "EXT1"),
    "PERSID": (b"Pabc\n.", "PERSID"),
    "BINPERSID": (b"K\x01Q.", "BINPERSID"),
    "bytearray": (pickle.dumps(bytearray(b"x"), 5), "BYTEARRAY8"),
    "setstate": (
        b"\x80\x02" + GENOME + b")\x81}" + text("__setstate__") + GENOME + b"sb}b.",
        "sets the attribute __setstate__",
    ),
    "method": (b"\x80\x02" + GENOME + b")\x81}" + text("mutate") + b"Nsb.", "sets the attribute mutate"),
    "class": (b"\x80\x02" + GENOME + b")\x81}" + text("__class__") + GENOME + b"sb.", "attribute __class__"),
    "slots": (b"\x80\x02" + GENOME + b")\x81N}\x86b.", "sets the state of a DefaultGenome by a tuple"),
    "state of a dict": (b"}}b.", "sets the state of a dict"),
    "class as a value": (b"]" + GENOME + b"a.", "holds a class"),
    "terminal codes": (
        b"\x80\x02" + GENOME + b")\x81}" + text("__\x1b]0;hi\x07") + b"Nsb.",
        "the attribute __\\x1b]0;hi\\x07 of a DefaultGenome",
    ),
    "NEWOBJ with an array's scalar": (
        b"\x80\x03" + GENOME + b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n("
        + text("f8") + b"\x89\x88tRC\x0800000000tR\x81.",
        "an instance of neat.genome.DefaultGenome",
    ),
    "numpy object": (
        b"cnumpy\ndtype\n(" + text("O8") + b"\x89\x88tR.",
        "asks for a numpy value of type 'O8'",
    ),
    "numpy endless type": (b"cnumpy\ndtype\n(]2a\x89\x88tR.", "asks for a numpy value of type list"),
    "contains itself": (b"]2a.", "contains itself"),
    "deep list": (b"]" * 5000 + b"a" * 4999 + b".", "more than 100 deep"),
    "deep tuple": (b")" + b"\x85" * 1_000_000 + b".", "more than 100 deep"),
    "billion laughs": (b")" + b"2\x86" * 60 + b".", "unfolds to far more values"),
    "digits": (b"I" + b"9" * 1_000_000 + b"\n.", "more than 4,300 digits"),
    "long digits": (b"L" + b"9" * 1_000_000 + b"L\n.", "more than 4,300 digits"),
    "wide integer": (b"\x80\x02\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6 + b".", "an integer of 7,999"),
    "repeated copies": (
        b"c__builtin__\nset\nq\x00(](" + b"".join(b"J" + struct.pack("<i", n) for n in range(20_000))
        + b"etq\x01R0" + b"h\x00h\x01R0" * 20_000 + b"N.",
        "copies the same values",
    ),
    "repeated list": (b"](]q\x00(" + b"N" * 100_000 + b"e" + b"h\x00" * 100_000 + b"e.", "unfolds to far more values"),
    "repeated text": (text("x" * 100_000) + b"q\x000(" + b"h\x00" * 1_000_000 + b"l.", "unfolds to far more values"),
    "repeated key": (
        text("x" * 100_000) + b"q\x000(" + b"}h\x00Ns" * 200_000 + b"l.",
        "unfolds to far more values",
    ),
    "keys of one hash": (b"}(" + ONE_HASH + b"Nu.", "many keys of one hash"),
    "tuples of one hash": (b"\x80\x04\x8f(" + MINUS_ONES_AND_TWOS + b"\x90.", "many keys of one hash"),
    "set of one hash": (b"c__builtin__\nset\n(](" + ONE_HASH + b"etR.", "many keys of one hash"),
    "frozenset of one hash": (b"\x80\x04(" + ONE_HASH + b"\x91.", "many keys of one hash"),
    "one hash, in turns": (
        b"}" + b"".join(integer(factor * (2**61 - 1)) + b"Ns" for factor in range(1, 100)) + b".",
        "many keys of one hash",
    ),
    "wide key": (b"}(" + integer(2**2000) + b"q\x00N" + b"h\x00N" * 20_000 + b"u.", "2,001 bits as a key"),
    "tuple of wide integers": (b"}(" + integer(2**2000) + b"2\x86Nu.", "2,001 bits as a key"),
    "memo": (b"Nr\xff\xff\xff\x3f0N.", "a memo of 1,073,741,823 places"),
    "text memo": (b"Np99999999\n.", "a memo of 99,999,999 places"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pickle_is_refused_and_said_why(name: str) -> None:
    payload, words = HOSTILE[name]
    with pytest.raises(UnsafePickleError) as caught:
        safe_pickle.loads(payload, "champion.pkl")
    assert words in str(caught.value)
    assert "Nothing of it ran." in str(caught.value)


CORRUPT = {
    "claims 4 GB of bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**32) + b"few.",
    "claims more than any memory": b"\x80\x04\x8e" + struct.pack("<Q", 2**63) + b"few.",
    "claims a 4 GB text": b"X" + struct.pack("<I", 2**32 - 1) + b"few.",
    "claims a 2 GB integer": b"\x8b" + struct.pack("<i", 2**31 - 1) + b"\x01.",
    "claims a frame of 2 ** 60": b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"N.",
    "stack underflow": b"0.",
    "tuple underflow": b"K\x01\x86.",
    "no mark": b"t.",
    "unknown memo": b"h\x05.",
    "later protocol": b"\x80\x09N.",
    "text": b"not a pickle at all\n",
    "trailing bytes": b"N.N.",
    "hash of a deep tuple": b"})" + b"\x85" * 200_000 + b"Ns.",
    "hash of a billion laughs": b"})" + b"2\x86" * 60 + b"Ns.",
    "long key": b"}((" + b"N" * 65 + b"tNu.",
    "key of many pairs": b"}((" + b"NN\x86" * 33 + b"tNu.",
    "unhashable key": b"}]Ns.",
    "bad escape in a name": b"cos\\q\nsystem\\8\n",
}


@pytest.mark.parametrize("name", CORRUPT)
def test_corrupt_pickle_is_refused(name: str) -> None:
    with pytest.raises(PickleError) as caught:
        safe_pickle.loads(CORRUPT[name], "champion.pkl")
    assert isinstance(caught.value, CorruptPickleError) or name == "bad escape in a name"
    assert str(caught.value).startswith("champion.pkl: ")


def test_bombs_stay_within_small_memory(tmp_path: Path) -> None:
    bombs = [payload for payload, _ in HOSTILE.values()] + list(CORRUPT.values())
    (tmp_path / "bombs").write_bytes(pickle.dumps(bombs))
    script = (
        "import pickle, resource, sys\n"
        "from neat_retro import errors, safe_pickle\n"
        "import neat.genome\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for bomb in pickle.load(open(sys.argv[1], 'rb')):\n"
        "    try:\n"
        "        safe_pickle.loads(bomb, 'bomb')\n"
        "    except errors.PickleError as error:\n"
        "        assert 'memory than this machine' not in str(error), error\n"
        "    else:\n"
        "        raise SystemExit(f'{bomb[:40]} loaded')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )

    def limit_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))

    finished = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "bombs")],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit_memory if sys.platform == "linux" else None,
        cwd=Path(__file__).parents[1],
        env={"OPENBLAS_NUM_THREADS": "1"},
    )
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) < 200 * 1024, "KiB"


def test_empty_missing_large_and_gzipped_files_are_told_apart(tmp_path: Path) -> None:
    champion = tmp_path / "champion.pkl"
    with pytest.raises(PickleError, match=r"champion\.pkl: there is no champion here\. Check the path\."):
        safe_pickle.load(champion)
    with pytest.raises(PickleError, match=r"not a file, so no champion\. Name the pickled file itself\."):
        safe_pickle.load(tmp_path)
    champion.write_bytes(b"")
    with pytest.raises(CorruptPickleError, match=r"champion\.pkl \(champion\): the file is empty"):
        safe_pickle.load(champion)
    champion.write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(CorruptPickleError, match=r"(?s)gzip-compressed.*neat\.Checkpointer"):
        safe_pickle.load(champion)
    champion.write_bytes(pickle.dumps("x" * 100))
    with pytest.raises(UnsafePickleError, match=r"bytes; a checkpoint may have 100\. Nothing of it was read\."):
        safe_pickle.load(champion, "checkpoint", largest=100)
    assert safe_pickle.load(champion) == "x" * 100


def test_keys_that_share_a_hash_by_nature_load() -> None:
    """-1 and -2 hash alike, as connections between inputs would; 2**61 and 1, too."""
    pairs = [(left, right) for left in (-1, -2) for right in (-1, -2)]
    genomes = [dict.fromkeys([*pairs, 1, 2**61, -1, -2, 2**1000], number) for number in range(100)]
    assert safe_pickle.loads(pickle.dumps([genomes, set(pairs)]), "checkpoint") == [genomes, set(pairs)]


def test_truncation_says_where_and_what_to_do() -> None:
    with pytest.raises(CorruptPickleError) as caught:
        safe_pickle.loads(pickle.dumps(make_genome(), 2)[:-1], "champion.pkl")
    assert "truncated, damaged or no pickle (byte " in str(caught.value)
    assert str(caught.value).endswith("it ends before its STOP).\n  Use another copy.")


def test_loading_leaves_numpy_types_alone() -> None:
    """The state that a pickle gives its dtype must not reach numpy's shared float64."""
    out = io.BytesIO()
    pickle.dump(np.dtype(">f8").type(1.5), out, 2)
    big_endian = out.getvalue().replace(text("<"), text(">"))
    assert safe_pickle.loads(big_endian, "x") == np.frombuffer(np.float64(1.5).tobytes(), ">f8")[0]
    assert np.dtype("f8").byteorder == "="
