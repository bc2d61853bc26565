"""A schedule through restarts: every time has one run, whoever was away when it came."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.end_to_end.machine import Machine

EVERY_S = 2
RUN = {
    "name": "sums",
    "dataset": {"source": {"kind": "inline", "rows": [{"input": "1 + 1", "expected": "2"}]}},
    "agents": [{"name": "simulated", "agent": {"kind": "simulated"}}],
    "evaluators": [{"kind": "exact"}],
}


async def until(url: str, wanted: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """What came of the schedule's times, once it is as wanted."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        while True:
            found = (await client.get("/v1/schedules/restless/runs")).raise_for_status().json()["items"]
            if wanted(found):
                return found
            await asyncio.sleep(0.1)


@pytest.mark.timeout(300)
async def test_a_schedule_misses_and_doubles_nothing_while_worker_and_api_are_killed(machine: Machine) -> None:
    worker, api = machine.start_worker(), await machine.start_api()
    await machine.polled_by(1)
    body = {
        "name": "restless",
        "run": RUN,
        "when": {"intervals": [{"every_s": EVERY_S}]},
        "overlap": "allow_all",
        "remaining_runs": 4,
    }
    async with httpx2.AsyncClient(base_url=api.url, trust_env=False, timeout=30) as client:
        answer = await client.post("/v1/schedules", json=body)
        assert answer.status_code == 201, answer.text
    await until(api.url, bool)
    machine.kill(worker)
    machine.kill(api.process)
    await asyncio.sleep(EVERY_S)
    machine.start_worker()
    api = await machine.start_api()
    done = await until(api.url, lambda found: [each["run_status"] for each in found] == ["completed"] * 4)
    times = sorted(datetime.fromisoformat(each["scheduled_at"]) for each in done)
    assert times == [times[0] + number * timedelta(seconds=EVERY_S) for number in range(4)]
    assert await machine.rows("select count(*), count(distinct run_id) from schedule_ticks") == [(4, 4)]
    assert await machine.rows("select count(*) from runs") == [(4,)]
    assert await machine.rows("select count(*) from audit_events where action = 'run.create'") == [(4,)]
