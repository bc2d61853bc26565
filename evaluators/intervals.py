"""Intervals of figures that are sums over sums: shares of trials, seconds, tokens and dollars, over whole cases."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.metrics import Interval
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.bootstrap import Bounds, bootstrap_ratios
from evaluators.statistics.clusters import cluster_sizes, cluster_sums
from evaluators.statistics.proportions import wilson
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_student

FEW = 20
"""Clusters; of fewer the bootstrap's intervals are too narrow, and nothing in the sums tells by how much."""
MOST_RESAMPLED = 500
"""Clusters; of more the sums are as good as normal, and resampling them would be felt at the end of every run."""
RESAMPLES = 4_999
ROUNDING = 1e-12


class Fraction(NamedTuple):
    """A figure that is sum(top) / sum(bottom) over n rows, neither below 0; rows that say nothing have 0 in both."""

    top: Floats
    bottom: Floats


def over_known(values: Floats) -> Fraction:
    """The mean of those that are known."""
    return Fraction(np.nan_to_num(values), (~np.isnan(values)).astype(np.float64))


def intervals_of(
    fractions: Iterable[Fraction], clusters: Integers, *, confidence: float = CONFIDENCE
) -> list[Interval | None]:
    """The interval of each, over clusters of rows: the bootstrap's (BCa), or of many clusters Student's t; of fewer
    than `FEW` the wider of both on each side, not below 0.

    None where fewer than two clusters say anything, or the bottom may come to 0. The same for the same rows.
    """
    summed = (Fraction(cluster_sums(each.top, clusters), cluster_sums(each.bottom, clusters)) for each in fractions)
    if len(cluster_sizes(clusters)) > MOST_RESAMPLED:
        # One after the other: a million rows of all of them at once would be felt in a worker's memory.
        return [interval for each in summed for interval in _intervals([each], confidence)]
    return _intervals(list(summed), confidence)


def _intervals(summed: Sequence[Fraction], confidence: float) -> list[Interval | None]:
    """Those about which the same clusters say something share the drawing of them."""
    found: list[Interval | None] = [None] * len(summed)
    for members, rows in _told_by_the_same(summed):
        tops = np.stack([summed[at].top[rows] for at in members], axis=1)
        bottoms = np.stack([summed[at].bottom[rows] for at in members], axis=1)
        for at, bounds in zip(members, _bounds(tops, bottoms, confidence), strict=True):
            found[at] = None if bounds is None else Interval(low=bounds[0], high=bounds[1])
    return found


def _told_by_the_same(summed: Sequence[Fraction]) -> Iterable[tuple[list[int], NDArray[np.bool_]]]:
    """Fractions about which the same clusters say something, and which those are."""
    groups: dict[bytes, tuple[list[int], NDArray[np.bool_]]] = {}
    for at, each in enumerate(summed):
        telling = (each.top != 0) | (each.bottom != 0)
        groups.setdefault(telling.tobytes(), ([], telling))[0].append(at)
    return groups.values()


def share_intervals(columns: Sequence[Floats], clusters: Integers) -> list[Interval | None]:
    """The 95 % interval of each column's mean, of values 0..1, one a case; nan for a case that says nothing.

    Where all values are the same nothing can be resampled: then Wilson's interval, a cluster counting as one.
    """
    found = intervals_of(map(over_known, columns), clusters)
    return [_of_share(values, clusters, interval) for values, interval in zip(columns, found, strict=True)]


def _of_share(values: Floats, clusters: Integers, found: Interval | None) -> Interval | None:
    known = ~np.isnan(values)
    independent = len(cluster_sizes(clusters[known]))
    if independent < 2:
        return None
    if np.ptp(values[known]) <= ROUNDING:
        alike = wilson(float(values[known][0]) * independent, independent)
        return Interval(low=alike.low, high=alike.high)
    if found is None or found.low is None or found.high is None:
        return None
    return Interval(low=max(0.0, found.low), high=min(1.0, found.high))


def _bounds(tops: Floats, bottoms: Floats, confidence: float) -> list[Bounds | None]:
    """tops, bottoms: (clusters, figures)."""
    n = len(tops)
    if n < 2:
        return [None] * tops.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = tops.sum(axis=0) / bottoms.sum(axis=0)
        # What each cluster adds beyond its due: the linear part of the ratio (Cochran, Sampling Techniques, 1977, 6.4).
        beyond = tops - value * bottoms
        error = np.sqrt((beyond**2).sum(axis=0) * n / (n - 1)) / bottoms.sum(axis=0)
    half = quantile_of_student(confidence, n - 1) * error
    by_formula: list[Bounds | None] = [
        (float(value[at] - half[at]), float(value[at] + half[at])) if np.isfinite(half[at]) else None
        for at in range(len(value))
    ]
    if n > MOST_RESAMPLED:
        return by_formula
    resampled = bootstrap_ratios(tops, bottoms, confidence=confidence, resamples=RESAMPLES)
    # Where nothing differs, both are the value itself.
    alike = error <= ROUNDING * abs(value)
    chosen = [formula if alike[at] else resampled[at] for at, formula in enumerate(by_formula)]
    return chosen if n >= FEW else [_wider(*both) for both in zip(chosen, by_formula, strict=True)]


def _wider(found: Bounds | None, other: Bounds | None) -> Bounds | None:
    if found is None or other is None:
        return None
    return max(0.0, min(found[0], other[0])), max(found[1], other[1])
