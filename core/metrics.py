"""The figures of one agent in one run. Every mean comes with its interval and its n; None is "not known", never 0."""

from typing import Literal

from pydantic import Field

from core.model import Model
from core.outcomes import Cause
from core.verdicts import Spent, UnscoredCause


class Interval(Model):
    """Of 95 %; None where so few answers do not bound the figure on that side."""

    low: float | None
    high: float | None


class Proportion(Model):
    """A share with its 95 % Wilson score interval; where cases are asked several times, or come in clusters, the
    interval is that of the effective sample size, in which a case counts as one observation at most."""

    value: float
    low: float
    high: float
    successes: float
    n: int
    clusters: int | None = None
    """Where cases come in clusters: how many there are, counting a case that stands alone as one. They are what the
    interval takes as independent. None: the cases are."""


class Mean(Model):
    """A mean of scores 0..1 with its 95 % interval: the share's (`Proportion`) where all are right or wrong, else
    Student's t, clustered by case, or by the clusters that cases come in. Where that would leave 0..1, or nothing
    differs: Wilson's, of as many right and wrong answers as have the mean's standard error. No interval for fewer than
    two clusters."""

    value: float
    low: float | None
    high: float | None
    n: int
    clusters: int | None = None
    """As in a `Proportion`."""


LatencyFigure = Literal["mean", "p50", "p90", "p95", "p99"]


class Latency(Model):
    """Seconds, over answered questions."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    max: float
    intervals: dict[LatencyFigure, Interval] = Field(default_factory=dict[LatencyFigure, Interval])
    """By figure: of the mean by the bootstrap over clusters of answers (the cases, or what they share), never narrower
    than Student's t where they are fewer than 20, and Student's t beyond 500; of percentiles by order statistics."""


class Tokens(Model):
    """Sums over answered questions; None when no answer said."""

    input: int | None
    output: int | None
    per_answer: float | None
    """Mean output tokens of an answer."""
    per_answer_interval: Interval | None = None


class Cost(Model):
    """US dollars over answered questions. `unknown` counts answers without a known price."""

    total_usd: float | None
    per_answer_usd: float | None
    per_correct_usd: float | None
    unknown: int
    per_answer_interval: Interval | None = None
    per_correct_interval: Interval | None = None


class Figure(Model):
    """A figure of all answers together, which is no mean of their scores: a corpus's BLEU, a share of instructions.

    With a 95 % Wilson interval of as many independent answers as have its variance; none for fewer than two cases."""

    value: float = Field(ge=0, le=1)
    low: float | None
    high: float | None
    n: int
    """What it is a figure of: so many answers, or instructions, or whatever its evaluator counts."""


class ScoreSummary(Model):
    """One evaluator's view of the agent."""

    evaluator: str
    version: str
    mean: Mean | None
    accuracy: Proportion | None
    """Share of scores at 1.0; None where scores are graded rather than right or wrong."""
    scored: int
    unscored: int
    unscored_causes: dict[UnscoredCause, int] = Field(default_factory=dict[UnscoredCause, int])
    """Of answers only. `judge`: whom the evaluator asks could not be had, and a retry judges just those."""
    judging: Spent | None = None
    """What its judges cost, never a part of what the agent cost; None for an evaluator that asks nobody."""
    figures: dict[str, Figure] = Field(default_factory=dict[str, Figure])
    """What its scores come to together, by name, for evaluators that tell it; over what it scored."""


class Category(Model):
    accuracy: Proportion | None
    mean: Mean | None
    scored: int
    unscored: int
    failed: int


class TrialMetrics(Model):
    """What asking the cases several times tells. A success is a score of 1; None is "not known"."""

    most: int
    """The most scored trials of a case."""
    mean_of_means: Mean
    """The mean over cases of each case's mean score: cases count alike, however many of their trials were scored."""
    pass_at_k: dict[int, float] = Field(default_factory=dict[int, float])
    """By k: the chance that at least one of k tries succeeds (unbiased, Chen et al. 2021)."""
    pass_hat_k: dict[int, float] = Field(default_factory=dict[int, float])
    """By k: the chance that all of k tries succeed (pass^k, Yao et al. 2024)."""
    flip_rate: float | None
    """The chance that two trials of one case get different scores."""
    pass_at_k_intervals: dict[int, Interval] = Field(default_factory=dict[int, Interval])
    """By k; these and the next two as the mean latency's, and where all cases say the same, Wilson's."""
    pass_hat_k_intervals: dict[int, Interval] = Field(default_factory=dict[int, Interval])
    flip_rate_interval: Interval | None = None
    item_variance: float | None
    """Variance of scores between cases: more cases make it matter less."""
    trial_variance: float | None
    """Variance of scores between trials of one case: more trials make it matter less."""


class Bounds(Model):
    """Where the mean score would lie if the outcomes were known that were lost with their calls."""

    low: float
    """All of them wrong."""
    high: float
    """All of them right."""
    unknown: int
    """How many questions have such an outcome."""


class AgentMetrics(Model):
    """What is known of an agent after a run, by the benchmark's first evaluator where one decides."""

    accuracy: Proportion | None
    score: Mean | None
    scores: tuple[ScoreSummary, ...] = ()
    category_scores: dict[str, Category] = Field(default_factory=dict[str, Category])
    latency: Latency | None = None
    queue: Latency | None = None
    tokens: Tokens
    cost: Cost
    tokens_per_second: float | None = None
    """Efficiency: output tokens per second of call time."""
    tokens_per_second_interval: Interval | None = None
    clusters: int | None = None
    """How many clusters the cases come in, where the dataset names some; None: every case stands alone."""
    consistency: float | None = None
    """Mean over cases of the share of trials that agree with the case's most frequent score; None with one trial."""
    consistency_interval: Interval | None = None
    semantic_consistency: Mean | None = None
    """How alike the answers to one case are in meaning, 0..1: the mean cosine of pairs of their embeddings, mean over
    cases with two answers; None where the run did not ask for it."""
    unlike_unknown: int = 0
    """Cases of which it could not be measured."""
    trials: TrialMetrics | None = None
    """None where no case has two scored trials."""
    errors: dict[Cause, int] = Field(default_factory=dict[Cause, int])
    """Failed questions by cause; `core.causes` says what each means."""
    counted_wrong: int = 0
    """How many of them count as wrong answers, because the run asks for it."""
    bounds: Bounds | None = None
    """Of the score, by the first evaluator; None where no outcome is unknown."""
    answered: int
    failed: int
    unscored: int
    retried_calls: int = 0
    """Requests beyond the first of each question, those of workers that were lost included."""
    judging: Spent | None = None
    """What judges cost over all evaluators, apart from `tokens` and `cost`, which are the agent's."""
