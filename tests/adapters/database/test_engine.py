"""The pool and its sessions: connections that broke are replaced before anybody notices, and readings cost one trip."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import Sessions, sessions
from core.ids import DEFAULT_PROJECT

OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""
RULE = "insert into project_budgets (project_id, budget) values ('{}', '{{}}')"


async def pid(made: Sessions) -> int:
    async with made() as session:
        return await session.scalar(text("select pg_backend_pid()")) or 0


async def broken(made: Sessions) -> None:
    async with made.begin() as session:
        await session.execute(text(RULE.format("other")))
        _ = 1 / 0


async def test_connections_that_the_server_ended_are_replaced_unseen(engine: AsyncEngine) -> None:
    made = sessions(engine)
    before = set(await asyncio.gather(*(pid(made) for _ in range(5))))
    async with engine.connect() as connection:
        survivor = await connection.scalar(text("select pg_backend_pid()"))
        await connection.execute(text(OTHERS))
        await asyncio.sleep(0.1)
        after = set(await asyncio.gather(*(pid(made) for _ in range(5))))
    assert not after & (before - {survivor})


async def test_a_statement_alone_is_its_own_transaction_and_begin_is_all_or_nothing(database: Sessions) -> None:
    async with database() as session:
        await session.execute(text(RULE.format(DEFAULT_PROJECT)))
    with pytest.raises(ZeroDivisionError):
        await broken(database)
    async with database() as session:
        assert list(await session.scalars(text("select project_id from project_budgets"))) == [DEFAULT_PROJECT]
        [first, second] = [await session.scalar(text("select now()")) for _ in range(2)]
    assert first < second
