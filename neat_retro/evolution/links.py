"""A genome's connections as columns: knows how both ends go into one number, and how columns read as neat's genes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from neat.genes import DefaultConnectionGene

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)
Key = tuple[int, int]  # a connection's, as neat-python writes it: (input, output)

_LARGEST_KEY = 2**31 - 1  # of a node: both ends fit into 64 bits


@dataclass(frozen=True, eq=False)
class Links:
    """Connections in ascending order of (input, output), every column (n_links,).

    Columns are never modified: genomes of the same structure share `code` and `innovation`.
    """

    code: Integers  # input * 2**32 + output, so ascending codes are ascending (input, output)
    innovation: Integers
    weight: Floats
    enabled: Bools

    def __len__(self) -> int:
        return len(self.code)

    @classmethod
    def from_columns(cls, ends: Integers, innovation: Integers, weight: Floats, enabled: Bools) -> Links:
        """Sort columns that may be in any order; `ends` is (n_links, 2). Raises ValueError for keys out of range."""
        if len(ends) and not (ends.min() >= -_LARGEST_KEY and ends[:, 1].min() >= 0 and ends.max() <= _LARGEST_KEY):
            raise ValueError("a connection between keys that no node has")
        code = (ends[:, 0] << 32) + ends[:, 1]
        order = np.argsort(code)
        return cls(code[order], innovation[order], weight[order], enabled[order])

    @classmethod
    def from_genes(cls, genes: Iterable[Any]) -> Links:
        """Read neat-python's connection genes; one without an innovation number (before neat-python 1.0) has -1."""
        genes = list(genes)
        return cls.from_columns(
            np.array([gene.key for gene in genes], dtype=np.int64).reshape(-1, 2),
            np.array([getattr(gene, "innovation", -1) for gene in genes], dtype=np.int64),
            np.array([gene.weight for gene in genes], dtype=np.float64),
            np.array([gene.enabled for gene in genes], dtype=np.bool_),
        )

    def check(self) -> None:
        """Raise ValueError where the columns are none that this class would make."""
        columns = (self.code, self.innovation, self.weight, self.enabled)
        if len({len(column) for column in columns}) > 1 or not (self.code[:-1] < self.code[1:]).all():
            raise ValueError("connections in columns that do not fit")

    @property
    def inputs(self) -> Integers:
        """Where each connection comes from."""
        return self.code >> 32

    @property
    def outputs(self) -> Integers:
        """Where each connection goes."""
        return self.code & 0xFFFFFFFF

    def find(self, key: Key) -> int | None:
        """Return where a connection stands, None where there is none."""
        code = (key[0] << 32) + key[1]
        place = int(np.searchsorted(self.code, code))
        return place if place < len(self) and self.code[place] == code else None

    def key(self, place: int) -> Key:
        code = int(self.code[place])
        return code >> 32, code & 0xFFFFFFFF

    def gene(self, place: int) -> Any:
        """Return one connection as neat-python's gene."""
        return _gene(self.key(place), int(self.innovation[place]), float(self.weight[place]), bool(self.enabled[place]))

    def genes(self) -> dict[Key, Any]:
        """Return all as neat-python keeps them."""
        keys = list(zip(self.inputs.tolist(), self.outputs.tolist(), strict=True))
        columns = (keys, self.innovation.tolist(), self.weight.tolist(), self.enabled.tolist())
        return {key: _gene(key, *values) for key, *values in zip(*columns, strict=True)}

    def inner(self) -> list[Key]:
        """Return the keys of those between nodes, which come last: an input's key is negative."""
        first = np.searchsorted(self.code, 0)
        return list(zip((self.code[first:] >> 32).tolist(), (self.code[first:] & 0xFFFFFFFF).tolist(), strict=True))

    def with_gene(self, gene: Any) -> Links:
        """Add a connection between ends that are not connected yet."""
        code = (gene.key[0] << 32) + gene.key[1]
        place = int(np.searchsorted(self.code, code))
        return Links(
            _inserted(self.code, place, code),
            _inserted(self.innovation, place, gene.innovation),
            _inserted(self.weight, place, gene.weight),
            _inserted(self.enabled, place, gene.enabled),
        )

    def with_columns(self, ends: Integers, innovation: Integers, weight: Floats) -> Links:
        """Add enabled connections between ends that are not connected yet; `ends` is (n, 2)."""
        own = np.stack((self.inputs, self.outputs), axis=1)
        return Links.from_columns(
            np.concatenate((own, ends)),
            np.concatenate((self.innovation, innovation)),
            np.concatenate((self.weight, weight)),
            np.concatenate((self.enabled, np.ones(len(ends), np.bool_))),
        )

    def only(self, kept: Bools) -> Links:
        """Return those that `kept`, (n_links,), marks."""
        places = np.flatnonzero(kept)
        return Links(self.code[places], self.innovation[places], self.weight[places], self.enabled[places])

    def without(self, place: int) -> Links:
        """Leave out one."""
        return Links(
            _shortened(self.code, place),
            _shortened(self.innovation, place),
            _shortened(self.weight, place),
            _shortened(self.enabled, place),
        )

    def switched(self, place: int, enabled: bool) -> Links:
        """Enable or disable one."""
        column = self.enabled.copy()
        column[place] = enabled
        return Links(self.code, self.innovation, self.weight, column)


NO_LINKS = Links.from_genes(())


def _gene(key: Key, innovation: int, weight: float, enabled: bool) -> Any:
    gene = DefaultConnectionGene(key, innovation=innovation)
    gene.weight, gene.enabled = weight, enabled
    return gene


def _inserted(column: npt.NDArray[Scalar], place: int, value: Any) -> npt.NDArray[Scalar]:
    """np.insert, five times as fast."""
    longer = np.empty(len(column) + 1, column.dtype)
    longer[:place], longer[place], longer[place + 1 :] = column[:place], value, column[place:]
    return longer


def _shortened(column: npt.NDArray[Scalar], place: int) -> npt.NDArray[Scalar]:
    return np.concatenate((column[:place], column[place + 1 :]))


class ConnectionsView(Mapping[Key, Any]):
    """Columns read like neat-python's dict of genes. A gene is made when it is asked for: it is a copy."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[Key]:
        return zip(self._links.inputs.tolist(), self._links.outputs.tolist(), strict=True)

    def __getitem__(self, key: Key) -> Any:
        place = self._links.find(key)
        if place is None:
            raise KeyError(key)
        return self._links.gene(place)

    def __contains__(self, key: object) -> bool:
        try:
            return self._links.find(key) is not None  # type: ignore[arg-type]
        except (TypeError, IndexError, OverflowError):
            return False
