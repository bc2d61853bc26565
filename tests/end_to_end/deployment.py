"""API and worker processes over one database and one Temporal: the service as users meet it."""

import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from cli.embedded.processes import Service, ServiceProcess
from cli.embedded.sockets import free_port


@dataclass(frozen=True)
class Api:
    """A serving process and where it answers."""

    process: ServiceProcess
    url: str


@dataclass
class Deployment:
    folder: Path
    environment: dict[str, str]
    workers: list[ServiceProcess] = field(default_factory=list[ServiceProcess])
    apis: list[Api] = field(default_factory=list[Api])

    @property
    def files(self) -> Path:
        """Where datasets may be read from by path."""
        return self.folder / "files"

    def start_worker(self, **settings: str) -> ServiceProcess:
        """One more worker process, with further settings of its own; its log is in the folder."""
        service = Service(
            name=f"worker-{len(self.workers)}",
            command=(sys.executable, "-m", "worker.main"),
            environment=os.environ | self.environment | settings,
            grace_s=60,
        )
        worker = ServiceProcess(service, self.folder / f"{service.name}.log")
        self.workers.append(worker)
        return worker

    async def start_api(self, port: int | None = None) -> Api:
        """One more API process, as `benchmark serve` starts it, at a free port unless told; returns when it answers."""
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"

        async def alive() -> bool:
            async with httpx2.AsyncClient(trust_env=False) as client:
                try:
                    return (await client.get(f"{url}/health")).is_success
                except httpx2.TransportError:
                    return False

        service = Service(
            name=f"api-{len(self.apis)}",
            command=(sys.executable, "-m", "cli.main", "serve", "--port", str(port)),
            environment=os.environ | self.environment,
            healthy=alive,
            grace_s=10,
        )
        api = Api(ServiceProcess(service, self.folder / f"{service.name}.log"), url)
        self.apis.append(api)
        await api.process.until_healthy()
        return api

    def kill(self, process: ServiceProcess) -> None:
        """SIGKILL: no farewell, no flush."""
        os.kill(process.pid, signal.SIGKILL)
        process.kill()
        self.workers = [worker for worker in self.workers if worker is not process]
        self.apis = [api for api in self.apis if api.process is not process]

    def end(self) -> None:
        """Leaves no process behind."""
        for process in (*self.workers, *(api.process for api in self.apis)):
            process.kill()


def environment_of(folder: Path, *, database_url: str, temporal_address: str, task_queue: str) -> dict[str, str]:
    """The settings of a deployment whose objects and data files are in this folder."""
    return {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "TEMPORAL_NAMESPACE": "default",
        "BENCHMARK_STORAGE_URL": (folder / "objects").as_uri(),
        "BENCHMARK_LOCAL_FOLDERS": str(folder / "files"),
        "BENCHMARK_TASK_QUEUE": task_queue,
        "BENCHMARK_NETWORK_ALLOW": "loopback",
        "BENCHMARK_LOG_LEVEL": "WARNING",
    }
