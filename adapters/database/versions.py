"""What datasets, benchmarks and agents share: names with numbered versions, the newest standing for the name."""

from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from adapters.database.cursors import Cursor, Place
from adapters.database.engine import Sessions
from adapters.database.tables import AgentRow, BenchmarkRow, DatasetRow
from core.errors import NotFound
from core.pages import Page

R = TypeVar("R", DatasetRow, BenchmarkRow, AgentRow)

NAMES = Cursor("names", tuple[str])
VERSIONS = Cursor("versions", tuple[Place])


class Versions(Generic[R]):
    """The versions of one kind of thing; `noun` is what messages call it."""

    def __init__(self, sessions: Sessions, row: type[R], noun: str) -> None:
        self._sessions = sessions
        self._row = row
        self._noun = noun

    async def add(self, row: R, *, unique: bool) -> R:
        """Stores `row` as the next version of its name, or returns the stored one with the same digest:
        the newest version, or with `unique` any."""
        stored = self._row
        mine = (stored.project_id == row.project_id, stored.name == row.name)
        lock = func.hashtextextended(f"{stored.__tablename__}/{row.project_id}/{row.name}", 0)
        async with self._sessions.begin() as session:
            await session.execute(select(func.pg_advisory_xact_lock(lock)))
            newest = await session.scalar(select(stored).where(*mine).order_by(stored.version.desc()).limit(1))
            if newest is not None and newest.digest == row.digest:
                return newest
            same = await session.scalar(select(stored).where(*mine, stored.digest == row.digest)) if unique else None
            if same is not None:
                return same
            row.version = 1 if newest is None else newest.version + 1
            session.add(row)
        return row

    async def get(self, project_id: str, name: str, version: int | None, *, identity: str) -> R:
        """By name and version (the newest without one), or where nothing bears the name by id: `identity` names its
        column. Raises NotFound."""
        row = self._row
        named = select(row).where(row.project_id == project_id, row.name == name)
        if version is not None:
            named = named.where(row.version == version)
        by_id = select(row).where(row.project_id == project_id, getattr(row, identity) == name)
        async with self._sessions() as session:
            found = await session.scalar(named.order_by(row.version.desc()).limit(1))
            if found is None and version is None:
                found = await session.scalar(by_id)
        if found is None:
            which = "" if version is None else f" with a version {version}"
            raise NotFound(f"There is no {self._noun} {name!r}{which}.")
        return found

    async def newest(self, project_id: str, *, limit: int, cursor: str | None) -> Page[R]:
        """The newest version of every name, by name."""
        row, later = self._row, aliased(self._row)
        query = select(row).where(
            row.project_id == project_id,
            ~select(later.version)
            .where(later.project_id == row.project_id, later.name == row.name, later.version > row.version)
            .exists(),
        )
        if (after := NAMES.decode(cursor)) is not None:
            query = query.where(row.name > after[0])
        rows = await self._rows(query.order_by(row.name).limit(limit + 1))
        return NAMES.page(rows, limit, lambda one: (one.name,))

    async def of(self, project_id: str, name: str, *, limit: int, cursor: str | None) -> Page[R]:
        """The versions of a name, the newest first. Raises NotFound for a name nobody uses."""
        row = self._row
        query = select(row).where(row.project_id == project_id, row.name == name)
        if (after := VERSIONS.decode(cursor)) is not None:
            query = query.where(row.version < after[0])
        rows = await self._rows(query.order_by(row.version.desc()).limit(limit + 1))
        if not rows and cursor is None:
            raise NotFound(f"There is no {self._noun} {name!r}.")
        return VERSIONS.page(rows, limit, lambda one: (one.version,))

    async def _rows(self, query: Select[R]) -> list[R]:
        async with self._sessions() as session:
            return list((await session.scalars(query)).all())
