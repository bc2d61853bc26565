"""The record as the watch over deliveries reads and writes it: events become deliveries, none twice and none left out.

Where a webhook stands in the outbox and what it got are written in one transaction. How much is on its way to it is
bounded: the rest waits in the outbox, where it costs nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from adapters.database.engine import Sessions
from adapters.database.event_tables import EventPositionRow, EventRow
from adapters.database.events import told
from adapters.database.webhook_tables import WebhookDeliveryRow, WebhookRow
from adapters.database.webhooks import DUE_AT_ONCE
from core.ids import new_id
from core.webhooks import ONLY_WHEN_NAMED

MOST_PENDING: Final = 50
"""Deliveries on their way to one webhook, so that a slow receiver takes no place from others."""
MOST_PENDING_WHILE_FAILING: Final = 10
MOST_WAITING: Final = 1000
"""Beyond it not even one more is tried."""
PROBE_SHARE: Final = 4
"""A quarter of the time that nothing was taken passes between two that find out: some fifty in three days."""
MOST_TOLD: Final = 100
"""Workflows started in one look."""
LOST_AFTER: Final = timedelta(minutes=10)
"""A delivery that was due so long ago has lost its workflow, or there is no worker."""
CUT_OFF: Final = "The test was interrupted before its outcome was written; try it again."
KEPT: Final = timedelta(days=30)
"""How long what has ended stays in the log."""


class Due(NamedTuple):
    """A delivery whose workflow is to be started, or told to try at once."""

    delivery_id: str
    title: str
    """For people: what is sent where."""
    asked_at: datetime
    """As it was read: another time means that somebody asked for it anew."""


class DeliveryWatchRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def behind(self) -> Sequence[str]:
        """Webhooks that have not got the newest event of their project."""
        hook, known = WebhookRow, EventPositionRow
        query = select(hook.webhook_id).join(known, known.project_id == hook.project_id)
        query = query.where(hook.status == "active", known.last > hook.position)
        async with self._sessions() as session:
            return (await session.scalars(query.order_by(hook.webhook_id))).all()

    async def take(self, webhook_id: str) -> int:
        """Makes deliveries of the next events that the webhook wants; returns how many."""
        async with self._sessions.begin() as session:
            hook = await session.get(WebhookRow, webhook_id, with_for_update=True)
            room = 0 if hook is None or hook.status != "active" else await _room(session, hook)
            if hook is None or room <= 0:
                return 0
            # Read before the events: whatever is told up to it is among them.
            newest = await session.get(EventPositionRow, hook.project_id)
            events = [told(each).event for each in await session.scalars(_wanted(hook).limit(room))]
            if events:
                rows = [_delivery(hook, each.position, each.model_dump(mode="json")) for each in events]
                # One that is there was made before somebody set the webhook back.
                new = insert(WebhookDeliveryRow).on_conflict_do_nothing(index_elements=["webhook_id", "position"])
                await session.execute(new.values(rows))
            last = events[-1].position if len(events) == room else 0
            hook.position = last or max(newest.last if newest else 0, hook.position)
            return len(events)

    async def due(self) -> list[Due]:
        """Deliveries that no workflow knows of yet, or that are to be tried at once, the oldest first."""
        row, hook = WebhookDeliveryRow, WebhookRow
        query = select(row.delivery_id, row.event["type"].astext, hook.kind, hook.url, row.asked_at)
        query = query.join(hook, hook.webhook_id == row.webhook_id).where(row.status == "pending", ~row.told)
        async with self._sessions() as session:
            found = await session.execute(query.order_by(row.delivery_id).limit(MOST_TOLD))
            return [Due(id_, f"{type_} to {_place(kind, url)}", at) for id_, type_, kind, url, at in found]

    async def mark_told(self, told_of: Sequence[Due]) -> None:
        """But for what was asked for anew since it was read: that is due at the next look."""
        row = WebhookDeliveryRow
        known = tuple_(row.delivery_id, row.asked_at).in_([(each.delivery_id, each.asked_at) for each in told_of])
        async with self._sessions.begin() as session:
            await session.execute(update(row).where(known).values(told=True))

    async def tidy(self) -> None:
        """Tells workflows again of what is long overdue, ends trials that nobody ended, forgets what ended long ago."""
        row = WebhookDeliveryRow
        overdue = and_(row.status == "pending", row.told, row.next_attempt_at < func.now() - LOST_AFTER)
        # One that was asked for again has a time, and a workflow.
        trial = and_(row.status == "pending", row.position.is_(None), row.next_attempt_at.is_(None))
        lost = and_(trial, row.created_at < func.now() - LOST_AFTER)
        async with self._sessions.begin() as session:
            await session.execute(update(row).where(lost).values(status="failed", reason=CUT_OFF, ended_at=func.now()))
            await session.execute(update(row).where(overdue).values(told=False, asked_at=func.now()))
            await session.execute(delete(row).where(row.ended_at < func.now() - KEPT))


def _place(kind: str, url: str) -> str:
    """Without the path, which may be a secret, and in the bounds of what Temporal shows."""
    return (url if kind == "notify" else URL(url).host or "")[:100]


async def _room(session: AsyncSession, hook: WebhookRow) -> int:
    """How many more may be on their way to it; trials take no place. When all that are there wait for a later attempt,
    one more finds out whether others are taken: ever more seldom, the longer nothing was."""
    row = WebhookDeliveryRow
    waiting = func.count().filter(row.told, row.next_attempt_at > func.now())
    query = select(func.count(), waiting, func.max(row.created_at), func.now())
    query = query.where(row.webhook_id == hook.webhook_id, row.status == "pending", row.position.is_not(None))
    pending, resting, newest, now = (await session.execute(query)).one()
    room = (MOST_PENDING if hook.failing_since is None else MOST_PENDING_WHILE_FAILING) - pending
    if room > 0 or resting < pending or pending >= MOST_WAITING:
        return room
    pause = timedelta() if hook.failing_since is None else (now - hook.failing_since) / PROBE_SHARE
    return int(now - newest >= pause)


def _wanted(hook: WebhookRow) -> Any:
    row = EventRow
    query = select(row).where(row.project_id == hook.project_id, row.position > hook.position)
    if hook.events:
        query = query.where(row.type.in_(hook.events))
    else:
        query = query.where(row.type.not_in([each.value for each in ONLY_WHEN_NAMED]))
    return query.order_by(row.position)


def _delivery(hook: WebhookRow, position: int, event: dict[str, Any]) -> dict[str, Any]:
    return {
        "delivery_id": new_id("msg"),
        "webhook_id": hook.webhook_id,
        "project_id": hook.project_id,
        "position": position,
        "event": event,
        **DUE_AT_ONCE,
    }
