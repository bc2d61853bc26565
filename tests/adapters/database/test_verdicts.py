"""Verdicts and columns: what lacks a verdict, what is recorded once, and how scores stand beside their answers."""

import asyncio

import numpy as np
import pytest
from pydantic import JsonValue
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.ledger import PostgresLedger
from adapters.database.runs import RunRepository
from adapters.database.verdicts import PostgresVerdicts
from core.outcomes import ItemKey
from core.verdicts import Scored, Spent, Unscored
from core.work import Batch, BatchVerdict, Share
from tests.adapters.database.items import FAILURE, item, settle


def verdict(case_index: int, evaluator: str, value: float | None) -> BatchVerdict:
    given = Unscored(reason="No expected answer.") if value is None else Scored(value=value, answer="4")
    return BatchVerdict(ItemKey(0, case_index), evaluator, "1", given)


@pytest.fixture
async def verdicts(engine: AsyncEngine, ledger: PostgresLedger, share: Share) -> PostgresVerdicts:
    """Over a run whose questions 0 to 4 are answered, 5 failed, and the rest open."""
    for case_index in range(5):
        await settle(ledger, share, item(case_index))
    await settle(ledger, share, item(5, FAILURE))
    return PostgresVerdicts(engine)


async def test_an_answer_lacks_a_verdict_until_every_evaluator_gave_one(
    verdicts: PostgresVerdicts, share: Share
) -> None:
    batch, both = Batch(share=share, start=0, stop=10), [("exact", "1"), ("numeric", "1")]
    await verdicts.record(share, [verdict(n, "exact", 1.0) for n in range(3)], primary="exact")
    await verdicts.record(share, [verdict(0, "numeric", None), verdict(1, "numeric", 0.0)], primary="exact")
    assert [answer.key.case_index for answer in await verdicts.lacking(batch, both)] == [2, 3, 4]
    assert [answer.key.case_index for answer in await verdicts.lacking(batch, [("exact", "1")])] == [3, 4]
    assert len(await verdicts.lacking(batch, [("exact", "2")])) == 5, "another version judges anew"


async def test_a_verdict_recorded_twice_counts_once(
    verdicts: PostgresVerdicts, share: Share, engine: AsyncEngine
) -> None:
    given = [verdict(n, "exact", 1.0) for n in range(4)]
    assert await verdicts.record(share, given, primary="exact") == 4
    assert await verdicts.record(share, given, primary="exact") == 0
    assert (await RunRepository(engine).get(share.run_id)).counts.evaluated == 4


TERMINATE = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database()
"""


async def test_verdicts_that_were_paid_for_are_written_once_the_database_is_back(
    verdicts: PostgresVerdicts, share: Share, engine: AsyncEngine
) -> None:
    async with engine.connect() as holding, engine.connect() as plain:
        looking = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await holding.execute(text("lock table scores in exclusive mode"))
        writing = asyncio.create_task(verdicts.record(share, [verdict(0, "exact", 1.0)], primary="exact"))
        for _ in range(2):
            while True:
                if (await looking.execute(text(TERMINATE))).scalar_one():
                    break
                await asyncio.sleep(0.01)
        assert not writing.done()
        await holding.rollback()
        assert await writing == 1
    assert (await RunRepository(engine).get(share.run_id)).counts.evaluated == 1


def nested(levels: int, inner: JsonValue) -> JsonValue:
    for _ in range(levels):
        inner = [inner]
    return inner


HOSTILE: dict[str, tuple[JsonValue, object]] = {
    "NUL": ("a\0b", "a\\u0000b"),
    "half a surrogate pair": ("\ud800", "\\ud800"),
    "nan": (float("nan"), "nan"),
    "infinity": ([-float("inf"), None], ["-inf", None]),
    "a large integer": (2**64, str(2**64)),
    "a huge integer": (16**200_000, hex(16**200_000)),
    "a hostile key": ({"\0\ud800": 1}, {"\\u0000\\ud800": 1}),
    "five thousand brackets": (nested(5000, "core"), nested(99, "list left out")),
    "too much": ("x" * 2_000_000, {"left_out": "2,000,008 bytes; at most 1,048,576 are kept"}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_details_that_postgresql_would_refuse_cost_no_verdict(
    name: str, verdicts: PostgresVerdicts, share: Share, engine: AsyncEngine
) -> None:
    told, kept = HOSTILE[name]
    hostile = [
        BatchVerdict(ItemKey(0, 0), "exact", "1", Scored.model_construct(value=1.0, answer="4", details={"a": told})),
        BatchVerdict(ItemKey(0, 1), "exact", "1", Unscored.model_construct(reason="\0", details={"a": told})),
    ]
    assert await verdicts.record(share, [*hostile, verdict(2, "exact", 1.0)], primary="exact") == 3
    async with raw_connection(engine) as connection:
        rows = await connection.fetch("select details from scores where run_no = $1 and case_index < 2", share.run_no)
    for row in rows:
        assert row["details"] in (kept, {"a": kept})


async def test_columns_set_each_score_beside_its_answer(
    verdicts: PostgresVerdicts, share: Share, engine: AsyncEngine
) -> None:
    given = [verdict(4, "exact", 0.0), verdict(1, "exact", 1.0), verdict(2, "exact", None)]
    await verdicts.record(share, given, primary="exact")
    columns = await RunRepository(engine).columns(share.run_id, 0, [("exact", "1"), ("absent", "1")])
    assert columns.case_index.tolist() == [0, 1, 2, 3, 4, 5]
    exact, absent = columns.evaluators
    assert exact.scored.tolist() == [False, True, False, False, True, False]
    assert exact.values[exact.scored].tolist() == [1.0, 0.0]
    assert not absent.scored.any()
    assert [columns.causes[cause] for cause in columns.cause if cause >= 0] == ["timeout"]
    assert np.isnan(columns.latency_s).tolist() == [False] * 5 + [True]


async def test_an_answer_whose_judge_was_away_is_judged_again_and_counts_once(
    verdicts: PostgresVerdicts, share: Share, engine: AsyncEngine
) -> None:
    def judged(case_index: int, found: Scored | Unscored) -> BatchVerdict:
        return BatchVerdict(ItemKey(0, case_index), "judge", "1", found)

    away = Unscored(reason="No judge.", cause="judge", spent=Spent(calls=2, input_tokens=7))
    abstained = Unscored(reason="No vote.", cause="undecided", details={"ballots": []}, spent=Spent(calls=1))
    first = [judged(0, away), judged(1, abstained), judged(2, Scored(value=1.0)), judged(3, away)]
    assert await verdicts.record(share, first, primary="judge") == 4
    batch = Batch(share=share, start=0, stop=10)
    lacking = await verdicts.lacking(batch, [("judge", "1")])
    assert [answer.key.case_index for answer in lacking] == [0, 3, 4], "who abstained has spoken"
    again = [
        judged(0, Scored(value=0.5, spent=Spent(calls=3, input_tokens=30, output_tokens=6, cost_usd=0.25))),
        judged(1, Scored(value=1.0)),
        judged(2, away),
    ]
    assert await verdicts.record(share, again, primary="judge") == 0
    assert (await RunRepository(engine).get(share.run_id)).counts.evaluated == 4
    [column] = (await RunRepository(engine).columns(share.run_id, 0, [("judge", "1")])).evaluators
    assert column.values[column.scored].tolist() == [0.5, 1.0]
    assert column.unscored_causes == {"judge": 1, "undecided": 1}
    assert column.spent == Spent(calls=8, input_tokens=44, output_tokens=6, cost_usd=0.25), "lost calls count, too"
