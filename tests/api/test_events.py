"""Events over the API: streams that lose nothing and repeat nothing, and the same in pages."""

import asyncio
import json
import socket
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Any

import httpx2
import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Receive, Scope, Send

from adapters.database.engine import open_engine
from adapters.database.event_feed import Heard
from adapters.database.event_pages import Line
from adapters.database.runs import RunRepository
from api.event_stream import EventStream
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import Server, problem
from tests.api.live import submitted

STREAM = {"Accept": "text/event-stream"}
MANY = """
insert into run_events (project_id, subject, source, type, data)
select 'default', 'run_' || n, '/v1/runs/run', 'run.paused', jsonb_build_object('reason', repeat('x', 1000))
from generate_series(1, 3000) as n
"""
EVERYTHING = 3000 * 1000
"""Bytes, at least."""


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


async def sessions_of(engine: AsyncEngine) -> int:
    """Connections to this database, but for the one that asks."""
    query = "select count(*) - 1 from pg_stat_activity where datname = current_database()"
    async with engine.connect() as connection:
        return (await connection.scalar(text(query))) or 0


async def readers(api: httpx2.AsyncClient, wanted: int) -> None:
    """Returns once the metrics tell of so many readers."""
    async with asyncio.timeout(10):
        while True:
            if f"benchmark_event_readers {wanted}.0" in (await api.get("/metrics")).text:
                return
            await asyncio.sleep(0.05)


async def test_readers_share_one_connection_and_leave_nothing_behind(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    async with open_engine(settings.database_url, pool_size=1) as engine, AsyncExitStack() as stack:
        first = await stack.enter_async_context(reading(api, "/v1/events", after=0))
        await submitted(api, definition())
        await anext(first)
        alone = await sessions_of(engine)
        streams = [await stack.enter_async_context(reading(api, "/v1/events", after=0)) for _ in range(15)]
        assert [(await anext(stream))["id"] for stream in streams] == ["1"] * 15
        await submitted(api, definition())
        assert [(await anext(stream))["id"] for stream in streams] == ["2"] * 15
        await readers(api, 16)
        assert await sessions_of(engine) <= max(alone, settings.database_pool_size)
        await stack.aclose()
        await readers(api, 0)
        assert await sessions_of(engine) <= settings.database_pool_size


def deaf(api: httpx2.AsyncClient) -> socket.socket:
    """Asks for everything and reads nothing; little of the answer fits between here and there."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((api.base_url.host, api.base_url.port))
    connection.sendall(b"GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    return connection


async def held() -> int:
    """Bytes in use once nothing moves any more."""
    before = -1
    async with asyncio.timeout(30):
        while abs((now := tracemalloc.get_traced_memory()[0]) - before) > 20_000:
            before = now
            await asyncio.sleep(0.3)
    return now


async def test_a_reader_who_reads_nothing_holds_no_more_than_the_documentation_says(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    async with open_engine(settings.database_url, pool_size=1) as engine, engine.begin() as connection:
        await connection.execute(text(MANY))
    with ExitStack() as stack:
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        # The first fill what all of them share.
        for _ in range(3):
            stack.enter_context(deaf(api))
        await readers(api, 3)
        shared = await held()
        for _ in range(20):
            stack.enter_context(deaf(api))
        await readers(api, 23)
        each = (await held() - shared) / 20
    # Were nothing held back, it would be all of the answer.
    assert 10_000 < each < 150_000 < EVERYTHING


async def test_a_reader_who_takes_nothing_is_left() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[Heard]:
        line = Line(1, "run.paused", "r", b"x" * 10_000)
        try:
            while True:
                yield Heard([line], 1)
        finally:
            closed.set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await EventStream(endless(), after=0, slowest_s=0.5)(scope, receive, send)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await server.up.wait()
        with socket.create_connection(listening.getsockname()) as deaf:
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            async with asyncio.timeout(20):
                await closed.wait()
        server.should_exit = True
        await serving
