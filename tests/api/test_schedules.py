"""Schedules over REST, on a real Temporal: runs at their times, changes from both sides, and what is refused."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import TypeAdapter
from temporalio.client import ScheduleIntervalSpec, ScheduleUpdate, ScheduleUpdateInput

from adapters.database.engine import open_engine, sessions
from adapters.database.schedules import ScheduleRepository
from adapters.temporal.client import connect
from api import examples
from core.run_requests import RunRequest
from core.schedules import Rules, Stored, Timing
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem, served
from tests.api.live import asking, knows_capitals, working
from tests.providers import Provider

pytestmark = pytest.mark.timeout(60)
RARELY = {"intervals": [{"every_s": 86400}]}


@pytest.fixture
async def api(scheduling: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(scheduling) as client:
        yield client
        for each in (await client.get("/v1/schedules")).json()["items"]:
            await client.delete(f"/v1/schedules/{each['schedule_id']}")


def wanted(**changes: Any) -> dict[str, Any]:
    return {"name": "nightly", "run": definition(), "when": RARELY, **changes}


async def created(api: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await api.post("/v1/schedules", json=wanted(**changes))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/schedules/{answer.json()['schedule_id']}"
    return answer.json()


async def seen(api: httpx2.AsyncClient, name: str = "nightly") -> dict[str, Any]:
    answer = await api.get(f"/v1/schedules/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def times(api: httpx2.AsyncClient, name: str = "nightly") -> list[dict[str, Any]]:
    return (await api.get(f"/v1/schedules/{name}/runs")).json()["items"]


async def once(look: Callable[[], Awaitable[Any]]) -> Any:
    """What it gives as soon as that is something."""
    async with asyncio.timeout(30):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.05)


async def test_every_time_of_a_schedule_gets_one_run_that_is_recorded_like_a_posted_one(
    scheduling: Settings, api: httpx2.AsyncClient
) -> None:
    async with Provider(knows_capitals) as provider, working(scheduling) as worker:
        await worker.start()
        when = {"intervals": [{"every_s": 1}]}
        await created(api, run=asking(provider), when=when, overlap="allow_all", remaining_runs=3)

        async def done() -> list[dict[str, Any]]:
            found = await times(api)
            return found if [each["run_status"] for each in found] == ["completed"] * 3 else []

        ticks = await once(done)
        schedule = await seen(api)
    seconds = [datetime.fromisoformat(each["scheduled_at"]) for each in reversed(ticks)]
    assert [later - earlier for earlier, later in itertools.pairwise(seconds)] == [timedelta(seconds=1)] * 2
    assert (schedule["state"], schedule["started"], schedule["next_runs"]) == ("finished", 3, [])
    assert schedule["last_runs"] == ticks
    ids = {each["run_id"] for each in ticks}
    runs = (await api.get("/v1/runs")).json()["items"]
    assert {run["run_id"] for run in runs} == ids
    audited = (await api.get("/v1/audit-events")).json()["items"]
    assert {each["subject"] for each in audited if each["action"] == "run.create"} == ids
    told = (await api.get("/v1/events")).json()["items"]
    assert {each["subject"] for each in told if each["type"] == "run.queued"} == ids


async def test_past_times_are_made_up_for_once_however_often_that_is_asked(
    scheduling: Settings, api: httpx2.AsyncClient
) -> None:
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    period = {"start_at": (day - timedelta(days=2)).isoformat(), "end_at": day.isoformat()}
    async with Provider(knows_capitals) as provider, working(scheduling) as worker:
        await worker.start()
        await created(api, run=asking(provider), paused=True)
        for expected in (3, 3, 4):
            if expected == 4:
                assert (await api.post("/v1/schedules/nightly/trigger", json={})).status_code == 202
            else:
                answer = await api.post("/v1/schedules/nightly/backfill", json={**period, "overlap": "allow_all"})
                assert answer.status_code == 202, answer.text

            async def done(expected: int = expected) -> bool:
                found = await times(api)
                at_work = (await seen(api))["at_work"]
                return len(found) >= expected and not at_work

            await once(done)
            assert len(await times(api)) == expected
    days = [day - timedelta(days=number) for number in range(3)]
    assert [datetime.fromisoformat(each["scheduled_at"]) for each in await times(api)][1:] == days


async def test_only_past_times_and_not_too_many_are_made_up_for(api: httpx2.AsyncClient) -> None:
    await created(api, when={"intervals": [{"every_s": 60}]}, paused=True)
    now = datetime.now(UTC)

    async def refused(back: timedelta, ahead: timedelta) -> str:
        period = {"start_at": (now - back).isoformat(), "end_at": (now + ahead).isoformat()}
        answer = await api.post("/v1/schedules/nightly/backfill", json=period)
        [error] = problem(answer, 422, "invalid-request")["errors"]
        assert error["pointer"] == "/end_at"
        return error["detail"]

    assert "this one is to come: it is " in await refused(timedelta(hours=1), timedelta(hours=1))
    assert re.match(
        r"There are 18\d times in this period.*at most 100", await refused(timedelta(hours=3), timedelta(0))
    )
    assert "1,000 or more times" in await refused(timedelta(days=400), timedelta(0))
    assert await times(api) == []


async def test_what_somebody_changes_in_temporal_wins(scheduling: Settings, api: httpx2.AsyncClient) -> None:
    made = await created(api)
    assert (made["state"], made["live"], made["changed_in_temporal"]) == ("active", True, False)
    assert made["when"]["intervals"] == [{"every_s": 86400, "offset_s": 0}]
    assert len(made["next_runs"]) == 10
    client = await connect(address=scheduling.temporal_address, namespace=scheduling.temporal_namespace)
    theirs = client.get_schedule_handle(made["schedule_id"])

    def every_hour(found: ScheduleUpdateInput) -> ScheduleUpdate:
        found.description.schedule.spec.intervals = [ScheduleIntervalSpec(every=timedelta(hours=1))]
        return ScheduleUpdate(schedule=found.description.schedule)

    await theirs.update(every_hour)
    await theirs.pause(note="enough")

    async def shown() -> dict[str, Any] | None:
        return found if (found := await seen(api))["state"] == "paused" else None

    there = await once(shown)
    assert (there["note"], there["changed_in_temporal"]) == ("enough", True)
    assert there["when"]["intervals"] == [{"every_s": 3600, "offset_s": 0}]
    renamed = (await api.patch("/v1/schedules/nightly", json={"name": "hourly"})).json()
    assert (renamed["name"], renamed["state"], renamed["when"]) == ("hourly", "paused", there["when"])
    resumed = (await api.post("/v1/schedules/hourly/resume", json={"note": "go on"})).json()
    assert (resumed["state"], resumed["note"]) == ("active", "go on")
    cron = {"cron": ["30 2 * * *"], "time_zone": "Europe/Berlin"}
    ours = (await api.patch("/v1/schedules/hourly", json={"when": cron, "overlap": "buffer_one"})).json()
    assert (ours["when"]["cron"], ours["changed_in_temporal"], ours["overlap"]) == (["30 2 * * *"], False, "buffer_one")


async def test_a_schedule_that_somebody_deleted_in_temporal_is_gone_until_it_is_changed(
    scheduling: Settings, api: httpx2.AsyncClient
) -> None:
    made = await created(api)
    client = await connect(address=scheduling.temporal_address, namespace=scheduling.temporal_namespace)
    await client.get_schedule_handle(made["schedule_id"]).delete()
    assert (await seen(api))["state"] == "gone"
    problem(await api.post("/v1/schedules/nightly/pause"), 404, "not-found")
    again = (await api.patch("/v1/schedules/nightly", json={"note": "anew"})).json()
    assert (again["state"], again["note"], again["schedule_id"]) == ("active", "anew", made["schedule_id"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"when": {"cron": ["61 2 * * *"]}}, "/when"),
        ({"when": {"cron": ["0 2 * * *"], "time_zone": "Mars/Base"}}, "/when"),
        ({"when": {"calendars": [{"hour": "25"}]}}, "/when/calendars/0"),
        ({"when": {}}, "/when"),
        ({"run": {"benchmark": "nothing-like-it"}}, "/run/benchmark"),
        ({"run": definition(evaluators=[{"kind": "exactly"}])}, "/run/evaluators/0/kind"),
        ({"catch_up_s": 1}, "/catch_up_s"),
    ],
)
async def test_a_schedule_that_cannot_work_is_refused_at_its_place(
    api: httpx2.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    body = problem(await api.post("/v1/schedules", json=wanted(**change)), 422, "invalid-request")
    assert body["errors"][0]["pointer"] == pointer
    assert (await api.get("/v1/schedules")).json()["items"] == []


async def test_a_name_is_taken_once(api: httpx2.AsyncClient) -> None:
    await created(api)
    await created(api, name="weekly")
    problem(await api.post("/v1/schedules", json=wanted()), 409, "conflict")
    problem(await api.patch("/v1/schedules/weekly", json={"name": "nightly"}), 409, "conflict")
    assert [each["name"] for each in (await api.get("/v1/schedules")).json()["items"]] == ["nightly", "weekly"]
    assert (await api.delete("/v1/schedules/nightly")).status_code == 204
    problem(await api.get("/v1/schedules/nightly"), 404, "not-found")


async def test_without_temporal_nothing_is_half_made(settings: Settings) -> None:
    async with served(settings) as api:
        problem(await api.post("/v1/schedules", json=wanted()), 503, "service-unavailable")
        assert (await api.get("/v1/schedules")).json()["items"] == []


async def test_a_schedule_is_deleted_while_temporal_is_away(settings: Settings) -> None:
    now = datetime.now(UTC)
    run = TypeAdapter[Any](RunRequest).validate_python(definition())
    timing = Timing.model_validate(RARELY)
    stored = Stored(
        schedule_id="sched_1", name="nightly", principal="somebody", run=run, when=timing, rules=Rules(),
        baseline=None, created_at=now, updated_at=now,
    )  # fmt: skip
    async with open_engine(settings.database_url) as engine:
        await ScheduleRepository(sessions(engine)).add(stored)
    async with served(settings) as api:
        assert (await api.delete("/v1/schedules/nightly")).status_code == 204
        problem(await api.get("/v1/schedules/nightly"), 404, "not-found")
        problem(await api.delete("/v1/schedules/nightly"), 404, "not-found")


@pytest.mark.parametrize(
    ("starts", "first"),
    [
        ("2027-03-27T12:00:00Z", "2027-03-29T00:30:00Z"),
        ("2027-10-30T12:00:00Z", "2027-10-31T01:30:00Z"),
    ],
    ids=["left_out", "repeated"],
)
async def test_a_local_time_that_the_clocks_skip_does_not_occur_and_one_they_repeat_occurs_once(
    api: httpx2.AsyncClient, starts: str, first: str
) -> None:
    when = {"cron": ["30 2 * * *"], "time_zone": "Europe/Berlin", "start_at": starts}
    found = (await created(api, when=when))["next_runs"]
    assert found[0] == first
    one_day = datetime.fromisoformat(found[1]) - datetime.fromisoformat(found[0])
    assert one_day == timedelta(days=1)


async def test_west_of_greenwich_a_repeated_local_time_occurs_twice_and_answers_say_in_which_zone_times_are_meant(
    api: httpx2.AsyncClient,
) -> None:
    starts = {"start_at": "2027-11-06T12:00:00Z", "time_zone": "America/New_York"}
    found = await created(api, when={"cron": ["30 1 * * *"], **starts}, paused=False)
    assert found["next_runs"][:3] == ["2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z", "2027-11-08T06:30:00Z"]
    assert found["time_zone"] == "America/New_York"
    without = {"cron": ["30 1 * * *"], "skip": [{"day_of_month": "7", "month": "11"}], **starts}
    changed = (await api.patch("/v1/schedules/nightly", json={"when": without})).json()
    assert (changed["next_runs"][0], changed["changed_in_temporal"]) == ("2027-11-08T06:30:00Z", False)


@pytest.mark.parametrize(
    ("rule", "started", "at_work", "skipped"),
    [
        ("skip", 1, 1, 1),
        ("buffer_one", 1, 1, 0),
        ("cancel_other", 1, 1, 0),
        ("terminate_other", 2, 1, 0),
        ("allow_all", 2, 0, 0),
    ],
)
async def test_what_happens_to_a_time_while_the_run_before_goes_on_is_the_rule_of_the_schedule(
    api: httpx2.AsyncClient, rule: str, started: int, at_work: int, skipped: int
) -> None:
    """Nobody works on the runs, so they go on; one that is asked to end does not, before a worker hears of it."""
    await created(api, overlap=rule)

    async def shows(**wanted: int) -> bool:
        found = await seen(api)
        return {name: found[name] for name in wanted} == wanted

    assert (await api.post("/v1/schedules/nightly/trigger")).status_code == 202
    await once(lambda: shows(started=1))
    # Temporal names what a schedule starts by the second: a second one in the same would be the first.
    await asyncio.sleep(1)
    assert (await api.post("/v1/schedules/nightly/trigger")).status_code == 202
    await once(lambda: shows(started=started, at_work=at_work, skipped=skipped))


async def test_the_examples_of_the_documentation_work(api: httpx2.AsyncClient) -> None:
    for path, body, status in (
        ("/v1/agents", examples.AGENT, 201),
        ("/v1/benchmarks", examples.BENCHMARK, 201),
        ("/v1/schedules", examples.SCHEDULE | {"paused": True}, 201),
        ("/v1/schedules/nightly/backfill", examples.BACKFILL, 202),
    ):
        answer = await api.post(path, json=body)
        assert answer.status_code == status, answer.text
    for each in examples.BASELINES.values():
        assert (await api.put("/v1/benchmarks/capitals/baseline", json=each["value"])).status_code == 200
