"""The connection pool that every process opens once, and the sessions over it."""

import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

import orjson
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

DOZING_S: Final = 10.0
"""A connection that nobody used for so long is asked for a sign of life before it is used: something between here and
the server may have forgotten it. Of a server that hung up the connection knows by itself."""


class Sessions:
    """Called: every statement stands alone, without the round trips of BEGIN and COMMIT around it. With `begin()`, for
    changes that belong together: one transaction, committed at the end."""

    def __init__(self, engine: AsyncEngine) -> None:
        alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._alone = async_sessionmaker(alone, expire_on_commit=False)
        self._together = async_sessionmaker(engine, expire_on_commit=False)

    def __call__(self) -> AsyncSession:
        return self._alone()

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._together.begin()


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


@asynccontextmanager
async def open_engine(url: str, *, pool_size: int = 10) -> AsyncGenerator[AsyncEngine]:
    """A pool of at most `2 * pool_size` connections that replaces broken ones; closed at the end."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
    )
    _replace_broken(engine.sync_engine)
    try:
        yield engine
    finally:
        await engine.dispose()


def sessions(engine: AsyncEngine) -> Sessions:
    return Sessions(engine)


def _replace_broken(engine: Engine) -> None:
    """What SQLAlchemy's own `pool_pre_ping` does, without its three round trips each time."""

    def returned(_: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def taken(connection: Any, record: Any, _: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("The server hung up.")
        if time.monotonic() - record.info.setdefault("used", time.monotonic()) > DOZING_S:
            try:
                engine.dialect.do_ping(connection)
            except (DBAPIError, engine.dialect.loaded_dbapi.Error, OSError) as error:
                raise DisconnectionError("The connection is dead.") from error

    event.listen(engine.pool, "checkin", returned)
    event.listen(engine.pool, "checkout", taken)
