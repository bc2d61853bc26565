"""Schedules whose times come to nothing are told of: late, missed, refused, failed, gone; and brought back if lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import open_engine, sessions
from adapters.database.events import EventRepository
from adapters.database.revisions import Expected
from adapters.database.runs import RunRepository
from adapters.database.schedule_watch import ScheduleWatchRepository
from adapters.database.schedules import ScheduleRepository
from adapters.temporal.client import connect
from cli.embedded.temporal import TemporalServer
from core.benchmarks import BenchmarkDefinition
from core.errors import NotFound, StaleRevision
from core.ids import DEFAULT_PROJECT, new_id
from core.run_requests import RunRequest
from core.schedules import Interval, Rules, Stored, Timing
from tests.api.bodies import definition
from workflows.scheduling import TemporalSchedules
from workflows.watch.schedules import ScheduleWatch

pytestmark = pytest.mark.timeout(60)
DEADLINE_S = 0.5


@dataclass
class Post:
    """Where the watch stands, and what it looks at."""

    engine: AsyncEngine
    temporal: TemporalSchedules
    watch: ScheduleWatch
    schedules: ScheduleRepository

    async def add(self, *, known: bool = True, every_s: int = 1, **rules: Any) -> Stored:
        """A schedule in the record, and, if `known`, in Temporal. Nobody works on its runs."""
        made = datetime.now(UTC) - timedelta(minutes=1)
        schedule = Stored(
            schedule_id=new_id("sched"),
            name="nightly",
            principal="somebody",
            run=TypeAdapter[Any](RunRequest).validate_python(definition()),
            when=Timing(intervals=(Interval(every_s=every_s),)),
            rules=Rules(**rules),
            baseline=None,
            created_at=made,
            updated_at=made,
        )
        await self.schedules.add(schedule)
        if known:
            found = await self.temporal.create(schedule)
            await self.schedules.change(schedule.schedule_id, {"echo": found.echo})
        return await self.schedules.by_id(schedule.schedule_id)

    async def events(self, type_: str) -> list[dict[str, Any]]:
        found = await EventRepository(sessions(self.engine)).page(DEFAULT_PROJECT, after=0, limit=100)
        return [told.event.data for told in found if told.event.type == type_]

    async def told(self, type_: str) -> list[dict[str, Any]]:
        """Looks until something of this type was told."""
        async with asyncio.timeout(30):
            while True:
                await self.watch.look()
                if found := await self.events(type_):
                    return found
                await asyncio.sleep(0.1)


@pytest.fixture
async def post(migrated_database_url: str, temporal_server: TemporalServer) -> AsyncIterator[Post]:
    client = await connect(address=temporal_server.address, namespace=temporal_server.namespace)
    temporal = TemporalSchedules(client, task_queue=new_id("wrk"))
    async with open_engine(migrated_database_url) as engine:
        made = sessions(engine)
        watch = ScheduleWatch(temporal=temporal, watch=ScheduleWatchRepository(made), deadline_s=DEADLINE_S)
        post = Post(engine, temporal, watch, ScheduleRepository(made))
        yield post
        for schedule in (await post.schedules.page(DEFAULT_PROJECT, limit=10)).items:
            await temporal.delete(schedule.schedule_id)


async def test_a_time_that_no_worker_takes_is_late_and_those_it_keeps_back_are_missed(post: Post) -> None:
    await post.add()
    (late, *_) = await post.told("schedule.late")
    assert "no worker has recorded its run" in late["reason"]
    (missed, *_) = await post.told("schedule.missed")
    assert (missed["times"] >= 1, missed["name"]) == (True, "nightly")
    assert "A run before still went on" in missed["reason"]
    before = len(await post.events("schedule.late"))
    await post.watch.look()
    assert len(await post.events("schedule.late")) == before, "it was told already"


async def test_a_schedule_that_somebody_deleted_in_temporal_is_told_once_to_be_gone(post: Post) -> None:
    schedule = await post.add(every_s=86400)
    await post.temporal.delete(schedule.schedule_id)
    (gone,) = await post.told("schedule.missed")
    assert "deleted in Temporal" in gone["reason"]
    await post.watch.look()
    assert len(await post.events("schedule.missed")) == 1
    assert (await post.schedules.by_id(schedule.schedule_id)).gone


async def test_a_schedule_whose_maker_died_on_the_way_to_temporal_is_brought_there(post: Post) -> None:
    schedule = await post.add(known=False, every_s=86400, paused=True)
    await post.watch.look()
    found = await post.temporal.describe(schedule.schedule_id)
    assert (found.rules.paused, found.when.intervals) == (True, (Interval(every_s=86400),))
    assert (await post.schedules.by_id(schedule.schedule_id)).echo == found.echo


async def test_a_change_that_comes_after_the_deletion_is_refused_and_what_it_left_in_temporal_is_cleared(
    post: Post,
) -> None:
    schedule = await post.add(every_s=86400)
    await post.schedules.remove(schedule.schedule_id)
    with pytest.raises(NotFound):
        await post.schedules.change(schedule.schedule_id, {"name": "anew"})
    with pytest.raises(StaleRevision):
        await post.schedules.change(schedule.schedule_id, {}, expected=Expected(schedule.revision))
    with pytest.raises(NotFound):
        await post.schedules.remove(schedule.schedule_id)
    await post.watch.look()
    assert await post.temporal.describe(schedule.schedule_id), "a change may still be on its way there"
    async with post.engine.begin() as connection:
        await connection.execute(text("update schedules set deleted_at = now() - interval '2 minutes'"))
    await post.watch.look()
    with pytest.raises(NotFound):
        await post.temporal.describe(schedule.schedule_id)
    left = ScheduleWatchRepository(sessions(post.engine)).left(within=timedelta(0))
    assert await left == [], "it is made sure of once"


async def test_failures_in_a_row_are_counted_until_a_run_completes(post: Post) -> None:
    schedule = await post.add(every_s=86400)
    runs, now = RunRepository(post.engine), datetime.now(UTC)
    await post.schedules.refused(schedule, now, "There is no such benchmark.")
    for number, status in enumerate(("failed", "cancelled", "completed", "completed"), start=1):
        run_id = new_id("run")
        config = BenchmarkDefinition.model_validate(definition())
        await runs.create(run_id, config, project_id=DEFAULT_PROJECT)
        await post.schedules.accepted(schedule, now + timedelta(seconds=number), run_id)
        await runs.note(run_id, status, "The provider is away." if status == "failed" else None)
        await post.watch.look()
    failing = await post.events("schedule.failing")
    assert [(each["in_a_row"], each["reason"]) for each in failing] == [
        (1, "There is no such benchmark."),
        (2, "The provider is away."),
    ]
    assert [each["failed_before"] for each in await post.events("schedule.recovered")] == [2]
