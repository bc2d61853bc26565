"""The API process: `python -m api.serve [--processes N]`, by the environment's settings.

Several processes share one socket; one that dies is replaced. SIGTERM finishes the requests in flight. When the process
that started them is killed, they end too (by the kernel, on Linux): nobody could stop them any more.
"""

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from core.collection import settle_down
from core.lifeline import end_with
from core.settings import Settings
from core.telemetry import configure_logging

GRACE_S: Final = 6
UNREAD_MS: Final = 60_000
USAGE: Final = 2
PARENT: Final = "BENCHMARK_SERVE_PARENT"
METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"


def application() -> FastAPI:
    """What each server process serves."""
    from api.app import create_app

    _end_with_parent()
    settings = Settings()
    configure_logging(level=settings.log_level, json=settings.log_format == "json", process="api")
    app = create_app(settings)
    settle_down()
    return app


def serve(settings: Settings, *, processes: int = 1) -> int:
    """Serves until SIGTERM or SIGINT; the exit code."""
    from api.security import refuse_open_door

    if (refusal := refuse_open_door(settings)) is not None:
        sys.stderr.write(refusal + "\n")
        return USAGE
    configure_logging(level=settings.log_level, json=settings.log_format == "json", process="api")
    if processes == 1:
        config = uvicorn.Config(application, **_options(settings))
        server = uvicorn.Server(config)
        server.run(sockets=[_listening(config)])
        return 0 if server.started else 1
    os.environ[PARENT] = str(os.getpid())
    with _shared_metrics():
        config = uvicorn.Config("api.serve:application", workers=processes, **_options(settings))
        Multiprocess(config, sockets=[_listening(config)]).run()
    return 0


def _listening(config: uvicorn.Config) -> socket.socket:
    """Whoever connects here and takes nothing of an answer for a while is cut off by the kernel, where it can."""
    listening = config.bind_socket()
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
    return listening


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "factory": True,
        "host": settings.api_host,
        "port": settings.api_port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "lifespan": "on",
        # By its name: a process that is started for it imports it by itself.
        "http": "api.wire:HttpProtocol",
        "ws": "none",
        "timeout_graceful_shutdown": GRACE_S,
        # Longer than proxies keep theirs (NGINX: 60 s), so that they hang up first.
        "timeout_keep_alive": 75,
    }


def _end_with_parent() -> None:
    """Ties a server process to the one that started it; nothing where there is none."""
    parent = os.environ.get(PARENT)
    if parent is not None:
        end_with(int(parent), signal.SIGTERM)


@contextmanager
def _shared_metrics() -> Generator[None]:
    """Where the processes add up their metrics; must be known before they start."""
    folder = tempfile.mkdtemp(prefix="benchmark-metrics-")
    os.environ[METRICS] = folder
    try:
        yield
    finally:
        del os.environ[METRICS]
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m api.serve", description="Serve the REST API.")
    parser.add_argument("--processes", type=int, default=1, help="server processes; one uses one core")
    arguments = parser.parse_args()
    if not 1 <= arguments.processes <= 256:
        parser.error("--processes is 1 to 256")
    return serve(Settings(), processes=arguments.processes)


if __name__ == "__main__":
    sys.exit(main())
