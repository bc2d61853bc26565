"""Plain asyncpg connections from SQLAlchemy's pool, for the few statements where every microsecond counts."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from types import MappingProxyType
from typing import TypeVar, cast

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.cancellation import heed_cancellation

T = TypeVar("T")
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 5.0

logger = structlog.get_logger(__name__)


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


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """Tries until the database answers, however long it is away."""
    wait = FIRST_WAIT_S
    while True:
        try:
            return await read()
        except LOST as error:
            heed_cancellation()
            logger.warning("database_away", error=str(error), retry_in_s=wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)


class HeldConnection:
    """One connection kept between statements, one statement at a time; replaced when it breaks.

    Taking a connection from the pool costs more than a short statement does. `settings` hold while it is kept.
    """

    def __init__(self, engine: AsyncEngine, settings: Mapping[str, str] = NO_SETTINGS) -> None:
        self._engine = engine
        self._settings = "; ".join(f"set {name} = {value}" for name, value in settings.items())
        self._stack = AsyncExitStack()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """Raises as `LOST`, and then starts anew with the next call."""
        try:
            if self._connection is None:
                self._connection = await self._stack.enter_async_context(raw_connection(self._engine))
                if self._settings:
                    await self._connection.execute(self._settings)
            return await self._connection.fetch(sql, *arguments)
        except LOST as error:
            self._connection = None
            with suppress(*LOST):
                await self._stack.__aexit__(type(error), error, error.__traceback__)
            raise

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        with suppress(*LOST):
            async with self._stack:
                if connection is not None and self._settings:
                    await connection.execute("reset all")
