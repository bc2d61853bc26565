"""Leadership: of all processes, at most one holds an advisory lock at a time; the lock dies with its connection.

A leader that stands still loses it too: PostgreSQL ends its transaction when it says nothing for a few seconds.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

WATCH: Final = 7_305_915_024
BASELINES: Final = 7_305_915_026
DELIVERIES: Final = 7_305_915_027
SCHEDULES: Final = 7_305_915_028
SILENT_S: Final = 5
SAY_S: Final = 1.0


class Leadership:
    def __init__(self, engine: AsyncEngine, lock: int = WATCH) -> None:
        self._engine = engine
        self._lock = lock

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[bool]:
        """True for the one process that holds the lock while the block runs."""
        async with self._engine.begin() as connection:
            await connection.execute(text(f"set local idle_in_transaction_session_timeout = '{SILENT_S}s'"))
            led = await connection.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": self._lock})
            over = asyncio.Event()
            speaking = asyncio.create_task(_speak(connection, over)) if led else None
            try:
                yield bool(led)
            finally:
                over.set()
                if speaking is not None:
                    await speaking


async def _speak(connection: AsyncConnection, over: asyncio.Event) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(SAY_S):
                await over.wait()
        await connection.execute(text("select 1"))
