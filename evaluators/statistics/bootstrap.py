"""The bootstrap: intervals without a formula for the statistic's distribution."""

from typing import Any, cast

import numpy as np

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import cluster_means
from evaluators.statistics.quantiles import CONFIDENCE

RESAMPLES = 9_999
MOST = 2_000
"""Clusters. Resampling more costs seconds, and the mean of so many is as good as normal."""
AT_ONCE = 2_000_000
"""Numbers drawn at a time."""


def bootstrap_mean(
    values: Floats, clusters: Integers, *, seed: int = 0, confidence: float = CONFIDENCE
) -> tuple[float, float] | None:
    """The BCa interval of the mean over clusters of their means; the same for the same seed.

    Efron, Better Bootstrap Confidence Intervals, Journal of the American Statistical Association 82 (1987) 171-185,
    as scipy.stats.bootstrap computes it, over whole clusters (Davison and Hinkley, Bootstrap Methods, 1997,
    section 3.8). None for fewer than two clusters, more than `MOST`, and means that are all equal.
    """
    means = cluster_means(values, clusters)
    if not 2 <= len(means) <= MOST or not np.ptp(means):
        return None
    from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

    result = cast("Any", stats).bootstrap(
        (means,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=max(1, AT_ONCE // len(means)),
        confidence_level=confidence,
        method="BCa",
        rng=np.random.default_rng(seed),
    )
    low, high = (float(bound) for bound in result.confidence_interval)
    return low, high
