"""Stored benchmark definitions, by name and version."""

import hashlib

import orjson

from adapters.database.engine import Sessions
from adapters.database.tables import BenchmarkRow
from adapters.database.versions import Versions
from core.benchmarks import BenchmarkDefinition
from core.definitions import BenchmarkVersion
from core.ids import new_id
from core.pages import Page


class BenchmarkRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._versions = Versions(sessions, BenchmarkRow, "benchmark")

    async def add(self, project_id: str, definition: BenchmarkDefinition) -> BenchmarkVersion:
        """The next version of the name it bears; the newest version, if that says the same."""
        content = definition.model_dump(mode="json")
        row = BenchmarkRow(
            benchmark_id=new_id("bench"),
            project_id=project_id,
            name=definition.name,
            definition=content,
            digest=hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        )
        return _benchmark(await self._versions.add(row, unique=False))

    async def get(self, project_id: str, name: str, version: int | None = None) -> BenchmarkVersion:
        """By name (the newest version unless one is given) or by id. Raises NotFound."""
        return _benchmark(await self._versions.get(project_id, name, version, identity="benchmark_id"))

    async def page(self, project_id: str, *, limit: int, cursor: str | None = None) -> Page[BenchmarkVersion]:
        """The newest version of every benchmark, by name."""
        page = await self._versions.newest(project_id, limit=limit, cursor=cursor)
        return Page(tuple(map(_benchmark, page.items)), page.next_cursor)

    async def versions(
        self, project_id: str, name: str, *, limit: int, cursor: str | None = None
    ) -> Page[BenchmarkVersion]:
        """The newest first."""
        page = await self._versions.of(project_id, name, limit=limit, cursor=cursor)
        return Page(tuple(map(_benchmark, page.items)), page.next_cursor)


def _benchmark(row: BenchmarkRow) -> BenchmarkVersion:
    return BenchmarkVersion.model_validate({name: getattr(row, name) for name in BenchmarkVersion.model_fields})
