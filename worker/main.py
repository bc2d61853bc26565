"""The worker process: joins ports and adapters, polls Temporal, and stops without losing what is in flight."""

import asyncio
import os
import resource
import signal
import socket
from contextlib import AsyncExitStack
from importlib import import_module

import structlog
import uvloop
from prometheus_client import start_http_server
from temporalio.client import Client

from adapters.database.engine import open_engine
from adapters.temporal.client import connect
from adapters.temporal.search_attributes import register
from core.collection import settle_down
from core.errors import ServiceUnavailable
from core.settings import Settings
from core.telemetry import configure_logging
from worker.composition import open_activities
from worker.polling import polling
from worker.pulse import pulsing
from worker.releases import release_of
from workflows.showing import SEARCH_ATTRIBUTES
from workflows.watch.watch import watch_runs

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 10.0
LOADED_AHEAD = ("adapters.agents.openai_client", "scipy.special")
"""A second that a batch taken over from a dead worker should not wait for, and half of one that the first run to end
should not."""

logger = structlog.get_logger(__name__)


async def run_worker(settings: Settings, *, number: int = 0) -> None:
    """Works until SIGTERM or SIGINT, then finishes what is in flight. `number` counts the processes of one machine."""
    configure_logging(level=settings.log_level, json=settings.log_format == "json", process=f"worker-{number}")
    _allow_many_connections()
    identity = f"{os.getpid()}@{socket.gethostname()}/{number}"
    stopping = _stop_event()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(
            open_engine(settings.database_url, pool_size=settings.database_pool_size)
        )
        client = await _connected(settings, identity, number)
        await register(client, SEARCH_ATTRIBUTES)
        activities = await stack.enter_async_context(open_activities(settings, engine, owner=identity))
        await stack.enter_async_context(pulsing(settings.database_url, identity, task_queue=settings.task_queue))
        release = release_of(settings)
        async with polling(
            client, activities, task_queue=settings.task_queue, release=release, batches=settings.worker_batches
        ):
            watching = asyncio.create_task(
                watch_runs(client, engine, task_queue=settings.task_queue, deadline_s=settings.stall_deadline_s)
            )
            logger.info(
                "worker_ready",
                task_queue=settings.task_queue,
                identity=identity,
                build=release.version.build_id,
                versioning=settings.worker_versioning,
            )
            for module in LOADED_AHEAD:
                await asyncio.to_thread(import_module, module)
            settle_down()
            await stopping.wait()
            logger.info("worker_stopping")
            watching.cancel()
    logger.info("worker_stopped")


async def _connected(settings: Settings, identity: str, number: int) -> Client:
    """Waits for Temporal as long as it takes; says so."""
    metrics = None
    if settings.worker_metrics_port is not None:
        port = settings.worker_metrics_port + 2 * number
        start_http_server(port, addr=settings.worker_metrics_host)
        metrics = f"{settings.worker_metrics_host}:{port + 1}"
    wait = FIRST_WAIT_S
    while True:
        try:
            return await connect(
                address=settings.temporal_address,
                namespace=settings.temporal_namespace,
                identity=identity,
                metrics_address=metrics,
            )
        except ServiceUnavailable as error:
            logger.warning("temporal_away", error=str(error), retry_in_s=wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)


def _allow_many_connections() -> None:
    """As many open files as the system lets us: each call in flight is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _stop_event() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; the second one ends the process."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            os._exit(1)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopping


def main(*, number: int = 0) -> None:
    """One worker process, by the environment's settings."""
    uvloop.run(run_worker(Settings(), number=number))


if __name__ == "__main__":
    main(number=int(os.environ.get("BENCHMARK_WORKER_NUMBER", "0")))
