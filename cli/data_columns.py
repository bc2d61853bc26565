"""A benchmark's data as its service will see it: which columns it has, and whether it may be read there at all."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.datasets.file import FileSettings, FileSource
from adapters.datasets.mapping import EXPECTED_NAMES
from adapters.definitions.reading import DefinitionFile
from cli.dataset_trial import context_of
from cli.exits import CommandError
from core.benchmarks import BenchmarkDefinition
from core.errors import BenchmarkError, InvalidInput

INPUTS: Final = ("question", "prompt", "query", "problem", "instruction", "text")
EXPECTED: Final = (
    *("right_answer", "correct_answer", "ideal", "solution", "output", "completion", "response", "label", "gold"),
    "reference",
)
"""What others call the two columns, the likeliest first."""
DEV: Final = Path(".benchmark/dev.json")
FOLDERS: Final = "BENCHMARK_LOCAL_FOLDERS"


def columns_of(data: Path) -> Sequence[str]:
    """The columns of the first row. Raises CommandError for a file that is not there, cannot be read, or is empty."""
    if not data.is_file():
        raise CommandError(f"There is no file {data}; the data's path is taken from the benchmark file's folder.")
    try:
        return asyncio.run(_columns_of(data))
    except BenchmarkError as error:
        raise CommandError(f"The data {data} cannot be read: {error}") from error


async def _columns_of(data: Path) -> Sequence[str]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        source = FileSource(FileSettings(path=(str(data),)), context_of(Path(folder), (Path("/"),)))
        async with source.open() as tables:
            row = next(iter(tables[0].rows), None)
    if row is None:
        raise CommandError(f"The data {data} has no rows.")
    return list(row.columns)


def mapped(columns: Sequence[str]) -> dict[str, str]:
    """Which columns hold what, where they have other names than ours but usual ones.

    >>> mapped(["Question", "label"])
    {'input': 'Question', 'expected': 'label'}
    """
    by_name = {column.lower(): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field, ours, usual in (("input", ("input",), INPUTS), ("expected", EXPECTED_NAMES, EXPECTED)):
        if set(ours) & set(columns):
            continue
        if (name := next((name for name in (*ours, *usual) if name in by_name), None)) is not None:
            found[field] = by_name[name]
    return found


def refused_here(definition: BenchmarkDefinition, found: DefinitionFile) -> list[str]:
    """A warning where the service that is known of here may not read the data."""
    source, folders = definition.dataset.source, _folders()
    if source.kind != "file" or folders is None:
        return []
    try:
        FileSource(FileSettings.model_validate(source.settings), context_of(Path(), folders))
    except InvalidInput as error:
        return [f"{found.place(error.pointer)}: a service with the settings of this machine refuses it. {error}"]
    return []


def _folders() -> tuple[Path, ...] | None:
    """What the environment names, and what the `benchmark dev` of this folder allows; None where neither tells."""
    told = tuple(Path(part.strip()) for part in os.environ.get(FOLDERS, "").split(",") if part.strip())
    return (*told, *([Path.cwd()] if DEV.exists() else [])) or None
