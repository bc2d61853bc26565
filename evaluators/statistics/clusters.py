"""Means of values that come in clusters: the trials of one case are alike, and so may be cases that share a passage."""

from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_normal, quantile_of_student


class Estimate(NamedTuple):
    """A mean and its standard error; None where there are fewer than two clusters to tell it from."""

    mean: float
    standard_error: float | None
    n: int
    clusters: int

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
        """mean -+ t * standard error, with one degree of freedom less than there are clusters.

        The normal quantile would be too small where clusters are few (Cameron and Miller, Journal of Human
        Resources 50 (2015), section VI.D).
        """
        if self.standard_error is None:
            return None
        half = quantile_of_student(confidence, self.clusters - 1) * self.standard_error
        return self.mean - half, self.mean + half


def clusters_of(cases: Integers, cluster: Integers | None) -> Integers:
    """One number for each value: its case's cluster, or the case itself where it has none (-1, or no clusters)."""
    if cluster is None or not len(cases):
        return cases.astype(np.int64)
    return np.where(cluster >= 0, cluster, int(cluster.max()) + 1 + cases).astype(np.int64)


def clustered_mean(values: Floats, clusters: Integers) -> Estimate:
    """The mean of values (n >= 1) and its standard error, robust to any correlation within a cluster.

    Miller, Adding Error Bars to Evals, arXiv:2411.00640 (2024), section 2.2: the variance is the sum over clusters
    of the squared sum of residuals, over n^2; here times G / (G - 1) for G clusters, which makes it the
    usual standard error of a mean where every cluster holds one value (Cameron and Miller 2015, equation 12).
    """
    n = len(values)
    mean = float(values.mean())
    sums = _residual_sums(values, clusters, mean)
    groups = len(sums)
    if groups < 2:
        return Estimate(mean, None, n, groups)
    return Estimate(mean, float(np.sqrt((sums**2).sum() * groups / (groups - 1)) / n), n, groups)


def effective_size(
    values: Floats, clusters: Integers, *, cases: int | None = None, confidence: float = CONFIDENCE
) -> float:
    """How many independent values tell as much: n over the design effect (Kish, Survey Sampling, 1965, chapter 8.2),
    but never more than one for each case, and at least 1.

    The design effect is itself an estimate, and a poor one of few clusters: trials that happen to disagree within the
    cases would make fifty trials of three cases look like 150 cases. However many trials, a case is one draw from
    what could have been asked. Without `cases` the clusters are the cases.

    Where clusters hold several of so many `cases`, few of them are made up for: by G / (G - 1), and by the square of
    the normal quantile over Student's (Korn and Graubard, Survey Methodology 24 (1998) 193-201), with as many degrees
    of freedom, plus one, as clusters of equal sizes that tell as much (n^2 over the sum of squared sizes: Carter,
    Schnepel and Steigerwald, Review of Economics and Statistics 99 (2017) 698-709, with all correlation within).
    """
    n = len(values)
    sums = _residual_sums(values, clusters, float(values.mean()))
    most, few = float(len(sums)), 1.0
    if cases is not None and cases > len(sums):
        if len(sums) < 2:
            return 1.0
        most, few = float(cases), _correction_of_few(cluster_sizes(clusters), confidence)
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0 or len(sums) == n:
        # Values that never differ do not tell how alike a cluster is: it counts as one.
        return max(1.0, float(len(sums)) * few)
    design_effect = max(1.0, float((sums**2).sum()) / total)
    return max(1.0, min(most, n / design_effect) * few)


def _correction_of_few(sizes: Integers, confidence: float) -> float:
    """What the size of a sample is multiplied by because it comes in so few clusters: 0..1, near 1 for many."""
    equal = float(sizes.sum()) ** 2 / float((sizes.astype(np.float64) ** 2).sum())
    quantiles = quantile_of_normal(confidence) / quantile_of_student(confidence, max(1.0, equal - 1))
    return quantiles**2 * (len(sizes) - 1) / len(sizes)


def cluster_means(values: Floats, clusters: Integers) -> Floats:
    """The mean of each cluster that occurs, in the order of their numbers."""
    return cluster_sums(values, clusters) / cluster_sizes(clusters)


def cluster_sums(values: Floats, clusters: Integers) -> Floats:
    """The sum of each cluster that occurs, in the order of their numbers."""
    # Numbers that count from 0 are counted, not sorted: a million in milliseconds.
    sums: Floats = np.bincount(clusters, weights=values).astype(np.float64)
    return sums[np.bincount(clusters) > 0]


def cluster_sizes(clusters: Integers) -> Integers:
    """How many values each cluster has that occurs, in the order of their numbers."""
    sizes = np.bincount(clusters)
    return sizes[sizes > 0].astype(np.int64)


def _residual_sums(values: Floats, clusters: Integers, mean: float) -> Floats:
    return cluster_sums(values - mean, clusters)
