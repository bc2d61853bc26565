"""Leadership: of all processes, at most one holds an advisory lock at a time; the lock dies with its connection."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

RECONCILER = 7_305_915_024


class Leadership:
    def __init__(self, engine: AsyncEngine, lock: int = RECONCILER) -> None:
        self._engine = engine
        self._lock = lock

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[bool]:
        """True for the one process that holds the lock while the block runs."""
        async with self._engine.begin() as connection:
            yield bool(await connection.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": self._lock}))
