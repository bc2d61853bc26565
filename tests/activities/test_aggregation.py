"""Aggregation, as Temporal calls it: what evaluators counted of stored answers becomes figures of the run."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.aggregation import AggregateInput, AggregationActivities
from adapters.database.connections import raw_connection
from adapters.database.counts import BLOCK
from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from core.benchmarks import Evaluation
from core.metrics import ScoreSummary
from core.ports import NamedEvaluator
from core.verdicts import Counted, Counts
from evaluators.corpus import Corpus
from evaluators.registry import InstalledEvaluators
from evaluators.summary import summarize
from evaluators.validity import judge_validity
from tests.fakes import MemoryStorage
from tests.recorded import Recorded, record

COUNTED = """
update scores set details = jsonb_build_object('counts', jsonb_build_object(
  'instructions', 2, 'prompts_strict', value::int, 'prompts_loose', 1, 'instructions_strict', 1 + value::int,
  'instructions_loose', 2))
where run_no = $1 and case_index <> 0
"""
CLUSTERED = "update results set cluster = (case_index % 2) || ' of ' || (case_index / 10)"
"""Five cases each, all of them right or all wrong."""


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    async with open_engine(migrated_database_url) as engine:
        yield engine


class Breaking(InstalledEvaluators):
    """Somebody's figures divide by nothing."""

    def open(self, evaluations: Sequence[Evaluation]) -> Sequence[NamedEvaluator]:
        def figures(counts: Counts) -> dict[str, Counted]:
            return {"broken": Counted(1 / counts["nothing"], 1)}

        return [replace(each, figures=figures) for each in super().open(evaluations)]


async def aggregated(
    engine: AsyncEngine, cases: int, evaluators: InstalledEvaluators, after: str = "select 1"
) -> list[ScoreSummary]:
    """The summaries in the stored report of a run of two trials, half of them right; of case 0 nothing was counted."""
    changes: dict[str, Any] = {"evaluators": [{"kind": "ifeval"}]}
    right = [float(at % 2) for at in range(2 * cases)]
    run_id = await record(engine, Recorded({"agent": right}, trials=2, changes=changes))
    runs, storage = RunRepository(engine), MemoryStorage()
    async with raw_connection(engine) as connection:
        await connection.execute(COUNTED, await runs.number(run_id))
        await connection.execute(after)
    activities = AggregationActivities(
        runs=runs,
        storage=storage,
        evaluators=evaluators,
        summarize=summarize,
        corpus=Corpus,
        judge_validity=judge_validity,
    )
    output = await ActivityEnvironment().run(activities.aggregate, AggregateInput(run_id=run_id))
    report = json.loads(await storage.get(output.report_key))
    return [ScoreSummary.model_validate(score) for score in report["agents"][0]["metrics"]["scores"]]


async def test_what_was_counted_of_all_answers_is_told_beside_their_mean(engine: AsyncEngine) -> None:
    cases = BLOCK + 7
    (found,) = await aggregated(engine, cases, InstalledEvaluators())
    figures = {name: (figure.value, figure.n) for name, figure in found.figures.items()}
    answers, right = 2 * (cases - 1), sum(at % 2 for at in range(2 * cases) if at % cases)
    assert figures == {
        "prompt_strict": (right / answers, answers),
        "prompt_loose": (1.0, answers),
        "instruction_strict": ((answers + right) / (2 * answers), 2 * answers),
        "instruction_loose": (1.0, 2 * answers),
    }
    strict = found.figures["prompt_strict"]
    assert strict.low is not None
    assert strict.high is not None
    assert strict.low < strict.value < strict.high


async def test_cases_of_a_cluster_count_as_one_draw(engine: AsyncEngine) -> None:
    alone, together = [await aggregated(engine, 40, InstalledEvaluators(), after) for after in ("select 1", CLUSTERED)]
    apart, clustered = alone[0].figures["prompt_strict"], together[0].figures["prompt_strict"]
    assert (apart.value, apart.n) == (clustered.value, clustered.n)
    assert apart.low is not None
    assert clustered.low is not None
    assert clustered.low < apart.low


async def test_figures_that_break_cost_nothing_but_themselves(engine: AsyncEngine) -> None:
    (found,) = await aggregated(engine, 5, Breaking())
    assert found.figures == {}
    assert found.mean is not None
