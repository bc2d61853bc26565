"""Real services for tests: PostgreSQL and Temporal, one of each per test process, started when first asked for.

Under pytest-xdist every worker process has its own, so nothing is shared and nothing waits.
"""

import asyncio
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from adapters.database.engine import open_engine
from adapters.database.schema import upgrade
from cli.embedded.postgres import SETTINGS, PostgresCluster
from cli.embedded.processes import Service, ServiceProcess
from cli.embedded.sockets import free_port
from cli.embedded.temporal import TemporalServer

# A test never survives a power cut, so its database need not.
FAST = {**SETTINGS, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
_numbers = count(1)


@contextmanager
def running(service: Service, log: Path) -> Generator[ServiceProcess]:
    """The service, answering; ended afterwards."""
    process = ServiceProcess(service, log)
    try:
        asyncio.run(process.until_healthy())
        yield process
    finally:
        asyncio.run(process.stop())


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresCluster]:
    """A PostgreSQL server on a temporary cluster."""
    folder = tmp_path_factory.mktemp("postgres")
    cluster = PostgresCluster(folder, free_port(), FAST)
    cluster.prepare()
    with running(cluster.service(), folder / "postgres.log"):
        yield cluster


@pytest.fixture
def database_url(postgres_server: PostgresCluster) -> Iterator[str]:
    """A fresh, empty database for one test, dropped after it. As `DATABASE_URL`: `postgresql+asyncpg://...`."""
    name = f"test_{next(_numbers)}"
    postgres_server.run_sql(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    postgres_server.run_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _migrated_template(postgres_server: PostgresCluster) -> str:
    """A database with every migration applied, to be copied."""

    async def migrate(url: str) -> None:
        async with open_engine(url) as engine:
            await upgrade(engine)

    postgres_server.run_sql("CREATE DATABASE migrated")
    asyncio.run(migrate(postgres_server.url("migrated")))
    return "migrated"


@pytest.fixture
def migrated_database_url(postgres_server: PostgresCluster, _migrated_template: str) -> Iterator[str]:
    """As `database_url`, with every migration applied; many times quicker than migrating."""
    name = f"test_{next(_numbers)}"
    postgres_server.run_sql(f"CREATE DATABASE {name} TEMPLATE {_migrated_template} STRATEGY file_copy")
    yield postgres_server.url(name)
    postgres_server.run_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    """A Temporal dev server (no Web UI) on a temporary database file; connect to its `address`."""
    folder = tmp_path_factory.mktemp("temporal")
    server = TemporalServer(port=free_port(), ui_port=None, database=folder / "temporal.db")
    with running(server.service(), folder / "temporal.log"):
        yield server
