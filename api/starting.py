"""Starting accepted runs, beside the requests that brought them: a run is safe once it is recorded, and no caller need
wait for Temporal. What is not started here, because the process ends or Temporal is away, the reconciler starts."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from core.cancellation import heed_cancellation
from workflows.start import start_run

AT_ONCE: Final = 4
"""Starts on their way; Temporal does not start more any faster."""
MOST_WAITING: Final = 1000
"""More than these are left to the reconciler, which looks after them all."""
START_S: Final = 10.0

logger = structlog.get_logger(__name__)


class Starter:
    def __init__(self, client: Client, *, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)

    def start_soon(self, run_id: str) -> None:
        """Within milliseconds, unless many were accepted before it."""
        try:
            self._waiting.put_nowait(run_id)
        except asyncio.QueueFull:
            logger.warning("run_start_left_to_reconciler", run_id=run_id, error="too many are waiting")

    async def run(self) -> None:
        while True:
            await self._start(await self._waiting.get())

    async def _start(self, run_id: str) -> None:
        try:
            async with asyncio.timeout(START_S):
                await start_run(self._client, run_id, task_queue=self._task_queue, once=True)
        except (RPCError, RuntimeError, TimeoutError) as error:
            heed_cancellation()
            logger.warning("run_start_left_to_reconciler", run_id=run_id, error=str(error) or type(error).__name__)


@asynccontextmanager
async def open_starter(client: Client, *, task_queue: str) -> AsyncGenerator[Starter]:
    """A starter at work while the block runs."""
    starter = Starter(client, task_queue=task_queue)
    tasks = [asyncio.create_task(starter.run()) for _ in range(AT_ONCE)]
    try:
        yield starter
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
