"""A migrated database for each test of a repository."""

from collections.abc import AsyncIterator

import pytest

from adapters.database.engine import Sessions, open_engine, sessions
from adapters.database.schema import upgrade


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Sessions]:
    """Sessions on a fresh database with every migration applied."""
    async with open_engine(database_url) as engine:
        await upgrade(engine)
        yield sessions(engine)
