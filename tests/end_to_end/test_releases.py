"""A new build of the workers comes while runs are under way: they end on the build they began on."""

import asyncio
from collections.abc import Sequence

import pytest

from cli.embedded.processes import ServiceProcess
from cli.embedded.temporal import temporal_program
from core.runs import LedgerTotals
from tests.end_to_end.machine import Machine
from tests.end_to_end.sums import QUESTIONS, benchmark, doubled
from tests.providers import Provider


def start_build(machine: Machine, build: str) -> ServiceProcess:
    return machine.start_worker(
        TEMPORAL_DEPLOYMENT_NAME=machine.environment["BENCHMARK_TASK_QUEUE"],
        TEMPORAL_WORKER_BUILD_ID=build,
        BENCHMARK_WORKER_VERSIONING="pinned",
    )


async def promote(machine: Machine, build: str) -> None:
    """As docs/deploying.md says; again until Temporal has heard of all the build's workers."""
    name = machine.environment["BENCHMARK_TASK_QUEUE"]
    words = ("worker", "deployment", "set-current-version", "--deployment-name", name, "--build-id", build, "--yes")
    where = ("--address", machine.environment["TEMPORAL_ADDRESS"], "--disable-config-file")
    while True:
        process = await asyncio.create_subprocess_exec(
            str(temporal_program()), *words, *where, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        if process.returncode == 0:
            return
        assert any(word in said for word in (b"pollers", b"not found in", b"deadline exceeded")), said.decode()
        await asyncio.sleep(0.2)


async def askers(machine: Machine, run_id: str) -> set[int]:
    """The process ids of the workers that sent the run's calls."""
    owners = await machine.rows(
        "select distinct owner from attempts join runs using (run_no) where run_id = :run_id", run_id=run_id
    )
    return {int(owner.partition("@")[0]) for (owner,) in owners}


async def builds(machine: Machine, run_id: str) -> Sequence[str]:
    """The builds that the run's workflow and its agent's are pinned to."""
    found: list[str] = []
    for name in (run_id, f"{run_id}/0"):
        described = await machine.client.get_workflow_handle(name).describe()
        info = described.raw_description.workflow_execution_info.versioning_info
        found.append(info.deployment_version.build_id)
    return found


@pytest.mark.timeout(120)
async def test_a_run_ends_on_the_build_it_began_on_while_a_new_one_takes_new_runs(machine: Machine) -> None:
    async with Provider(doubled, latency_s=0.1) as provider:
        old, new = [start_build(machine, "one"), start_build(machine, "one")], start_build(machine, "two")
        await promote(machine, "one")
        await machine.polled_by(3)
        begun = await machine.submit(benchmark(provider.url))
        await machine.settled(begun, QUESTIONS // 4)
        await promote(machine, "two")
        later = await machine.submit(benchmark(provider.url))
        await machine.settled(later, 1)
        assert (await machine.runs.get(begun)).status == "processing"
        # One of the old build's workers is told to go while it is asking; the other is needed until the run has ended.
        await old[0].stop()
        runs = [await machine.ended(run_id) for run_id in (begun, later)]
    assert old[0].exit_code == 0
    for run in runs:
        assert (run.status, run.counts.answered, run.counts.evaluated) == ("completed", QUESTIONS, QUESTIONS)
        assert run.ledger == LedgerTotals()
    assert len(provider.log) == 2 * QUESTIONS
    assert await askers(machine, begun) == {worker.pid for worker in old}
    assert await askers(machine, later) == {new.pid}
    assert [await builds(machine, run_id) for run_id in (begun, later)] == [["one", "one"], ["two", "two"]]
