"""The record as the watch over schedules reads and writes it: what was expected, what came, and what was told of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from adapters.database.engine import Sessions
from adapters.database.outbox import announce
from adapters.database.schedule_tables import ScheduleRow, TickRow
from adapters.database.schedules import note_failure, stored
from adapters.database.tables import RunRow
from core.events import EventType
from core.runs import ENDED
from core.schedules import Stored


class Watched(NamedTuple):
    """A schedule, and what the watch saw of it last."""

    schedule: Stored
    expected_at: datetime | None
    told_late_at: datetime | None
    missed: int
    skipped: int


class Missed(NamedTuple):
    """Times that come to nothing."""

    times: int
    reason: str


class Late(NamedTuple):
    """A time that should have come to a run by now."""

    scheduled_at: datetime
    reason: str


class Look(NamedTuple):
    """What the watch saw of a schedule, and has to tell."""

    expected_at: datetime | None
    missed_so_far: int
    skipped_so_far: int
    missed: Sequence[Missed] = ()
    late: Late | None = None
    echo: dict[str, Any] | None = None
    """The timing as Temporal has it, of a schedule that was not known to be there."""
    gone: bool = False


class ScheduleWatchRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def watched(self) -> list[Watched]:
        """Every schedule that Temporal should know."""
        row = ScheduleRow
        query = select(row).where(~row.gone, row.deleted_at.is_(None))
        async with self._sessions() as session:
            return [
                Watched(stored(each), each.expected_at, each.told_late_at, each.missed, each.skipped)
                for each in await session.scalars(query.order_by(row.schedule_id))
            ]

    async def left(self, *, within: timedelta) -> list[str]:
        """The ids of schedules that were deleted longer ago than that, and that Temporal may still have."""
        row = ScheduleRow
        query = select(row.schedule_id).where(~row.gone, row.deleted_at < func.now() - within)
        async with self._sessions() as session:
            return list(await session.scalars(query.order_by(row.schedule_id)))

    async def left_no_more(self, schedule_id: str) -> None:
        """Temporal has a deleted schedule no more."""
        async with self._sessions.begin() as session:
            await session.execute(update(ScheduleRow).where(ScheduleRow.schedule_id == schedule_id).values(gone=True))

    async def recorded(self, schedule_id: str, *, since: datetime) -> list[datetime]:
        """The times from then on that came to a run, or to a refusal."""
        row = TickRow
        query = select(row.scheduled_at).where(row.schedule_id == schedule_id, row.scheduled_at >= since)
        async with self._sessions() as session:
            return list(await session.scalars(query))

    async def note(self, schedule: Stored, look: Look) -> None:
        """Remembers what was seen and tells of it, in one transaction."""
        async with self._sessions.begin() as session:
            row = await session.get(ScheduleRow, schedule.schedule_id, with_for_update=True)
            if row is None or row.deleted_at is not None:
                return
            row.expected_at, row.missed, row.skipped = look.expected_at, look.missed_so_far, look.skipped_so_far
            row.echo, row.gone = look.echo or row.echo, look.gone
            told: list[tuple[EventType, dict[str, Any]]] = [
                (EventType.SCHEDULE_MISSED, {"times": each.times, "reason": each.reason}) for each in look.missed
            ]
            if look.late is not None:
                row.told_late_at = look.late.scheduled_at
                data = {"scheduled_at": look.late.scheduled_at.isoformat(), "reason": look.late.reason}
                told.append((EventType.SCHEDULE_LATE, data))
            for type_, data in told:
                announce(
                    session,
                    type_,
                    project_id=row.project_id,
                    subject=row.schedule_id,
                    source=f"/v1/schedules/{row.schedule_id}",
                    data={"name": row.name, **data},
                )

    async def settle(self) -> None:
        """Sees how runs of schedules ended: failures are told, and so is the end of failing."""
        tick, run = TickRow, RunRow
        ended = (
            update(tick)
            .where(tick.run_id == run.run_id, ~tick.settled, run.status.in_(ENDED))
            .values(settled=True)
            .returning(tick.schedule_id, tick.scheduled_at, tick.run_id, run.status, run.error)
        )
        async with self._sessions.begin() as session:
            for schedule_id, at, run_id, status, error in sorted((await session.execute(ended)).all()):
                row = await session.get_one(ScheduleRow, schedule_id, with_for_update=True)
                if row.deleted_at is not None:
                    continue
                if status == "failed":
                    await note_failure(session, row, at, error or "The run failed.", run_id=run_id)
                elif status == "completed" and row.failures:
                    data = {"name": row.name, "scheduled_at": at.isoformat(), "failed_before": row.failures}
                    row.failures = 0
                    announce(
                        session,
                        EventType.SCHEDULE_RECOVERED,
                        project_id=row.project_id,
                        subject=schedule_id,
                        source=f"/v1/schedules/{schedule_id}",
                        run_id=run_id,
                        data=data,
                    )


def since_of(begun: Sequence[datetime], jitter: timedelta) -> datetime:
    """From when on times must be looked up to judge those that Temporal acted on lately."""
    return min(begun) - jitter - timedelta(seconds=1)
