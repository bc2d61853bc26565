"""Evaluation: its own activity, so that a judge can fail, be retried or be replaced without asking an agent again.

Rule evaluators judge in side processes, where they can hurt nobody; those that ask others are awaited here, many at a
time, once the rules have spoken.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

from temporalio import activity

from activities.budgeting import PURSE, BudgetGate, Purse, Till
from activities.docket import Docket
from activities.heartbeats import carried_through
from activities.prepared import PreparedRuns
from core.benchmarks import Evaluation, FailedCountsAs, Stopping
from core.cases import Case, Reply
from core.columns import Columns
from core.judging import verdict_of
from core.limits import JUDGED_FOR, Asker
from core.model import Model
from core.outcomes import ItemKey
from core.ports import Budgets, CaseSets, Evaluators, Isolation, NamedEvaluator, RunRecords, Verdicts
from core.verdicts import Scored, Unscored
from core.work import Batch, BatchAnswer, BatchVerdict, Halt, Share

CONNECTED_LIMIT_S = 1800.0
"""Longest judging of one answer by an evaluator that asks others, its own retries and waits included."""


class Decided(Protocol):
    """The decision by what an agent, and its rival if there is one, have shown of so many cases; None while open."""

    def __call__(
        self,
        stopping: Stopping,
        counting: FailedCountsAs,
        agent: Columns,
        rival: Columns | None,
        *,
        case_count: int,
        decisions: int,
    ) -> str | None: ...


class EvaluateInput(Model):
    batch: Batch
    decides: bool = False
    """Whether to look if what is judged by now decides the run's question."""
    asks: bool = True
    """Whether evaluators that ask others are heard, too: not while a run is paused, nor once it was cancelled."""


class EvaluateOutput(Model):
    evaluated: int
    """Answers of the batch that got their first verdict now."""
    finished: bool = True
    """False when it was stopped early (pause, cancel, deploy): evaluate the same batch again for the rest."""
    halt: Halt | None = None
    """Why the run has to pause before the rest is judged."""
    decision: str | None = None
    """Why no more need be asked, if the run stops at a decision and there is one."""


@dataclass(frozen=True)
class Sitting:
    """The answers of a batch that are judged now, and what has been said of them."""

    answers: Sequence[BatchAnswer]
    cases: Mapping[int, Case]
    """By their place in the case set."""
    docket: Docket
    gate: BudgetGate
    till: Till
    refusals: list[str] = field(default_factory=list[str])
    """Why nothing more may be spent, once that turned out."""
    earlier: defaultdict[ItemKey, dict[str, Scored | Unscored]] = field(default_factory=lambda: defaultdict(dict))
    """The verdicts of rule evaluators by label."""

    @property
    def pairs(self) -> Sequence[tuple[Case, Reply]]:
        return [(self.cases[answer.key.case_index], answer.reply) for answer in self.answers]


