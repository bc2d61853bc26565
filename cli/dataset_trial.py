"""A benchmark's cases, made here and thrown away: its data is right if a worker could do the same."""

import asyncio
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
        raise CommandError(f"{found.place(pointer or '/dataset/source')}: {error}") from error


async def _prepared(definition: BenchmarkDefinition) -> Cases:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        # Whose files may be read is the service's to say; here a person reads their own.
        context = DatasetContext(
            project_id=DEFAULT_PROJECT,
            storage=DirectoryStorage(Path(folder)),
            stored=_Elsewhere(),
            answers=_Elsewhere(),
            download=_Elsewhere(),
            local_folders=(Path("/"),),
        )
        sets = StoredCaseSets(context)
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
