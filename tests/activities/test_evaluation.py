"""Evaluation, as Temporal calls it: whatever an evaluator does, the worker lives and the other answers are judged."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.evaluation import EvaluateInput, EvaluationActivities
from activities.heartbeats import INTERVAL_S
from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from core.benchmarks import BenchmarkDefinition
from core.cases import Reply
from core.ids import DEFAULT_PROJECT, new_id
from core.outcomes import ItemKey
from core.verdicts import Scored, Unscored
from core.work import Batch, BatchAnswer, BatchVerdict, Share
from evaluators.isolation.pool import SideProcesses
from evaluators.registry import InstalledEvaluators
from tests.fakes import CountingCases, Unlimited, undecided

pytestmark = pytest.mark.usefixtures("hostile_plugin")

LIMIT_S = 3.0


@dataclass
class Answers:
    """`core.ports.Verdicts` of these answers, none of which was judged before."""

    texts: Sequence[str]
    recorded: dict[str, dict[int, Scored | Unscored]] = field(default_factory=dict[str, dict[int, Scored | Unscored]])

    async def lacking(self, batch: Batch, evaluators: Sequence[tuple[str, str]]) -> Sequence[BatchAnswer]:
        labels = frozenset(label for label, _ in evaluators)
        return [BatchAnswer(ItemKey(0, at), Reply(text=text), labels) for at, text in enumerate(self.texts)]

    async def record(self, share: Share, verdicts: Sequence[BatchVerdict], *, primary: str) -> int:
        for each in verdicts:
            self.recorded.setdefault(each.evaluator, {})[each.key.case_index] = each.verdict
        return sum(each.evaluator == primary for each in verdicts)


async def evaluated(database_url: str, texts: Sequence[str], *kinds: str) -> tuple[int, Answers, list[float]]:
    """How many were evaluated, what was recorded, and when heartbeats left."""
    cases, answers, beats = CountingCases(len(texts)), Answers(texts), [time.monotonic()]
    evaluators: list[dict[str, Any]] = [{"kind": kind} for kind in kinds]
    config = BenchmarkDefinition.model_validate(
        {"name": "x", "dataset": {"source": {"kind": "inline"}}, "evaluators": evaluators}
    )
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *_: beats.append(time.monotonic())
    async with open_engine(database_url) as engine, SideProcesses(most=1, time_limit_s=LIMIT_S) as isolation:
        runs = RunRepository(engine)
        run = await runs.create(new_id("run"), config, project_id=DEFAULT_PROJECT)
        await runs.begin(run.run_id, case_set="sums", case_count=len(texts))
        share = Share(run_id=run.run_id, run_no=await runs.number(run.run_id), agent_no=0, case_count=len(texts))
        activities = EvaluationActivities(
            runs=runs,
            cases=cases,
            evaluators=InstalledEvaluators(),
            isolation=isolation,
            verdicts=answers,
            budgets=Unlimited(),
            decided=undecided,
        )
        batch = Batch(share=share, start=0, stop=len(texts))
        output = await environment.run(activities.evaluate, EvaluateInput(batch=batch))
    beats.append(time.monotonic())
    return output.evaluated, answers, beats


async def test_heartbeats_leave_while_an_evaluator_sleeps_and_the_rest_is_judged(migrated_database_url: str) -> None:
    texts = ["fine"] * 300
    texts[150] = "sleep"
    count, answers, beats = await evaluated(migrated_database_url, texts, "hostile")
    assert count == 300
    found = answers.recorded["hostile"]
    assert [at for at, verdict in found.items() if isinstance(verdict, Unscored)] == [150]
    assert beats[-1] - beats[0] > LIMIT_S
    gaps = [after - before for before, after in pairwise(beats)]
    assert max(gaps) < 2 * INTERVAL_S


async def test_each_evaluator_fails_by_itself(migrated_database_url: str) -> None:
    texts = ["0", "exit", "4"]
    count, answers, _ = await evaluated(migrated_database_url, texts, "exact", "hostile")
    assert count == 3
    exact, hostile = answers.recorded["exact"], answers.recorded["hostile"]
    assert [verdict.value for verdict in exact.values() if isinstance(verdict, Scored)] == [1, 0, 1]
    assert [at for at, verdict in hostile.items() if isinstance(verdict, Scored)] == [0, 2]
    lost = hostile[1]
    assert isinstance(lost, Unscored)
    assert lost.cause == "evaluator"
    assert "it ended with status 3" in lost.reason
