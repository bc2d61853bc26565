"""The watch over completed runs: those of a schedule are held against its own runs, whatever became of it since."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.baselines import BaselineRepository
from adapters.database.comparisons import ComparisonRepository
from adapters.database.engine import open_engine, sessions
from adapters.database.events import EventFilter, EventRepository
from adapters.database.manifests import ManifestRepository
from adapters.database.runs import RunRepository
from adapters.database.schedules import ScheduleRepository
from core.baselines import Baseline, BaselineCheck, FixedRun, LastGood, Rolling
from core.errors import NotFound
from core.events import EventType
from core.ids import DEFAULT_PROJECT
from core.run_requests import InlineRun
from core.schedules import Interval, Rules, Stored, Timing
from tests.api.bodies import definition
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record
from workflows.watch.baselines import BaselineWatch

CASES = 200


@dataclass
class Post:
    engine: AsyncEngine
    baselines: BaselineRepository
    schedules: ScheduleRepository
    watch: BaselineWatch

    async def schedule(self, name: str, baseline: Baseline) -> Stored:
        made = datetime.now(UTC) - timedelta(minutes=1)
        schedule = Stored(
            schedule_id=f"sched_{name}",
            name=name,
            principal="somebody",
            run=InlineRun.model_validate(definition()),
            when=Timing(intervals=(Interval(every_s=60),)),
            rules=Rules(),
            baseline=baseline,
            created_at=made,
            updated_at=made,
        )
        return await self.schedules.add(schedule)

    async def ran(self, schedule: Stored | None, right: int, **changes: Any) -> str:
        """A completed run of the schedule, or of somebody's, that got so many of the cases right."""
        schedule_id = None if schedule is None else schedule.schedule_id
        agents = {"small": shares(right, CASES)}
        run_id = await record(self.engine, Recorded(agents, schedule_id=schedule_id, changes=changes))
        manifests, run = ManifestRepository(self.engine), await RunRepository(self.engine).get(run_id)
        await manifests.keep(run, [("exact", "1")])
        return run_id

    async def check(self, run_id: str) -> BaselineCheck:
        await self.watch.look()
        return await self.baselines.check_of(DEFAULT_PROJECT, run_id)

    async def events(self, type_: EventType) -> list[dict[str, Any]]:
        events = EventRepository(sessions(self.engine))
        found = await events.page(DEFAULT_PROJECT, after=0, limit=100, wanted=EventFilter(types=frozenset({type_})))
        return [told.event.data for told in found]


@pytest.fixture
async def post(migrated_database_url: str) -> AsyncIterator[Post]:
    async with open_engine(migrated_database_url) as engine:
        made = sessions(engine)
        watch = BaselineWatch(
            baselines=BaselineRepository(made),
            runs=RunRepository(engine),
            comparisons=ComparisonRepository(made),
            manifests=ManifestRepository(engine),
        )
        yield Post(engine, BaselineRepository(made), ScheduleRepository(made), watch)


async def test_runs_of_a_schedule_are_held_against_its_own_runs_only(post: Post) -> None:
    nightly = await post.schedule("nightly", LastGood())
    first = await post.ran(nightly, 180)
    by_hand = await post.ran(None, 100)
    same = await post.check(await post.ran(nightly, 179))
    assert (same.outcome, same.baseline_run_id, same.watch) == ("no_regression", first, nightly.schedule_id)
    assert await post.events(EventType.REGRESSION_FOUND) == [], "a null change raises no alarm"
    prompt = {"template": "What is {{ input }}?"}
    worse = await post.check(await post.ran(nightly, 140, prompt=prompt))
    assert (worse.outcome, worse.baseline_run_id) == ("regression", same.run_id)
    (event,) = await post.events(EventType.REGRESSION_FOUND)
    assert event["schedule"] == "nightly"
    (agent,) = event["agents"]
    assert agent["effect"] == pytest.approx(-39 / CASES)
    assert agent["low"] < agent["effect"] < agent["high"] < 0
    assert [(each["part"], each["field"]) for each in event["differed"]] == [("prompt", "agents.small.prompt.template")]
    with pytest.raises(NotFound):
        await post.check(by_hand)


async def test_a_rolling_baseline_is_the_median_of_good_runs_and_a_fixed_one_stays(post: Post) -> None:
    rolling = await post.schedule("rolling", Rolling(runs=3))
    runs = [await post.ran(rolling, right) for right in (150, 180, 160)]
    for each in runs:
        await post.check(each)
    assert (await post.check(await post.ran(rolling, 165))).baseline_run_id == runs[2], "the median of 150, 160 and 180"
    fixed = await post.schedule("fixed", FixedRun(run_id=runs[1]))
    assert (await post.check(await post.ran(fixed, 140))).outcome == "regression"
    again = await post.check(await post.ran(fixed, 178))
    assert (again.outcome, again.baseline_run_id) == ("no_regression", runs[1])


async def test_a_run_that_completes_after_its_schedule_was_deleted_is_still_checked(post: Post) -> None:
    nightly = await post.schedule("nightly", LastGood())
    first = await post.ran(nightly, 180)
    await post.check(first)
    await post.schedules.remove(nightly.schedule_id)
    with pytest.raises(NotFound):
        await post.schedules.get(DEFAULT_PROJECT, "nightly")
    late = await post.check(await post.ran(nightly, 120))
    assert (late.outcome, late.baseline_run_id) == ("regression", first)
    namesake = await post.schedules.add(nightly.model_copy(update={"schedule_id": "sched_another"}))
    assert (await post.check(await post.ran(namesake, 120))).outcome == "first", "it has no runs of its own yet"
