"""Comparisons and verdicts of gates are kept as they were made, listed and paged."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.case_columns import read_case_columns
from adapters.database.comparisons import ComparisonRepository
from adapters.database.engine import Sessions
from adapters.database.gates import GateRepository
from adapters.database.ledger import PostgresLedger
from adapters.database.verdicts import PostgresVerdicts
from core.comparisons import ComparedAgent, Comparison, Flip, Terms
from core.errors import NotFound
from core.gates import Gate, GatePolicy, GateVerdict, RuleOutcome, Threshold
from core.ids import new_id
from core.outcomes import ItemKey
from core.verdicts import Scored, Unscored
from core.work import BatchVerdict, Share
from evaluators.comparison import compare
from tests.adapters.database.items import FAILURE, item, settle
from tests.evaluators.cases import columns, scores, shares

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def compared(*, minute: int = 0, candidate_run: str = "run_b", project_id: str = "default") -> Comparison:
    found, _ = compare(columns(scores(shares(4, 10))), columns(scores(shares(7, 10))), Terms())
    sides = [
        ComparedAgent(run_id=run_id, run_name="sums", agent_id="small", coverage=1.0, trials=1, case_set="d")
        for run_id in ("run_a", candidate_run)
    ]
    return Comparison(
        **dict(found),
        comparison_id=new_id("cmp"),
        project_id=project_id,
        created_at=NOON + timedelta(minutes=minute),
        baseline=sides[0],
        candidate=sides[1],
        terms=Terms(),
        mismatches=(),
    )


def flip(number: int, direction: Literal["better", "worse"] = "better", category: str | None = None) -> Flip:
    return Flip(
        direction=direction,
        case_id=f"case-{number}",
        category=category,
        baseline=0.0,
        candidate=1.0,
        baseline_index=number,
        candidate_index=number,
    )


async def test_a_comparison_comes_back_as_it_was_kept(database: Sessions) -> None:
    comparisons, made = ComparisonRepository(database), compared()
    await comparisons.add(made, ())
    assert await comparisons.get("default", made.comparison_id) == made
    with pytest.raises(NotFound, match="no comparison"):
        await comparisons.get("another", made.comparison_id)


async def test_comparisons_are_listed_newest_first_and_by_run(database: Sessions) -> None:
    comparisons = ComparisonRepository(database)
    made = [compared(minute=minute, candidate_run=f"run_{minute % 2}") for minute in range(4)]
    for each in (*made, compared(project_id="another")):
        await comparisons.add(each, ())
    first = await comparisons.page("default", limit=3)
    rest = await comparisons.page("default", limit=3, cursor=first.next_cursor)
    assert [*first.items, *rest.items] == made[::-1]
    assert (await comparisons.page("default", limit=9, run_id="run_1")).items == (made[3], made[1])
    assert len((await comparisons.page("default", limit=9, run_id="run_a")).items) == 4


async def test_flips_are_paged_in_order_and_narrowed(database: Sessions) -> None:
    comparisons, made = ComparisonRepository(database), compared()
    flips = [flip(n, "worse" if n % 3 == 0 else "better", "odd" if n % 2 else None) for n in range(10)]
    await comparisons.add(made, flips)
    seen: list[Flip] = []
    cursor: str | None = None
    while True:
        page = await comparisons.flips(made.comparison_id, limit=4, cursor=cursor)
        seen += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert seen == flips
    assert cases(await flips_of(comparisons, made, direction="worse")) == [0, 3, 6, 9]
    assert cases(await flips_of(comparisons, made, direction="worse", category="odd")) == [3, 9]


async def flips_of(comparisons: ComparisonRepository, made: Comparison, **narrow: str) -> Sequence[Flip]:
    return (await comparisons.flips(made.comparison_id, limit=100, **narrow)).items


def cases(flips: Sequence[Flip]) -> list[int]:
    return [each.baseline_index for each in flips]


async def test_the_newest_verdict_of_a_run_is_the_one_told(database: Sessions, share: Share) -> None:
    gates = GateRepository(database)
    with pytest.raises(NotFound, match="not judged by a gate yet"):
        await gates.newest("default", share.run_id)
    verdicts: tuple[GateVerdict, ...] = ("failed", "passed")
    made = [gate(share.run_id, verdict, minute) for minute, verdict in enumerate(verdicts)]
    for each in made:
        await gates.add(each)
    assert await gates.newest("default", share.run_id) == made[1]
    with pytest.raises(NotFound):
        await gates.newest("another", share.run_id)


def gate(run_id: str, verdict: GateVerdict, minute: int) -> Gate:
    rule = RuleOutcome(agent_id="agent", rule="accuracy at least 80.0%", verdict=verdict, advisory=False, reason="...")
    return Gate(
        gate_id=new_id("gate"),
        run_id=run_id,
        baseline_run_id=None,
        policy=GatePolicy(name="release", thresholds=(Threshold(at_least=0.8),)),
        created_at=NOON + timedelta(minutes=minute),
        verdict=verdict,
        reasons=(),
        rules=(rule,),
    )


async def test_scores_are_read_by_case_over_their_trials(
    engine: AsyncEngine, ledger: PostgresLedger, share: Share
) -> None:
    for case_index, trial in ((2, 0), (2, 1), (0, 0), (1, 0)):
        await settle(ledger, share, item(case_index, trial=trial))
    await settle(ledger, share, item(3, FAILURE))
    given = [
        BatchVerdict(ItemKey(trial, case_index), "exact", "1", Scored(value=value))
        for trial, case_index, value in ((0, 2, 1.0), (1, 2, 0.0), (0, 0, 1.0))
    ]
    given.append(BatchVerdict(ItemKey(0, 1), "exact", "1", Unscored(reason="No expected answer.")))
    await PostgresVerdicts(engine).record(share, given, primary="exact")
    found = await read_case_columns(engine, share.run_no, share.agent_no, [("exact", "1"), ("exact", "2")], wrong=())
    assert (found.case_index.tolist(), found.case_id[2], found.categories) == ([0, 1, 2, 3], "case-2", ())
    exact, later = found.evaluators
    assert exact.trials.tolist() == [1, 0, 2, 0]
    assert exact.means[exact.trials > 0].tolist() == [1.0, 0.5]
    assert not later.trials.any()
    strict = await read_case_columns(engine, share.run_no, share.agent_no, [("exact", "1")], wrong=["timeout"])
    assert strict.evaluators[0].trials.tolist() == [1, 0, 2, 1]
    assert strict.evaluators[0].means[3] == 0.0
