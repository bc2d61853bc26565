"""Plain asyncpg connections from SQLAlchemy's pool, for the few statements where every microsecond counts."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

import asyncpg
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,
    InterfaceError,
    OperationalError,
    TimeoutError,
)
"""Says that the database is away, restarting, full or wants another try; not that the statement is wrong."""


@asynccontextmanager
async def raw_connection(engine: AsyncEngine) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
    """An asyncpg connection in autocommit; a broken one is thrown away, not returned to the pool."""
    async with engine.connect() as connection:
        pooled = await connection.get_raw_connection()
        driver = cast("asyncpg.Connection[asyncpg.Record]", pooled.driver_connection)
        try:
            yield driver
        except LOST:
            await connection.invalidate()
            raise
