"""Webhooks as recorded. Secrets come here sealed, and are given out sealed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.revisions import Expected, expect
from adapters.database.rotation import refuse_crowd
from adapters.database.webhook_tables import WebhookDeliveryRow, WebhookRow
from core.errors import NotFound
from core.pages import Page
from core.webhooks import Webhook, WebhookKind

IDS = Cursor("webhooks", tuple[str])
SET_ASIDE: Final = "The webhook was disabled; this is sent when it is enabled."
DUE_AT_ONCE: Final[Mapping[str, Any]] = {
    "status": "pending",
    "reason": None,
    "told": False,
    "asked_at": func.now(),
    "not_before": None,
    "first_attempt_at": None,
    "next_attempt_at": func.now(),
    "ended_at": None,
}
"""A delivery, as it is when it begins, or begins anew."""
SAME: Final = ("webhook_id", "project_id", "kind", "url", "description", "status", "disabled_reason")
"""Columns that are shown as they are, with the times."""


class Subscription(NamedTuple):
    """A webhook as it is recorded first."""

    webhook_id: str
    project_id: str
    kind: WebhookKind
    url: str
    """As it is shown."""
    sealed_url: str | None
    sealed_secret: str | None
    events: Sequence[str]
    description: str
    position: int


class WebhookRepository:
    """Raises NotFound for a webhook that is not there, or not of this project."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(self, wanted: Subscription) -> Webhook:
        """Made a second time, by who takes a request over, it has another secret and is the same otherwise."""
        secrets = [_entry(wanted.sealed_secret)] if wanted.sealed_secret else []
        values = wanted._asdict() | {"events": list(wanted.events), "secrets": secrets}
        del values["sealed_secret"]
        upsert = insert(WebhookRow).values(values)
        upsert = upsert.on_conflict_do_update(index_elements=["webhook_id"], set_={"secrets": secrets})
        async with self._sessions.begin() as session:
            await session.execute(upsert)
        return await self.get(wanted.project_id, wanted.webhook_id)

    async def get(self, project_id: str, webhook_id: str) -> Webhook:
        async with self._sessions() as session:
            row = await _row(session, project_id, webhook_id)
            return _webhook(row, await _pending(session, [webhook_id]))

    async def page(self, project_id: str, *, limit: int, cursor: str | None = None) -> Page[Webhook]:
        """The oldest first."""
        row = WebhookRow
        query = select(row).where(row.project_id == project_id)
        if (after := IDS.decode(cursor)) is not None:
            query = query.where(row.webhook_id > after[0])
        async with self._sessions() as session:
            rows = (await session.scalars(query.order_by(row.webhook_id).limit(limit + 1))).all()
            pending = await _pending(session, [each.webhook_id for each in rows])
        found = [_webhook(each, pending) for each in rows]
        return IDS.page(found, limit, lambda one: (one.webhook_id,))

    async def change(
        self,
        project_id: str,
        webhook_id: str,
        changes: Mapping[str, Any],
        *,
        enabled: bool | None = None,
        expected: Expected | None = None,
    ) -> Webhook:
        """Writes columns of the row; `enabled` has it go on, or stop. Raises StaleRevision."""
        async with self._sessions.begin() as session:
            revision = await expect(session, _revision(project_id, webhook_id), expected)
            row = await _row(session, project_id, webhook_id, lock=True)
            for name, value in changes.items():
                setattr(row, name, value)
            if enabled is True and row.status == "disabled":
                await enable(session, row)
            if enabled is False and row.status == "active":
                await disable(session, row, None)
            row.updated_at, row.revision = datetime.now(UTC), revision
        return await self.get(project_id, webhook_id)

    async def rotate(
        self, project_id: str, webhook_id: str, sealed: str, *, keep_s: int, expected: Expected | None = None
    ) -> Webhook:
        """The secret is the present one from now on; the others hold for `keep_s` more at most. Raises StaleRevision,
        and Conflict rather than end one of them for want of room."""
        now = datetime.now(UTC)
        until = (now + timedelta(seconds=keep_s)).isoformat()
        async with self._sessions.begin() as session:
            revision = await expect(session, _revision(project_id, webhook_id), expected)
            row = await _row(session, project_id, webhook_id, lock=True)
            if keep_s:
                refuse_crowd([each["until"] for each in row.secrets], now)
            kept = [each | {"until": min(each["until"] or until, until)} for each in holding(row.secrets, now)]
            row.secrets = [_entry(sealed), *(kept if keep_s else [])]
            row.updated_at, row.revision = now, revision
        return await self.get(project_id, webhook_id)

    async def remove(self, project_id: str, webhook_id: str, *, expected: Expected | None = None) -> None:
        """With its deliveries: what is on its way ends with its next attempt. Raises StaleRevision."""
        row = WebhookRow
        query = delete(row).where(row.project_id == project_id, row.webhook_id == webhook_id)
        async with self._sessions.begin() as session:
            await expect(session, _revision(project_id, webhook_id), expected)
            if await session.scalar(query.returning(row.webhook_id)) is None:
                raise _unknown(webhook_id)


