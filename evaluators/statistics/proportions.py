"""Shares of right answers, and means of scores, which lie between 0 and 1 as shares do."""

from core.metrics import Proportion
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_normal, quantile_of_student

ROUNDING = 1e-6
"""What is nearer to 0 or 1, and what varies less, does so by rounding, or by the steps of a derivative."""


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


def cases_that_tell(share: float, low: float, high: float, *, bound: float) -> float | None:
    """How many times as many observations with the same share would put its Wilson interval on one side of the bound,
    which now lies in it; None where no number would.

    A bound of the interval solves (share - b)^2 = z^2 b (1 - b) / n for b (Wilson 1927), so n is known from either.
    """
    near = low if share > bound else high
    if share in (bound, near) or near in (0, 1) or not 0 < bound < 1:
        return None
    return (bound * (1 - bound) / (share - bound) ** 2) / (near * (1 - near) / (share - near) ** 2)


def wilson_of_mean(
    mean: float, standard_error: float, units: float, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The bounds of a mean of graded values 0..1: Wilson's of as many right and wrong answers as have its standard
    error (n for which mean * (1 - mean) / n is its square), 0 <= low <= mean <= high <= 1.

    `units`, two or more, are what is independent. Few of them do not tell the error well: n is multiplied by the square
    of the normal quantile over Student's, as `effective_size` does. Where nothing differs, each counts as one.
    """
    independent = units
    if ROUNDING < mean < 1 - ROUNDING and standard_error * units**0.5 > ROUNDING:
        few = quantile_of_normal(confidence) / quantile_of_student(confidence, units - 1)
        independent = mean * (1 - mean) * (few / standard_error) ** 2
    found = wilson(mean, 1, effective_n=independent, confidence=confidence)
    return found.low, found.high
