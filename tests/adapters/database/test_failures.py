"""What is told apart: a database that is away, and one that cannot hold a value."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from adapters.database.engine import open_engine
from adapters.database.failures import is_absence, is_refusal

STARTING_UP = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
NO_TLS = b"N"


async def starting_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What PostgreSQL says to whoever connects in the seconds after it was killed."""
    await reader.read(8)
    writer.write(NO_TLS)
    await reader.read(1024)
    writer.write(b"E" + (len(STARTING_UP) + 4).to_bytes(4, "big") + STARTING_UP)
    await writer.drain()
    writer.close()


async def test_a_database_that_is_starting_up_is_away() -> None:
    async with await asyncio.start_server(starting_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with open_engine(f"postgresql+asyncpg://someone:secret@127.0.0.1:{port}/any") as engine:
            with pytest.raises(DBAPIError, match="starting up") as raised:
                async with engine.connect():
                    pass
    assert is_absence(raised.value)
    assert not is_refusal(raised.value)


async def test_a_statement_that_is_wrong_is_no_absence(database_url: str) -> None:
    async with open_engine(database_url) as engine, engine.connect() as connection:
        with pytest.raises(DBAPIError) as raised:
            await connection.execute(text("select nothing from nowhere"))
    assert not is_absence(raised.value)
    assert not is_refusal(raised.value)


async def test_a_connection_that_was_terminated_is_an_absence(database_url: str) -> None:
    async with open_engine(database_url) as engine, engine.connect() as connection:
        with pytest.raises(DBAPIError) as raised:
            await connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))
        assert is_absence(raised.value)
