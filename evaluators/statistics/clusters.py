"""Means of values that come in clusters: the trials of one case are alike, and count together."""

from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_student


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


def effective_size(values: Floats, clusters: Integers) -> float:
    """How many independent values tell as much: n over the design effect (Kish, Survey Sampling, 1965, chapter 8.2),
    but never more than one for each cluster, and at least 1.

    The design effect is itself an estimate, and a poor one of few clusters: trials that happen to disagree within the
    cases would make fifty trials of three cases look like 150 cases. However many trials, a case is one draw from
    what could have been asked.
    """
    n = len(values)
    sums = _residual_sums(values, clusters, float(values.mean()))
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0 or len(sums) == n:
        return float(len(sums))
    design_effect = max(1.0, float((sums**2).sum()) / total)
    return max(1.0, min(float(len(sums)), n / design_effect))


def cluster_means(values: Floats, clusters: Integers) -> Floats:
    """The mean of each cluster that occurs, in the order of their numbers."""
    _, places, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    return np.bincount(places, weights=values) / sizes


def _residual_sums(values: Floats, clusters: Integers, mean: float) -> Floats:
    """One sum of residuals for each cluster that occurs."""
    present, places = np.unique(clusters, return_inverse=True)
    return np.bincount(places, weights=values - mean, minlength=len(present)).astype(np.float64)
