"""A benchmark's cases, made here and thrown away: its data is right if a worker could do the same."""

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple

from adapters.datasets.case_sets import StoredCaseSets
from adapters.datasets.source import AnswersOf, DatasetContext
from adapters.definitions.reading import DefinitionFile
from adapters.storage.directory import DirectoryStorage
from cli.exits import CommandError
from core.benchmarks import BenchmarkDefinition
from core.cases import Case
from core.datasets import DatasetVersion
from core.errors import BenchmarkError, InvalidInput, NotFound
from core.ids import DEFAULT_PROJECT

LOOKED_AT: Final = 1000
HERE: Final = ("file", "inline")
"""Kinds of sources whose data lies on this machine; the others want a service, a network, or only time."""


class Cases(NamedTuple):
    total: int
    """How many a run would ask."""
    first: tuple[Case, ...]
    """The first thousand."""


def try_cases(definition: BenchmarkDefinition, found: DefinitionFile) -> Cases | None:
    """The cases of a run; None where the data is elsewhere. Raises CommandError, naming file and line."""
    if definition.dataset.source.kind not in HERE:
        return None
    try:
        return asyncio.run(_prepared(definition))
    except BenchmarkError as error:
        pointer = error.pointer if isinstance(error, InvalidInput) else ""
        raise CommandError(f"{found.place(pointer or '/dataset/source')}: {of_data(str(error))}") from error


def of_data(detail: str) -> str:
    """What is said of a line of the data, beside which stands a line of the benchmark's file.

    >>> of_data("Line 2: it is not JSON.")
    'in line 2 of the data: it is not JSON.'
    """
    return re.sub(r"^Line (\d+): ", r"in line \1 of the data: ", detail)


def context_of(folder: Path, local_folders: tuple[Path, ...]) -> DatasetContext:
    """Where sources find themselves without a service: what they store goes into this folder."""
    return DatasetContext(
        project_id=DEFAULT_PROJECT,
        storage=DirectoryStorage(folder),
        stored=_Elsewhere(),
        answers=_Elsewhere(),
        download=_Elsewhere(),
        local_folders=local_folders,
    )


async def _prepared(definition: BenchmarkDefinition) -> Cases:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        # Whose files may be read is the service's to say; here a person reads their own.
        sets = StoredCaseSets(context_of(Path(folder), (Path("/"),)))
        made = await sets.prepare(definition.dataset, project_id=DEFAULT_PROJECT, examples=definition.examples)
        return Cases(made.case_count, tuple(await sets.read(made, 0, min(made.case_count, LOOKED_AT))))


class _Elsewhere:
    """Stands where a service would be: nothing of it is asked by sources that read this machine."""

    async def find(self, project_id: str, name: str, version: int | None) -> DatasetVersion:
        raise NotFound(f"The dataset {name!r} is stored in a service.")

    async def given_by(self, project_id: str, run_id: str, agent_id: str) -> AnswersOf:
        raise NotFound(f"The run {run_id!r} is recorded in a service.")

    async def texts(self, of: AnswersOf, case_indexes: Sequence[int], *, trials: int) -> Mapping[tuple[int, int], str]:
        return {}

    async def __call__(self, url: str, sink: IO[bytes], *, limit: int) -> None:
        raise NotFound(f"{url} is not fetched for a check.")
