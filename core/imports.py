"""Benchmarks from the files of other tools: what an importer is, and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from core.errors import InvalidInput

Columns = Mapping[str, str]
"""Which column is the `input`, `expected`, `choices` or `category` of a case, where somebody said so."""


@dataclass(frozen=True)
class ImportedBenchmark:
    definition: Mapping[str, Any]
    """As a benchmark file has it; its dataset is of kind `file`."""
    rows: Sequence[Mapping[str, Any]] | None = None
    """What its data file is to hold; None where the data stays where it is."""


@dataclass(frozen=True)
class Imported:
    benchmarks: tuple[ImportedBenchmark, ...]
    remarks: tuple[str, ...] = field(default=())
    """A sentence for everything that was not carried over, or means something else here."""


class UnknownColumn(InvalidInput):
    """Nothing tells which column is the `pointer` of a case."""

    def __init__(self, role: str, columns: Sequence[str], detail: str) -> None:
        super().__init__(detail, pointer=role)
        self.columns = tuple(columns)


class Importer(Protocol):
    """Reads the files of one tool."""

    def recognises(self, path: Path) -> bool:
        """Whether the file or folder looks like one of this tool. Raises nothing."""
        ...

    def read(self, path: Path, name: str | None, columns: Columns) -> Imported:
        """The benchmark is called `name`, or as the file says.

        Raises InvalidInput for what cannot be read, UnknownColumn where somebody must be asked.
        """
        ...
