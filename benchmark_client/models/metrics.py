"""Answers of the API about metrics, written by `python -m tests.benchmark_client.generation`."""

from pydantic import Field

from benchmark_client.models.answer import Answer


class Bounds(Answer):
    """Where the mean score would lie if the outcomes were known that were lost with their calls."""

    low: float
    high: float
    unknown: int


class Mean(Answer):
    """A mean of scores 0..1 with its 95 % interval: the share's (`Proportion`) where all are right or wrong, else
    Student's t, clustered by case, or by the clusters that cases come in. Where that would leave 0..1, or nothing
    differs: Wilson's, of as many right and wrong answers as have the mean's standard error. No interval for fewer
    than
    two clusters.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int
    clusters: int | None = None


class Proportion(Answer):
    """A share with its 95 % Wilson score interval; where cases are asked several times, or come in clusters, the
    interval is that of the effective sample size, in which a case counts as one observation at most.
    """

    value: float
    low: float
    high: float
    successes: float
    n: int
    clusters: int | None = None


class Category(Answer):
    accuracy: Proportion | None = None
    mean: Mean | None = None
    scored: int
    unscored: int
    failed: int


class MetricsInterval(Answer):
    """Of 95 %; None where so few answers do not bound the figure on that side."""

    low: float | None = None
    high: float | None = None


class Cost(Answer):
    """US dollars over answered questions. `unknown` counts answers without a known price."""

    total_usd: float | None = None
    per_answer_usd: float | None = None
    per_correct_usd: float | None = None
    unknown: int
    per_answer_interval: MetricsInterval | None = None
    per_correct_interval: MetricsInterval | None = None


class Latency(Answer):
    """Seconds, over answered questions."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    max: float
    intervals: dict[str, MetricsInterval] = Field(default_factory=dict)


class Figure(Answer):
    """A figure of all answers together, which is no mean of their scores: a corpus's BLEU, a share of instructions.

    With a 95 % Wilson interval of as many independent answers as have its variance; none for fewer than two cases.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int


class VerdictsSpent(Answer):
    """What judging one answer cost: never a part of what the agent cost. None is "nobody said"."""

    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


class ScoreSummary(Answer):
    """One evaluator's view of the agent."""

    evaluator: str
    version: str
    mean: Mean | None = None
    accuracy: Proportion | None = None
    scored: int
    unscored: int
    unscored_causes: dict[str, int] = Field(default_factory=dict)
    judging: VerdictsSpent | None = None
    figures: dict[str, Figure] = Field(default_factory=dict)


class Tokens(Answer):
    """Sums over answered questions; None when no answer said."""

    input: int | None = None
    output: int | None = None
    per_answer: float | None = None
    per_answer_interval: MetricsInterval | None = None


class TrialMetrics(Answer):
    """What asking the cases several times tells. A success is a score of 1; None is "not known"."""

    most: int
    mean_of_means: Mean
    pass_at_k: dict[str, float] = Field(default_factory=dict)
    pass_hat_k: dict[str, float] = Field(default_factory=dict)
    flip_rate: float | None = None
    pass_at_k_intervals: dict[str, MetricsInterval] = Field(default_factory=dict)
    pass_hat_k_intervals: dict[str, MetricsInterval] = Field(default_factory=dict)
    flip_rate_interval: MetricsInterval | None = None
    item_variance: float | None = None
    trial_variance: float | None = None


class AgentMetrics(Answer):
    """What is known of an agent after a run, by the benchmark's first evaluator where one decides."""

    accuracy: Proportion | None = None
    score: Mean | None = None
    scores: tuple[ScoreSummary, ...] = ()
    category_scores: dict[str, Category] = Field(default_factory=dict)
    latency: Latency | None = None
    queue: Latency | None = None
    tokens: Tokens
    cost: Cost
    tokens_per_second: float | None = None
    tokens_per_second_interval: MetricsInterval | None = None
    clusters: int | None = None
    consistency: float | None = None
    consistency_interval: MetricsInterval | None = None
    semantic_consistency: Mean | None = None
    unlike_unknown: int = 0
    trials: TrialMetrics | None = None
    errors: dict[str, int] = Field(default_factory=dict)
    counted_wrong: int = 0
    bounds: Bounds | None = None
    answered: int
    failed: int
    unscored: int
    retried_calls: int = 0
    judging: VerdictsSpent | None = None
