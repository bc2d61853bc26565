"""What a dataset plugin is: it brings tables of rows, and a mapping makes cases of them.

A plugin's `build(settings, context)` returns a Source; its entry point is in the group `benchmark.datasets`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, Protocol

from core.datasets import DatasetVersion
from core.errors import InvalidDataset
from core.ports import ObjectStorage

Columns = dict[str, Any]
"""A row: values are what JSON has, besides `Decimal` for numbers too long for a float."""


class Row(NamedTuple):
    number: int
    """The line it starts on, or its place in the list; counts from 1."""
    columns: Columns


@dataclass(frozen=True)
class Table:
    """The rows of one file, in order. Iterating may raise InvalidDataset, and blocks: do it in a thread."""

    name: str
    """The file's name without folders and endings: `file` in mappings."""
    rows: Iterator[Row]
    unit: Literal["line", "item"] = "line"

    def wrong(self, number: int, detail: str, *, pointer: str = "") -> InvalidDataset:
        """The error for one row, saying where it is."""
        if self.unit == "line":
            return InvalidDataset(detail, line=number, pointer=pointer)
        return InvalidDataset(f"Item {number}: {detail}", pointer=pointer)


class Source(Protocol):
    """Where rows come from."""

    keeps: tuple[str, ...]
    """Columns that always go into a case's metadata: what the source's own evaluator needs."""

    def open(self) -> AbstractAsyncContextManager[Sequence[Table]]:
        """Fetches what is far away. Raises InvalidDataset, NotFound, Unavailable and the like."""
        ...


class StoredDatasets(Protocol):
    """The datasets people uploaded."""

    async def find(self, project_id: str, name: str, version: int | None) -> DatasetVersion:
        """The version, or the newest one. Raises NotFound."""
        ...


class AnswersOf(NamedTuple):
    """One agent's answers in one run, as the record finds them."""

    run_no: int
    agent_no: int
    case_set: str
    """sha256 of the cases it was asked."""


class StoredAnswers(Protocol):
    """What agents answered in earlier runs."""

    async def given_by(self, project_id: str, run_id: str, agent_id: str) -> AnswersOf:
        """Raises NotFound for a run or an agent that does not exist, or whose cases are not known yet."""
        ...

    async def texts(self, of: AnswersOf, case_indexes: Sequence[int], *, trials: int) -> Mapping[tuple[int, int], str]:
        """By (trial, case index) the answers to these cases in the first so many trials."""
        ...


class Download(Protocol):
    async def __call__(self, url: str, sink: IO[bytes], *, limit: int) -> None:
        """Writes what the URL holds. Raises InvalidDataset past `limit` bytes, TargetRefused, NotFound, Unavailable."""
        ...


@dataclass(frozen=True)
class DatasetContext:
    """What a dataset plugin's `build(settings, context)` gets besides its settings."""

    project_id: str
    storage: ObjectStorage
    stored: StoredDatasets
    answers: StoredAnswers
    download: Download
    local_folders: tuple[Path, ...] = ()
    """Folders that files may be read from."""
    buckets: tuple[str, ...] = ()
    """Buckets (`bucket` or `bucket/prefix`) that objects may be read from."""
    extras: dict[str, Any] = field(default_factory=dict[str, Any])
    """For plugins of third parties."""
