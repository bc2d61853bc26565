"""Ranks with their uncertainty: who is better than whom beyond chance decides which places are possible."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.pairs import changes, paired_difference
from evaluators.statistics.quantiles import CONFIDENCE


class RankRange(NamedTuple):
    """Ranks from 1, the best."""

    low: int
    high: int


def better_than(
    means: Floats, clusters: Integers | None = None, *, confidence: float = CONFIDENCE
) -> NDArray[np.bool_]:
    """(k, k): whether row i is better than row j beyond chance; all of it holds together with this confidence.

    `means` is (k, n): k agents' mean scores on the same n cases, nan where a case has no score. Pairs are compared over
    the cases that both have, and every pair's interval is widened by Bonferroni's rule. `clusters` (n,) are what is
    independent; default: the cases.
    """
    k = len(means)
    pairs = k * (k - 1) // 2
    better = np.zeros((k, k), dtype=np.bool_)
    for one in range(k):
        for other in range(one + 1, k):
            both = ~(np.isnan(means[one]) | np.isnan(means[other]))
            if both.sum() < 2:
                continue
            gains = changes(means[other, both], means[one, both])
            chosen = None if clusters is None else clusters[both]
            found = paired_difference(gains, chosen, confidence=1 - (1 - confidence) / pairs)
            better[one, other] = found.low is not None and found.low > 0
            better[other, one] = found.high is not None and found.high < 0
    return better


def rank_ranges(better: NDArray[np.bool_]) -> tuple[RankRange, ...]:
    """For each row the ranks from 1 + those better than it to k - those worse than it.

    Mogstad, Romano, Shaikh and Wilhelm, Inference for Ranks, Review of Economic Studies 91 (2024) 476-518, section 3:
    with all pairs' findings holding together, so do these ranges.
    """
    k = len(better)
    beaten_by, beats = better.sum(axis=0), better.sum(axis=1)
    return tuple(RankRange(1 + int(beaten_by[at]), k - int(beats[at])) for at in range(k))


def ranks(values: Floats) -> Integers:
    """From 1 for the greatest; equal values share the better rank."""
    return np.array([1 + int((values > value).sum()) for value in values], dtype=np.int64)
