"""Plain asyncpg connections from SQLAlchemy's pool, for the few statements where every microsecond counts."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine


class NoConnection(Exception):
    """None could be had: the database is away, or refuses us."""


LOST = (
    NoConnection,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,
)
"""Says that the database is away, restarting, full or wants another try; not that the statement is wrong."""


@asynccontextmanager
async def raw_connection(engine: AsyncEngine) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
    """An asyncpg connection in autocommit; a broken one is thrown away, not returned to the pool. Raises as `LOST`."""
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.connect())
            pooled = await connection.get_raw_connection()
        except SQLAlchemyError as error:
            raise NoConnection(str(error.__cause__ or error)) from error
        try:
            yield cast("asyncpg.Connection[asyncpg.Record]", pooled.driver_connection)
        except LOST:
            await connection.invalidate()
            raise
