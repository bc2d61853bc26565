"""What an agent's trials tell, as figures: nothing where every case was asked once."""

from collections.abc import Callable

import numpy as np

from core.metrics import Mean, TrialMetrics
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import Estimate, cluster_means, clustered_mean
from evaluators.statistics.trials import Tallies, flip_rate, pass_at_k, pass_hat_k, tallies
from evaluators.statistics.variance import variance_split

Chance = Callable[[Integers, Integers, int], float | None]
EACH = 8
"""Up to here every k is told, then each doubling, and the number of trials."""


def repetition(values: Floats, cases: Integers) -> TrialMetrics | None:
    """One score 0..1 and one case for each trial; None where no case has two."""
    if not len(values):
        return None
    counted = tallies((values >= 1).astype(np.float64), cases)
    most = int(counted.trials.max())
    if most < 2:
        return None
    means = cluster_means(values, cases)
    split = variance_split(values, cases)
    return TrialMetrics(
        most=most,
        mean_of_means=within_bounds(clustered_mean(means, np.arange(len(means)))),
        pass_at_k=_by_k(counted, most, pass_at_k),
        pass_hat_k=_by_k(counted, most, pass_hat_k),
        flip_rate=flip_rate(values, cases),
        item_variance=None if split is None else split.items,
        trial_variance=None if split is None else split.trials,
    )


def within_bounds(estimate: Estimate) -> Mean:
    """The mean of scores, with an interval that stays where scores are: 0 to 1."""
    low, high = estimate.interval() or (None, None)
    return Mean(
        value=estimate.mean,
        low=None if low is None else max(0.0, low),
        high=None if high is None else min(1.0, high),
        n=estimate.n,
    )


def _by_k(counted: Tallies, most: int, chance: Chance) -> dict[int, float]:
    known = {k: chance(*counted, k) for k in _told(most)}
    return {k: value for k, value in known.items() if value is not None}


def _told(most: int) -> list[int]:
    """
    >>> _told(20)
    [1, 2, 3, 4, 5, 6, 7, 8, 16, 20]
    """
    doubling = [EACH * 2**step for step in range(1, most.bit_length()) if EACH * 2**step < most]
    return sorted({*range(1, min(most, EACH) + 1), *doubling, most})
