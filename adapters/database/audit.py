"""The audit log: who did what. Only ever added to (`audit_chain`)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from adapters.database.audit_tables import AuditRow
from adapters.database.cursors import Cursor, Place
from adapters.database.engine import Sessions
from core.definitions import AuditEvent
from core.pages import Page

NUMBERS = Cursor("audit", tuple[Place])


class AuditFilter(NamedTuple):
    """Which events are wanted; all, where nothing is said."""

    principal: str | None = None
    actions: Sequence[str] = ()
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Before it."""


ALL = AuditFilter()


class AuditRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def record(
        self, project_id: str, principal: str, action: str, subject: str, data: Mapping[str, str] | None = None
    ) -> None:
        """`action` is a verb with its noun (`run.cancel`), `subject` the id or name it was done to."""
        row = AuditRow(
            project_id=project_id, principal=principal, action=action, subject=subject, data=dict(data or {})
        )
        async with self._sessions.begin() as session:
            session.add(row)

    async def page(
        self, project_id: str, *, limit: int, cursor: str | None = None, wanted: AuditFilter = ALL
    ) -> Page[AuditEvent]:
        """The newest first."""
        query = select(AuditRow).where(AuditRow.project_id == project_id, *_conditions(wanted))
        if (after := NUMBERS.decode(cursor)) is not None:
            query = query.where(AuditRow.audit_no < after[0])
        async with self._sessions() as session:
            rows = (await session.scalars(query.order_by(AuditRow.audit_no.desc()).limit(limit + 1))).all()
        events = [
            AuditEvent.model_validate({field: getattr(row, field) for field in AuditEvent.model_fields}) for row in rows
        ]
        return NUMBERS.page(events, limit, lambda one: (one.audit_no,))


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    row = AuditRow
    if wanted.principal is not None:
        yield row.principal == wanted.principal
    if wanted.actions:
        yield row.action.in_(wanted.actions)
    if wanted.subject is not None:
        yield row.subject == wanted.subject
    if wanted.since is not None:
        yield row.created_at >= wanted.since
    if wanted.until is not None:
        yield row.created_at < wanted.until
