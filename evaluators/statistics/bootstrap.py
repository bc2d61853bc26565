"""The bootstrap: intervals without a formula for the statistic's distribution, over whole clusters."""

from collections.abc import Iterator

import numpy as np

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import cluster_sums
from evaluators.statistics.quantiles import CONFIDENCE

RESAMPLES = 9_999
MOST = 2_000
"""Clusters. Resampling more costs seconds, and the mean of so many is as good as normal."""
AT_ONCE = 2_000_000
"""Numbers drawn at a time."""
ROUNDING = 1e-12
"""Sums in another order differ by less."""
Bounds = tuple[float, float]


def bootstrap_mean(
    values: Floats, clusters: Integers, *, seed: int = 0, confidence: float = CONFIDENCE
) -> Bounds | None:
    """The BCa interval of the mean of values, drawing whole clusters; the same for the same seed.

    None for fewer than two clusters, more than `MOST`, and sums that leave nothing to chance.
    """
    sums, sizes = cluster_sums(values, clusters), cluster_sums(np.ones(len(values)), clusters)
    return bootstrap_ratios(sums[:, None], sizes[:, None], seed=seed, confidence=confidence)[0]


def bootstrap_ratios(
    tops: Floats, bottoms: Floats, *, seed: int = 0, confidence: float = CONFIDENCE, resamples: int = RESAMPLES
) -> list[Bounds | None]:
    """The BCa interval of sum(top) / sum(bottom) for each of m figures, from one draw of clusters for all of them.

    `tops` and `bottoms` are (clusters, m). Efron, Better Bootstrap Confidence Intervals, Journal of the American
    Statistical Association 82 (1987) 171-185, equations 2.3 and 6.6; over whole clusters: Davison and Hinkley,
    Bootstrap Methods (1997), section 3.8. As `scipy.stats.bootstrap` gives them for the same draws. None as for
    `bootstrap_mean`, and for a figure whose bottom may come to 0.
    """
    n, figures = tops.shape
    if not 2 <= n <= MOST:
        return [None] * figures
    random = np.random.default_rng(seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = tops.sum(axis=0) / bottoms.sum(axis=0)
        drawn = np.concatenate([*_drawn(tops, bottoms, random, resamples)])
        without = (tops.sum(axis=0) - tops) / (bottoms.sum(axis=0) - bottoms)
        shares = _corrected_shares(found, drawn, without, confidence)
    return [_bounds(drawn[:, at], shares[:, at], without[:, at]) for at in range(figures)]


def _drawn(tops: Floats, bottoms: Floats, random: np.random.Generator, resamples: int) -> Iterator[Floats]:
    """The figures of so many resamples, (piece, m) at a time."""
    n = len(tops)
    piece = max(1, AT_ONCE // n)
    for start in range(0, resamples, piece):
        rows = min(piece, resamples - start)
        places = random.integers(0, n, (rows, n)) + np.arange(0, rows * n, n)[:, None]
        times = np.bincount(places.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)
        yield (times @ tops) / (times @ bottoms)


def _corrected_shares(found: Floats, drawn: Floats, without: Floats, confidence: float) -> Floats:
    """(2, m): the shares of the resamples at which bias-corrected, accelerated bounds lie."""
    from scipy.special import ndtr, ndtri  # pyright: ignore[reportMissingTypeStubs]

    below = ((drawn < found).sum(axis=0) + (drawn <= found).sum(axis=0)) / (2 * len(drawn))
    bias = ndtri(below)
    away = without.mean(axis=0) - without
    skew = (away**3).sum(axis=0) / (6 * (away**2).sum(axis=0) ** 1.5)
    reach = bias + ndtri([[(1 - confidence) / 2], [(1 + confidence) / 2]])
    return np.asarray(ndtr(bias + reach / (1 - skew * reach)), dtype=np.float64)


def _bounds(drawn: Floats, shares: Floats, without: Floats) -> Bounds | None:
    if not (np.isfinite(drawn).all() and np.isfinite(shares).all()) or np.ptp(without) <= ROUNDING:
        return None
    low, high = np.percentile(drawn, 100 * shares)
    return float(low), float(high)
