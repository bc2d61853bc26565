"""Evaluation: its own activity, so that a judge can fail, be retried or be replaced without asking an agent again.

Rule evaluators judge in side processes, where they can hurt nobody; those that ask others are awaited here, many at a
time, once the rules have spoken.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from temporalio import activity

from activities.docket import Docket
from activities.heartbeats import heartbeating
from activities.prepared import PreparedRuns
from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.judging import verdict_of
from core.model import Model
from core.outcomes import ItemKey
from core.ports import CaseSets, Evaluators, Isolation, NamedEvaluator, RunRecords, Verdicts
from core.verdicts import Scored, Unscored
from core.work import Batch, BatchAnswer, BatchVerdict

CONNECTED_LIMIT_S = 1800.0
"""Longest judging of one answer by an evaluator that asks others, its own retries and waits included."""


class EvaluateInput(Model):
    batch: Batch


class EvaluateOutput(Model):
    evaluated: int
    """Answers of the batch that got their first verdict now."""


@dataclass(frozen=True)
class Sitting:
    """The answers of a batch that are judged now, and what has been said of them."""

    answers: Sequence[BatchAnswer]
    cases: Mapping[int, Case]
    """By their place in the case set."""
    docket: Docket
    earlier: defaultdict[ItemKey, dict[str, Scored | Unscored]] = field(default_factory=lambda: defaultdict(dict))
    """The verdicts of rule evaluators by label."""

    @property
    def pairs(self) -> Sequence[tuple[Case, Reply]]:
        return [(self.cases[answer.key.case_index], answer.reply) for answer in self.answers]


class EvaluationActivities:
    def __init__(
        self, *, runs: RunRecords, cases: CaseSets, evaluators: Evaluators, isolation: Isolation, verdicts: Verdicts
    ) -> None:
        self._runs = PreparedRuns(runs)
        self._cases = cases
        self._evaluators = evaluators
        self._isolation = isolation
        self._verdicts = verdicts
        self._turns: WeakValueDictionary[tuple[int, str], asyncio.Semaphore] = WeakValueDictionary()

    @activity.defn
    async def evaluate(self, input: EvaluateInput) -> EvaluateOutput:
        """Judges the answers of the batch that lack a verdict; running twice changes nothing."""
        with heartbeating():
            return EvaluateOutput(evaluated=await self._evaluate(input.batch))

    async def _evaluate(self, batch: Batch) -> int:
        run = await self._runs.get(batch.share)
        evaluators = self._evaluators.open(run.config.evaluators)
        answers = await self._verdicts.lacking(batch, [(each.label, each.version) for each in evaluators])
        if not answers:
            return 0
        sitting = Sitting(
            answers=answers,
            cases=await self._cases_of(run.case_set, answers),
            docket=Docket(self._verdicts, batch.share, primary=evaluators[0].label),
        )
        for evaluation, evaluator in zip(run.config.evaluators, evaluators, strict=True):
            if not evaluator.connected:
                await self._by_rule(evaluation, evaluator, sitting)
        await self._by_others([evaluator for evaluator in evaluators if evaluator.connected], batch, sitting)
        await sitting.docket.flush()
        return sitting.docket.evaluated

    async def _cases_of(self, digest: str, answers: Sequence[BatchAnswer]) -> Mapping[int, Case]:
        """The answers' cases by their place in the case set."""
        case_set = await self._cases.open(digest)
        indexes = [answer.key.case_index for answer in answers]
        first = min(indexes)
        return dict(enumerate(await self._cases.read(case_set, first, max(indexes) + 1), first))

    async def _by_rule(self, evaluation: Evaluation, evaluator: NamedEvaluator, sitting: Sitting) -> None:
        keys = iter([answer.key for answer in sitting.answers])
        async for verdicts in self._isolation.judge(evaluation, sitting.pairs):
            found = [BatchVerdict(next(keys), evaluator.label, evaluator.version, verdict) for verdict in verdicts]
            for each in found:
                sitting.earlier[each.key][evaluator.label] = each.verdict
            await sitting.docket.add(found)


    async def _by_others(self, evaluators: Sequence[NamedEvaluator], batch: Batch, sitting: Sitting) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for evaluator in evaluators:
                    turns = self._turns_of(evaluator, batch)
                    for answer in sitting.answers:
                        if evaluator.label in answer.lacks:
                            group.create_task(_by_other(evaluator, turns, answer, sitting))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    def _turns_of(self, evaluator: NamedEvaluator, batch: Batch) -> asyncio.Semaphore:
        """Shared by the batches of a run: who waits for a turn must not wait within a time limit."""
        key = (batch.share.run_no, evaluator.label)
        turns = self._turns.get(key)
        if turns is None:
            turns = self._turns[key] = asyncio.Semaphore(evaluator.at_once)
        return turns


async def _by_other(evaluator: NamedEvaluator, turns: asyncio.Semaphore, answer: BatchAnswer, sitting: Sitting) -> None:
    async with turns:
        verdict = await _within_limit(evaluator, answer, sitting)
    await sitting.docket.add([BatchVerdict(answer.key, evaluator.label, evaluator.version, verdict)])


async def _within_limit(evaluator: NamedEvaluator, answer: BatchAnswer, sitting: Sitting) -> Scored | Unscored:
    case, earlier = sitting.cases[answer.key.case_index], sitting.earlier[answer.key]
    try:
        async with asyncio.timeout(CONNECTED_LIMIT_S):
            return await verdict_of(evaluator.label, evaluator.evaluate(case, answer.reply, earlier))
    except TimeoutError:
        reason = f"The evaluator {evaluator.label!r} gave no verdict within {CONNECTED_LIMIT_S:g} s."
        return Unscored(reason=reason, cause="judge")
