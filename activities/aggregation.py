"""Aggregation: stored answers and verdicts become the figures of each agent, and the run's report."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Protocol

from pydantic import Field
from temporalio import activity

from activities.heartbeats import heartbeating
from activities.likeness import Repetitions
from core.benchmarks import FailedCountsAs
from core.columns import Columns
from core.ids import RunId
from core.metrics import AgentMetrics, Figure
from core.model import Model
from core.ports import Evaluators, Manifests, NamedEvaluator, ObjectStorage, RunRecords
from core.runs import Run, Validity
from core.verdicts import Figures, UnitCounts


class Summarize(Protocol):
    def __call__(self, columns: Columns, *, failed_counts_as: FailedCountsAs) -> AgentMetrics: ...


class Corpus(Protocol):
    """Adds up what an evaluator counted, unit after unit, and tells what it comes to."""

    def add(self, rows: Sequence[UnitCounts]) -> None: ...

    def figures(self) -> dict[str, Figure]: ...


JudgeValidity = Callable[[Sequence[float]], Validity]


class AggregateInput(Model):
    run_id: RunId
    asks: bool = True
    """Whether figures that ask others are measured: not once the run was cancelled."""


class AggregateOutput(Model):
    report_key: str
    validity: Validity
    round: int = 0
    """The last round that the record asks for."""
    fruitless: dict[int, str] = Field(default_factory=dict[int, str])
    """By agent number: why an agent that was asked everything has nothing to show. It counts as failed."""


class AggregationActivities:
    def __init__(
        self,
        *,
        runs: RunRecords,
        storage: ObjectStorage,
        evaluators: Evaluators,
        summarize: Summarize,
        corpus: Callable[[Figures], Corpus],
        judge_validity: JudgeValidity,
        manifests: Manifests | None = None,
        repetitions: Repetitions | None = None,
    ) -> None:
        self._runs = runs
        self._evaluators = evaluators
        self._storage = storage
        self._summarize = summarize
        self._corpus = corpus
        self._judge_validity = judge_validity
        self._manifests = manifests
        self._repetitions = repetitions

    @activity.defn
    async def aggregate(self, input: AggregateInput) -> AggregateOutput:
        """Computes and records the figures of every agent, and stores the report; doing it again replaces both."""
        with heartbeating():
            run = await self._runs.get(input.run_id)
            fruitless: dict[int, str] = {}
            every = range(len(run.agents))
            coverages = [await self._aggregate_agent(run, number, fruitless, asks=input.asks) for number in every]
            validity = self._judge_validity(coverages)
            report_key = f"reports/{run.run_id}/round-{run.round}.json"
            await self._runs.keep_report(run.run_id, report_key, validity=validity)
            recorded = await self._runs.get(input.run_id)
            report = recorded.model_dump_json(indent=2).encode()
            await self._storage.put(report_key, report, media_type="application/json")
            if self._manifests is not None:
                versions = [(each.label, each.version) for each in self._evaluators.open(run.config.evaluators)]
                # Of the configuration that was read first: the figures are of that.
                await self._manifests.keep(run.model_copy(update={"agents": recorded.agents}), versions)
        return AggregateOutput(report_key=report_key, validity=validity, round=recorded.round, fruitless=fruitless)

    async def _aggregate_agent(self, run: Run, agent_no: int, fruitless: dict[int, str], *, asks: bool) -> float:
        evaluators = self._evaluators.open(run.config.evaluators)
        columns = await self._runs.columns(run.run_id, agent_no, [(each.label, each.version) for each in evaluators])
        metrics = await asyncio.to_thread(self._summarize, columns, failed_counts_as=run.config.failed_counts_as)
        figures = [await self._figures(run, agent_no, evaluator) for evaluator in evaluators]
        together = [
            score.model_copy(update={"figures": own}) for score, own in zip(metrics.scores, figures, strict=True)
        ]
        metrics = metrics.model_copy(update={"scores": tuple(together)})
        if self._repetitions is not None:
            metrics = await self._repetitions.measured(run, agent_no, metrics, asks=asks)
        total = run.agents[agent_no].counts.total
        coverage = (metrics.answered - metrics.unscored + metrics.counted_wrong) / total if total else 0.0
        await self._runs.keep_metrics(
            run.run_id,
            agent_no,
            metrics,
            evaluated=columns.evaluators[0].judged,
            validity=self._judge_validity([coverage]),
            coverage=coverage,
        )
        if (reason := await self._nothing_to_show(run, agent_no, metrics)) is not None:
            fruitless[agent_no] = reason
            await self._runs.note_agent(run.run_id, agent_no, "failed", reason)
        return coverage

    async def _figures(self, run: Run, agent_no: int, evaluator: NamedEvaluator) -> dict[str, Figure]:
        """What the evaluator's scores come to together. One that breaks here has given its scores all the same."""
        if evaluator.figures is None:
            return {}
        corpus = self._corpus(evaluator.figures)
        async with aclosing(self._runs.counts(run.run_id, agent_no, (evaluator.label, evaluator.version))) as blocks:
            async for block in blocks:
                await asyncio.to_thread(corpus.add, block)
        try:
            return await asyncio.to_thread(corpus.figures)
        except Exception as error:  # noqa: BLE001 - evaluators are other people's code, too
            activity.logger.warning("figures_left_out", extra={"evaluator": evaluator.label, "error": repr(error)})
            return {}

    async def _nothing_to_show(self, run: Run, agent_no: int, metrics: AgentMetrics) -> str | None:
        """Why not one of its questions was scored, although all were asked; None when there is a score."""
        agent = run.agents[agent_no]
        asked_all = agent.status == "completed" and metrics.answered + metrics.failed == agent.counts.total
        if not asked_all or metrics.answered > metrics.unscored:
            return None
        trouble = await self._runs.trouble(run.run_id, agent_no, run.config.evaluators[0].label)
        if not metrics.answered:
            return f"No question got an answer; the last of {metrics.failed}: {trouble}"
        return f"No answer could be judged; the last of {metrics.unscored}: {trouble}"
