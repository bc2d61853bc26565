"""Heartbeats: they tell Temporal that we live, and bring back the news that we should stop."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from temporalio import activity

INTERVAL_S = 0.7
"""A cancelled run sends its last call within two seconds: the news travels with a heartbeat."""


@contextmanager
def heartbeating(stop: asyncio.Event | None = None) -> Generator[None]:
    """Heartbeats while the block runs; sets `stop` when the worker is told to shut down."""
    tasks = [asyncio.create_task(_beat())]
    if stop is not None:
        tasks.append(asyncio.create_task(_watch_shutdown(stop)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(INTERVAL_S)


async def _watch_shutdown(stop: asyncio.Event) -> None:
    await activity.wait_for_worker_shutdown()
    stop.set()
