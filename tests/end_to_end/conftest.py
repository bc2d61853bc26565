"""The fixtures of small deployments: one that a test may kill, and one that many tests share."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from adapters.database.engine import open_engine
from adapters.database.schema import upgrade
from adapters.temporal.client import connect
from cli.embedded.postgres import PostgresCluster
from cli.embedded.temporal import TemporalServer
from core.ids import new_id
from tests.end_to_end.deployment import Deployment, environment_of
from tests.end_to_end.machine import Machine
from tests.end_to_end.user import User, visiting


@pytest.fixture
async def machine(
    migrated_database_url: str, temporal_server: TemporalServer, tmp_path: Path
) -> AsyncIterator[Machine]:
    """Nothing runs yet; the test starts what it needs, and may kill it."""
    client = await connect(address=temporal_server.address, namespace=temporal_server.namespace)
    environment = environment_of(
        tmp_path, database_url=migrated_database_url, temporal_address=temporal_server.address, task_queue=new_id("wrk")
    )
    async with open_engine(migrated_database_url) as engine:
        machine = Machine(tmp_path, environment, client=client, engine=engine)
        machine.files.mkdir()
        try:
            yield machine
        finally:
            machine.end()


@pytest.fixture(scope="session")
def deployment(
    postgres_server: PostgresCluster, temporal_server: TemporalServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """An API and a worker for all tests that leave them alone."""
    folder = tmp_path_factory.mktemp("deployment")
    postgres_server.run_sql("CREATE DATABASE deployment")
    url = postgres_server.url("deployment")
    asyncio.run(_migrate(url))
    environment = environment_of(
        folder, database_url=url, temporal_address=temporal_server.address, task_queue="deployment"
    )
    # As `benchmark dev` has one: webhooks keep secrets.
    deployment = Deployment(folder, environment | {"BENCHMARK_SECRET_KEYS": Fernet.generate_key().decode()})
    deployment.files.mkdir()
    try:
        deployment.start_worker()
        asyncio.run(deployment.start_api())
        yield deployment
    finally:
        deployment.end()
        postgres_server.run_sql("DROP DATABASE deployment WITH (FORCE)")


@pytest.fixture
async def user(deployment: Deployment) -> AsyncIterator[User]:
    """Somebody who uses the shared deployment."""
    async with visiting(deployment.apis[0].url) as user:
        yield user


async def _migrate(url: str) -> None:
    async with open_engine(url) as engine:
        await upgrade(engine)
