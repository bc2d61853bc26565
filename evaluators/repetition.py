"""What an agent's trials tell, as figures: nothing where every case was asked once."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.metrics import Interval, Mean, TrialMetrics
from evaluators.intervals import share_intervals
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import Estimate, cluster_means, clustered_mean, clusters_of
from evaluators.statistics.proportions import ROUNDING, wilson_of_mean
from evaluators.statistics.trials import flip_rate, known_mean, pass_at_k, pass_hat_k, tallies
from evaluators.statistics.variance import variance_split

EACH = 8
"""Up to here every k is told, then each doubling, and the number of trials."""


def repetition(values: Floats, cases: Integers, cluster: Integers | None = None) -> TrialMetrics | None:
    """One score 0..1, one case and perhaps one cluster for each trial; None where no case has two."""
    if not len(values):
        return None
    counted = tallies((values >= 1).astype(np.float64), cases)
    most = int(counted.trials.max())
    if most < 2:
        return None
    clusters = case_clusters(cases, cluster)
    split = variance_split(values, cases)
    any_of, all_of = ({k: chance(*counted, k) for k in _told(most)} for chance in (pass_at_k, pass_hat_k))
    flips = flip_rate(values, cases)
    means = clustered_mean(cluster_means(values, cases), clusters)
    found = share_intervals([*any_of.values(), *all_of.values(), flips], clusters)
    return TrialMetrics(
        most=most,
        mean_of_means=within_bounds(means, clustered=cluster is not None),
        pass_at_k=_by_k(any_of),
        pass_hat_k=_by_k(all_of),
        pass_at_k_intervals=_known(any_of, found),
        pass_hat_k_intervals=_known(all_of, found[len(any_of) :]),
        flip_rate=known_mean(flips),
        flip_rate_interval=found[-1],
        item_variance=None if split is None else split.items,
        trial_variance=None if split is None else split.trials,
    )


def case_clusters(cases: Integers, cluster: Integers | None) -> Integers:
    """What each case that occurs is in, in the order of their numbers."""
    present = np.flatnonzero(np.bincount(cases))
    if cluster is None:
        return present
    of_case = np.full(int(cases.max(initial=0)) + 1, -1)
    of_case[cases] = cluster
    return clusters_of(present, of_case[present])


def within_bounds(estimate: Estimate, *, clustered: bool) -> Mean:
    """The mean of scores, with an interval that stays where scores are, 0 to 1: Student's t, and where that leaves them
    or nothing differs, Wilson's (`wilson_of_mean`), which a lucky few at the edge do not fool."""
    low, high = estimate.interval() or (None, None)
    error = estimate.standard_error
    if error is not None and low is not None and high is not None and (error <= ROUNDING or low < 0 or high > 1):
        low, high = wilson_of_mean(estimate.mean, error, estimate.clusters)
    return Mean(
        value=estimate.mean,
        low=low,
        high=high,
        n=estimate.n,
        clusters=estimate.clusters if clustered else None,
    )


def _by_k(chances: Mapping[int, Floats]) -> dict[int, float]:
    means = {k: known_mean(each) for k, each in chances.items()}
    return {k: value for k, value in means.items() if value is not None}


def _known(chances: Mapping[int, Floats], found: Sequence[Interval | None]) -> dict[int, Interval]:
    return {k: interval for k, interval in zip(chances, found, strict=False) if interval is not None}


def _told(most: int) -> list[int]:
    """
    >>> _told(20)
    [1, 2, 3, 4, 5, 6, 7, 8, 16, 20]
    """
    doubling = [EACH * 2**step for step in range(1, most.bit_length()) if EACH * 2**step < most]
    return sorted({*range(1, min(most, EACH) + 1), *doubling, most})
