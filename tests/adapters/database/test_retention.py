"""Old runs are forgotten whole, and others are left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.ledger import PostgresLedger
from adapters.database.retention import Retention
from adapters.database.runs import RunRepository
from adapters.database.verdicts import PostgresVerdicts
from core.errors import Conflict, NotFound
from core.ids import DEFAULT_PROJECT, new_id
from core.outcomes import ItemKey
from core.verdicts import Scored
from core.work import BatchVerdict, Share
from tests.adapters.database.items import item, settle


async def rows_of(engine: AsyncEngine, run_no: int) -> list[int]:
    counts: list[int] = []
    async with engine.connect() as connection:
        for table in ("runs", "run_agents", "results", "attempts", "scores"):
            query = text(f"select count(*) from {table} where run_no = :run_no")
            counts.append(await connection.scalar(query, {"run_no": run_no}) or 0)
    return counts


async def another(runs: RunRepository, share: Share) -> Share:
    """The share of a fork of the run."""
    config = (await runs.get(share.run_id)).config
    run = await runs.create(new_id("run"), config, project_id=DEFAULT_PROJECT, forked_from=share.run_id)
    return share.model_copy(update={"run_id": run.run_id, "run_no": await runs.number(run.run_id)})


async def test_a_run_is_forgotten_with_all_its_rows_and_no_others(
    engine: AsyncEngine, ledger: PostgresLedger, share: Share
) -> None:
    runs, verdicts, retention = RunRepository(engine), PostgresVerdicts(engine), Retention(engine)
    fork = await another(runs, share)
    for each in (share, fork):
        for case_index in range(3):
            await settle(ledger, each, item(case_index))
        verdict = BatchVerdict(ItemKey(0, 0), "exact", "1", Scored(value=1.0, answer="4"))
        await verdicts.record(each, [verdict], primary="exact")
        await runs.note(each.run_id, "completed")
    assert await rows_of(engine, share.run_no) == [1, 1, 3, 3, 1]
    assert await retention.forget(share.run_id) == 7
    assert await rows_of(engine, share.run_no) == [0, 0, 0, 0, 0]
    assert await rows_of(engine, fork.run_no) == [1, 1, 3, 3, 1]
    assert (await runs.get(fork.run_id)).forked_from is None, "nobody looks for an origin that is gone"
    with pytest.raises(NotFound):
        await retention.forget(share.run_id)


async def test_only_runs_that_ended_long_ago_are_old(engine: AsyncEngine, share: Share) -> None:
    runs, retention = RunRepository(engine), Retention(engine)
    later = datetime.now(UTC) + timedelta(days=1)
    assert await retention.ended_before(later) == []
    with pytest.raises(Conflict, match="queued"):
        await retention.forget(share.run_id)
    await runs.note(share.run_id, "failed", "It was only a test.")
    assert await retention.ended_before(later) == [share.run_id]
    assert await retention.ended_before(later - timedelta(days=2)) == []
