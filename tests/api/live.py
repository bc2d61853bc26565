"""A service with Temporal and a worker in the test's process, and runs that go through it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2

from adapters.database.engine import open_engine
from adapters.temporal.client import connect
from cli.embedded.temporal import TemporalServer
from core.ids import new_id
from core.settings import Settings
from tests.api.bodies import definition
from tests.providers import Asked, Provider
from worker.composition import open_activities
from worker.polling import polling
from worker.releases import release_of

CAPITALS = {"Capital of France?": "Paris", "Capital of Japan?": "Kyoto"}


class Worker:
    """Starts and stops a worker in the test's process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        settings = self._settings
        client = await connect(address=settings.temporal_address, namespace=settings.temporal_namespace)
        engine = await self._stack.enter_async_context(open_engine(settings.database_url, pool_size=5))
        activities = await self._stack.enter_async_context(open_activities(settings, engine, owner=new_id("wrk")))
        await self._stack.enter_async_context(
            polling(client, activities, task_queue=settings.task_queue, release=release_of(settings), fail_broken=True)
        )

    async def stop(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def working(settings: Settings) -> AsyncGenerator[Worker]:
    """A worker that can be started, and is stopped at the end."""
    worker = Worker(settings)
    try:
        yield worker
    finally:
        await worker.stop()


def with_temporal(settings: Settings, server: TemporalServer) -> Settings:
    """With a Temporal that answers, and a task queue of one's own."""
    told = {
        "temporal_address": server.address,
        "task_queue": new_id("wrk"),
        "temporal_ui_url": "http://ui",
    }
    return settings.model_copy(update=told)


def knows_capitals(asked: Asked) -> str:
    return CAPITALS[asked.prompt]


def asking(provider: Provider, **changes: Any) -> dict[str, Any]:
    agent = {"kind": "openai", "model": "small", "base_url": provider.url}
    return definition(agents=[{"name": "lab", "agent": agent, "max_attempts": 1, "concurrency": 1}], **changes)


async def until(api: httpx2.AsyncClient, run_id: str, *wanted: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            run = (await api.get(f"/v1/runs/{run_id}")).json()
            if run["status"] in wanted:
                return run
            await asyncio.sleep(0.05)


async def submitted(api: httpx2.AsyncClient, body: dict[str, Any]) -> str:
    answer = await api.post("/v1/runs", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["run_id"]
