"""Where the spread of scores comes from: from cases that differ, or from trials of one case that do."""

from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers


class Split(NamedTuple):
    """Variances of one score; their sum is that of one trial of one case."""

    items: float
    """Between the cases' expected scores; more cases make it matter less."""
    trials: float
    """Between trials of one case; more trials of each case make it matter less."""


def variance_split(values: Floats, cases: Integers) -> Split | None:
    """Variance components of the one-way random effects model, by the analysis of variance, for unequal numbers of
    trials: trials = MSW, items = (MSB - MSW) / n0, at least 0.

    Searle, Casella and McCulloch, Variance Components (1992), section 3.6; what it is for: Miller, arXiv:2411.00640
    (2024), section 3. None where there are fewer than two cases, or no case with two trials.
    """
    n = len(values)
    _, places, sizes = np.unique(cases, return_inverse=True, return_counts=True)
    groups = len(sizes)
    if groups < 2 or n == groups:
        return None
    means = np.bincount(places, weights=values) / sizes
    within = float(((values - means[places]) ** 2).sum()) / (n - groups)
    between = float((sizes * (means - values.mean()) ** 2).sum()) / (groups - 1)
    usual = (n - float((sizes.astype(np.float64) ** 2).sum()) / n) / (groups - 1)
    return Split(items=max(0.0, (between - within) / usual), trials=within)
