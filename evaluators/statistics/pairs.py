"""Two agents on the same cases: each case is its own control, so only the differences of cases count.

With several trials a case's difference is that of its mean scores. So trials are clustered by case, and the cases are
what is independent (Miller, arXiv:2411.00640 (2024), sections 2.2 and 4.2); or, where cases come in clusters such as
the questions about one passage, the clusters are (section 2.2 again).
"""

import math
from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import Estimate, cluster_sums, clustered_mean, effective_size
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_normal, quantile_of_student

POWER = 0.8
RESAMPLES = 10_000
MOST_PAIRS = 1_000_000
"""Cases beyond which nobody goes to learn of a difference."""
MOST_ENUMERATED = 13
"""Cases that changed; 2^13 = 8,192 is fewer than the resamples that would stand for it."""
MOST_SIZES = 200
"""Sizes of change up to which each is drawn as a binomial number, instead of every case's sign."""
AT_ONCE = 2_000_000
"""Signs drawn at a time."""
DECIMALS = 12
"""To which a change counts: sums of scores in another order differ beyond them."""
LEAST_ERROR = 1e-9
"""What is below it comes of rounding: the values are equal."""


class PairedDifference(NamedTuple):
    """The mean of differences (n >= 1), -1..1; the rest is None for a single pair."""

    mean: float
    standard_error: float | None
    low: float | None
    high: float | None
    n: int


def changes(before: Floats, after: Floats) -> Floats:
    """After minus before, without what comes of rounding."""
    return np.round(after - before, DECIMALS)


def paired_difference(
    differences: Floats, clusters: Integers | None = None, *, confidence: float = CONFIDENCE
) -> PairedDifference:
    """The mean difference over cases with its interval, low <= mean <= high, within -1..1.

    Cases that can only be right or wrong (all differences -1, 0 or 1): the adjusted Wald interval of Bonett and Price,
    Journal of Educational and Behavioral Statistics 37 (2012) 479-488, which adds a case for each way of changing, and
    so stays honest where few or no cases changed; in clusters, of as many cases as they are worth (`effective_size`).
    Otherwise Student's t over the differences, or the clusters; but where they are too few or too alike for it
    (`_fits`), on each side the wider of the two: means of few trials are often equal by chance, and an interval
    without width would be certain of them.
    """
    n = len(differences)
    mean = float(differences.mean())
    independent = np.arange(n) if clusters is None else clusters
    estimate = clustered_mean(differences, independent)
    if estimate.standard_error is None:
        return PairedDifference(mean, None, None, None, n)
    size = effective_size(differences, independent, cases=n, confidence=confidence)
    centre, error = _with_both_changes(mean, float((differences**2).mean()), size)
    half = quantile_of_normal(confidence) * error
    low, high = min(mean, centre - half), max(mean, centre + half)
    if not np.isin(differences, (-1, 0, 1)).all():
        error = estimate.standard_error
        half = quantile_of_student(confidence, estimate.clusters - 1) * error
        fits = _fits(estimate, confidence)
        low = mean - half if fits else min(low, mean - half)
        high = mean + half if fits else max(high, mean + half)
    return PairedDifference(mean, error, max(-1.0, low), min(1.0, high), n)


def pairs_that_tell(
    differences: Floats, clusters: Integers | None = None, *, bound: float, confidence: float = CONFIDENCE
) -> int | None:
    """About how many cases that change like these would put the interval of `paired_difference` on one side of the
    bound; None where no number up to `MOST_PAIRS` would, as where the mean lies on it.

    Searched by the adjusted Wald interval where cases can only be right or wrong; otherwise the interval's half shrinks
    with the root of their number.
    """
    found, n = paired_difference(differences, clusters, confidence=confidence), len(differences)
    away = abs(found.mean - bound)
    if found.low is None or found.high is None or away < LEAST_ERROR:
        return None
    if not np.isin(differences, (-1, 0, 1)).all():
        half = found.mean - found.low if found.mean > bound else found.high - found.mean
        return _whole(n * (half / away) ** 2)
    independent = np.arange(n) if clusters is None else clusters
    worth = effective_size(differences, independent, cases=n, confidence=confidence) / n
    square, z = float((differences**2).mean()), quantile_of_normal(confidence)

    def tells(cases: int) -> bool:
        centre, error = _with_both_changes(found.mean, square, cases * worth)
        return abs(centre - bound) > z * error and (centre > bound) == (found.mean > bound)

    return 1 + bisect_left(range(1, MOST_PAIRS), True, key=tells) if tells(MOST_PAIRS) else None


