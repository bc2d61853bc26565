"""Workers that do not get on, and workers that are gone: told apart by those who are left."""

import asyncio

import pytest

from adapters.database.engine import sessions
from adapters.database.events import EventFilter, EventRepository
from core.events import EventType
from core.ids import DEFAULT_PROJECT
from core.stalls import StallCause
from tests.end_to_end.machine import Machine
from tests.end_to_end.sums import benchmark

SLEEPER = '''"""An agent that keeps the event loop to itself."""

import time


async def sleep(question: str) -> str:
    time.sleep(600)
    return ""
'''


async def told(machine: Machine, run_id: str, cause: StallCause) -> str:
    """The reason, once an event names this cause."""
    events = EventRepository(sessions(machine.engine))
    wanted = EventFilter(run_id=run_id, types=frozenset({EventType.RUN_STALLED}))
    while True:
        for found in await events.page(DEFAULT_PROJECT, after=0, limit=100, wanted=wanted):
            if found.event.data["cause"] == cause:
                return found.event.data["reason"]
        await asyncio.sleep(0.1)


@pytest.mark.timeout(60)
async def test_a_blocked_worker_is_told_from_one_that_is_gone(machine: Machine) -> None:
    (machine.folder / "sleeper.py").write_text(SLEEPER)
    machine.environment |= {
        "PYTHONPATH": str(machine.folder),
        "BENCHMARK_LOCAL_CALLABLES": "sleeper",
        "BENCHMARK_STALL_DEADLINE_S": "2",
    }
    worker = machine.start_worker()
    await machine.start_api()
    agent = {"name": "sleeper", "agent": {"kind": "callable", "function": "sleeper:sleep"}, "concurrency": 1}
    run_id = await machine.submit(benchmark("http://127.0.0.1:9", agents=[agent]))
    name = f"{worker.pid}@"
    assert name in await told(machine, run_id, "worker_blocked")
    machine.kill(worker)
    assert name in await told(machine, run_id, "no_worker")
    stalled = (await machine.runs.get(run_id)).stalled
    assert stalled is not None
    assert stalled.cause == "no_worker"
