"""Reading the outbox: events of a project in the order of their positions, whole pages at a time."""

from collections.abc import Sequence, Set
from typing import NamedTuple

from sqlalchemy import select

from adapters.database.engine import Sessions
from adapters.database.event_tables import EventPositionRow, EventRow
from core.events import Event, EventType


class EventFilter(NamedTuple):
    """Which events a reader wants; nothing in it leaves out nothing."""

    run_id: str | None = None
    types: frozenset[EventType] = frozenset()


class Told(NamedTuple):
    """An event, and the run it is about."""

    event: Event
    run_id: str | None


EVERYTHING = EventFilter()
LOOKED_AT = 10_000


class EventRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def newest(self, project_id: str) -> int:
        """The position of the project's last event; 0 before there is one."""
        query = select(EventPositionRow.last).where(EventPositionRow.project_id == project_id)
        async with self._sessions() as session:
            return await session.scalar(query) or 0

    async def page(
        self, project_id: str, *, after: int, limit: int, wanted: EventFilter = EVERYTHING
    ) -> Sequence[Told]:
        """The first events after this position."""
        row = EventRow
        query = select(row).where(row.project_id == project_id, row.position > after)
        if wanted.run_id is not None:
            query = query.where(row.run_id == wanted.run_id)
        if wanted.types:
            query = query.where(row.type.in_([each.value for each in wanted.types]))
        async with self._sessions() as session:
            rows = await session.scalars(query.order_by(row.position).limit(limit))
            return [told(each) for each in rows]

    async def latest(self, project_id: str, *, types: Set[EventType], limit: int) -> Sequence[Event]:
        """The newest first, of these types, among the last `LOOKED_AT` events of the project."""
        row, last = EventRow, await self.newest(project_id)
        query = select(row).where(
            row.project_id == project_id,
            row.position > last - LOOKED_AT,
            row.type.in_([each.value for each in types]),
        )
        async with self._sessions() as session:
            rows = await session.scalars(query.order_by(row.position.desc()).limit(limit))
            return [told(each).event for each in rows]


def told(row: EventRow) -> Told:
    event = Event(
        id=str(row.position), type=row.type, source=row.source, subject=row.subject, time=row.created_at, data=row.data
    )
    return Told(event, row.run_id)
