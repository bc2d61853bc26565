"""Gates: what a run must show to pass, and what was judged. A policy is the YAML file, the REST body and the record."""

from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from core.calibrations import CalibrationLevel
from core.ids import DEFAULT_PROJECT
from core.model import Model, Name
from core.runs import Validity

GateVerdict = Literal["passed", "failed", "inconclusive"]
"""inconclusive: the run does not tell; more cases or trials would."""
GateMetric = Literal[
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
"""accuracy: share of right answers; score: mean score, also of graded ones; coverage: share of questions that were
answered and scored; failed_share: share of questions without an answer; the rest as in an agent's metrics."""
SCORES: frozenset[GateMetric] = frozenset({"accuracy", "score"})
"""Metrics that every evaluator and every category has, each with its interval."""
MORE_IS_BETTER: frozenset[GateMetric] = frozenset({"consistency", "coverage"})
"""Metrics whose `ratio` is a bound from below; of all others less is better."""
OF_TRIALS: frozenset[GateMetric] = frozenset({"pass_at_k", "pass_hat_k"})


class Rule(Model):
    """What all rules share."""

    metric: GateMetric = "accuracy"
    evaluator: Name | None = None
    """For `accuracy` and `score`; default: the run's first evaluator, which decides."""
    category: str | None = Field(default=None, max_length=1000)
    """For `accuracy` and `score` of the first evaluator: only cases of this category."""
    advisory: bool = False
    """The rule is judged and told, and decides nothing."""
    doubt: Literal["inconclusive", "passed"] = "inconclusive"
    """What it comes to when the interval allows both. `passed` asks for no proof, only for no proof of the contrary."""

    @model_validator(mode="after")
    def _parts_of_scores(self) -> "Rule":
        if self.metric not in SCORES and (self.evaluator or self.category):
            raise ValueError("`evaluator` and `category` go with the metrics accuracy and score")
        if self.evaluator and self.category:
            raise ValueError("give either `evaluator` or `category`: categories are those of the first evaluator")
        return self


class Threshold(Rule):
    """An absolute bound. Where the metric has an interval, all of it must lie on the right side to pass, and all of it
    on the wrong side to fail."""

    at_least: float | None = None
    at_most: float | None = None
    k: int | None = Field(default=None, ge=1, le=1000)
    """For `pass_at_k` and `pass_hat_k`."""

    @model_validator(mode="after")
    def _bounded(self) -> "Threshold":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give either `at_least` or `at_most`")
        if (self.k is None) == (self.metric in OF_TRIALS):
            raise ValueError("`k` goes with the metrics pass_at_k and pass_hat_k, and they need it")
        return self


class Relative(Rule):
    """Against a baseline run, case by case. A score may be `margin` worse; another metric at most `ratio` times as
    large, or at least where more is better. The intervals of all relative rules of a policy hold together with 95 %."""

    margin: float = Field(default=0.0, ge=0, le=1)
    """For `accuracy` and `score`, on their scale of 0 to 1: passed when the interval of the difference lies above
    -margin, failed when it lies below."""
    ratio: float | None = Field(default=None, gt=0)
    """For every other metric: passed when the interval of the ratio to the baseline's, over the same cases, lies at or
    below this, failed when it lies above. For consistency and coverage, where more is better, the other way round: 0.95
    allows no less than 95 % of the baseline's."""

    @model_validator(mode="after")
    def _bounded(self) -> "Relative":
        if (self.ratio is None) != (self.metric in SCORES):
            raise ValueError("`margin` goes with accuracy and score, `ratio` with every other metric, which needs it")
        if self.metric in OF_TRIALS:
            raise ValueError("pass_at_k and pass_hat_k have no relative rule; use an absolute threshold")
        return self


class Requirements(Model):
    """What the run must be before its figures are judged; otherwise the gate is inconclusive."""

    coverage: float = Field(default=0.95, ge=0, le=1)
    """The least share of each agent's questions that were answered and scored."""
    validity: Validity = "partial"
    """The least validity of each agent."""
    judges: CalibrationLevel | None = None
    """How closely every judge among the evaluators must have been calibrated; None does not ask."""


class Tier(Model):
    """A level to reach, such as gold."""

    name: Name
    thresholds: tuple[Threshold, ...] = Field(min_length=1, max_length=100)


class GatePolicy(Model):
    """What every agent of a run must show."""

    name: Name
    description: str = ""
    requires: Requirements = Requirements()
    thresholds: tuple[Threshold, ...] = Field(default=(), max_length=100)
    relative: tuple[Relative, ...] = Field(default=(), max_length=100)
    """Against the baseline that the gate is asked with."""
    tiers: tuple[Tier, ...] = Field(default=(), max_length=10)
    """The best first. The last one must be reached; the others are told."""

    @model_validator(mode="after")
    def _says_something(self) -> "GatePolicy":
        if not (self.thresholds or self.relative or self.tiers):
            raise ValueError("a policy needs `thresholds`, `relative` or `tiers`")
        return self


class GateRequest(Model):
    policy: GatePolicy
    baseline: str | None = Field(default=None, max_length=200)
    """The run that relative rules compare with."""


class RuleOutcome(Model):
    """One rule for one agent."""

    agent_id: str
    rule: str
    """What was asked for, in words."""
    verdict: GateVerdict
    advisory: bool
    tier: str | None = None
    reason: str
    """What was seen, in a sentence."""
    value: float | None = None
    """The figure; of a relative rule the difference of scores, or the ratio."""
    low: float | None = None
    high: float | None = None


class Judgement(Model):
    """What a policy says of a run."""

    verdict: GateVerdict
    reasons: tuple[str, ...]
    """Why it did not pass: the sentences that decided. Empty when it passed."""
    tiers: dict[str, str | None] = Field(default_factory=dict[str, str | None])
    """By agent, the best tier it reached; empty where the policy has none."""
    rules: tuple[RuleOutcome, ...]


class Gate(Judgement):
    """A judgement as it is kept."""

    gate_id: str
    project_id: str = DEFAULT_PROJECT
    run_id: str
    baseline_run_id: str | None
    policy: GatePolicy
    created_at: datetime
