"""What two agents took for the same cases: seconds, tokens and dollars, as differences and as ratios."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.columns import CaseColumns, Columns
from core.comparisons import Finding, Resource, ResourceDifference, Terms
from evaluators.pairing import clusters_of_pairs, pairs_of
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import Estimate, cluster_sizes, clustered_mean
from evaluators.statistics.pairs import permutation_p
from evaluators.statistics.quantiles import probability_of_student
from evaluators.statistics.ratios import ratio_of_means

RESOURCES: tuple[Resource, ...] = ("latency_s", "input_tokens", "output_tokens", "cost_usd")
MOST_PERMUTED = 2_000
"""Cases or clusters; more take seconds, and the mean of so many is as good as normal."""


class Taken(NamedTuple):
    """One agent's cases, and its settled questions."""

    cases: CaseColumns
    questions: Columns


def resource_differences(baseline: Taken, candidate: Taken, terms: Terms) -> list[ResourceDifference]:
    """Of each resource that both sides know of two cases or more. p-values are not adjusted yet, and decide nothing."""
    pairs = pairs_of(baseline.cases, candidate.cases)
    found: list[ResourceDifference] = []
    for resource in RESOURCES:
        before = means_by_case(baseline, pairs.baseline, getattr(baseline.questions, resource))
        after = means_by_case(candidate, pairs.candidate, getattr(candidate.questions, resource))
        known = ~(np.isnan(before) | np.isnan(after))
        if known.sum() >= 2:
            clusters = clusters_of_pairs(pairs.only(known), baseline.cases)
            found.append(_difference(resource, before[known], after[known], clusters, terms))
    return found


def means_by_case(side: Taken, rows: Integers, values: Floats) -> Floats:
    """The mean of a question's value over the answers to each of these cases (rows of `cases`).

    `values` has one for each question, nan where it is not known; so has the result.
    """
    sums, counts = _sums_and_counts(side, rows, values)
    with np.errstate(invalid="ignore"):
        return sums / counts


def sums_by_case(side: Taken, rows: Integers, values: Floats) -> Floats:
    """The sum instead; nan for a case of which nothing is known."""
    sums, counts = _sums_and_counts(side, rows, values)
    return np.where(counts > 0, sums, np.nan)


def _sums_and_counts(side: Taken, rows: Integers, values: Floats) -> tuple[Floats, Integers]:
    known = ~np.isnan(values) & (side.questions.cause < 0)
    cases = side.questions.case_index[known].astype(np.int64)
    wanted = side.cases.case_index[rows]
    size = int(max(cases.max(initial=-1), wanted.max(initial=-1))) + 1
    counts = np.bincount(cases, minlength=size).astype(np.int64)
    sums = np.bincount(cases, weights=values[known], minlength=size).astype(np.float64)
    return sums[wanted], counts[wanted]


def _difference(
    resource: Resource, before: Floats, after: Floats, clusters: Integers | None, terms: Terms
) -> ResourceDifference:
    independent = np.arange(len(before)) if clusters is None else clusters
    found = clustered_mean(after - before, independent)
    low, high = found.interval(terms.confidence) or (None, None)
    ratio = ratio_of_means(after, before, independent, confidence=terms.confidence)
    p = _p(after - before, clusters, found, seed=terms.seed)
    return ResourceDifference(
        resource=resource,
        cases=len(before),
        clusters=None if clusters is None else len(cluster_sizes(clusters)),
        baseline=float(before.mean()),
        candidate=float(after.mean()),
        difference=found.mean,
        low=low,
        high=high,
        ratio=None if ratio is None else ratio.value,
        ratio_low=None if ratio is None else ratio.low,
        ratio_high=None if ratio is None else ratio.high,
        p=p,
        adjusted_p=p,
        finding="cannot_tell",
    )


def _p(changes: Floats, clusters: Integers | None, found: Estimate, *, seed: int) -> float:
    if found.clusters <= MOST_PERMUTED or not found.standard_error:
        return permutation_p(changes, clusters, seed=seed)
    return probability_of_student(found.mean / found.standard_error, found.clusters - 1)


def with_findings(
    found: Sequence[ResourceDifference], adjusted: Sequence[float], terms: Terms
) -> tuple[ResourceDifference, ...]:
    """Less is better; test and interval must both say so."""
    return tuple(
        each.model_copy(update={"adjusted_p": p, "finding": _finding(each, p, 1 - terms.confidence)})
        for each, p in zip(found, adjusted, strict=True)
    )


def _finding(found: ResourceDifference, p: float, level: float) -> Finding:
    if p > level or found.low is None or found.high is None:
        return "cannot_tell"
    if found.high < 0:
        return "improved"
    return "worse" if found.low > 0 else "cannot_tell"
