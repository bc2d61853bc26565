"""The tables of the audit log: who did what, each row with the hash of the one before."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project


class AuditRow(Base):
    """Only ever added to: triggers refuse everything else, and link it at the very end of the transaction that adds it
    (migration 0023)."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("audit_events_in_order", "project_id", "link_no", unique=True),)

    audit_no: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    project_id: Mapped[str] = project()
    principal: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = created()
    link_no: Mapped[int | None] = mapped_column(BigInteger)
    """Its place in the chain of its project, from 1, in the order in which transactions ended."""
    previous_hash: Mapped[bytes | None]
    """Of the row before; empty for the first."""
    hash: Mapped[bytes | None]
    """SHA-256 of all of the above."""


class AuditHeadRow(Base):
    """Where each project's chain ends; who adds to it has its row until his transaction has ended."""

    __tablename__ = "audit_heads"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    link_no: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
