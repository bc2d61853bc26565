"""Events over the API: streams that lose nothing and repeat nothing, and the same in pages."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem
from tests.api.live import submitted

STREAM = {"Accept": "text/event-stream"}


@asynccontextmanager
async def reading(
    api: httpx2.AsyncClient, path: str, *, last: int | None = None, **query: Any
) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
    """The events of a stream as they come."""
    headers = STREAM if last is None else STREAM | {"Last-Event-ID": str(last)}
    async with asyncio.timeout(20), api.stream("GET", path, headers=headers, params=query) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield events_of(answer)


async def events_of(answer: httpx2.Response) -> AsyncGenerator[dict[str, Any]]:
    told: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            told[name] = value
            continue
        if "data" in told:
            event = json.loads(told["data"])
            assert (event["id"], event["type"]) == (told["id"], told["event"])
            yield event
        told = {}


async def test_a_stream_tells_of_a_run_from_its_first_event_to_its_end(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    run_id = await submitted(api, definition())
    path = f"/v1/runs/{run_id}/events"
    async with open_engine(settings.database_url) as engine, reading(api, path) as stream:
        first = await anext(stream)
        assert first == {
            "specversion": "1.0",
            "id": "1",
            "type": "run.queued",
            "source": f"/v1/runs/{run_id}",
            "subject": run_id,
            "time": first["time"],
            "datacontenttype": "application/json",
            "data": {},
        }
        await submitted(api, definition())
        await RunRepository(engine).note(run_id, "paused", "Spent.", halted="budget")
        await RunRepository(engine).note(run_id, "processing")
        await RunRepository(engine).note(run_id, "failed", "No luck.")
        rest = [event async for event in stream]
    assert [(event["id"], event["type"], event["data"]) for event in rest] == [
        ("3", "run.paused", {"waits_for": "budget", "reason": "Spent."}),
        ("4", "budget.reached", {"reason": "Spent."}),
        ("5", "run.resumed", {}),
        ("6", "run.failed", {"error": "No luck."}),
    ]
    answer = await api.get(path, headers=STREAM | {"Last-Event-ID": "6"})
    assert answer.status_code == 204
    async with reading(api, path, last=4, type=["run.failed", "run.completed"]) as stream:
        assert [event["id"] async for event in stream] == ["6"]


async def test_pages_hold_the_same_events(api: httpx2.AsyncClient) -> None:
    runs = [await submitted(api, definition()) for _ in range(3)]
    page = (await api.get("/v1/events", params={"limit": 2})).json()
    rest = (await api.get("/v1/events", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [event["subject"] for event in page["items"] + rest["items"]] == runs
    assert rest["next_cursor"] is None
    after = (await api.get("/v1/events", params={"after": 1, "type": "run.queued"})).json()
    assert [event["id"] for event in after["items"]] == ["2", "3"]
    own = (await api.get(f"/v1/runs/{runs[1]}/events")).json()
    assert [event["id"] for event in own["items"]] == ["2"]


async def test_a_place_that_does_not_exist_is_refused(api: httpx2.AsyncClient) -> None:
    said = problem(await api.get("/v1/events", headers=STREAM | {"Last-Event-ID": "7"}), 422, "invalid-request")
    assert said["detail"] == "There is no event 7; the newest is 0."
    problem(await api.get("/v1/events", headers={"Last-Event-ID": "x"}), 422, "invalid-request")
    problem(await api.get("/v1/events", params={"type": "run.danced"}), 422, "invalid-request")
    problem(await api.get("/v1/runs/run_00000000000000000000000000/events"), 404, "not-found")
