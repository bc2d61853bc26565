"""Migrations carry along what a database of an earlier release holds."""

from sqlalchemy import text

from adapters.database.engine import open_engine
from adapters.database.schema import upgrade

CLAIMS = """
insert into attempts (run_no, agent_no, trial, case_index, fence, owner, status)
values (1, 0, 0, 0, 17, 'old', 'open'), (1, 0, 0, 0, 4, 'old', 'retried'), (1, 0, 0, 1, 5, 'old', 'answered'),
  (2, 0, 0, 0, 9, 'old', 'answered')
"""


async def test_calls_of_an_earlier_release_are_numbered_as_they_were_claimed(database_url: str) -> None:
    async with open_engine(database_url) as engine:
        await upgrade(engine, "0004")
        async with engine.begin() as connection:
            await connection.execute(text(CLAIMS))
        await upgrade(engine)
        async with engine.connect() as connection:
            rows = await connection.execute(text("select fence, number from attempts order by fence"))
            assert {fence: number for fence, number in rows} == {4: 1, 5: 1, 9: 1, 17: 2}
