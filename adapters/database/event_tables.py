"""The tables of the outbox: what happened, in order, and how far each project has counted."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project


class EventRow(Base):
    """The outbox: what happened, written in the transaction that made it true.

    A trigger gives it its `position` at the very end of that transaction (migration 0011): so positions have no gaps,
    and whoever sees one sees all before it.
    """

    __tablename__ = "run_events"
    __table_args__ = (
        Index("run_events_in_order", "project_id", "position", unique=True),
        Index("run_events_of_run", "run_id", "position"),
    )

    event_no: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    project_id: Mapped[str] = project()
    position: Mapped[int | None] = mapped_column(BigInteger)
    run_id: Mapped[str | None]
    """The run it is about, if it is about one."""
    subject: Mapped[str]
    source: Mapped[str]
    type: Mapped[str]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = created()


class EventPositionRow(Base):
    """The last position of each project's events; who adds one has its row until his transaction has ended."""

    __tablename__ = "event_positions"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
