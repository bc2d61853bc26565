"""The site: every part of the service as a process of its own, each of which may die, and a network that may fail.

Workers reach PostgreSQL and Temporal over links of their own and the provider over a common one; the harness itself
looks at PostgreSQL directly. Every process bears a mark in its environment, so that none can be left behind unseen.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import psutil
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from adapters.database.engine import open_engine
from adapters.database.schema import upgrade
from adapters.temporal.client import connect
from cli.embedded.postgres import PostgresCluster
from cli.embedded.processes import Service
from cli.embedded.sockets import LOOPBACK, Ports
from cli.embedded.temporal import TemporalServer
from cli.pollers import poller_count
from tests.chaos.clocks import Clock, clear_shared_memory
from tests.chaos.mortals import Mortal, nothing
from tests.chaos.witness import Witness
from tests.end_to_end.deployment import environment_of
from tests.object_storage import S3Server, s3_service
from tests.providers import Provider
from tests.proxies import Proxy

MARK = "BENCHMARK_CHAOS"
TASK_QUEUE = "chaos"
BUCKET = "chaos"
AGAIN_S = 0.2


@dataclass(frozen=True)
class Seat:
    """A worker's place: the process on it changes, its links stay."""

    number: int
    worker: Mortal
    temporal: Proxy
    postgres: Proxy
    clock: Clock
    struck: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the fault that has the worker in its hands."""

    @property
    def owner(self) -> str:
        """What the worker that sits here now is called in the ledger begins like this."""
        return f"{self.worker.pid}@"


@dataclass(frozen=True)
class Site:
    folder: Path
    mark: str
    cluster: PostgresCluster
    postgres: Mortal
    temporal: Mortal
    storage: Mortal
    api: Mortal
    api_url: str
    seats: Sequence[Seat]
    clock: Clock
    """PostgreSQL's."""
    witness: Witness
    provider: Provider
    provider_link: Proxy
    engine: AsyncEngine
    client: Client

    @property
    def agent_url(self) -> str:
        """Where workers reach the provider."""
        return f"http://{self.provider_link.address}/v1"

    async def rows(self, query: str, **parameters: object) -> Sequence[Any]:
        """What PostgreSQL answers, once it does."""
        while True:
            try:
                async with self.engine.connect() as connection:
                    return (await connection.execute(text(query), parameters)).all()
            except ProgrammingError:
                raise
            except (SQLAlchemyError, OSError):
                await asyncio.sleep(AGAIN_S)

    async def change(self, *statements: str) -> None:
        """Tampers with the record."""
        async with self.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def polled_by(self, workers: int) -> None:
        """Returns once that many workers wait for work."""
        while True:
            if await poller_count(self.client, TASK_QUEUE) >= workers:
                return
            await asyncio.sleep(AGAIN_S)

    def processes(self) -> list[psutil.Process]:
        """Everything that bears the site's mark, whoever its parent is by now."""
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def family(self) -> list[psutil.Process]:
        """What runs of its services, and all they started: PostgreSQL's own processes hide the mark."""
        services = (self.postgres, self.temporal, self.storage, self.api, *(seat.worker for seat in self.seats))
        heads = [psutil.Process(service.pid) for service in services if service.alive]
        return [one for head in heads for one in (head, *head.children(recursive=True))]


@asynccontextmanager
async def open_site(folder: Path, *, seats: int = 3) -> AsyncGenerator[Site]:
    """A site at work in this folder; afterwards no process of it is left."""
    async with AsyncExitStack() as stack:
        ports = stack.enter_context(Ports())
        cluster = PostgresCluster(folder / "postgres", ports.take())
        temporal = TemporalServer(port=ports.take(), ui_port=None, database=folder / "temporal" / "temporal.db")
        await asyncio.to_thread(cluster.prepare)
        server, storage = s3_service(_made(folder / "s3"))
        builder = Builder(folder, stack, cluster, temporal, server, secrets.token_hex(8))
        clock = Clock(folder / "postgres.clock")
        mortals = (
            builder.mortal(cluster.service(), prepare=cluster.prepare, clock=clock),
            builder.mortal(temporal.service()),
            builder.mortal(storage),
        )
        await asyncio.gather(*(mortal.start() for mortal in mortals))
        await asyncio.to_thread(server.create_bucket, BUCKET)
        engine = await stack.enter_async_context(open_engine(cluster.url()))
        await upgrade(engine)
        witness = Witness()
        provider = await stack.enter_async_context(Provider(witness, keep_log=False))
        api_port = ports.take()
        site = Site(
            *(folder, builder.mark, cluster, *mortals, builder.api(api_port), f"http://{LOOPBACK}:{api_port}"),
            seats=[await builder.seat(number) for number in range(seats)],
            clock=clock,
            witness=witness,
            provider=provider,
            provider_link=await builder.link(int(provider.root.rpartition(":")[2])),
            engine=engine,
            client=await connect(address=temporal.address, namespace=temporal.namespace),
        )
        for seat in site.seats:
            seat.worker.launch()
        await site.api.start()
        await site.polled_by(seats)
        yield site


@dataclass(frozen=True)
class Builder:
    """Makes the parts of a site; each ends with it."""

    folder: Path
    stack: AsyncExitStack
    cluster: PostgresCluster
    temporal: TemporalServer
    storage: S3Server
    mark: str

    def mortal(
        self, service: Service, *, prepare: Callable[[], object] = nothing, clock: Clock | None = None
    ) -> Mortal:
        marked = replace(service, environment={**service.environment, MARK: self.mark})
        log = self.folder / f"{service.name.replace(' ', '-')}.log"
        mortal = Mortal(clock.over(marked) if clock else marked, log, prepare=prepare)
        self.stack.callback(clear_shared_memory, mortal)
        self.stack.callback(mortal.end)
        return mortal

    async def link(self, port: int) -> Proxy:
        return await self.stack.enter_async_context(Proxy(f"{LOOPBACK}:{port}"))

    def api(self, port: int) -> Mortal:
        async def answers() -> bool:
            async with httpx2.AsyncClient(trust_env=False) as http:
                try:
                    return (await http.get(f"http://{LOOPBACK}:{port}/health")).is_success
                except httpx2.HTTPError:
                    return False

        command = (sys.executable, "-m", "cli.main", "serve", "--port", str(port))
        environment = self._environment(self.cluster.port, self.temporal.address)
        return self.mortal(Service("api", command, environment=environment, healthy=answers))

    async def seat(self, number: int) -> Seat:
        postgres, temporal = await self.link(self.cluster.port), await self.link(self.temporal.port)
        environment = self._environment(postgres.port, temporal.address) | {"BENCHMARK_WORKER_NUMBER": str(number)}
        command = (sys.executable, "-m", "worker.main")
        clock = Clock(self.folder / f"worker-{number}.clock")
        worker = self.mortal(Service(f"worker-{number}", command, environment=environment, grace_s=60), clock=clock)
        return Seat(number, worker, temporal, postgres, clock)

    def _environment(self, postgres_port: int, temporal_address: str) -> dict[str, str]:
        database = self.cluster.url().replace(f":{self.cluster.port}/", f":{postgres_port}/")
        ours = environment_of(
            self.folder, database_url=database, temporal_address=temporal_address, task_queue=TASK_QUEUE
        )
        return os.environ | ours | self.storage.environment | {"BENCHMARK_STORAGE_URL": f"s3://{BUCKET}"}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
