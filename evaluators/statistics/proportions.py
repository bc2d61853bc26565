"""Shares of right answers."""

from core.metrics import Proportion
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_normal


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
