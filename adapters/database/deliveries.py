"""The log of deliveries: what is sent to a webhook, every attempt, and what follows from how it went."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.outbox import announce
from adapters.database.texts import storable
from adapters.database.webhook_tables import WebhookAttemptRow, WebhookDeliveryRow, WebhookRow
from adapters.database.webhooks import DUE_AT_ONCE, disable, holding
from core.errors import Conflict, NotFound
from core.events import Event, EventType
from core.ids import new_id
from core.pages import Page
from core.webhooks import DeliveryAttempt, DeliveryStatus, Sent, Tried, WebhookDelivery

IDS = Cursor("deliveries", tuple[str])
MOST_ATTEMPTS: Final = 50
"""Told with a delivery."""
GIVEN_UP: Final = "It was tried for three days; the last time: {error}"


class Outgoing(NamedTuple):
    """A delivery that is due, with what its webhook was made of; secrets are sealed."""

    delivery_id: str
    webhook_id: str
    project_id: str
    kind: str
    url: str
    sealed_url: str | None
    sealed_secrets: tuple[str, ...]
    event: Event


class DeliveryRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def outgoing(self, delivery_id: str) -> Outgoing | None:
        """What is to be sent; None when it is settled or its webhook was removed."""
        delivery, webhook = WebhookDeliveryRow, WebhookRow
        query = select(delivery, webhook).join(webhook, webhook.webhook_id == delivery.webhook_id)
        async with self._sessions() as session:
            found = (await session.execute(query.where(delivery.delivery_id == delivery_id))).one_or_none()
        if found is None or found[0].status != "pending":
            return None
        row, hook = found
        return Outgoing(
            delivery_id=delivery_id,
            webhook_id=hook.webhook_id,
            project_id=hook.project_id,
            kind=hook.kind,
            url=hook.url,
            sealed_url=hook.sealed_url,
            sealed_secrets=tuple(each["sealed"] for each in holding(hook.secrets, datetime.now(UTC))),
            event=Event.model_validate(row.event),
        )

    async def record(
        self, delivery_id: str, sent: Sent, *, started_at: datetime, seconds: float, wait_s: float | None
    ) -> Tried:
        """Writes how an attempt went, and what follows: for the delivery, and for its webhook."""
        async with self._sessions.begin() as session:
            row = await session.get(WebhookDeliveryRow, delivery_id)
            # The webhook first, as whoever disables it does: two attempts that end together must not wait in a circle.
            webhook = row and await session.get(WebhookRow, row.webhook_id, with_for_update=True)
            if row is None or webhook is None:
                return Tried(status="failed", said="the webhook was removed")
            await session.refresh(row, with_for_update=True)
            _attempted(session, row, sent, started_at, seconds)
            if sent.error is None:
                await _taken(session, row, webhook)
            else:
                await _refused(session, row, webhook, sent, wait_s)
            return _tried(row, sent, wait_s)

    async def get(self, project_id: str, webhook_id: str, delivery_id: str) -> WebhookDelivery:
        """Raises NotFound."""
        async with self._sessions() as session:
            row = await _row(session, project_id, webhook_id, delivery_id)
            return _delivery(row, await _attempts(session, [delivery_id]))

    async def page(
        self,
        project_id: str,
        webhook_id: str,
        *,
        limit: int,
        cursor: str | None = None,
        status: DeliveryStatus | None = None,
    ) -> Page[WebhookDelivery]:
        """The newest first."""
        row = WebhookDeliveryRow
        query = select(row).where(row.project_id == project_id, row.webhook_id == webhook_id)
        if status is not None:
            query = query.where(row.status == status)
        if (after := IDS.decode(cursor)) is not None:
            query = query.where(row.delivery_id < after[0])
        async with self._sessions() as session:
            rows = (await session.scalars(query.order_by(row.delivery_id.desc()).limit(limit + 1))).all()
            attempts = await _attempts(session, [each.delivery_id for each in rows])
        found = [_delivery(each, attempts) for each in rows]
        return IDS.page(found, limit, lambda one: (one.delivery_id,))

    async def redeliver(self, project_id: str, webhook_id: str, delivery_id: str) -> WebhookDelivery:
        """Has it sent at once, and again if need be. Raises NotFound, and Conflict while the webhook is disabled."""
        async with self._sessions.begin() as session:
            webhook = await session.get(WebhookRow, webhook_id, with_for_update=True)
            row = await _row(session, project_id, webhook_id, delivery_id)
            if webhook is not None and webhook.status == "disabled":
                raise Conflict(f"The webhook {webhook_id} is disabled; enable it first.")
            for name, value in DUE_AT_ONCE.items():
                setattr(row, name, value)
        return await self.get(project_id, webhook_id, delivery_id)

    async def add_trial(self, project_id: str, webhook_id: str, type_: str, data: Mapping[str, Any]) -> str:
        """A delivery of its own, which no workflow sends; returns its id. Raises NotFound."""
        delivery_id, now = new_id("msg"), datetime.now(UTC)
        source = f"/v1/webhooks/{webhook_id}"
        event = Event(id=delivery_id, type=type_, source=source, subject=webhook_id, time=now, data=dict(data))
        async with self._sessions.begin() as session:
            session.add(
                WebhookDeliveryRow(
                    delivery_id=delivery_id,
                    webhook_id=webhook_id,
                    project_id=project_id,
                    event=event.model_dump(mode="json"),
                    told=True,
                )
            )
        return delivery_id


def _attempted(
    session: AsyncSession, row: WebhookDeliveryRow, sent: Sent, started_at: datetime, seconds: float
) -> None:
    row.attempts += 1
    row.first_attempt_at = row.first_attempt_at or started_at
    row.last_attempt_at = started_at
    session.add(
        WebhookAttemptRow(
            delivery_id=row.delivery_id,
            number=row.attempts,
            started_at=started_at,
            seconds=round(seconds, 3),
            http_status=sent.http_status,
            response=storable(sent.response),
            error=storable(sent.error),
        )
    )


async def _taken(session: AsyncSession, row: WebhookDeliveryRow, webhook: WebhookRow) -> None:
    now = datetime.now(UTC)
    if webhook.failing_since is not None:
        await _hurry(session, webhook)
    row.status, row.reason, row.next_attempt_at, row.ended_at = "delivered", None, None, now
    webhook.failing_since, webhook.last_success_at = None, now


async def _hurry(session: AsyncSession, webhook: WebhookRow) -> None:
    """What has waited since before the receiver took anything is due at once: once, for what is refused while others
    are taken is refused for its own sake. One that the receiver asked to hold back keeps to its time."""
    row = WebhookDeliveryRow
    held = row.not_before > func.now()
    waiting = select(row.delivery_id).where(
        row.webhook_id == webhook.webhook_id, row.status == "pending", row.told, row.next_attempt_at > func.now()
    )
    if webhook.last_success_at is not None:
        waiting = waiting.where(row.first_attempt_at > webhook.last_success_at)
    # Skipping what the watch holds at this moment: it is being told anyway, and nobody waits in a circle.
    waiting = waiting.where(held.is_not(True)).with_for_update(skip_locked=True)
    due = (
        update(row)
        .where(row.delivery_id.in_(waiting))
        .values(told=False, asked_at=func.now(), next_attempt_at=func.now())
    )
    await session.execute(due.execution_options(synchronize_session=False))


async def _refused(
    session: AsyncSession, row: WebhookDeliveryRow, webhook: WebhookRow, sent: Sent, wait_s: float | None
) -> None:
    now = datetime.now(UTC)
    trial = row.position is None
    if not trial:
        webhook.failing_since = webhook.failing_since or row.last_attempt_at
    error = storable(sent.error) or ""
    if row.status != "pending":
        return
    if wait_s is not None and not sent.gone:
        row.next_attempt_at = now + timedelta(seconds=wait_s)
        row.not_before = row.next_attempt_at if sent.holds_back else None
        return
    row.status, row.next_attempt_at, row.ended_at = "failed", None, now
    row.reason = error if sent.gone or trial else GIVEN_UP.format(error=error)
    if sent.gone:
        await _disabled(session, webhook, "The receiver answered 410: it wants nothing more.")
    elif not trial and webhook.failing_since and webhook.failing_since <= (row.first_attempt_at or now):
        since = f"{webhook.failing_since:%Y-%m-%d %H:%M} (UTC)"
        await _disabled(session, webhook, f"Nothing was taken since {since}; the last time: {error}")


async def _disabled(session: AsyncSession, webhook: WebhookRow, reason: str) -> None:
    if webhook.status == "disabled":
        return
    await session.flush()
    await disable(session, webhook, reason)
    announce(
        session,
        EventType.WEBHOOK_DISABLED,
        project_id=webhook.project_id,
        subject=webhook.webhook_id,
        source=f"/v1/webhooks/{webhook.webhook_id}",
        data={"description": webhook.description, "reason": reason},
    )


def _tried(row: WebhookDeliveryRow, sent: Sent, wait_s: float | None) -> Tried:
    said = "delivered" if sent.error is None else sent.error
    status: Any = row.status
    return Tried(status=status, wait_s=wait_s if row.status == "pending" else None, said=said)


async def _row(session: AsyncSession, project_id: str, webhook_id: str, delivery_id: str) -> WebhookDeliveryRow:
    row = WebhookDeliveryRow
    mine = (row.project_id == project_id, row.webhook_id == webhook_id, row.delivery_id == delivery_id)
    found = await session.scalar(select(row).where(*mine))
    if found is None:
        raise NotFound(f"There is no delivery {delivery_id!r} of this webhook.")
    return found


async def _attempts(session: AsyncSession, delivery_ids: Sequence[str]) -> Mapping[str, tuple[DeliveryAttempt, ...]]:
    """The last ones of each, oldest first."""
    row = WebhookAttemptRow
    rank = func.row_number().over(partition_by=row.delivery_id, order_by=row.number.desc()).label("rank")
    ranked = select(row, rank).where(row.delivery_id.in_(delivery_ids)).subquery()
    query = select(ranked).where(ranked.c.rank <= MOST_ATTEMPTS).order_by(ranked.c.delivery_id, ranked.c.number)
    found: dict[str, tuple[DeliveryAttempt, ...]] = {}
    for each in (await session.execute(query)).mappings():
        attempt = DeliveryAttempt.model_validate({name: each[name] for name in DeliveryAttempt.model_fields})
        found[each["delivery_id"]] = (*found.get(each["delivery_id"], ()), attempt)
    return found


def _delivery(row: WebhookDeliveryRow, attempts: Mapping[str, tuple[DeliveryAttempt, ...]]) -> WebhookDelivery:
    same = ("delivery_id", "webhook_id", "event", "status", "reason", "next_attempt_at", "created_at", "ended_at")
    return WebhookDelivery.model_validate(
        {name: getattr(row, name) for name in same} | {"attempts": attempts.get(row.delivery_id, ())}
    )
