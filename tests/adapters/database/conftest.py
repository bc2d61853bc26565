"""A migrated database for each test of a repository."""

from collections.abc import AsyncIterator

import pytest

from adapters.database.engine import Sessions, open_engine, sessions


@pytest.fixture
async def database(migrated_database_url: str) -> AsyncIterator[Sessions]:
    """Sessions on a fresh database with every migration applied."""
    async with open_engine(migrated_database_url) as engine:
        yield sessions(engine)