def holding(secrets: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Those that deliveries are still signed with."""
    return [each for each in secrets if each["until"] is None or datetime.fromisoformat(each["until"]) > now]


async def disable(session: AsyncSession, row: WebhookRow, reason: str | None) -> None:
    """Nothing more is sent to it, and what is on its way waits until it is enabled."""
    row.status, row.disabled_reason = "disabled", reason
    delivery = WebhookDeliveryRow
    pending = update(delivery).where(delivery.webhook_id == row.webhook_id, delivery.status == "pending")
    over = {"status": "failed", "reason": SET_ASIDE, "next_attempt_at": None, "ended_at": func.now()}
    await session.execute(pending.values(over))


async def enable(session: AsyncSession, row: WebhookRow) -> None:
    """What was set aside when it was disabled goes on."""
    row.status, row.disabled_reason, row.failing_since = "active", None, None
    delivery = WebhookDeliveryRow
    aside = update(delivery).where(delivery.webhook_id == row.webhook_id, delivery.reason == SET_ASIDE)
    await session.execute(aside.values(DUE_AT_ONCE))


async def _row(session: AsyncSession, project_id: str, webhook_id: str, *, lock: bool = False) -> WebhookRow:
    row = WebhookRow
    query = select(row).where(row.project_id == project_id, row.webhook_id == webhook_id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise _unknown(webhook_id)
    return found


def _revision(project_id: str, webhook_id: str) -> Select[int]:
    row = WebhookRow
    return select(row.revision).where(row.project_id == project_id, row.webhook_id == webhook_id)


def _unknown(webhook_id: str) -> NotFound:
    return NotFound(f"There is no webhook {webhook_id!r}.")


async def _pending(session: AsyncSession, webhook_ids: Sequence[str]) -> Mapping[str, int]:
    row = WebhookDeliveryRow
    counted = select(row.webhook_id, func.count()).where(row.webhook_id.in_(webhook_ids), row.status == "pending")
    return {webhook_id: count for webhook_id, count in await session.execute(counted.group_by(row.webhook_id))}


def _entry(sealed: str) -> dict[str, Any]:
    return {"sealed": sealed, "until": None}


def _webhook(row: WebhookRow, pending: Mapping[str, int]) -> Webhook:
    held = holding(row.secrets, datetime.now(UTC))
    ends = [datetime.fromisoformat(each["until"]) for each in held if each["until"] is not None]
    return Webhook.model_validate(
        {name: getattr(row, name) for name in SAME}
        | {
            "events": row.events,
            "after": row.position,
            "pending": pending.get(row.webhook_id, 0),
            "failing_since": row.failing_since,
            "former_until": max(ends, default=None),
            "created_at": row.created_at,
            "updated_at": row.updated_at,
            "revision": row.revision,
        }
    )
