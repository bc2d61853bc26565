"""The pulse of a worker process: a thread of its own tells the database that the process runs, and when its event loop
last did anything. So a loop that is blocked can be told from a process that is gone."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from adapters.database.connections import LOST, HeldConnection
from adapters.database.engine import open_engine

PULSE_S: Final = 1.0
FORGOTTEN_AFTER: Final = "1 day"

TELL: Final = f"""
with old as (delete from workers where seen_at < now() - interval '{FORGOTTEN_AFTER}')
insert into workers (owner, task_queue, seen_at, moved_at)
values ($1, $2, clock_timestamp(), clock_timestamp() - make_interval(secs => $3))
on conflict (owner) do update set seen_at = excluded.seen_at, moved_at = excluded.moved_at
"""
LEAVE: Final = "delete from workers where owner = $1"

logger = structlog.get_logger(__name__)


class Pulse:
    def __init__(self, database_url: str, owner: str, task_queue: str) -> None:
        self._database_url = database_url
        self._owner = owner
        self._task_queue = task_queue
        self._over = threading.Event()
        self._moved = time.monotonic()
        self.thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    async def move(self) -> None:
        """On the event loop, until cancelled: it moves."""
        while True:
            self._moved = time.monotonic()
            await asyncio.sleep(PULSE_S / 4)

    def stop(self) -> None:
        self._over.set()

    def _run(self) -> None:
        asyncio.run(self._tell())

    async def _tell(self) -> None:
        async with open_engine(self._database_url, pool_size=1) as engine:
            connection = HeldConnection(engine)
            while not self._over.is_set():
                await self._say(connection, TELL, self._owner, self._task_queue, time.monotonic() - self._moved)
                await asyncio.to_thread(self._over.wait, PULSE_S)
            await self._say(connection, LEAVE, self._owner)
            await connection.aclose()

    async def _say(self, connection: HeldConnection, sql: str, *arguments: object) -> None:
        try:
            async with asyncio.timeout(5 * PULSE_S):
                await connection.fetch(sql, *arguments)
        except (*LOST, TimeoutError) as error:
            logger.warning("pulse_not_told", error=str(error) or type(error).__name__)


@asynccontextmanager
async def pulsing(database_url: str, owner: str, *, task_queue: str) -> AsyncGenerator[None]:
    """Tells while the block runs, and takes its leave after it."""
    pulse = Pulse(database_url, owner, task_queue)
    moving = asyncio.create_task(pulse.move())
    pulse.thread.start()
    try:
        yield
    finally:
        moving.cancel()
        pulse.stop()
        await asyncio.to_thread(pulse.thread.join)
