"""Keeping watch: of all processes, workers' and API's, one at a time looks after the runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from adapters.database.baselines import BaselineRepository
from adapters.database.comparisons import ComparisonRepository
from adapters.database.delivery_watch import DeliveryWatchRepository
from adapters.database.engine import sessions
from adapters.database.failures import is_absence
from adapters.database.items import ItemRepository
from adapters.database.leader import BASELINES, DELIVERIES, SCHEDULES, Leadership
from adapters.database.limit_records import LimitRepository
from adapters.database.manifests import ManifestRepository
from adapters.database.run_watch import RunWatch
from adapters.database.runs import RunRepository
from adapters.database.schedule_watch import ScheduleWatchRepository
from core.cancellation import heed_cancellation
from workflows.scheduling import TemporalSchedules
from workflows.watch.baselines import BaselineWatch
from workflows.watch.deliveries import DeliveryWatch
from workflows.watch.reconciler import Reconciler
from workflows.watch.schedules import ScheduleWatch
from workflows.watch.watchdog import Watchdog

INTERVAL_S: Final = 2.0
"""Between two looks, or a quarter of the deadline where that is less."""
DELIVERIES_S: Final = 1.0
Duty = Callable[[], Awaitable[None]]
"""A look that trouble must not keep from being taken again."""

logger = structlog.get_logger(__name__)


async def keep_watch(leadership: Leadership, duties: Sequence[Duty], *, interval_s: float) -> None:
    """Until cancelled. Trouble is logged and tried again: this is the part that must not give up."""
    while True:
        try:
            async with leadership.held() as leading:
                for duty in duties if leading else ():
                    await _done(duty)
        except Exception as error:  # noqa: BLE001 - whatever it was, runs want to be watched
            _note(error)
        await asyncio.sleep(interval_s)


async def _done(duty: Duty) -> None:
    """One duty's trouble keeps nobody from the next."""
    try:
        await duty()
    except Exception as error:  # noqa: BLE001 - as above
        _note(error)


def _note(error: Exception) -> None:
    """Raises CancelledError where the error hides one."""
    heed_cancellation()
    if is_absence(error):
        logger.warning("watch_waits", error=str(error) or type(error).__name__)
    else:
        logger.error("watching_failed", exc_info=error)


async def watch_runs(client: Client, engine: AsyncEngine, *, task_queue: str, deadline_s: float) -> None:
    """Reconciles and watches open runs and schedules, and has events delivered to webhooks, until cancelled, whenever
    no other process does."""
    made = sessions(engine)
    runs, watch = RunRepository(engine), RunWatch(made)
    reconciler = Reconciler(client=client, runs=runs, watch=watch, task_queue=task_queue)
    watchdog = Watchdog(
        client=client,
        watch=watch,
        runs=runs,
        items=ItemRepository(made),
        limits=LimitRepository(made),
        task_queue=task_queue,
        deadline_s=deadline_s,
    )
    schedules = ScheduleWatch(
        temporal=TemporalSchedules(client, task_queue=task_queue),
        watch=ScheduleWatchRepository(made),
        deadline_s=deadline_s,
    )
    duties = [reconciler.reconcile, watchdog.look]
    baselines = BaselineWatch(
        baselines=BaselineRepository(made),
        runs=runs,
        comparisons=ComparisonRepository(made),
        manifests=ManifestRepository(engine),
    )
    deliveries = DeliveryWatch(client=client, watch=DeliveryWatchRepository(made), task_queue=task_queue)
    interval_s = min(INTERVAL_S, deadline_s / 4)
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_watch(Leadership(engine), duties, interval_s=interval_s))
        # A Temporal that does not answer keeps this one waiting, and must be named in time by those above.
        group.create_task(keep_watch(Leadership(engine, SCHEDULES), [schedules.look], interval_s=interval_s))
        # Comparing a million answers takes a while, in which nothing else must wait.
        group.create_task(keep_watch(Leadership(engine, BASELINES), [baselines.look], interval_s=interval_s))
        # What happened is brought away within a second, whatever the other looks take.
        group.create_task(keep_watch(Leadership(engine, DELIVERIES), [deliveries.look], interval_s=DELIVERIES_S))
