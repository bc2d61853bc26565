"""Quantiles: of the distributions that intervals are cut from, and of samples."""

import math
from collections.abc import Sequence

import numpy as np

from evaluators.statistics.arrays import Floats

# Here and in the rooms beside this one scipy is imported where it is used: half a second of imports that a worker
# needs when it aggregates, not when it starts.

CONFIDENCE = 0.95


def quantile_of_normal(confidence: float) -> float:
    """z such that a standard normal variable is within -+z with this probability: 1.95996 for 0.95."""
    from scipy.special import ndtri  # pyright: ignore[reportMissingTypeStubs]

    return float(ndtri(0.5 + confidence / 2))


def quantile_of_student(confidence: float, freedom: float) -> float:
    """t such that Student's t with these degrees of freedom (> 0) is within -+t with this probability."""
    from scipy.special import stdtrit  # pyright: ignore[reportMissingTypeStubs]

    return float(stdtrit(freedom, 0.5 + confidence / 2))


def probability_of_student(t: float, freedom: float) -> float:
    """The two-sided p-value: how likely Student's t is at least as far from 0."""
    from scipy.special import stdtr  # pyright: ignore[reportMissingTypeStubs]

    return 2 * float(stdtr(freedom, -abs(t)))


def percentiles(values: Floats, shares: Sequence[float]) -> tuple[float, ...]:
    """Percentiles (shares in 0..100) with linear interpolation: definition 7 of Hyndman and Fan,
    The American Statistician 50 (1996) 361-365, numpy's default."""
    return tuple(float(each) for each in np.percentile(values, shares))


def percentile_interval(
    values: Floats, share: float, *, effective_n: float | None = None, confidence: float = CONFIDENCE
) -> tuple[float | None, float | None]:
    """Two of the n >= 1 values, which ascend, between which the percentile (0..100) of what they are drawn from lies.

    Order statistics, whatever the distribution: how many of n values lie below it is binomial (Conover, Practical
    Nonparametric Statistics, 3rd edition (1999), section 3.2, as `scipy.stats.quantile_test` has it). Each side errs
    with (1 - confidence) / 2 at most; None for a side on which so few values have none that is far enough out.
    Of values in clusters only `effective_n` count, and the ranks are those among so many (Woodruff, Journal of the
    American Statistical Association 47 (1952) 635-646).
    """
    n = len(values)
    size = n if effective_n is None else max(1, min(n, math.floor(effective_n)))
    tail = (1 - confidence) / 2
    low, high = _binomial_quantile(tail, size, share / 100), _binomial_quantile(1 - tail, size, share / 100) + 1
    return (
        float(values[max(1, low * n // size) - 1]) if low >= 1 else None,
        float(values[math.ceil(high * n / size) - 1]) if high <= size else None,
    )


def _binomial_quantile(probability: float, n: int, share: float) -> int:
    """The least count that so much of the binomial distribution does not exceed."""
    from scipy.special import bdtr, bdtrik  # pyright: ignore[reportMissingTypeStubs]

    count = max(0, math.ceil(float(bdtrik(probability, n, share))))
    return count - 1 if count and float(bdtr(count - 1, n, share)) >= probability else count
