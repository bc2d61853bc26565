"""One child process: started with a log file, stopped for good, and never outliving its parent.

A child leads its own process group, so that Ctrl-C in the terminal reaches the supervisor alone and
what is left of the group can be ended after it. On Linux the kernel ends the child when the supervisor
dies, even by SIGKILL.
"""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cli.embedded.errors import ServiceFailed
from core.lifeline import tied_to_us

LOG_BYTES = 10 * 1024 * 1024
"""A log larger than this is set aside (`.1`) when its service starts."""
POLL_S = 0.05

Health = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Service:
    """A long-running program and how to treat it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    healthy: Health | None = None
    """True once it answers; without it, running is enough."""
    start_s: float = 60.0
    """How long it may take to become healthy."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    """How long it may take to stop before it is killed."""
    orphan_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends it when the supervisor dies."""


class ServiceProcess:
    """A running service. Start it in the main thread: the kernel ties its life to the thread that started it."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.log = log
        self.started = time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_name(log.name + ".1"))
        self._log_start = log.stat().st_size if log.exists() else 0
        self._popen = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as sink:
            try:
                return subprocess.Popen(
                    self.service.command,
                    env=dict(self.service.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                    start_new_session=True,
                    preexec_fn=tied_to_us(self.service.orphan_signal),
                )
            except OSError as error:
                raise ServiceFailed(f"{self.service.name} cannot be started: {error}.") from error

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._popen.poll()

    def said(self, lines: int = 12) -> str:
        """The end of what it logged since it was started."""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - 64 * 1024))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    async def until_healthy(self) -> None:
        """Returns when it answers. Raises ServiceFailed, quoting its log, when it ends or takes too long."""
        deadline = self.started + self.service.start_s
        while not await self._is_healthy():
            if self.exit_code is not None:
                raise ServiceFailed(self.failure(f"ended while starting (exit code {self.exit_code})"))
            if time.monotonic() > deadline:
                raise ServiceFailed(self.failure(f"did not answer within {self.service.start_s:g} s"))
            await asyncio.sleep(POLL_S)

    async def _is_healthy(self) -> bool:
        if self.exit_code is not None:
            return False
        return self.service.healthy is None or await self.service.healthy()

    def failure(self, what: str) -> str:
        """A sentence about it, and the end of its log."""
        return f"{self.service.name} {what}. The end of its log ({self.log}):\n{self.said()}"

    async def ended(self) -> int:
        """Returns its exit code once it has ended by itself."""
        while True:
            code = self.exit_code
            if code is not None:
                return code
            await asyncio.sleep(POLL_S)

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Asks it to stop, waits its grace (or until `hurry` is set), then kills what is left of its group."""
        self._signal(self.service.stop_signal)
        deadline = time.monotonic() + self.service.grace_s
        while self.exit_code is None:
            if time.monotonic() > deadline or (hurry and hurry.is_set()):
                break
            await asyncio.sleep(POLL_S)
        self.kill()

    def kill(self) -> None:
        """Ends it and its group at once, and collects it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._popen.send_signal(number)
