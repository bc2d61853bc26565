"""Workers die without warning, and are stopped politely: what a run has to show afterwards."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from activities.lanes import ahead
from core.runs import Counts, Run
from tests.end_to_end.machine import Machine
from tests.providers import Asked, Provider

QUESTIONS = 800
CONCURRENCY = 20


def doubled(asked: Asked) -> str:
    return str(2 * int(asked.prompt.split("+")[0]))


def benchmark(url: str) -> dict[str, Any]:
    rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(QUESTIONS)]
    agent = {"kind": "openai", "model": "sums", "base_url": url}
    return {
        "name": "sums",
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [{"name": "sums", "agent": agent, "concurrency": CONCURRENCY}],
        "evaluators": [{"kind": "exact"}],
    }


async def check_nothing_lost_or_doubled(machine: Machine, run: Run, provider: Provider) -> int:
    """Returns how many calls were sent again."""
    assert run.status == "completed"
    assert run.counts == Counts(total=QUESTIONS, answered=QUESTIONS, evaluated=QUESTIONS)
    metrics = run.agents[0].metrics
    assert metrics is not None
    assert metrics.accuracy is not None
    assert metrics.accuracy.value == 1.0
    [(results, scores)] = await machine.rows("select (select count(*) from results), (select count(*) from scores)")
    assert (results, scores) == (QUESTIONS, QUESTIONS)
    seen = Counter(asked.prompt for asked in provider.log)
    claimed = Counter(
        {
            f"{index} + {index}": claims
            for index, claims in await machine.rows("select case_index, count(*) from attempts group by case_index")
        }
    )
    assert len(seen) == QUESTIONS
    assert seen <= claimed, "the provider saw a call that nobody had claimed"
    return seen.total() - QUESTIONS


@pytest.mark.timeout(180)
async def test_workers_killed_mid_run_lose_nothing_and_resend_at_most_what_was_in_flight(machine: Machine) -> None:
    kills = 3
    async with Provider(doubled, latency_s=0.1) as provider:
        for _ in range(kills):
            machine.start_worker()
        await machine.polled_by(kills)
        run_id = await machine.submit(benchmark(provider.url))
        for kill in range(kills):
            # Soon one after the other, so that the survivors wait for all the dead at once.
            await machine.settled(run_id, (kill + 1) * 100)
            machine.kill(machine.workers[0])
            machine.start_worker()
        run = await machine.ended(run_id)
        resent = await check_nothing_lost_or_doubled(machine, run, provider)
    [(unknown,)] = await machine.rows("select count(*) from attempts where status = 'open'")
    assert unknown > 0, "no kill came while a call was in flight"
    assert resent <= unknown <= kills * (CONCURRENCY + ahead(CONCURRENCY))


@pytest.mark.timeout(120)
async def test_a_rolling_deploy_resends_nothing(machine: Machine) -> None:
    async with Provider(doubled, latency_s=0.1) as provider:
        machine.start_worker()
        run_id = await machine.submit(benchmark(provider.url))
        for step in range(3):
            await machine.settled(run_id, (step + 1) * QUESTIONS // 5)
            leaving = machine.workers.pop(0)
            machine.start_worker()
            await leaving.stop()
            assert leaving.exit_code == 0
        run = await machine.ended(run_id)
        assert await check_nothing_lost_or_doubled(machine, run, provider) == 0
    assert await machine.rows("select 1 from attempts where status = 'open'") == []


@pytest.mark.timeout(60)
async def test_a_run_terminated_in_the_temporal_ui_is_closed_in_the_record(machine: Machine) -> None:
    async with Provider(doubled, latency_s=0.1) as provider:
        machine.start_worker()
        run_id = await machine.submit(benchmark(provider.url))
        await machine.settled(run_id, 50)
        await machine.client.get_workflow_handle(run_id).terminate("enough of this")
        run = await machine.until(run_id, "cancelled", "failed", "completed")
        await asyncio.sleep(2)
        asked = len(provider.log)
        await asyncio.sleep(1)
        assert len(provider.log) == asked < QUESTIONS
    assert run.status == "cancelled"
    assert run.error is not None
    assert "terminated" in run.error


@pytest.mark.timeout(60)
async def test_a_run_whose_start_was_lost_is_started_by_the_reconciler(machine: Machine) -> None:
    async with Provider(doubled) as provider:
        lost = await machine.accept(benchmark(provider.url))
        machine.start_worker()
        run = await machine.until(lost, "completed")
    assert run.counts.answered == QUESTIONS
