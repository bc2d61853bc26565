"""Services that are killed and come back where they were."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil

from cli.embedded.processes import Service, ServiceProcess

ORPHANS_S = 30.0
"""How long the children of a killed process may outlive it."""


def nothing() -> None:
    """No preparation."""


class Mortal:
    """One service in its place; its log is kept from life to life. `prepare` is called before each."""

    def __init__(self, service: Service, log: Path, *, prepare: Callable[[], object] = nothing) -> None:
        self._service = service
        self._log = log
        self._prepare = prepare
        self._process: ServiceProcess | None = None
        self.lives = 0
        self.pids: list[int] = []
        """Of all its lives."""

    @property
    def name(self) -> str:
        return self._service.name

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.exit_code is None

    @property
    def exit_code(self) -> int | None:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.exit_code

    def launch(self) -> None:
        """Starts it without waiting for it."""
        self._prepare()
        self._process = ServiceProcess(self._service, self._log)
        self.lives += 1
        self.pids.append(self._process.pid)

    async def start(self) -> None:
        """Returns when it answers. Raises ServiceFailed."""
        self.launch()
        await self.until_healthy()

    async def until_healthy(self) -> None:
        assert self._process is not None, f"{self.name} was never started"
        await self._process.until_healthy()

    async def die(self, number: signal.Signals = signal.SIGKILL) -> list[psutil.Process]:
        """Sends this signal to the process alone and returns when it is gone: its children that are not, which
        is a fault of ours."""
        assert self._process is not None, f"{self.name} was never started"
        children = self._children()
        os.kill(self._process.pid, number)
        await self._process.ended()
        _, orphans = await asyncio.to_thread(psutil.wait_procs, children, ORPHANS_S)
        self._process.kill()
        return orphans

    async def stop(self) -> None:
        """As an operator stops it: asked, and waited for."""
        assert self._process is not None, f"{self.name} was never started"
        await self._process.stop()

    def end(self) -> None:
        """Leaves nothing of it."""
        if self._process is not None:
            self._process.kill()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def _children(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
