"""The source `file`: files of the machine, inside the folders its operator allows."""

import asyncio
import glob
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import Field, field_validator

from adapters.datasets.content import Content
from adapters.datasets.formats import Layout, table
from adapters.datasets.joining import joined
from adapters.datasets.source import DatasetContext, Table
from core.errors import InvalidDataset, InvalidInput, NotFound, listed
from core.plugins import Plugin, PluginSettings

FILE_LIMIT = 1000
POINTER = "/dataset/source/path"


class Join(PluginSettings):
    """Further columns for the rows, from the file of the same name in another folder. A file without one there stays
    as it is; in a file with one, every row must have its partner."""

    folder: str
    """Absolute."""
    on: str = "id"
    """The column that both have."""


class FileSettings(Layout):
    path: tuple[str, ...] = Field(min_length=1, max_length=100)
    """A file, or a pattern such as `/data/bbh/*.json`, or a list of them; absolute."""
    join: Join | None = None

    @field_validator("path", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class FileSource:
    keeps: tuple[str, ...] = ()

    def __init__(self, settings: FileSettings, context: DatasetContext) -> None:
        """Raises InvalidInput for a path outside the operator's folders."""
        self._settings = settings
        self._folders = context.local_folders
        for pattern in (*settings.path, *([settings.join.folder] if settings.join else [])):
            _fixed(pattern, [folder.resolve() for folder in self._folders])

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Sequence[Table]]:
        paths = await asyncio.to_thread(self._paths)
        yield await asyncio.to_thread(lambda: [self._table(path) for path in paths])

    def _table(self, path: Path) -> Table:
        rows = table(Content.on_disk(path.name, path), self._settings)
        join = self._settings.join
        partner = Path(join.folder, path.name) if join else None
        if not join or not partner or not partner.is_file():
            return rows
        allowed = [folder.resolve() for folder in self._folders]
        beside = Content.on_disk(path.name, _within(partner, allowed, join.folder))
        return joined(rows, table(beside, self._settings), join.on)

    def _paths(self) -> list[Path]:
        """In the order of the settings, a pattern's files by name. Raises InvalidInput, NotFound, InvalidDataset."""
        allowed = [folder.resolve() for folder in self._folders]
        found: dict[Path, None] = {}
        for pattern in self._settings.path:
            matches = sorted(self._matches(pattern, allowed))
            if not matches:
                raise NotFound(f"There is no file {pattern!r} on the machine that reads the dataset.")
            found.update(dict.fromkeys(matches))
        if len(found) > FILE_LIMIT:
            raise InvalidDataset(f"{len(found)} files match; a dataset has at most {FILE_LIMIT}.", pointer=POINTER)
        return list(found)

    def _matches(self, pattern: str, allowed: list[Path]) -> Iterator[Path]:
        path, fixed = Path(pattern), _fixed(pattern, allowed)
        for match in [path] if fixed == path else fixed.glob(str(path.relative_to(fixed))):
            if match.is_file():
                yield _within(match, allowed, pattern)


def _fixed(pattern: str, allowed: list[Path]) -> Path:
    """The pattern's part before its first wildcard. Raises InvalidInput where that may not be read."""
    path = Path(pattern)
    fixed = next((folder for folder in (path, *path.parents) if not glob.has_magic(str(folder))), path)
    _within(fixed, allowed, pattern)
    return fixed


def _within(path: Path, allowed: list[Path], pattern: str) -> Path:
    """The path without links. Raises InvalidInput alike for what is outside and what does not exist there."""
    if not path.is_absolute():
        raise InvalidInput(
            f"{pattern!r} is a relative path, and the service does not know your folder: write the whole path, in a "
            "folder of BENCHMARK_LOCAL_FOLDERS (`benchmark run` does so for data beside its file), or upload the file "
            "(POST /v1/datasets).",
            pointer=POINTER,
        )
    resolved = None if "\0" in pattern else path.resolve()
    if resolved is None or not any(resolved.is_relative_to(folder) for folder in allowed):
        folders = f"those are: {listed([str(folder) for folder in allowed])}" if allowed else "there is none"
        raise InvalidInput(
            f"{pattern!r} is not inside a folder that datasets may be read from; {folders}. Put the file there, have "
            "the service's operator add its folder to BENCHMARK_LOCAL_FOLDERS, or upload it (POST /v1/datasets).",
            pointer=POINTER,
        )
    return resolved


plugin = Plugin(FileSettings, FileSource, summary="Files in a folder that the operator allows.")
