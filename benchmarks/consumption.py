"""What the services of a stack use: processor time, memory, disk, and the histories in Temporal."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import asyncpg
import psutil
from temporalio.client import Client

from cli.embedded.stack import Stack, process_environment

MEGABYTE = 1024 * 1024
MARKS = {"postgres": "PostgreSQL", "temporal": "Temporal", "worker": "workers", "serve": "API"}
"""What in a service's command line tells it from the others, first match first."""


class History(NamedTuple):
    """One workflow execution; a workflow that continued as new has several."""

    name: str
    events: int
    size_bytes: int


def processor_s() -> dict[str, float]:
    """Seconds of processor time used so far, by service, with all processes that each has or had below it."""
    used: defaultdict[str, float] = defaultdict(float)
    for service in psutil.Process().children():
        for process in _tree(service):
            with suppress(psutil.Error):
                times = process.cpu_times()
                used[_called(service)] += times.user + times.system + times.children_user + times.children_system
    return used


def worker_memory_mb() -> list[float]:
    """Resident memory of each worker process, without the side processes that judge."""
    memory: list[float] = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "worker.main" in process.cmdline():
                memory.append(process.memory_info().rss / MEGABYTE)
    return memory


def side_process_memory_mb() -> float:
    """Resident memory of everything below the worker processes, added up."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "worker.main" in process.cmdline():
                total += sum(each.memory_info().rss for each in process.children(recursive=True)) / MEGABYTE
    return total


async def histories(stack: Stack, run_id: str) -> Sequence[History]:
    """Every execution of the run's workflows, the longest first."""
    client = await Client.connect(stack.addresses.temporal_address)
    found: list[History] = []
    async for execution in client.list_workflows(f'WorkflowId STARTS_WITH "{run_id}"'):
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        info = (await handle.describe()).raw_description.workflow_execution_info
        found.append(History(execution.id, info.history_length, info.history_size_bytes))
    return sorted(found, key=lambda history: -history.events)


async def database_bytes(stack: Stack) -> dict[str, tuple[int, int]]:
    """Bytes of rows and of indexes of the large tables."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(database_url(stack).replace("+asyncpg", ""))
    try:
        rows = await connection.fetch(
            "select root.relname as name, sum(pg_table_size(part.relid))::bigint as rows, "
            "sum(pg_indexes_size(part.relid))::bigint as indexes "
            "from pg_class root cross join lateral pg_partition_tree(root.oid) part "
            "where root.relkind = 'p' and part.isleaf group by 1 order by 1"
        )
    finally:
        await connection.close()
    return {row["name"]: (row["rows"], row["indexes"]) for row in rows}


def database_url(stack: Stack) -> str:
    """As `DATABASE_URL`."""
    return process_environment(stack.addresses, stack.folder, {})["DATABASE_URL"]


async def folder_bytes(folder: Path) -> int:
    """Of all files below; those that go away meanwhile do not count."""

    def added_up() -> int:
        total = 0
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):
                total += path.stat().st_blocks * 512 if path.is_file() else 0
        return total

    return await asyncio.to_thread(added_up)


def _tree(service: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [service, *service.children(recursive=True)]
    return []


def _called(service: psutil.Process) -> str:
    with suppress(psutil.Error):
        words = " ".join(service.cmdline())
        return next((name for mark, name in MARKS.items() if mark in words), "others")
    return "others"
