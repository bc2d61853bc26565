"""The service that workflow tests run benchmarks on."""

from collections.abc import AsyncIterator

import pytest

from cli.embedded.temporal import TemporalServer
from tests.workflows.service import Service, opened


@pytest.fixture
async def service(database_url: str, temporal_server: TemporalServer) -> AsyncIterator[Service]:
    async with opened(
        database_url, temporal_address=temporal_server.address, temporal_namespace=temporal_server.namespace
    ) as service:
        yield service
