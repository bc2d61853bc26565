"""Workers die without warning, and are stopped politely: what a run has to show afterwards."""

import asyncio

import pytest

from activities.lanes import ahead
from core.runs import LedgerTotals
from tests.end_to_end.machine import Machine
from tests.end_to_end.sums import CONCURRENCY, QUESTIONS, benchmark, check_nothing_lost_or_doubled, doubled
from tests.providers import Provider


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
    unknown = run.ledger.unknown_calls
    assert unknown > 0, "no kill came while a call was in flight"
    assert resent <= unknown <= kills * (CONCURRENCY + ahead(CONCURRENCY))
    assert (run.ledger.resent_calls, run.ledger.recovered_cases, run.ledger.late_answers) == (unknown, unknown, 0)


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
    assert run.ledger == LedgerTotals()


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
    assert await stall_causes(machine) == ["terminated"]


@pytest.mark.timeout(60)
async def test_a_run_whose_start_was_lost_is_started_by_the_reconciler(machine: Machine) -> None:
    async with Provider(doubled) as provider:
        lost = await machine.accept(benchmark(provider.url))
        machine.start_worker()
        run = await machine.until(lost, "completed")
    assert run.counts.answered == QUESTIONS
    assert (await stall_causes(machine))[0] == "lost_start"


async def stall_causes(machine: Machine) -> list[str]:
    """As events tell them, in order."""
    query = "select data ->> 'cause' from run_events where type = 'run.stalled' order by position"
    return [cause for (cause,) in await machine.rows(query)]
