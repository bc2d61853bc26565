"""Heartbeats: they tell Temporal that we live, and bring back the news that we should stop."""

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from temporalio import activity

INTERVAL_S = 0.7
"""A cancelled run sends its last call within two seconds: the news travels with a heartbeat."""
T = TypeVar("T")


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


async def carried_through(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T:
    """What comes of the work, heartbeating meanwhile. A cancellation only sets `stop`: what is in flight is paid for,
    so the work ends by itself, keeps what still arrives, and reports it."""
    task = asyncio.create_task(work)
    with heartbeating(stop):
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                stop.set()
    return task.result()


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(INTERVAL_S)


async def _watch_shutdown(stop: asyncio.Event) -> None:
    await activity.wait_for_worker_shutdown()
    stop.set()
