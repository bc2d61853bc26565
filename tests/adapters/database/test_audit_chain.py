"""The audit log is only added to, and tells when somebody got around that."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.audit import AuditRepository
from adapters.database.audit_chain import BEYOND, CHANGED, GONE, REPLACED, UNLINKED, AuditChain
from adapters.database.engine import Sessions, open_engine
from adapters.database.schema import upgrade
from core.audit import AuditCheck, BrokenLink

FORMER = """
insert into audit_events (project_id, principal, action, subject, data)
select case n % 2 when 0 then 'lab' else 'default' end, 'operator', 'run.create', 'run_' || n, '{"name": "ü"}'
from generate_series(1, 6) as n
"""


async def record(database: Sessions, count: int, *, first: int = 0) -> None:
    audit = AuditRepository(database)
    for number in range(first, first + count):
        # What JSON escapes, what it does not, and keys that PostgreSQL puts into another order.
        await audit.record("default", "the lab", "run.cancel", f"run_{number}", {"zz": '"\\\n\t\u0001ü🎈', "a": "x"})


async def tamper(engine: AsyncEngine, *statements: str) -> None:
    """As whoever owns the database can."""
    async with engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement))


async def test_rows_are_neither_changed_nor_removed(engine: AsyncEngine, database: Sessions) -> None:
    await record(database, 2)
    for statement in (
        "update audit_events set principal = 'nobody'",
        "update audit_events set link_no = 7",
        "delete from audit_events",
        "truncate audit_events",
    ):
        with pytest.raises(DBAPIError, match="only ever added to"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
    assert (await AuditChain(database).check("default")).events == 2


async def test_rows_of_many_transactions_at_once_form_one_chain(engine: AsyncEngine, database: Sessions) -> None:
    # Some tell an event first and some after: both wait for locks at their ends, and never in a circle.
    told = (
        "insert into run_events (project_id, subject, source, type, data) values ('default', 's', '/s', 'run.x', '{}')"
    )
    noted = (
        "insert into audit_events (project_id, principal, action, subject, data) "
        "select 'default', 'p', 'a', 's' || n, '{}' from generate_series(1, 3) as n"
    )

    async def both(number: int) -> None:
        async with engine.begin() as connection:
            for statement in (told, noted) if number % 2 else (noted, told):
                await connection.execute(text(statement))

    await asyncio.gather(*(both(number) for number in range(40)))
    found = await AuditChain(database).check("default")
    assert (found.whole, found.events) == (True, 120)


async def test_the_first_row_that_was_tampered_with_is_named(engine: AsyncEngine, database: Sessions) -> None:
    chain = AuditChain(database)
    assert await chain.check("default") == AuditCheck(whole=True, events=0, head=None, broken=None)
    await record(database, 3)
    kept = (await chain.check("default")).head
    await record(database, 5, first=3)
    whole = await chain.check("default", known=kept)
    assert (whole.whole, whole.events, whole.head == kept) == (True, 8, False)
    rehashed = "update audit_events a set hash = audit_hash(a) where link_no = {0}"
    steps = [
        ("delete from audit_events where link_no = 8", (8, None, GONE)),
        ('update audit_events set data = \'{"name": "x"}\' where link_no = 7', (7, 7, CHANGED)),
        ("update audit_events set previous_hash = '' where link_no = 6; " + rehashed.format(6), (6, 6, UNLINKED)),
        ("delete from audit_events where link_no = 5", (5, None, GONE)),
        ("update audit_events set subject = 'y' where link_no = 2; " + rehashed.format(2), (3, 3, UNLINKED)),
        ("update audit_events set created_at = created_at + interval '1 us' where link_no = 1", (1, 1, CHANGED)),
    ]
    for statements, expected in steps:
        await tamper(engine, *statements.split("; "))
        found = await chain.check("default")
        assert found.broken is not None
        assert (found.broken.link_no, found.broken.audit_no, found.broken.reason) == expected
        assert (found.whole, found.events) == (False, expected[0] - 1)


async def test_a_log_that_was_written_anew_is_told_from_the_one_whose_head_was_kept(
    engine: AsyncEngine, database: Sessions
) -> None:
    chain = AuditChain(database)
    await record(database, 2)
    kept = (await chain.check("default")).head
    await tamper(engine, "delete from audit_events", "delete from audit_heads")
    await record(database, 2, first=5)
    assert (await chain.check("default")).whole
    found = await chain.check("default", known=kept)
    assert found.broken == BrokenLink(link_no=None, audit_no=None, reason=REPLACED)
    # Without the trigger that links it, a row stands outside.
    await tamper(engine, "insert into audit_events (principal, action, subject, data) values ('p', 'a', 's', '{}')")
    found = await chain.check("default")
    assert (found.broken and found.broken.reason) == BEYOND


async def test_a_log_of_an_earlier_release_is_linked(database_url: str) -> None:
    async with open_engine(database_url) as engine:
        await upgrade(engine, "0022")
        async with engine.begin() as connection:
            await connection.execute(text(FORMER))
        await upgrade(engine)
        chain = AuditChain(Sessions(engine))
        await record(Sessions(engine), 1)
        checks = [await chain.check(project_id) for project_id in ("default", "lab")]
    assert [(each.whole, each.events) for each in checks] == [(True, 4), (True, 3)]
