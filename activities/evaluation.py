"""Evaluation: its own activity, so that a judge can fail, be retried or be replaced without asking an agent again."""

import asyncio
from collections.abc import Sequence

from temporalio import activity

from activities.heartbeats import heartbeating
from activities.prepared import PreparedRuns
from core.cases import Case, Reply
from core.errors import CannotJudge
from core.model import Model
from core.outcomes import ItemKey
from core.ports import CaseSets, Evaluators, NamedEvaluator, RunRecords, Verdicts
from core.verdicts import Earlier, Scored, Unscored
from core.work import Batch, BatchVerdict


class EvaluateInput(Model):
    batch: Batch


class EvaluateOutput(Model):
    evaluated: int
    """Answers of the batch that got their first verdict now."""


class EvaluationActivities:
    def __init__(self, *, runs: RunRecords, cases: CaseSets, evaluators: Evaluators, verdicts: Verdicts) -> None:
        self._runs = PreparedRuns(runs)
        self._cases = cases
        self._evaluators = evaluators
        self._verdicts = verdicts

    @activity.defn
    async def evaluate(self, input: EvaluateInput) -> EvaluateOutput:
        """Judges the answers of the batch that lack a verdict; running twice changes nothing."""
        with heartbeating():
            return EvaluateOutput(evaluated=await self._evaluate(input.batch))

    async def _evaluate(self, batch: Batch) -> int:
        run = await self._runs.get(batch.share.run_id)
        evaluators = self._evaluators.open(run.config.evaluators)
        answers = await self._verdicts.lacking(batch, [(each.label, each.version) for each in evaluators])
        if not answers:
            return 0
        case_set = await self._cases.open(run.case_set)
        indexes = [answer.key.case_index for answer in answers]
        first = min(indexes)
        cases = await self._cases.read(case_set, first, max(indexes) + 1)
        verdicts: list[BatchVerdict] = []
        for answer in answers:
            verdicts += await _judge(evaluators, answer.key, cases[answer.key.case_index - first], answer.reply)
            await asyncio.sleep(0)
        return await self._verdicts.record(batch.share, verdicts, primary=evaluators[0].label)


async def _judge(evaluators: Sequence[NamedEvaluator], key: ItemKey, case: Case, reply: Reply) -> list[BatchVerdict]:
    found: dict[str, Scored | Unscored] = {}
    for each in sorted(evaluators, key=lambda evaluator: evaluator.connected):
        found[each.label] = await _verdict(each, case, reply, dict(found))
    return [BatchVerdict(key, each.label, each.version, found[each.label]) for each in evaluators]


async def _verdict(evaluator: NamedEvaluator, case: Case, reply: Reply, earlier: Earlier) -> Scored | Unscored:
    try:
        return await evaluator.evaluate(case, reply, earlier)
    except CannotJudge as error:
        return Unscored(reason=str(error))
    except Exception as error:  # noqa: BLE001 - an evaluator that breaks costs its own verdict, not the batch
        reason = f"The evaluator {evaluator.label!r} broke: {type(error).__name__}: {error}"
        return Unscored(reason=reason, cause="evaluator")
