"""The outbox: events are written in the transaction that makes them true, and are there exactly if it is committed."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.event_tables import EventRow
from adapters.database.tables import RunRow
from core.events import EventType


def tell(session: AsyncSession, row: RunRow, type_: EventType, data: dict[str, Any] | None = None) -> None:
    """Of a run: what happened to it with this transaction."""
    announce(
        session,
        type_,
        project_id=row.project_id,
        subject=row.run_id,
        source=f"/v1/runs/{row.run_id}",
        run_id=row.run_id,
        data=data,
    )


def announce(
    session: AsyncSession,
    type_: EventType,
    *,
    project_id: str,
    subject: str,
    source: str,
    run_id: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Of anything: `subject` is its id, `source` its path in the API, `run_id` the run whose readers should hear it."""
    session.add(
        EventRow(
            project_id=project_id, subject=subject, source=source, run_id=run_id, type=type_.value, data=data or {}
        )
    )
