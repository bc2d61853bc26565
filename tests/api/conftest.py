"""A real API on loopback: uvicorn, PostgreSQL, a folder for objects."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from cryptography.fernet import Fernet
from pydantic import SecretStr

from adapters.temporal.client import connect
from adapters.temporal.search_attributes import register
from api.app import create_app
from api.wire import HttpProtocol
from cli.embedded.temporal import TemporalServer
from core.settings import Settings
from tests.api.live import with_temporal
from workflows.showing import SEARCH_ATTRIBUTES

NOBODY = "127.0.0.1:1"
"""Where no Temporal listens."""


class Server(uvicorn.Server):
    """Leaves the signals to the test runner, and tells when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def served(settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of an API that serves with these settings on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        protocol: Any = {"http": HttpProtocol, "ws": "none"}
        server = Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False, **protocol))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await server.up.wait()
        try:
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with httpx2.AsyncClient(base_url=base, timeout=30, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
def settings(migrated_database_url: str, tmp_path: Path) -> Settings:
    """Of an API whose Temporal is away."""
    return Settings(
        database_url=migrated_database_url,
        database_pool_size=5,
        storage_url=tmp_path.as_uri(),
        temporal_address=NOBODY,
        secret_keys=(SecretStr(Fernet.generate_key().decode()),),
        network_allow=("loopback",),
        api_watches=False,
    )


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of that API."""
    async with served(settings) as client:
        yield client


@pytest.fixture
async def scheduling(settings: Settings, temporal_server: TemporalServer) -> Settings:
    """With a Temporal that knows our search attributes."""
    settings = with_temporal(settings, temporal_server)
    client = await connect(address=settings.temporal_address, namespace=settings.temporal_namespace)
    await register(client, SEARCH_ATTRIBUTES)
    return settings


def problem(answer: httpx2.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem of an answer, which must be of this status and kind."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body = answer.json()
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["title"]
    assert body["detail"]
    return body
