"""Runs that are accepted at the same time: recorded together, and each as if it were alone."""

import asyncio
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.runs import RunRepository
from core.benchmarks import AgentSpec, BenchmarkDefinition, DatasetSpec, Evaluation
from core.ids import DEFAULT_PROJECT, new_id
from core.plugins import PluginSpec


def config(name: str = "sums", *agents: str) -> BenchmarkDefinition:
    return BenchmarkDefinition(
        name=name,
        dataset=DatasetSpec(source=PluginSpec(kind="inline")),
        agents=tuple(AgentSpec(name=each, agent=PluginSpec(kind="simulated")) for each in agents or ("agent",)),
        evaluators=(Evaluation(kind="exact"),),
    )


async def rows(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_runs_of_the_same_moment_share_transactions_and_leave_events_without_a_gap(engine: AsyncEngine) -> None:
    runs = RunRepository(engine)
    ids = [new_id("run") for _ in range(40)]
    made = await asyncio.gather(
        *(runs.create(each, config("sums", "b", "a"), project_id=DEFAULT_PROJECT, by="somebody") for each in ids)
    )
    assert [run.run_id for run in made] == ids
    assert await runs.get(ids[7]) == made[7]
    assert await rows(engine, "select agent_no, name, count(*) from run_agents group by 1, 2 order by 1") == [
        (0, "b", 40),
        (1, "a", 40),
    ]
    assert await rows(
        engine, "select principal, action, data->>'name', count(*) from audit_events group by 1, 2, 3"
    ) == [("somebody", "run.create", "sums", 40)]
    told = await rows(engine, "select position, type, source, subject, run_id from run_events order by position")
    assert [each[0] for each in told] == list(range(1, 41))
    assert {each[1:] for each in told} == {("run.queued", f"/v1/runs/{each}", each, each) for each in ids}
    [(transactions,)] = await rows(engine, "select count(distinct xmin::text) from runs")
    assert transactions < 10


async def test_the_same_id_makes_one_run_however_many_want_it_at_once(engine: AsyncEngine) -> None:
    run_id = new_id("run")
    wanted = [
        RunRepository(engine).create(run_id, config(f"wish {number}"), project_id=DEFAULT_PROJECT)
        for number in range(3)
    ]
    alone = RunRepository(engine)
    wanted += [alone.create(run_id, config(f"wish {number}"), project_id=DEFAULT_PROJECT) for number in range(3, 9)]
    made = await asyncio.gather(*wanted)
    assert len({(run.name, run.config.name, run.created_at) for run in made}) == 1
    assert await rows(engine, "select count(*) from runs join run_agents using (run_no)") == [(1,)]
    assert await rows(engine, "select count(*) from run_events") == [(1,)]


async def test_one_run_that_cannot_be_stored_keeps_no_other_from_it(engine: AsyncEngine) -> None:
    runs = RunRepository(engine)
    bad = config().model_copy(update={"description": "a NUL: \x00"})
    first = asyncio.create_task(runs.create(new_id("run"), config(), project_id=DEFAULT_PROJECT))
    wishes = [config(), bad, config()]
    *made, refused, last = await asyncio.gather(
        first,
        *(runs.create(new_id("run"), wish, project_id=DEFAULT_PROJECT) for wish in wishes),
        return_exceptions=True,
    )
    assert isinstance(refused, asyncpg.DataError)
    for run in (*made, last):
        assert not isinstance(run, BaseException)
        assert await runs.get(run.run_id) == run


async def test_a_caller_who_leaves_takes_nobodys_run_along(engine: AsyncEngine) -> None:
    runs = RunRepository(engine)
    ids = [new_id("run") for _ in range(3)]
    tasks = [asyncio.create_task(runs.create(each, config(), project_id=DEFAULT_PROJECT)) for each in ids]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert [(await task).run_id for task in tasks[1:]] == ids[1:]
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert (await runs.get(ids[0])).status == "queued"
