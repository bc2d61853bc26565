"""Several services under one roof: started in order, restarted when they crash, stopped in reverse."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Never

from cli.embedded.errors import ServiceFailed
from cli.embedded.processes import Service, ServiceProcess

RESTARTS = 5
"""Crashes in a row that are forgiven."""
STEADY_S = 60.0
"""A service that ran this long has put its earlier crashes behind it."""


class Supervisor:
    """Keeps services running. `say` gets a sentence about each thing worth knowing; logs go to `<logs>/<name>.log`.

    After its n-th crash in a row a service is started again `backoff_s * 2 ** (n - 1)` seconds later.
    """

    def __init__(self, logs: Path, say: Callable[[str], None], *, backoff_s: float = 0.5) -> None:
        self._logs = logs
        self._say = say
        self._backoff_s = backoff_s
        self._processes: list[ServiceProcess] = []
        self._crashes: dict[str, int] = {}

    @property
    def pids(self) -> dict[str, int]:
        return {process.service.name: process.pid for process in self._processes}

    async def start(self, service: Service) -> None:
        """Starts the service and waits until it answers. Raises ServiceFailed."""
        self.launch(service)
        await self.settle(service.name)

    def launch(self, service: Service) -> None:
        """Starts the service without waiting for it. Raises ServiceFailed."""
        self._processes.append(ServiceProcess(service, self._log(service)))

    async def settle(self, *names: str) -> None:
        """Waits until these services answer. Raises ServiceFailed."""
        for process in self._processes:
            if process.service.name in names:
                await process.until_healthy()

    async def complete(self, service: Service) -> None:
        """Runs a program to its end. Raises ServiceFailed, quoting its log, when it fails."""
        process = ServiceProcess(service, self._log(service))
        self._processes.append(process)
        await process.ended()
        self._processes.remove(process)
        if process.exit_code:
            raise ServiceFailed(process.failure(f"failed (exit code {process.exit_code})"))

    async def watch(self) -> Never:
        """Restarts what crashes, forever. Raises ServiceFailed when one keeps crashing."""
        while True:
            for index, process in enumerate(self._processes):
                if process.exit_code is not None:
                    self._processes[index] = await self._restarted(process)
            await asyncio.sleep(0.2)

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Stops everything in reverse order; `hurry` set meanwhile kills instead of waiting. May be repeated."""
        while self._processes:
            process = self._processes[-1]
            await process.stop(hurry)
            self._processes.pop()

    def kill(self) -> None:
        """Ends everything at once."""
        while self._processes:
            self._processes.pop().kill()

    async def _restarted(self, process: ServiceProcess) -> ServiceProcess:
        name = process.service.name
        ran = time.monotonic() - process.started
        crashes = self._crashes[name] = 1 if ran > STEADY_S else self._crashes.get(name, 0) + 1
        if crashes > RESTARTS:
            raise ServiceFailed(process.failure(f"crashed {crashes} times in a row"))
        self._say(f"{name} ended with exit code {process.exit_code} after {ran:.0f} s; starting it again.")
        process.kill()
        await asyncio.sleep(self._backoff_s * 2 ** (crashes - 1))
        return ServiceProcess(process.service, self._log(process.service))

    def _log(self, service: Service) -> Path:
        return self._logs / f"{service.name}.log"
