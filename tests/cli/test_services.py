"""The fixtures of `tests.services` give what they promise."""

import asyncpg
from temporalio.client import Client

from cli.embedded.temporal import SEARCH_ATTRIBUTES, TemporalServer


async def test_a_test_gets_an_empty_database_of_its_own(database_url: str) -> None:
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        await connection.execute("CREATE TABLE mine (id int)")
    finally:
        await connection.close()


async def test_another_test_does_not_see_its_tables(database_url: str) -> None:
    await test_a_test_gets_an_empty_database_of_its_own(database_url)


async def test_the_dev_server_knows_our_search_attributes(temporal_server: TemporalServer) -> None:
    client = await Client.connect(temporal_server.address)
    # A name it does not know, it would refuse.
    query = " AND ".join(f"{name} = 'nothing'" for name in SEARCH_ATTRIBUTES)
    assert [workflow async for workflow in client.list_workflows(query)] == []
