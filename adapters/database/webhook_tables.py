"""The tables of webhooks, of what is delivered to them, and of every attempt."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project, revised


class WebhookRow(Base):
    __tablename__ = "webhooks"
    __table_args__ = (Index("webhooks_of_project", "project_id", "webhook_id"),)

    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    kind: Mapped[str]
    url: Mapped[str]
    """As it is shown."""
    sealed_url: Mapped[str | None]
    """The whole of it, where the URL is a secret."""
    events: Mapped[list[str]]
    description: Mapped[str]
    secrets: Mapped[list[Any]] = mapped_column(JSONB)
    """Sealed, the present one first: `{"sealed": ..., "until": null | time}`."""
    status: Mapped[str] = mapped_column(server_default="active")
    disabled_reason: Mapped[str | None]
    position: Mapped[int] = mapped_column(BigInteger)
    """Up to this event of the outbox, all that it wants have become deliveries."""
    failing_since: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    revision: Mapped[int] = revised()
    created_at: Mapped[datetime] = created()
    updated_at: Mapped[datetime] = created()


class WebhookDeliveryRow(Base):
    """One event on its way to one webhook: at most one row for an event."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "position"),
        Index("webhook_deliveries_newest", "webhook_id", "delivery_id"),
        Index("webhook_deliveries_pending", "webhook_id", postgresql_where="status = 'pending'"),
        Index("webhook_deliveries_ended", "ended_at", postgresql_where="ended_at is not null"),
    )

    delivery_id: Mapped[str] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.webhook_id", ondelete="CASCADE"))
    project_id: Mapped[str] = project()
    position: Mapped[int | None] = mapped_column(BigInteger)
    """The event's; null for a trial."""
    event: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(server_default="pending")
    reason: Mapped[str | None]
    told: Mapped[bool] = mapped_column(server_default="false")
    """Whether its workflow was started, or told to try at once."""
    asked_at: Mapped[datetime] = created()
    """When it was last asked to have it tried at once: whoever has told of an earlier wish has not told of this one."""
    not_before: Mapped[datetime | None]
    """Until when the receiver asked not to be sent it: only a person hurries it before."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    first_attempt_at: Mapped[datetime | None]
    """Of the present series: a redelivery begins anew."""
    last_attempt_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()
    ended_at: Mapped[datetime | None]


class WebhookAttemptRow(Base):
    __tablename__ = "webhook_attempts"

    delivery_id: Mapped[str] = mapped_column(
        ForeignKey("webhook_deliveries.delivery_id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    started_at: Mapped[datetime]
    seconds: Mapped[float]
    http_status: Mapped[int | None]
    response: Mapped[str | None]
    error: Mapped[str | None]
