"""Answers of the API about runs, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import BenchmarkDefinition
from benchmark_client.models.metrics import AgentMetrics


class Counts(Answer):
    """How many questions are where. `answered + failed + pending = total`; `evaluated` is a part of `answered`."""

    total: int = 0
    answered: int = 0
    failed: int = 0
    evaluated: int = 0
    pending: int


class KnownPrice(Answer):
    """US dollars per million tokens."""

    input: float
    output: float
    cached_input: float | None = None
    source: Literal["agent", "operator", "table"] | str
    detail: str
    since: datetime | None = None
    revision: int | None = None


class Range(Answer):
    """About `expected`; hardly less than `low`, and no more than `high`, as far as anything is known."""

    low: float
    expected: float
    high: float | None = None


class TrackRecord(Answer):
    """What is recorded of earlier calls with the same settings."""

    runs: int
    answers: int
    input_tokens: float | None = None
    output_tokens: float | None = None
    output_low: float | None = None
    output_most: float | None = None
    latency_s: float | None = None
    same_questions: bool = False


class Part(Answer):
    """One agent, judge or embedding model of the run."""

    name: str
    role: Literal["agent", "judge", "embeddings"] | str
    calls: Range
    input_tokens: Range
    output_tokens: Range
    price: KnownPrice | None = None
    usd: Range | None = None
    seconds: float | None = None
    record: TrackRecord | None = None


class Estimate(Answer):
    """What a run would do. Nothing was started."""

    name: str
    cases: int
    agents: int
    trials: int
    calls: int
    judging_calls: Range
    input_tokens: Range
    output_tokens: Range
    usd: Range | None = None
    seconds: float | None = None
    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...]
    dry_run: Literal[True] = True


class LedgerTotals(Answer):
    """What faults cost: calls that were lost with their worker, and what came of them. Of settled questions."""

    unknown_calls: int = 0
    resent_calls: int = 0
    recovered_cases: int = 0
    late_answers: int = 0
    wasted_tokens: int = 0
    wasted_usd: float = 0.0


class BudgetsSpent(Answer):
    usd: float = 0.0
    tokens: int = 0
    calls: int = 0
    unpriced: int = 0


class RunAgent(Answer):
    """One agent's part of a run. `metrics` appear when the run is aggregated."""

    agent_id: str
    status: Literal["queued", "processing", "paused", "completed", "failed", "cancelled"] | str = "queued"
    counts: Counts
    ledger: LedgerTotals
    judging: BudgetsSpent
    error: str | None = None
    decision: str | None = None
    metrics: AgentMetrics | None = None
    validity: Literal["valid", "partial", "invalid"] | str | None = None
    coverage: float | None = None


class RunLinks(Answer):
    """Paths of this API, but for the address in the Temporal UI."""

    self: str
    items: str
    events: str
    results: str
    gate: str
    comparisons: str
    report: str | None = None
    ui: str | None = None
    temporal_ui: str | None = None


class Stall(Answer):
    """A run that does not move, and why."""

    cause: (
        Literal[
            "lost_start",
            "terminated",
            "no_worker",
            "worker_blocked",
            "temporal",
            "provider",
            "limits",
            "agent",
            "judge",
            "preparation",
            "unknown",
        ]
        | str
    )
    reason: str
    since: datetime


class RunView(Answer):
    run_id: str
    project_id: str = "default"
    name: str
    benchmark_type: str
    status: Literal["queued", "processing", "paused", "completed", "failed", "cancelled"] | str
    agents: tuple[RunAgent, ...]
    config: BenchmarkDefinition
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    updated_at: datetime
    error: str | None = None
    stalled: Stall | None = None
    validity: Literal["valid", "partial", "invalid"] | str | None = None
    case_count: int | None = None
    case_set: str | None = None
    round: int = 1
    asks: bool = True
    revision: int = 1
    forked_from: str | None = None
    reproduces: str | None = None
    schedule_id: str | None = None
    report_key: str | None = None
    live: bool = False
    verdict: Literal["passed", "failed", "inconclusive"] | str | None = None
    results_url: str
    links: RunLinks
    counts: Counts
    ledger: LedgerTotals
    judging: BudgetsSpent
    progress: float
    """0..1."""
