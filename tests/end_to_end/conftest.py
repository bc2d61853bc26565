"""The fixture of a small deployment."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.database.engine import open_engine
from adapters.database.schema import upgrade
from adapters.temporal.client import connect
from cli.embedded.temporal import TemporalServer
from core.ids import new_id
from tests.end_to_end.machine import Machine


@pytest.fixture
async def machine(database_url: str, temporal_server: TemporalServer, tmp_path: Path) -> AsyncIterator[Machine]:
    client = await connect(address=temporal_server.address, namespace=temporal_server.namespace)
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_server.address,
        "TEMPORAL_NAMESPACE": temporal_server.namespace,
        "BENCHMARK_STORAGE_URL": (tmp_path / "objects").as_uri(),
        "BENCHMARK_TASK_QUEUE": new_id("wrk"),
        "BENCHMARK_NETWORK_ALLOW": "loopback",
        "BENCHMARK_LOG_LEVEL": "WARNING",
    }
    async with open_engine(database_url) as engine:
        await upgrade(engine)
        machine = Machine(client, engine, tmp_path, environment)
        try:
            yield machine
        finally:
            for worker in machine.workers:
                worker.kill()
