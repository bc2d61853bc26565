"""All cases of a dataset on disk while it is decided which are asked: some 30 bytes of memory a case."""

import hashlib
import os
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from adapters.datasets.mapping import MappedCase
from adapters.datasets.source import Table
from core.errors import InvalidDataset

ROW_LIMIT = 10_000_000
Numbers = NDArray[np.int64]


class Draft:
    """Mapped cases in the order of their dataset. Use as a context manager: it holds a temporary file."""

    def __init__(self, seed: int | None) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._ends = array("Q", [0])
        self._ids = array("Q")
        self._ranks = array("Q")
        self._rows = array("Q")
        self._tables: list[tuple[int, Table]] = []
        self._category_of = array("I")
        self._categories: dict[str, int] = {}
        self._key = None if seed is None else str(seed).encode()[:64]

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._rows)

    def begin(self, table: Table) -> None:
        """The cases added next are of this table."""
        self._tables.append((len(self), table))

    def add(self, case: MappedCase, row_number: int) -> None:
        if len(self) == ROW_LIMIT:
            raise InvalidDataset(f"There are more than {ROW_LIMIT} cases; split the dataset.")
        name = case.id.encode()
        self._file.write(case.line)
        self._ends.append(self._ends[-1] + len(case.line))
        self._ids.append(_hash(name))
        if self._key is not None:
            self._ranks.append(_hash(name, self._key))
        self._rows.append(row_number)
        self._category_of.append(self._categories.setdefault(case.category or "", len(self._categories)))

    def finish(self) -> None:
        """Raises InvalidDataset when two cases share an id."""
        self._file.flush()
        ids = np.frombuffer(self._ids, dtype=np.uint64)
        order = np.argsort(ids, kind="stable")
        same = np.flatnonzero(ids[order][1:] == ids[order][:-1])
        pairs = np.stack([order[same + 1], order[same]], axis=1)
        for second, first in sorted(pairs.tolist()):
            name = self._id(first)
            if name == self._id(second):
                table, row = self._where(second)
                raise table.wrong(
                    row,
                    f"its id {name!r} is the id of {self._described(first)} already; ids must differ. "
                    "With several files, set `fields.id`, for example to `{{ file }}-{{ id }}`.",
                    pointer="/dataset/fields/id",
                )

    @property
    def categories(self) -> Sequence[str]:
        """In order of first appearance; "" for cases without one."""
        return tuple(self._categories)

    @property
    def category_numbers(self) -> NDArray[np.uint32]:
        return np.frombuffer(self._category_of, dtype=np.uint32)

    @property
    def ranks(self) -> NDArray[np.uint64] | None:
        """A random number for each case that only its id and the seed decide; None without a seed."""
        return None if self._key is None else np.frombuffer(self._ranks, dtype=np.uint64)

    def lines(self, places: Numbers) -> Iterator[bytes]:
        for place in places.tolist():
            yield self.line(place)

    def line(self, place: int) -> bytes:
        start = self._ends[place]
        return os.pread(self._file.fileno(), self._ends[place + 1] - start, start)

    def mean_size(self) -> float:
        """Bytes of a case."""
        return self._ends[-1] / max(len(self), 1)

    def _id(self, place: int) -> str:
        case: dict[str, Any] = orjson.loads(self.line(place))
        return str(case["id"])

    def _where(self, place: int) -> tuple[Table, int]:
        table = next(table for start, table in reversed(self._tables) if start <= place)
        return table, self._rows[place]

    def _described(self, place: int) -> str:
        table, row = self._where(place)
        return f"{table.unit} {row}" + (f" of {table.name!r}" if len(self._tables) > 1 else "")


def _hash(name: bytes, key: bytes = b"") -> int:
    return int.from_bytes(hashlib.blake2b(name, digest_size=8, key=key).digest(), "little")
