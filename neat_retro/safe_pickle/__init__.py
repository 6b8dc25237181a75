"""Reads a pickle as data: no code of it runs, and nothing but plain values and neat-python's genes comes out.

Python's own unpickler never sees the file. An allow-list of classes would not be enough for it: nine bytes
can make it reserve gigabytes before any class is looked up. Here pickletools' readers read every opcode and
length, and a small stack machine makes plain values and neat-python genes of them. It can call nothing else.

A hostile file costs at most memory in proportion to its own size, and what is returned can be walked
recursively: no value contains itself, is nested deeply, or unfolds to far more than the file spelled out.
"""

from neat_retro.safe_pickle.reader import load, loads

__all__ = ["load", "loads"]