class EvaluationActivities:
    def __init__(
        self,
        *,
        runs: RunRecords,
        cases: CaseSets,
        evaluators: Evaluators,
        isolation: Isolation,
        verdicts: Verdicts,
        budgets: Budgets,
        decided: Decided,
    ) -> None:
        self._records = runs
        self._runs = PreparedRuns(runs)
        self._decided = decided
        self._cases = cases
        self._evaluators = evaluators
        self._isolation = isolation
        self._verdicts = verdicts
        self._budgets = budgets
        self._gates: WeakValueDictionary[str, BudgetGate] = WeakValueDictionary()
        self._turns: WeakValueDictionary[tuple[int, str], asyncio.Semaphore] = WeakValueDictionary()

    @activity.defn
    async def evaluate(self, input: EvaluateInput) -> EvaluateOutput:
        """Judges the answers of the batch that lack a verdict; running twice changes nothing.

        Told to stop, it asks nobody about another answer, and waits for the verdicts that are on their way.
        """
        stop = asyncio.Event()
        if not input.asks:
            stop.set()
        return await carried_through(self._evaluate(input, stop), stop)

    async def _evaluate(self, input: EvaluateInput, stop: asyncio.Event) -> EvaluateOutput:
        judged = await self._judge(input.batch, stop)
        decision = await self._decision(input.batch.share) if input.decides else None
        return judged.model_copy(update={"decision": decision})

    async def _judge(self, batch: Batch, stop: asyncio.Event) -> EvaluateOutput:
        run = await self._runs.get(batch.share)
        JUDGED_FOR.set(Asker(run_id=batch.share.run_id, project_id=run.project_id, weight=run.config.priority))
        evaluators = self._evaluators.open(run.config.evaluators)
        answers = await self._verdicts.lacking(batch, [(each.label, each.version) for each in evaluators])
        if not answers:
            return EvaluateOutput(evaluated=0)
        sitting = Sitting(
            answers=answers,
            cases=await self._cases_of(run.case_set, answers),
            docket=Docket(self._verdicts, batch.share, primary=evaluators[0].label),
            gate=self._gates.setdefault(batch.share.run_id, BudgetGate(self._budgets, batch.share)),
            till=Till(self._budgets, batch.share),
        )
        for evaluation, evaluator in zip(run.config.evaluators, evaluators, strict=True):
            if not evaluator.connected:
                await self._by_rule(evaluation, evaluator, sitting)
        others = [evaluator for evaluator in evaluators if evaluator.connected]
        try:
            finished = await self._by_others(others, batch, sitting, stop)
        finally:
            await sitting.till.settle()
        await sitting.docket.flush()
        halt = Halt(kind="budget", reason=sitting.refusals[0]) if sitting.refusals else None
        return EvaluateOutput(evaluated=sitting.docket.evaluated, finished=finished, halt=halt)

    async def _decision(self, share: Share) -> str | None:
        config = (await self._runs.get(share)).config
        if config.stopping is None:
            return None
        counted = {"case_count": share.case_count, "decisions": config.decisions}
        decided = partial(self._decided, config.stopping, config.failed_counts_as, **counted)
        versions = [(each.label, each.version) for each in self._evaluators.open(config.evaluators[:1])]

        async def of(agent_no: int) -> Columns:
            return await self._records.columns(share.run_id, agent_no, versions)

        rivals = [no for no, agent in enumerate(config.agents) if agent.name == config.stopping.rival]
        own, rival = await of(share.agent_no), await of(rivals[0]) if rivals else None
        if share.agent_no not in rivals:
            return await asyncio.to_thread(decided, own, rival)
        # Whom all are held against is asked for as long as one of them is open.
        for other in range(len(config.agents)):
            if other not in rivals and not decided(await of(other), own):
                return None
        return "Decided for every agent that is held against it."

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

    async def _by_others(
        self, evaluators: Sequence[NamedEvaluator], batch: Batch, sitting: Sitting, stop: asyncio.Event
    ) -> bool:
        """Whether all of them were heard about every answer."""
        try:
            async with asyncio.TaskGroup() as group:
                heard = [
                    group.create_task(_by_other(evaluator, self._turns_of(evaluator, batch), answer, sitting, stop))
                    for evaluator in evaluators
                    for answer in sitting.answers
                    if evaluator.label in answer.lacks
                ]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        return all(task.result() for task in heard)

    def _turns_of(self, evaluator: NamedEvaluator, batch: Batch) -> asyncio.Semaphore:
        """Shared by the batches of a run: who waits for a turn must not wait within a time limit."""
        key = (batch.share.run_no, evaluator.label)
        turns = self._turns.get(key)
        if turns is None:
            turns = self._turns[key] = asyncio.Semaphore(evaluator.at_once)
        return turns


async def _by_other(
    evaluator: NamedEvaluator, turns: asyncio.Semaphore, answer: BatchAnswer, sitting: Sitting, stop: asyncio.Event
) -> bool:
    """Whether it was heard, before it was told to stop or nothing more might be spent."""
    async with turns:
        if stop.is_set() or sitting.refusals:
            return False
        purse = Purse(sitting.gate, sitting.till, stop)
        PURSE.set(purse)
        verdict = await _within_limit(evaluator, answer, sitting)
        if purse.withdrawn:
            # Whatever the evaluator made of it, and of the next, is no verdict.
            return False
        if purse.refusal is not None:
            sitting.refusals.append(purse.refusal)
            return False
        # Before the next one is bought: a crash loses what is in flight, and no more.
        await sitting.docket.keep([BatchVerdict(answer.key, evaluator.label, evaluator.version, verdict)])
    return True


async def _within_limit(evaluator: NamedEvaluator, answer: BatchAnswer, sitting: Sitting) -> Scored | Unscored:
    case, earlier = sitting.cases[answer.key.case_index], sitting.earlier[answer.key]
    try:
        async with asyncio.timeout(CONNECTED_LIMIT_S):
            return await verdict_of(evaluator.label, evaluator.evaluate(case, answer.reply, earlier))
    except TimeoutError:
        reason = f"The evaluator {evaluator.label!r} gave no verdict within {CONNECTED_LIMIT_S:g} s."
        return Unscored(reason=reason, cause="judge")
