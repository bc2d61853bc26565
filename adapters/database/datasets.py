"""Stored datasets: what is known of them. Their bytes are in object storage under `object_key`."""

from collections.abc import Sequence

from adapters.database.engine import Sessions
from adapters.database.tables import DatasetRow
from adapters.database.versions import Versions
from core.datasets import DatasetVersion
from core.ids import new_id
from core.pages import Page


class DatasetRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._versions = Versions(sessions, DatasetRow, "dataset")

    async def add(
        self,
        *,
        project_id: str,
        name: str,
        digest: str,
        format: str,
        row_count: int,
        fields: Sequence[str],
        size_bytes: int,
        object_key: str,
    ) -> DatasetVersion:
        """The next version of the name; the version that has this digest already, if one has."""
        row = DatasetRow(
            dataset_id=new_id("ds"),
            project_id=project_id,
            name=name,
            digest=digest,
            format=format,
            row_count=row_count,
            fields=list(fields),
            size_bytes=size_bytes,
            object_key=object_key,
        )
        return _dataset(await self._versions.add(row, unique=True))

    async def find(self, project_id: str, name: str, version: int | None = None) -> DatasetVersion:
        """By name (the newest version unless one is given) or by id. Raises NotFound."""
        return _dataset(await self._versions.get(project_id, name, version, identity="dataset_id"))

    async def page(self, project_id: str, *, limit: int, cursor: str | None = None) -> Page[DatasetVersion]:
        """The newest version of every dataset, by name."""
        page = await self._versions.newest(project_id, limit=limit, cursor=cursor)
        return Page(tuple(map(_dataset, page.items)), page.next_cursor)

    async def versions(
        self, project_id: str, name: str, *, limit: int, cursor: str | None = None
    ) -> Page[DatasetVersion]:
        """The newest first."""
        page = await self._versions.of(project_id, name, limit=limit, cursor=cursor)
        return Page(tuple(map(_dataset, page.items)), page.next_cursor)


def _dataset(row: DatasetRow) -> DatasetVersion:
    return DatasetVersion.model_validate({name: getattr(row, name) for name in DatasetVersion.model_fields})
