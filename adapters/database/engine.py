"""The connection pool that every process opens once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


@asynccontextmanager
async def open_engine(url: str, *, pool_size: int = 10) -> AsyncGenerator[AsyncEngine]:
    """A pool of at most `2 * pool_size` connections that replaces broken ones; closed at the end."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
    )
    try:
        yield engine
    finally:
        await engine.dispose()


def sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False)