def _whole(cases: float) -> int | None:
    return math.ceil(cases) if cases <= MOST_PAIRS else None


def _with_both_changes(mean: float, square: float, size: float) -> tuple[float, float]:
    """The mean and its standard error, of so many independent cases with that mean and mean square, and two more that
    change by 1 and -1."""
    centre = mean * size / (size + 2)
    square = (square * size + 2) / (size + 2)
    return centre, float(np.sqrt((square - centre**2) / (size + 2)))


def _fits(estimate: Estimate, confidence: float) -> bool:
    """Whether differences vary, and are enough that all of them on one side (by chance 2 in 2^n) would be beyond chance
    at this confidence; the permutation test can tell nothing of fewer."""
    varies = (estimate.standard_error or 0.0) > LEAST_ERROR
    return varies and 2.0 ** (1 - estimate.clusters) <= 1 - confidence


def minimal_detectable_effect(standard_error: float, *, confidence: float = CONFIDENCE, power: float = POWER) -> float:
    """The true difference that would be found with this probability: (z of confidence + z of power) * standard error.

    Miller 2024, section 5; two-sided. It is about the questions and trials at hand, not about the result.
    """
    one_sided = 2 * power - 1
    return (quantile_of_normal(confidence) + quantile_of_normal(one_sided)) * standard_error


def mcnemar_exact(better: int, worse: int) -> float:
    """The two-sided p-value of McNemar's exact test: changes are as likely one way as the other.

    McNemar, Psychometrika 12 (1947) 153-157, with the binomial distribution instead of its approximation. Of cases
    that have several trials or graded scores this is the exact sign test. 1.0 where nothing changed.
    """
    from scipy.special import bdtr  # pyright: ignore[reportMissingTypeStubs]

    changed = better + worse
    return min(1.0, 2 * float(bdtr(min(better, worse), changed, 0.5))) if changed else 1.0


def permutation_p(
    differences: Floats, clusters: Integers | None = None, *, seed: int = 0, resamples: int = RESAMPLES
) -> float:
    """The two-sided p-value of the paired permutation test of the mean: each case's sides may be swapped, or those of
    all cases of a cluster together.

    Fisher, The Design of Experiments (1935), section 21. Exact where the changes are of one size or few; otherwise
    (1 + as extreme) / (1 + resamples), which is never too small (Phipson and Smyth, Statistical Applications in
    Genetics and Molecular Biology 9 (2010) 39). The same for the same seed.
    """
    if clusters is not None:
        differences = cluster_sums(differences, clusters)
    changed = np.round(differences[np.abs(differences) > 1e-12], DECIMALS)
    sizes, counts = np.unique(np.abs(changed), return_counts=True)
    if len(sizes) <= 1:
        return mcnemar_exact(int((changed > 0).sum()), int((changed < 0).sum()))
    observed = abs(float(changed.sum())) - 1e-9
    if len(changed) <= MOST_ENUMERATED:
        signs = 2 * _binary_numbers(len(changed)) - 1
        return float((np.abs(signs @ np.abs(changed)) >= observed).mean())
    random = np.random.default_rng(seed)
    if len(sizes) <= MOST_SIZES:
        flipped = random.binomial(counts, 0.5, size=(resamples, len(sizes)))
        extreme = int((np.abs((2 * flipped - counts) @ sizes) >= observed).sum())
    else:
        extreme = _extreme(np.abs(changed), observed, random, resamples)
    return (1 + extreme) / (1 + resamples)


def _binary_numbers(digits: int) -> Integers:
    """Every row of so many zeros and ones once."""
    numbers = np.arange(2**digits, dtype=np.int64)
    return np.stack([(numbers >> digit) % 2 for digit in range(digits)], axis=1)


def _extreme(sizes: Floats, observed: float, random: np.random.Generator, resamples: int) -> int:
    """How many of so many random choices of signs give a sum at least as far from 0; in pieces, to spare memory."""
    extreme, total = 0, float(sizes.sum())
    piece = max(1, AT_ONCE // len(sizes))
    for start in range(0, resamples, piece):
        rows = min(piece, resamples - start)
        bits = np.frombuffer(random.bytes((rows * len(sizes) + 7) // 8), dtype=np.uint8)
        signs = np.unpackbits(bits, count=rows * len(sizes)).reshape(rows, len(sizes))
        extreme += int((np.abs(2 * (signs @ sizes) - total) >= observed).sum())
    return extreme
