"""Estimates with their uncertainty: pure functions of numbers, each citing its source."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.metrics import Proportion

CONFIDENCE = 0.95

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Estimate(NamedTuple):
    """A mean and its standard error; None where there are fewer than two clusters to tell it from."""

    mean: float
    standard_error: float | None
    n: int

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
        """The normal interval mean -+ z * standard error."""
        if self.standard_error is None:
            return None
        half = quantile_of_normal(confidence) * self.standard_error
        return self.mean - half, self.mean + half


def quantile_of_normal(confidence: float) -> float:
    """z such that a standard normal variable is within -+z with this probability: 1.95996 for 0.95."""
    # Half a second of imports that a worker needs when it aggregates, not when it starts.
    from scipy.special import ndtri  # pyright: ignore[reportMissingTypeStubs]

    return float(ndtri(0.5 + confidence / 2))


def wilson(successes: float, n: int, *, effective_n: float | None = None, confidence: float = CONFIDENCE) -> Proportion:
    """The share successes / n with its Wilson score interval, 0 <= low <= share <= high <= 1.

    Wilson, Journal of the American Statistical Association 22 (1927) 209-212; without continuity correction.
    `effective_n` (at most n) takes the place of n in the interval when observations are not independent
    (Kish, Survey Sampling, 1965, chapter 8.2: n over the design effect). n must be positive.
    """
    size = n if effective_n is None else effective_n
    z2 = quantile_of_normal(confidence) ** 2
    share = successes / n
    centre = (share + z2 / (2 * size)) / (1 + z2 / size)
    half = (z2 * (share * (1 - share) / size + z2 / (4 * size**2))) ** 0.5 / (1 + z2 / size)
    low = 0.0 if successes == 0 else max(0.0, min(share, centre - half))
    high = 1.0 if successes == n else min(1.0, max(share, centre + half))
    return Proportion(value=share, low=low, high=high, successes=successes, n=n)


def clustered_mean(values: Floats, clusters: Integers) -> Estimate:
    """The mean of values (n >= 1) and its standard error, robust to any correlation within a cluster.

    Miller, Adding Error Bars to Evals, arXiv:2411.00640 (2024), section 2.2: the variance is the sum over clusters
    of the squared sum of residuals, over n^2; here times G / (G - 1) for G clusters, which makes it the
    usual standard error of a mean where every cluster holds one value (Cameron and Miller, Journal of Human
    Resources 50 (2015), equation 12).
    """
    n = len(values)
    mean = float(values.mean())
    sums = _residual_sums(values, clusters, mean)
    groups = len(sums)
    if groups < 2:
        return Estimate(mean, None, n)
    return Estimate(mean, float(np.sqrt((sums**2).sum() * groups / (groups - 1)) / n), n)


def effective_size(values: Floats, clusters: Integers) -> float:
    """n over the design effect (Kish 1965): how many independent values tell as much; between 1 and n.

    It is n where every cluster holds one value, and the number of clusters where all values agree,
    because agreement of trials then says nothing about their independence.
    """
    n = len(values)
    sums = _residual_sums(values, clusters, float(values.mean()))
    if len(sums) == n:
        return float(n)
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0:
        return float(len(sums))
    design_effect = max(1.0, float((sums**2).sum()) / total)
    return max(1.0, n / design_effect)


def _residual_sums(values: Floats, clusters: Integers, mean: float) -> Floats:
    """One sum of residuals for each cluster that occurs."""
    present, places = np.unique(clusters, return_inverse=True)
    return np.bincount(places, weights=values - mean, minlength=len(present)).astype(np.float64)


def percentiles(values: Floats, shares: Sequence[float]) -> tuple[float, ...]:
    """Percentiles (shares in 0..100) with linear interpolation: definition 7 of Hyndman and Fan,
    The American Statistician 50 (1996) 361-365, numpy's default."""
    return tuple(float(each) for each in np.percentile(values, shares))


def consistency(values: Floats, clusters: Integers) -> float | None:
    """How far trials agree: the mean over clusters with several values of the share that the most frequent takes.

    1.0 when every cluster repeats itself. None when no cluster holds two values.
    """
    if not len(values):
        return None
    order = np.lexsort((values, clusters))
    values, clusters = values[order], clusters[order]
    new_cluster = np.r_[True, clusters[1:] != clusters[:-1]]
    starts = np.flatnonzero(new_cluster | np.r_[True, values[1:] != values[:-1]])
    runs = np.diff(np.r_[starts, len(values)])
    most = np.maximum.reduceat(runs, np.flatnonzero(new_cluster[starts]))
    sizes = np.diff(np.r_[np.flatnonzero(new_cluster), len(values)])
    repeated = sizes > 1
    return float((most[repeated] / sizes[repeated]).mean()) if repeated.any() else None
