"""Workers that do not get on, and workers that are gone: told apart by those who are left."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.database.engine import sessions
from adapters.database.events import EventFilter, EventRepository
from core.events import Event, EventType
from core.ids import DEFAULT_PROJECT
from core.stalls import StallCause
from tests.end_to_end.machine import Machine
from tests.end_to_end.sums import benchmark

DEADLINE = timedelta(seconds=4)
SLEEPER = '''"""An agent that keeps the event loop to itself."""

import time


async def sleep(question: str) -> str:
    time.sleep(600)
    return ""
'''


async def told(machine: Machine, run_id: str, cause: StallCause) -> Event:
    """The first event that names this cause, once there is one."""
    events = EventRepository(sessions(machine.engine))
    wanted = EventFilter(run_id=run_id, types=frozenset({EventType.RUN_STALLED}))
    while True:
        for found in await events.page(DEFAULT_PROJECT, after=0, limit=100, wanted=wanted):
            if found.event.data["cause"] == cause:
                return found.event
        await asyncio.sleep(0.1)


@pytest.mark.timeout(60)
async def test_a_blocked_worker_is_told_from_one_that_is_gone(machine: Machine) -> None:
    (machine.folder / "sleeper.py").write_text(SLEEPER)
    machine.environment |= {
        "PYTHONPATH": str(machine.folder),
        "BENCHMARK_LOCAL_CALLABLES": "sleeper",
        "BENCHMARK_STALL_DEADLINE_S": f"{DEADLINE.total_seconds():g}",
    }
    worker = machine.start_worker()
    await machine.start_api()
    agent = {"name": "sleeper", "agent": {"kind": "callable", "function": "sleeper:sleep"}, "concurrency": 1}
    run_id = await machine.submit(benchmark("http://127.0.0.1:9", agents=[agent]))
    name = f"{worker.pid}@"
    blocked = await told(machine, run_id, "worker_blocked")
    assert name in blocked.data["reason"]
    assert blocked.time - datetime.fromisoformat(blocked.data["since"]) <= 2 * DEADLINE
    killed_at = datetime.now(UTC)
    machine.kill(worker)
    gone = await told(machine, run_id, "no_worker")
    assert name in gone.data["reason"]
    assert gone.time - killed_at <= 2 * DEADLINE
    stalled = (await machine.runs.get(run_id)).stalled
    assert stalled is not None
    assert stalled.cause == "no_worker"
