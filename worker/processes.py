"""Several worker processes on one machine: started together, replaced when one dies, stopped together.

`python -m worker.processes 4` runs four. When this process is killed, so are they (by the kernel, on Linux): workers
that nobody could stop any more would go on spending.
"""

import asyncio
import os
import signal
import sys

import structlog

from core.lifeline import tied_to_us
from core.settings import Settings
from core.telemetry import configure_logging

REPLACE_AFTER_S = 1.0

logger = structlog.get_logger(__name__)


async def run_processes(count: int) -> None:
    """Runs `count` workers until SIGTERM or SIGINT, which each of them gets too; returns when all have finished."""
    stopping = asyncio.Event()
    running: dict[int, asyncio.subprocess.Process] = {}

    def stop() -> None:
        stopping.set()
        for process in running.values():
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(_keep(number, running, stopping))


async def _keep(number: int, running: dict[int, asyncio.subprocess.Process], stopping: asyncio.Event) -> None:
    tie = tied_to_us()
    while not stopping.is_set():
        process = running[number] = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "worker.main"),
            env={**os.environ, "BENCHMARK_WORKER_NUMBER": str(number)},
            # A terminal's Ctrl-C reaches the whole group; the parent alone decides what the workers hear.
            start_new_session=True,
            preexec_fn=tie,
        )
        code = await process.wait()
        if not stopping.is_set():
            logger.warning("worker_replaced", number=number, exit_code=code)
            await asyncio.sleep(REPLACE_AFTER_S)


def main() -> None:
    settings = Settings()
    configure_logging(level=settings.log_level, json=settings.log_format == "json", process="workers")
    asyncio.run(run_processes(int(sys.argv[1])))


if __name__ == "__main__":
    main()
