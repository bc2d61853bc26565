"""Workers that are cut off, frozen or killed, and a database that restarts: what is bought twice, and what is not."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from activities.lanes import ahead
from adapters.database.engine import open_engine
from adapters.database.schema import upgrade
from adapters.temporal.client import connect
from cli.embedded.postgres import PostgresCluster
from cli.embedded.processes import ServiceProcess
from cli.embedded.sockets import free_port
from cli.embedded.temporal import TemporalServer
from core.ids import new_id
from core.runs import LedgerTotals
from tests.end_to_end.deployment import environment_of
from tests.end_to_end.machine import Machine
from tests.end_to_end.sums import (
    CONCURRENCY,
    QUESTIONS,
    benchmark,
    calls_sent_again,
    check_nothing_lost_or_doubled,
    doubled,
)
from tests.providers import Provider
from tests.proxies import Proxy

CLAIMED = CONCURRENCY + ahead(CONCURRENCY)
NOTICED_S = 10
"""After so long Temporal takes a silent worker for dead (`workflows.policies.ASK`)."""


@pytest.mark.timeout(240)
async def test_a_worker_cut_off_from_temporal_shares_its_batches_with_who_gets_them(machine: Machine) -> None:
    async with Provider(doubled, latency_s=1.0) as provider, Proxy(machine.environment["TEMPORAL_ADDRESS"]) as proxy:
        direct = machine.environment["TEMPORAL_ADDRESS"]
        machine.environment["TEMPORAL_ADDRESS"] = proxy.address
        machine.start_worker()
        machine.environment["TEMPORAL_ADDRESS"] = direct
        run_id = await machine.submit(benchmark(provider.url))
        await machine.settled(run_id, 40)
        proxy.cut()
        machine.start_worker()
        await both_at_work(machine)
        proxy.mend()
        run = await machine.ended(run_id)
        resent = await check_nothing_lost_or_doubled(machine, run, provider)
    assert resent == 0
    assert run.ledger == LedgerTotals()


@pytest.mark.timeout(180)
async def test_a_frozen_worker_is_fenced_and_its_late_answers_never_count(machine: Machine) -> None:
    machine.environment["BENCHMARK_WORKER_LEASE_S"] = "2"
    async with Provider(doubled, latency_s=0.4) as provider:
        frozen = machine.start_worker()
        run_id = await machine.submit(benchmark(provider.url))
        await machine.settled(run_id, 100)
        os.kill(frozen.pid, signal.SIGSTOP)
        before = (await machine.runs.get(run_id)).counts.answered
        machine.start_worker()
        await machine.settled(run_id, before + 200)
        os.kill(frozen.pid, signal.SIGCONT)
        run = await machine.ended(run_id)
        await late_answers(machine)
        run = await machine.runs.get(run_id)
        resent = await check_nothing_lost_or_doubled(machine, run, provider)
    assert 0 < run.ledger.late_answers <= run.ledger.unknown_calls <= CLAIMED
    assert run.ledger.late_answers <= resent <= CLAIMED
    assert run.ledger.recovered_cases == run.ledger.unknown_calls
    assert run.ledger.wasted_tokens > 0


async def both_at_work(machine: Machine) -> None:
    """Returns once two workers have lately claimed questions of the same batches."""
    async with asyncio.timeout(NOTICED_S + 25):
        while True:
            lately = "select owner from attempts where claimed_at > now() - interval '2 seconds' group by owner"
            if len(await machine.rows(lately)) == 2:
                return
            await asyncio.sleep(0.2)


async def late_answers(machine: Machine) -> None:
    """Returns when the frozen worker has told what it had in flight."""
    async with asyncio.timeout(20):
        while True:
            if await machine.rows("select 1 from attempts where status = 'late'"):
                return
            await asyncio.sleep(0.1)


@pytest.mark.timeout(180)
async def test_a_killed_workers_questions_are_asked_again_within_the_heartbeat_timeout(machine: Machine) -> None:
    async with Provider(doubled, latency_s=0.2) as provider:
        victim = machine.start_worker()
        machine.start_worker()
        await machine.polled_by(2)
        run_id = await machine.submit(benchmark(provider.url))
        await machine.settled(run_id, 100)
        [(killed_at,)] = await machine.rows("select clock_timestamp()")
        machine.kill(victim)
        run = await machine.ended(run_id)
        await check_nothing_lost_or_doubled(machine, run, provider)
    assert run.ledger.unknown_calls > 0, "the kill came while no call was in flight"
    waits = await machine.rows(
        "select extract(epoch from claimed_at - :killed_at)::float8 from attempts where number > 1", killed_at=killed_at
    )
    # A second is promised; three leave room for a busy machine.
    assert max(wait for (wait,) in waits) <= NOTICED_S + 3


@pytest.mark.timeout(180)
async def test_at_most_once_sends_no_call_twice_and_bounds_the_score(machine: Machine) -> None:
    async with Provider(doubled, latency_s=0.2) as provider:
        victim = machine.start_worker()
        run_id = await machine.submit(benchmark(provider.url, delivery="at_most_once"))
        await machine.settled(run_id, 100)
        machine.kill(victim)
        machine.start_worker()
        run = await machine.ended(run_id)
        assert await calls_sent_again(machine, provider) == 0
    unknown = run.ledger.unknown_calls
    assert 0 < unknown <= CONCURRENCY, "no claim stands in line"
    assert (run.counts.answered, run.counts.failed) == (QUESTIONS - unknown, unknown)
    metrics = run.agents[0].metrics
    assert metrics is not None
    assert metrics.errors == {"unknown": unknown}
    assert metrics.bounds is not None
    assert metrics.bounds.low == pytest.approx((QUESTIONS - unknown) / QUESTIONS)
    assert metrics.bounds.high == 1.0
    assert run.validity == "partial"


@pytest.mark.timeout(180)
async def test_a_database_that_restarts_costs_no_call(database: "Database", temporal_server: TemporalServer) -> None:
    async with Provider(doubled, latency_s=0.2) as provider, deployed(database, temporal_server) as machine:
        machine.start_worker()
        run_id = await machine.submit(benchmark(provider.url))
        for restart in range(3):
            await machine.settled(run_id, 100 * (restart + 1))
            assert provider.in_flight > 0
            await database.restart()
        run = await machine.ended(run_id)
        assert await check_nothing_lost_or_doubled(machine, run, provider) == 0
    assert run.ledger == LedgerTotals()


class Database:
    """A PostgreSQL of one test's own, which it may restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cluster = PostgresCluster(folder / "postgres", free_port())
        self._cluster.prepare()
        self._process = self._started()

    @property
    def url(self) -> str:
        return self._cluster.url()

    def _started(self) -> ServiceProcess:
        self._cluster.prepare()
        service = replace(self._cluster.service(), stop_signal=signal.SIGQUIT)
        return ServiceProcess(service, self.folder / "postgres.log")

    async def until_healthy(self) -> None:
        await self._process.until_healthy()

    async def restart(self) -> None:
        """Immediate: every connection breaks, nothing is tidied up."""
        await self._process.stop()
        self._process = self._started()
        await self._process.until_healthy()

    def end(self) -> None:
        self._process.kill()


@pytest.fixture
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    database = Database(tmp_path_factory.mktemp("restarting"))
    try:
        await database.until_healthy()
        yield database
    finally:
        database.end()


@asynccontextmanager
async def deployed(database: Database, temporal: TemporalServer) -> AsyncGenerator[Machine]:
    client = await connect(address=temporal.address, namespace=temporal.namespace)
    environment = environment_of(
        database.folder, database_url=database.url, temporal_address=temporal.address, task_queue=new_id("wrk")
    )
    async with open_engine(database.url) as engine:
        await upgrade(engine)
        machine = Machine(database.folder, environment, client=client, engine=engine)
        machine.files.mkdir()
        try:
            yield machine
        finally:
            machine.end()
