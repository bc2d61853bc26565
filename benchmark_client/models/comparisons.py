"""Answers of the API about comparisons, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from benchmark_client.models.answer import Answer
from benchmark_client.models.metrics import Mean, Proportion
from benchmark_client.models.results import FieldDifference


class CalibrationLevel(Answer):
    """What a gate may demand of a judge."""

    statistic: Literal["kappa", "weighted_kappa"] | str = "kappa"
    min_kappa: float = 0.6
    min_judged: int = 50
    max_age_days: float | None = None
    max_position_bias: float | None = None
    same_models: bool = True


class CaseSetRuns(Answer):
    """Other questions that runs of this name asked; they have leaderboards of their own."""

    case_set: str
    cases: int
    runs: int


class ComparedAgent(Answer):
    run_id: str
    run_name: str
    agent_id: str
    coverage: float | None = None
    trials: int
    case_set: str | None = None


class ComparisonLinks(Answer):
    self: str
    flips: str


class Coverage(Answer):
    """Cases with a score by the evaluator that decides."""

    both: int
    baseline_only: int
    candidate_only: int


class Mismatch(Answer):
    """Something besides the agent that differs between the two sides."""

    kind: Literal["dataset", "evaluators", "prompt", "coverage", "trials"] | str
    detail: str
    refuses: bool


class ResourceDifference(Answer):
    """What the answers took, candidate minus baseline, over the cases where both sides know it; less is better."""

    resource: Literal["latency_s", "input_tokens", "output_tokens", "cost_usd"] | str
    cases: int
    clusters: int | None = None
    baseline: float
    candidate: float
    difference: float
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    p: float
    adjusted_p: float
    finding: Literal["improved", "worse", "cannot_tell"] | str


class ScoreDifference(Answer):
    """Candidate minus baseline, over the cases that both have a score for. Without such cases all figures are None."""

    evaluator: str
    category: str | None = None
    cases: int
    clusters: int | None = None
    baseline: float | None = None
    candidate: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    bootstrap: tuple[float, float] | None = None
    better: int
    worse: int
    mcnemar_p: float
    permutation_p: float
    adjusted_p: float
    detectable: float | None = None
    finding: Literal["improved", "worse", "cannot_tell"] | str


class Terms(Answer):
    """How a comparison decides."""

    confidence: float = 0.95
    correction: Literal["holm", "benjamini_hochberg", "none"] | str = "holm"
    seed: int = 0


class ComparisonView(Answer):
    finding: Literal["improved", "worse", "cannot_tell"] | str
    sentence: str
    scores: tuple[ScoreDifference, ...]
    categories: tuple[ScoreDifference, ...]
    coverage: Coverage
    resources: tuple[ResourceDifference, ...] = ()
    comparison_id: str
    project_id: str = "default"
    created_at: datetime
    baseline: ComparedAgent
    candidate: ComparedAgent
    terms: Terms
    mismatches: tuple[Mismatch, ...]
    made_of: tuple[FieldDifference, ...] = ()
    links: ComparisonLinks


class FlipView(Answer):
    direction: Literal["better", "worse"] | str
    case_id: str
    category: str | None = None
    baseline: float
    candidate: float
    baseline_index: int
    candidate_index: int
    baseline_items: str
    candidate_items: str


class Relative(Answer):
    """Against a baseline run, case by case. A score may be `margin` worse; another metric at most `ratio` times as
    large, or at least where more is better. The intervals of all relative rules of a policy hold together with 95
    %.
    """

    metric: (
        Literal[
            "accuracy",
            "score",
            "pass_at_k",
            "pass_hat_k",
            "consistency",
            "flip_rate",
            "coverage",
            "failed_share",
            "latency_mean_s",
            "latency_p50_s",
            "latency_p95_s",
            "latency_p99_s",
            "cost_total_usd",
            "cost_per_answer_usd",
            "cost_per_correct_usd",
            "output_tokens_per_answer",
        ]
        | str
    ) = "accuracy"
    evaluator: str | None = None
    category: str | None = None
    advisory: bool = False
    doubt: Literal["inconclusive", "passed"] | str = "inconclusive"
    margin: float = 0.0
    ratio: float | None = None


class Requirements(Answer):
    """What the run must be before its figures are judged; otherwise the gate is inconclusive."""

    coverage: float = 0.95
    validity: Literal["valid", "partial", "invalid"] | str = "partial"
    judges: CalibrationLevel | None = None


class Threshold(Answer):
    """An absolute bound. Where the metric has an interval, all of it must lie on the right side to pass, and all of it
    on the wrong side to fail.
    """

    metric: (
        Literal[
            "accuracy",
            "score",
            "pass_at_k",
            "pass_hat_k",
            "consistency",
            "flip_rate",
            "coverage",
            "failed_share",
            "latency_mean_s",
            "latency_p50_s",
            "latency_p95_s",
            "latency_p99_s",
            "cost_total_usd",
            "cost_per_answer_usd",
            "cost_per_correct_usd",
            "output_tokens_per_answer",
        ]
        | str
    ) = "accuracy"
    evaluator: str | None = None
    category: str | None = None
    advisory: bool = False
    doubt: Literal["inconclusive", "passed"] | str = "inconclusive"
    at_least: float | None = None
    at_most: float | None = None
    k: int | None = None


class Tier(Answer):
    """A level to reach, such as gold."""

    name: str
    thresholds: tuple[Threshold, ...]


class GatePolicy(Answer):
    """What every agent of a run must show."""

    name: str
    description: str = ""
    requires: Requirements
    thresholds: tuple[Threshold, ...] = ()
    relative: tuple[Relative, ...] = ()
    tiers: tuple[Tier, ...] = ()


class RuleOutcome(Answer):
    """One rule for one agent."""

    agent_id: str
    rule: str
    verdict: Literal["passed", "failed", "inconclusive"] | str
    advisory: bool
    tier: str | None = None
    reason: str
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Gate(Answer):
    """A judgement as it is kept."""

    verdict: Literal["passed", "failed", "inconclusive"] | str
    reasons: tuple[str, ...]
    tiers: dict[str, str | None] = Field(default_factory=dict)
    rules: tuple[RuleOutcome, ...]
    gate_id: str
    project_id: str = "default"
    run_id: str
    baseline_run_id: str | None = None
    policy: GatePolicy
    created_at: datetime


class LeftOut(Answer):
    agent_id: str
    settings: str
    run_id: str
    reason: str


class LeaderboardsStanding(Answer):
    """One agent."""

    rank: int
    rank_low: int
    rank_high: int
    agent_id: str
    settings: str
    agent_version: int | None = None
    run_id: str
    accuracy: Proportion | None = None
    score: Mean
    coverage: float | None = None
    tied_with: tuple[str, ...]
    cost_per_answer_usd: float | None = None
    latency_p50_s: float | None = None


class Leaderboard(Answer):
    benchmark: str
    case_set: str
    cases: int
    evaluator: str
    version: str
    sentence: str
    standings: tuple[LeaderboardsStanding, ...]
    left_out: tuple[LeftOut, ...]
    other_case_sets: tuple[CaseSetRuns, ...]
