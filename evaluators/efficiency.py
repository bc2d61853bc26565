"""What answers took: seconds, tokens and dollars, each figure with its interval over cases."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.columns import Columns
from core.metrics import Cost, Interval, Latency, LatencyFigure, Tokens
from evaluators.intervals import Fraction, intervals_of, over_known
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import cluster_sizes, clusters_of, effective_size
from evaluators.statistics.quantiles import CONFIDENCE, percentile_interval, percentiles
from evaluators.statistics.ratios import Limits

Mask = NDArray[np.bool_]
PERCENTILES: dict[LatencyFigure, float] = {"p50": 50, "p90": 90, "p95": 95, "p99": 99}


class Efficiency(NamedTuple):
    latency: Latency | None
    queue: Latency | None
    tokens: Tokens
    cost: Cost
    tokens_per_second: float | None
    tokens_per_second_interval: Interval | None


class Rows(NamedTuple):
    """The answered questions; nan means "not known"."""

    latency_s: Floats
    queue_s: Floats
    input_tokens: Floats
    output_tokens: Floats
    cost_usd: Floats
    right: Floats
    """1 for a right answer, else 0."""
    cases: Integers
    clusters: Integers
    """What is independent of each other: cases, or what they share."""

    @property
    def unpriced(self) -> int:
        return int(np.isnan(self.cost_usd).sum())

    @property
    def timed(self) -> Mask:
        """With tokens and the seconds they took."""
        return ~np.isnan(self.output_tokens) & (np.nan_to_num(self.latency_s) > 0)


def efficiency(columns: Columns, answered: Mask) -> Efficiency:
    """Over the answered questions. None stands for what nobody knows, never 0 and never nan."""
    rows = answered_rows(columns, answered)
    latency, per_answer, cost, per_correct, rate = intervals_of(_fractions(rows), rows.clusters)
    return Efficiency(
        latency=_latency(rows.latency_s, _latency_intervals(rows, latency)),
        queue=_latency(rows.queue_s, {}),
        tokens=_tokens(rows, per_answer),
        cost=_cost(rows, cost, per_correct),
        tokens_per_second=(value := _tokens_per_second(rows)),
        tokens_per_second_interval=None if value is None else rate,
    )


def _fractions(rows: Rows) -> Iterator[Fraction]:
    """Seconds, tokens and dollars of an answer, dollars of a right one, tokens a second."""
    yield over_known(rows.latency_s)
    yield over_known(rows.output_tokens)
    yield over_known(rows.cost_usd)
    yield Fraction(np.nan_to_num(rows.cost_usd), rows.right)
    yield Fraction(np.where(rows.timed, rows.output_tokens, 0), np.where(rows.timed, rows.latency_s, 0))


def answered_rows(columns: Columns, answered: Mask) -> Rows:
    cases = columns.case_index[answered].astype(np.int64)
    first = columns.evaluators[0] if columns.evaluators else None
    right = np.zeros(len(cases)) if first is None else (first.scored & (first.values >= 1))[answered].astype(np.float64)
    return Rows(
        latency_s=columns.latency_s[answered],
        queue_s=columns.queue_s[answered],
        input_tokens=columns.input_tokens[answered],
        output_tokens=columns.output_tokens[answered],
        cost_usd=columns.cost_usd[answered],
        right=right,
        cases=cases,
        clusters=clusters_of(cases, None if columns.cluster is None else columns.cluster[answered]),
    )


def latency_percentile(rows: Rows, share: float, *, confidence: float = CONFIDENCE) -> Limits | None:
    """Seconds within which so many percent (0..100) of the answers came; None where nobody timed any."""
    known = ~np.isnan(rows.latency_s)
    seconds = np.sort(rows.latency_s[known])
    if not len(seconds):
        return None
    value = percentiles(seconds, (share,))[0]
    # How far a percentile is off is how far the share below it is.
    below = (rows.latency_s[known] <= value).astype(np.float64)
    cases = len(cluster_sizes(rows.cases[known]))
    size = effective_size(below, rows.clusters[known], cases=cases, confidence=confidence)
    low, high = percentile_interval(seconds, share, effective_n=size, confidence=confidence)
    return Limits(value, low, high)


def _latency_intervals(rows: Rows, mean: Interval | None) -> dict[LatencyFigure, Interval]:
    found: dict[LatencyFigure, Interval] = {} if mean is None else {"mean": mean}
    for name, share in PERCENTILES.items():
        if (limits := latency_percentile(rows, share)) is not None:
            found[name] = Interval(low=limits.low, high=limits.high)
    return found


def _latency(seconds: Floats, intervals: dict[LatencyFigure, Interval]) -> Latency | None:
    known = _known(seconds)
    if not len(known):
        return None
    p50, p90, p95, p99 = percentiles(known, tuple(PERCENTILES.values()))
    return Latency(
        mean=float(known.mean()), p50=p50, p90=p90, p95=p95, p99=p99, max=float(known.max()), intervals=intervals
    )


def _tokens(rows: Rows, per_answer: Interval | None) -> Tokens:
    sent, received = _known(rows.input_tokens), _known(rows.output_tokens)
    return Tokens(
        input=int(sent.sum()) if len(sent) else None,
        output=int(received.sum()) if len(received) else None,
        per_answer=float(received.mean()) if len(received) else None,
        per_answer_interval=per_answer,
    )


def _cost(rows: Rows, per_answer: Interval | None, per_correct: Interval | None) -> Cost:
    """Over answers with a known price; the price of a right answer only where every price is known."""
    costs = _known(rows.cost_usd)
    if not len(costs):
        return Cost(total_usd=None, per_answer_usd=None, per_correct_usd=None, unknown=rows.unpriced)
    total = float(costs.sum())
    right = int(rows.right.sum())
    told = bool(right) and not rows.unpriced
    return Cost(
        total_usd=total,
        per_answer_usd=total / len(costs),
        per_correct_usd=total / right if told else None,
        unknown=rows.unpriced,
        per_answer_interval=per_answer,
        per_correct_interval=per_correct if told else None,
    )


def _tokens_per_second(rows: Rows) -> float | None:
    seconds = float(rows.latency_s[rows.timed].sum())
    return float(rows.output_tokens[rows.timed].sum()) / seconds if seconds else None


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]
