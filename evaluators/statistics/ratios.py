"""Ratios with their uncertainty: of means over the same cases, and of two figures that each have an interval."""

import math
from typing import NamedTuple

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import clustered_mean
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_student


class Ratio(NamedTuple):
    """`low` and `high` are None where the data do not bound it; low <= value <= high."""

    value: float
    low: float | None
    high: float | None


class Limits(NamedTuple):
    """A figure and its interval; None where nothing bounds it on that side."""

    value: float
    low: float | None
    high: float | None


def ratio_of_means(top: Floats, bottom: Floats, clusters: Integers, *, confidence: float = CONFIDENCE) -> Ratio | None:
    """mean(top) / mean(bottom), both >= 0 and over the same n cases.

    Fieller, Some Problems in Interval Estimation, Journal of the Royal Statistical Society B 16 (1954) 175-185: the
    ratios r for which Student's t, over clusters, finds no difference between `top` and r * `bottom`. What a case does
    to both sides cancels, and between equals nothing is skewed. None where the bottom is 0; no bounds where it may be.
    """
    a, b = clustered_mean(top, clusters), clustered_mean(bottom, clusters)
    if b.mean <= 0:
        return None
    value = a.mean / b.mean
    if a.standard_error is None or b.standard_error is None:
        return Ratio(value, None, None)
    t2 = quantile_of_student(confidence, a.clusters - 1) ** 2
    both = clustered_mean(top + bottom, clusters).standard_error or 0.0
    covariance = (both**2 - a.standard_error**2 - b.standard_error**2) / 2
    lead = b.mean**2 - t2 * b.standard_error**2
    if lead <= 0:
        return Ratio(value, None, None)
    middle = a.mean * b.mean - t2 * covariance
    half = math.sqrt(max(0.0, middle**2 - lead * (a.mean**2 - t2 * a.standard_error**2)))
    return Ratio(value, max(0.0, min(value, (middle - half) / lead)), max(value, (middle + half) / lead))


def ratio_of_figures(top: Limits, bottom: Limits) -> Ratio | None:
    """The ratio of two figures >= 0 from the interval of each, both of the confidence that the result has.

    The method of variance estimates recovery on the logarithms: Zou and Donner, Statistics in Medicine 27 (2008)
    1693-1702, equation 10 with the limits of each. Exact limits of percentiles and shares stay as skewed as they are.
    It takes the two as independent, which is too wide where a case makes both large. None where the bottom is 0.
    """
    if bottom.value <= 0:
        return None
    value = top.value / bottom.value
    if top.value <= 0:
        # Of nothing there is no logarithm: the worst that both intervals allow.
        high = top.high / bottom.low if top.high is not None and bottom.low else None
        return Ratio(value, 0.0, high)
    low = high = None
    if top.low is not None and bottom.high is not None:
        down = math.inf if top.low <= 0 else math.log(top.value / top.low)
        low = value * math.exp(-math.hypot(down, math.log(bottom.high / bottom.value)))
    if top.high is not None and bottom.low:
        high = value * math.exp(math.hypot(math.log(top.high / top.value), math.log(bottom.value / bottom.low)))
    return Ratio(value, low, high)
