"""The watch over schedules: a time that is late, missed or comes to nothing is an event, never silence.

A schedule is looked at when one of its times has come, and now and then besides. Where the process that made it died on
its way to Temporal, it is brought there; where somebody deleted it there, it is told to be gone; one deleted here is
deleted in Temporal once more, in case that failed or a change on its way there made it anew.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from adapters.database.schedule_watch import Late, Look, Missed, ScheduleWatchRepository, Watched, since_of
from core.errors import InvalidInput, NotFound, ServiceUnavailable
from core.schedules import Described
from workflows.scheduling import TemporalSchedules

NOW_AND_THEN_S: Final = 30.0
JUST_MADE: Final = timedelta(seconds=10)
"""Who makes a schedule may still be on the way to Temporal."""
JUST_CHANGED: Final = timedelta(seconds=10)
JUST_DELETED: Final = timedelta(minutes=1)
"""Changes that began before may still be on the way to Temporal."""
GONE: Final = "It was deleted in Temporal: there are no further runs until the schedule is changed here, or deleted."

logger = structlog.get_logger(__name__)


class ScheduleWatch:
    def __init__(self, *, temporal: TemporalSchedules, watch: ScheduleWatchRepository, deadline_s: float) -> None:
        self._temporal = temporal
        self._watch = watch
        self._deadline = timedelta(seconds=deadline_s)
        self._looked: dict[str, float] = {}

    async def look(self) -> None:
        """Looks once at every schedule that may have something to tell."""
        await self._watch.settle()
        await self._clear()
        for each in await self._watch.watched():
            if self._is_due(each):
                look = await self._look_at(each)
                if look is not None:
                    await self._watch.note(each.schedule, look)

    async def _clear(self) -> None:
        """Makes sure that Temporal has no schedule that was deleted here."""
        for schedule_id in await self._watch.left(within=JUST_DELETED):
            try:
                await self._temporal.delete(schedule_id)
            except ServiceUnavailable as error:
                logger.warning("schedule_left_in_temporal", schedule_id=schedule_id, error=str(error))
                return
            await self._watch.left_no_more(schedule_id)

    def _is_due(self, each: Watched) -> bool:
        key, now = each.schedule.schedule_id, time.monotonic()
        come = each.expected_at is not None and each.expected_at <= datetime.now(UTC)
        if each.expected_at is not None and not come and now - self._looked.get(key, 0.0) < NOW_AND_THEN_S:
            return False
        self._looked[key] = now
        return True

    async def _look_at(self, each: Watched) -> Look | None:
        """None when there is nothing to write down."""
        unchanged = Look(each.expected_at, each.missed, each.skipped)
        try:
            found = await self._temporal.describe(each.schedule.schedule_id)
        except NotFound:
            return await self._absent(each)
        except ServiceUnavailable as error:
            late = self._overdue(each, each.expected_at, str(error))
            return None if late is None else unchanged._replace(late=late)
        return await self._compared(each, found)

    async def _absent(self, each: Watched) -> Look | None:
        if each.schedule.echo is not None:
            logger.warning("schedule_gone", schedule_id=each.schedule.schedule_id)
            return Look(None, each.missed, each.skipped, missed=[Missed(0, GONE)], gone=True)
        if datetime.now(UTC) - each.schedule.created_at < JUST_MADE:
            return None
        try:
            found = await self._temporal.create(each.schedule)
        except (InvalidInput, ServiceUnavailable) as error:
            logger.warning("schedule_waits", schedule_id=each.schedule.schedule_id, error=str(error))
            return None
        return Look(_first(found), found.missed, found.skipped, echo=found.echo)

    async def _compared(self, each: Watched, found: Described) -> Look:
        outstanding = _outstanding(each, found)
        late = self._overdue(each, outstanding, "Temporal answers, and has not started it.")
        return Look(
            expected_at=outstanding or _first(found),
            missed_so_far=found.missed,
            skipped_so_far=found.skipped,
            missed=list(_missed(each, found)),
            late=late or await self._not_taken(each, found),
            echo=found.echo if each.schedule.echo is None else None,
        )

    def _overdue(self, each: Watched, expected_at: datetime | None, reason: str) -> Late | None:
        if expected_at is None or datetime.now(UTC) - expected_at < self._deadline:
            return None
        return self._news(each, expected_at, reason)

    async def _not_taken(self, each: Watched, found: Described) -> Late | None:
        """A time that Temporal acted on, and that no worker has taken since."""
        old = [one for one in found.begun if datetime.now(UTC) - one.started_at >= self._deadline]
        if not old:
            return None
        jitter = timedelta(seconds=found.when.jitter_s)
        since = since_of([one.scheduled_at for one in old], jitter)
        recorded = await self._watch.recorded(each.schedule.schedule_id, since=since)
        for one in old:
            if not _came(one.scheduled_at, jitter, recorded):
                reason = (
                    f"Temporal began it at {one.started_at:%H:%M:%S} (UTC), and no worker has recorded its run yet."
                )
                return self._news(each, one.scheduled_at, reason)
        return None

    def _news(self, each: Watched, at: datetime, reason: str) -> Late | None:
        """What was not told before."""
        return Late(at, reason) if each.told_late_at is None or each.told_late_at < at else None


def _outstanding(each: Watched, found: Described) -> datetime | None:
    """The time that has come and that Temporal has not acted on, as far as that can be told."""
    expected = each.expected_at
    if expected is None or expected > datetime.now(UTC) or found.rules.paused or found.finished:
        return None
    acted = any(one.scheduled_at >= expected for one in found.begun)
    counted = found.missed > each.missed or found.skipped > each.skipped
    changed = found.changed_at is not None and found.changed_at > expected - JUST_CHANGED
    return None if acted or counted or changed else expected


def _missed(each: Watched, found: Described) -> Sequence[Missed]:
    told: list[Missed] = []
    if (count := found.missed - each.missed) > 0:
        window = found.rules.catch_up_s
        told.append(
            Missed(count, f"Temporal was away for longer than the {window:,} s in which it makes up for times.")
        )
    if (count := found.skipped - each.skipped) > 0:
        told.append(Missed(count, f"A run before still went on, and the schedule says to {found.rules.overlap}."))
    return told


def _first(found: Described) -> datetime | None:
    return found.next_at[0] if found.next_at else None


def _came(at: datetime, jitter: timedelta, recorded: Sequence[datetime]) -> bool:
    """Whether a time that Temporal acted on, jitter included, is among those that were recorded."""
    second = timedelta(seconds=1)
    return any(at - jitter - second <= each <= at + second for each in recorded)
