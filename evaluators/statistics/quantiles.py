"""Quantiles: of the distributions that intervals are cut from, and of samples."""

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


def percentiles(values: Floats, shares: Sequence[float]) -> tuple[float, ...]:
    """Percentiles (shares in 0..100) with linear interpolation: definition 7 of Hyndman and Fan,
    The American Statistician 50 (1996) 361-365, numpy's default."""
    return tuple(float(each) for each in np.percentile(values, shares))
