"""How many times the baseline's an agent's figure is, over the same cases: what relative rules of gates decide by.

Means are paired case by case. Percentiles, shares of questions and the price of a right answer are none: each side gets
its own interval, and the two are joined.
"""

import numpy as np

from core.columns import Columns
from core.gates import GateMetric
from evaluators.efficiency import answered_rows, latency_percentile
from evaluators.intervals import Fraction, intervals_of
from evaluators.pairing import Pairs, clusters_of_pairs, pairs_of
from evaluators.resources import Taken, means_by_case, sums_by_case
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import cluster_sizes, clusters_of, effective_size
from evaluators.statistics.proportions import wilson
from evaluators.statistics.ratios import Limits, Ratio, ratio_of_figures, ratio_of_means
from evaluators.statistics.trials import consistency, flip_rate

PERCENTILES: dict[GateMetric, float] = {"latency_p50_s": 50, "latency_p95_s": 95, "latency_p99_s": 99}


def ratio_of(metric: GateMetric, before: Taken, after: Taken, confidence: float) -> Ratio | None:
    """Candidate over baseline. None where fewer than two cases tell it of both sides, or the baseline's is 0."""
    pairs = pairs_of(before.cases, after.cases)
    if len(pairs.baseline) < 2:
        return None
    baseline, candidate = _by_case(metric, before, pairs.baseline), _by_case(metric, after, pairs.candidate)
    if baseline is not None and candidate is not None:
        return _paired(baseline, candidate, pairs, before, confidence)
    top = _limits(metric, _of_cases(after, pairs.candidate), confidence)
    bottom = _limits(metric, _of_cases(before, pairs.baseline), confidence)
    return None if top is None or bottom is None else ratio_of_figures(top, bottom)


def _paired(baseline: Floats, candidate: Floats, pairs: Pairs, before: Taken, confidence: float) -> Ratio | None:
    known = ~(np.isnan(baseline) | np.isnan(candidate))
    if known.sum() < 2:
        return None
    clusters = clusters_of_pairs(pairs.only(known), before.cases)
    independent = np.arange(int(known.sum())) if clusters is None else clusters
    return ratio_of_means(candidate[known], baseline[known], independent, confidence=confidence)


def _by_case(metric: GateMetric, side: Taken, rows: Integers) -> Floats | None:
    """For figures that are means over cases, what each case adds; nan where it is not known."""
    match metric:
        case "latency_mean_s":
            return means_by_case(side, rows, side.questions.latency_s)
        case "output_tokens_per_answer":
            return means_by_case(side, rows, side.questions.output_tokens)
        case "cost_per_answer_usd":
            return means_by_case(side, rows, side.questions.cost_usd)
        case "cost_total_usd":
            return sums_by_case(side, rows, side.questions.cost_usd)
        case "consistency" | "flip_rate":
            return _of_trials(metric, side, rows)
        case _:
            return None


def _of_trials(metric: GateMetric, side: Taken, rows: Integers) -> Floats:
    found = np.full(int(side.cases.case_index.max(initial=0)) + 1, np.nan)
    if side.questions.evaluators:
        first = side.questions.evaluators[0]
        cases = side.questions.case_index[first.scored].astype(np.int64)
        tell = consistency if metric == "consistency" else flip_rate
        found[np.flatnonzero(np.bincount(cases))] = tell(first.values[first.scored], cases)
    return found[side.cases.case_index[rows]]


def _of_cases(side: Taken, rows: Integers) -> Columns:
    """The questions about these cases only."""
    return side.questions.only(np.isin(side.questions.case_index, side.cases.case_index[rows]))


def _limits(metric: GateMetric, questions: Columns, confidence: float) -> Limits | None:
    answered = questions.cause < 0
    match metric:
        case "coverage":
            # A failure that counts as a wrong answer is scored, too.
            scored = questions.evaluators[0].scored if questions.evaluators else np.zeros_like(answered)
            return _share(scored.astype(np.float64), questions, confidence)
        case "failed_share":
            return _share((~answered).astype(np.float64), questions, confidence)
        case "cost_per_correct_usd":
            return _per_correct(questions, confidence)
        case _:
            return latency_percentile(answered_rows(questions, answered), PERCENTILES[metric], confidence=confidence)


def _share(values: Floats, questions: Columns, confidence: float) -> Limits:
    cases = questions.case_index.astype(np.int64)
    clusters, count = clusters_of(cases, questions.cluster), len(cluster_sizes(cases))
    size = effective_size(values, clusters, cases=count, confidence=confidence)
    found = wilson(float(values.sum()), len(values), effective_n=size, confidence=confidence)
    return Limits(found.value, found.low, found.high)


def _per_correct(questions: Columns, confidence: float) -> Limits | None:
    rows = answered_rows(questions, questions.cause < 0)
    if not rows.right.sum() or rows.unpriced:
        return None
    found = intervals_of([Fraction(rows.cost_usd, rows.right)], rows.clusters, confidence=confidence)[0]
    value = float(rows.cost_usd.sum() / rows.right.sum())
    return Limits(value, found and found.low, found and found.high)
