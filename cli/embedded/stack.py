"""The whole service on one machine: which parts, on which ports, started in which order.

PostgreSQL and Temporal start side by side; the tables are brought up to date; then API and worker.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import httpx2
from pydantic import Field
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cli.embedded.folder import Addresses, DataFolder
from cli.embedded.model import ModelServer
from cli.embedded.postgres import PostgresCluster
from cli.embedded.processes import Service
from cli.embedded.sockets import LOOPBACK, Ports
from cli.embedded.supervisor import Supervisor
from cli.embedded.temporal import USUAL_PORT, USUAL_UI_PORT, TemporalServer
from core.model import Model
from core.settings import Settings

DATABASE: Final = "benchmark"
USUAL_POSTGRES_PORT: Final = 5432
USUAL_API_PORT: Final = 8080
USUAL_MODEL_PORT: Final = 8090


class StackOptions(Model):
    """What `benchmark dev` may be told."""

    data: Path = Path(".benchmark")
    api_port: int = USUAL_API_PORT
    """Preferred; another is taken when it is not free."""
    worker_processes: int = Field(default=1, ge=1, le=64)
    model: bool = False
    """Serve the small language model too."""
    environment: dict[str, str] = Field(default_factory=dict[str, str])
    """Settings for API and worker, over those of the shell."""


class Stack:
    """The services of one data folder. The caller holds the folder's lock."""

    def __init__(self, options: StackOptions, folder: DataFolder, supervisor: Supervisor, ports: Ports) -> None:
        self._options = options
        self.folder = folder
        self._supervisor = supervisor
        self._client: Client | None = None
        last = folder.addresses()
        self._last_api_port = last.api_port if last else None
        self.addresses = choose_addresses(options, folder, ports)
        self.model = ModelServer(port=self.addresses.model_port) if self.addresses.model_port else None
        self._postgres = PostgresCluster(folder.postgres, self.addresses.postgres_port)
        self._temporal = TemporalServer(
            port=self.addresses.temporal_port,
            ui_port=self.addresses.temporal_ui_port,
            database=folder.temporal_database,
        )

    @property
    def moved(self) -> str | None:
        """A sentence when the API does not listen where it was asked to; None when it does."""
        wanted, found = self._options.api_port, self.addresses.api_port
        as_last_time = wanted == USUAL_API_PORT and found == self._last_api_port
        if found == wanted or as_last_time:
            return None
        return f"Port {wanted} is taken; the API listens on {found} instead."

    @property
    def database_address(self) -> str:
        """Without the password."""
        return f"postgresql://benchmark@{LOOPBACK}:{self.addresses.postgres_port}/{DATABASE}"

    async def start(self) -> None:
        """Returns when everything answers. Raises EmbeddedError."""
        run = self._supervisor
        await asyncio.to_thread(self._postgres.prepare)
        run.launch(self._postgres.service())
        run.launch(self._temporal.service())
        if self.model:
            run.launch(self.model.service())
        # Loading its program takes the API longer than the database needs to be ready for it.
        run.launch(self._command("api", "serve", healthy=self._api_is_ready, grace_s=8))
        await run.settle("postgres")
        await self._postgres.ensure_database(DATABASE)
        await run.complete(self._command("migrations", "db", "upgrade"))
        await run.settle("temporal")
        processes = ("--processes", str(self._options.worker_processes))
        run.launch(self._command("worker", "worker", *processes, healthy=self._worker_polls, grace_s=20))
        await run.settle("api", "worker", "model")
        self.folder.remember(self.addresses)

    def _command(
        self, name: str, *arguments: str, healthy: Callable[[], Awaitable[bool]] | None = None, grace_s: float = 10
    ) -> Service:
        return Service(
            name=name,
            command=(sys.executable, "-m", "cli.main", *arguments),
            environment=process_environment(self.addresses, self.folder, self._options.environment),
            healthy=healthy,
            grace_s=grace_s,
        )

    async def _api_is_ready(self) -> bool:
        try:
            # No TLS here, and loading the machine's certificates would cost more than all the rest.
            async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=5) as client:
                return (await client.get(f"{self.addresses.api_url}/ready")).is_success
        except httpx2.HTTPError:
            return False

    async def _worker_polls(self) -> bool:
        request = DescribeTaskQueueRequest(
            namespace=self.addresses.temporal_namespace,
            task_queue=TaskQueue(name=self._options.environment.get("BENCHMARK_TASK_QUEUE", Settings().task_queue)),
        )
        try:
            if self._client is None:
                self._client = await Client.connect(self.addresses.temporal_address)
            return bool((await self._client.workflow_service.describe_task_queue(request)).pollers)
        except (RPCError, RuntimeError):
            return False


def choose_addresses(options: StackOptions, folder: DataFolder, ports: Ports) -> Addresses:
    """The ports of the last start where they are free, else the usual ones, else any."""
    last, port = folder.addresses(), ports.take
    api = port(last and last.api_port if options.api_port == USUAL_API_PORT else None, options.api_port)
    temporal = port(last and last.temporal_port, USUAL_PORT)
    temporal_ui = port(last and last.temporal_ui_port, USUAL_UI_PORT)
    postgres = port(last and last.postgres_port, USUAL_POSTGRES_PORT)
    model = port(last and last.model_port, USUAL_MODEL_PORT) if options.model else None
    return Addresses(
        pid=os.getpid(),
        api_url=f"http://{LOOPBACK}:{api}",
        api_port=api,
        postgres_port=postgres,
        temporal_address=f"{LOOPBACK}:{temporal}",
        temporal_port=temporal,
        temporal_namespace="default",
        temporal_ui_url=f"http://{LOOPBACK}:{temporal_ui}",
        temporal_ui_port=temporal_ui,
        model_port=model,
        storage_url=folder.objects.as_uri(),
        logs=folder.logs,
    )


def process_environment(
    addresses: Addresses, folder: DataFolder, extra: Mapping[str, str], *, shell: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What API, worker and migrations run with: the shell's, ours, then what the caller added."""
    # TEMPORAL_* of the user's shell and the profiles of their home (keys, certificates) belong to another cluster.
    inherited = {name: value for name, value in shell.items() if not name.startswith("TEMPORAL_")}
    database = PostgresCluster(folder.postgres, addresses.postgres_port)
    ours = {
        "DATABASE_URL": database.url(DATABASE),
        "TEMPORAL_ADDRESS": addresses.temporal_address,
        "TEMPORAL_NAMESPACE": addresses.temporal_namespace,
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "BENCHMARK_TEMPORAL_UI_URL": addresses.temporal_ui_url,
        "BENCHMARK_STORAGE_URL": addresses.storage_url,
        "BENCHMARK_API_HOST": LOOPBACK,
        "BENCHMARK_API_PORT": str(addresses.api_port),
        "BENCHMARK_SECRET_KEYS": folder.secrets().secret_key.get_secret_value(),
        # Everything here is the user's own machine: its loopback agents and its files are meant to be reached.
        "BENCHMARK_NETWORK_ALLOW": _joined("loopback", inherited.get("BENCHMARK_NETWORK_ALLOW")),
        "BENCHMARK_LOCAL_FOLDERS": _joined(str(Path.cwd()), inherited.get("BENCHMARK_LOCAL_FOLDERS")),
        "PYTHONUNBUFFERED": "1",
    }
    return inherited | ours | dict(extra)


def _joined(first: str, rest: str | None) -> str:
    return f"{first},{rest}" if rest else first
