"""A run and its agents, as people see them."""

from datetime import datetime
from functools import reduce
from typing import Literal

from pydantic import Field, computed_field

from core.benchmarks import BenchmarkDefinition
from core.budgets import Spent
from core.ids import DEFAULT_PROJECT, RunId
from core.metrics import AgentMetrics
from core.model import Model
from core.stalls import Stall

RunStatus = Literal["queued", "processing", "paused", "completed", "failed", "cancelled"]
ENDED: frozenset[RunStatus] = frozenset({"completed", "failed", "cancelled"})
Validity = Literal["valid", "partial", "invalid"]


class Counts(Model):
    """How many questions are where. `answered + failed + pending = total`; `evaluated` is a part of `answered`."""

    total: int = 0
    answered: int = 0
    failed: int = 0
    evaluated: int = 0

    @computed_field
    @property
    def pending(self) -> int:
        return self.total - self.answered - self.failed

    def plus(self, other: "Counts") -> "Counts":
        return Counts(
            total=self.total + other.total,
            answered=self.answered + other.answered,
            failed=self.failed + other.failed,
            evaluated=self.evaluated + other.evaluated,
        )

    @property
    def progress(self) -> float:
        """Share of the work done, 0..1: asking and evaluating each count half."""
        if not self.total:
            return 0.0
        return (self.answered + self.failed + self.failed + self.evaluated) / (2 * self.total)


class LedgerTotals(Model):
    """What faults cost: calls that were lost with their worker, and what came of them. Of settled questions."""

    unknown_calls: int = 0
    """Calls whose worker was lost before it told their outcome."""
    resent_calls: int = 0
    """Calls that were sent again for that reason."""
    recovered_cases: int = 0
    """Questions that lost a call, and have an answer all the same."""
    late_answers: int = 0
    """Outcomes of lost calls that came in after all, when they counted no more."""
    wasted_tokens: int = 0
    """Input and output tokens of late answers, where the provider said."""
    wasted_usd: float = 0.0
    """Their price, where it is known."""

    def plus(self, other: "LedgerTotals") -> "LedgerTotals":
        return LedgerTotals.model_validate(
            {name: getattr(self, name) + getattr(other, name) for name in LedgerTotals.model_fields}
        )


class RunAgent(Model):
    """One agent's part of a run. `metrics` appear when the run is aggregated."""

    agent_id: str
    """The agent's name in the run."""
    status: RunStatus = "queued"
    counts: Counts = Counts()
    ledger: LedgerTotals = LedgerTotals()
    judging: Spent = Spent()
    """What went to judges and embedding models for its answers so far: no part of the calls in the ledger."""
    error: str | None = None
    """Why this agent's part failed, in a sentence."""
    decision: str | None = None
    """Why it was not asked all cases, if the run stops at a decision: what was decided, in a sentence."""
    metrics: AgentMetrics | None = None
    validity: Validity | None = None
    coverage: float | None = None
    """Share of the questions that were answered and scored, 0..1."""


class Run(Model):
    run_id: RunId
    project_id: str = DEFAULT_PROJECT
    name: str
    benchmark_type: str
    status: RunStatus
    agents: tuple[RunAgent, ...]
    config: BenchmarkDefinition
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    updated_at: datetime
    error: str | None = None
    """Why the run failed, or what it waits for, in a sentence."""
    stalled: Stall | None = None
    """Why it does not move, if it should and does not."""
    validity: Validity | None = None
    case_count: int | None = None
    case_set: str | None = None
    """sha256 of the cases asked; equal means the same questions."""
    round: int = 1
    """Raised by each `retry`: failures of earlier rounds are asked again."""
    asks: bool = True
    """False in a round that only judges stored answers anew."""
    revision: int = 1
    """Raised by every change to the run's configuration; a change may name the one it knows (`If-Match`)."""
    forked_from: str | None = None
    """The run whose answers were taken over where the question is the same."""
    reproduces: str | None = None
    """The run that this one is to do again: with its very cases, whatever their source has by now."""
    schedule_id: str | None = None
    """The schedule that started it; null where somebody did."""
    report_key: str | None = None
    live: bool = Field(default=False)
    """True when the counts came from the workflow itself, not from the record."""

    @computed_field
    @property
    def counts(self) -> Counts:
        return reduce(Counts.plus, [agent.counts for agent in self.agents] or [Counts()])

    @computed_field
    @property
    def ledger(self) -> LedgerTotals:
        return reduce(LedgerTotals.plus, [agent.ledger for agent in self.agents] or [LedgerTotals()])

    @computed_field
    @property
    def judging(self) -> Spent:
        return reduce(Spent.plus, [agent.judging for agent in self.agents] or [Spent()])

    @computed_field
    @property
    def progress(self) -> float:
        """0..1."""
        return 1.0 if self.status == "completed" else round(self.counts.progress, 4)
