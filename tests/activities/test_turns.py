"""Judging a batch: evaluators that ask others take turns, see what the rules said, and record as they go."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from temporalio.testing import ActivityEnvironment

from activities.evaluation import EvaluateInput, EvaluationActivities
from core.benchmarks import AgentSpec, BenchmarkDefinition, DatasetSpec, Evaluation
from core.cases import Case, Reply
from core.ids import DEFAULT_PROJECT, new_id
from core.outcomes import ItemKey
from core.plugins import PluginSpec
from core.ports import NamedEvaluator, RunRecords
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Unscored
from core.work import Batch, BatchAnswer, BatchVerdict, Share
from tests.fakes import CountingCases, EqualityEvaluators, InPlace, Unlimited, undecided

COUNT = 40


class MemoryVerdicts:
    """`core.ports.Verdicts` of answers that lack everything."""

    def __init__(self) -> None:
        self.recorded: list[BatchVerdict] = []

    async def lacking(self, batch: Batch, evaluators: Sequence[tuple[str, str]]) -> Sequence[BatchAnswer]:
        labels = frozenset(label for label, _ in evaluators)
        return [BatchAnswer(key, Reply(text=str(2 * key.case_index)), labels) for key in batch.questions()]

    async def record(self, share: Share, verdicts: Sequence[BatchVerdict], *, primary: str) -> int:
        self.recorded += verdicts
        return sum(verdict.evaluator == primary for verdict in verdicts)


class SlowJudges(EqualityEvaluators):
    """A rule, and a connected evaluator that takes three answers at a time and repeats what the rule said."""

    def __init__(self) -> None:
        self.at_work = 0
        self.most_at_work = 0

    def open(self, evaluations: Sequence[Evaluation]) -> Sequence[NamedEvaluator]:
        [rule, judge] = super().open(evaluations)
        return [rule, NamedEvaluator(judge.label, "1", self._judge, connected=True, at_once=3)]

    async def _judge(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(0.002)
        self.at_work -= 1
        return earlier["exact"]


class OneRun:
    """`core.ports.RunRecords`, as far as judging looks at it."""

    def __init__(self) -> None:
        self.config = BenchmarkDefinition(
            name="sums",
            dataset=DatasetSpec(source=PluginSpec(kind="inline")),
            agents=(AgentSpec(name="agent", agent=PluginSpec(kind="simulated")),),
            evaluators=(Evaluation(kind="exact"), Evaluation(kind="judge")),
        )
        self.case_set = "sums"
        self.project_id = DEFAULT_PROJECT

    async def get(self, run_id: str) -> Any:
        return self


def activities(evaluators: SlowJudges, verdicts: MemoryVerdicts) -> EvaluationActivities:
    return EvaluationActivities(
        runs=cast("RunRecords", OneRun()),
        cases=CountingCases(COUNT),
        evaluators=evaluators,
        isolation=InPlace(),
        verdicts=verdicts,
        budgets=Unlimited(),
        decided=undecided,
    )


async def test_what_is_told_to_ask_nobody_hears_the_rules_only_and_says_that_it_is_not_finished() -> None:
    evaluators, verdicts = SlowJudges(), MemoryVerdicts()
    share = Share(run_id=new_id("run"), run_no=1, agent_no=0, case_count=COUNT)
    wanted = EvaluateInput(batch=Batch(share=share, start=0, stop=10), asks=False)
    done = await ActivityEnvironment().run(activities(evaluators, verdicts).evaluate, wanted)
    assert (done.evaluated, done.finished, evaluators.most_at_work) == (10, False, 0)
    assert {each.evaluator for each in verdicts.recorded} == {"exact"}


async def test_batches_of_a_run_share_the_turns_of_a_judge_and_it_sees_what_the_rules_said() -> None:
    evaluators, verdicts = SlowJudges(), MemoryVerdicts()
    judging = activities(evaluators, verdicts)
    share = Share(run_id=new_id("run"), run_no=1, agent_no=0, case_count=COUNT)
    batches = [Batch(share=share, start=start, stop=start + 10) for start in range(0, COUNT, 10)]
    environment = ActivityEnvironment()
    done = await asyncio.gather(*(environment.run(judging.evaluate, EvaluateInput(batch=batch)) for batch in batches))
    assert [each.evaluated for each in done] == [10, 10, 10, 10]
    assert evaluators.most_at_work == 3
    said: dict[tuple[ItemKey, str], Scored | Unscored] = {
        (each.key, each.evaluator): each.verdict for each in verdicts.recorded
    }
    assert len(said) == 2 * COUNT
    assert all(said[ItemKey(0, n), "judge"] == said[ItemKey(0, n), "exact"] for n in range(COUNT))
