"""Agreement between those who sort the same things into the same classes, beyond what chance gives."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.calibrations import Kappa
from evaluators.statistics.arrays import Floats
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_normal

Counts = NDArray[np.int64]


def confusion(one: Sequence[str], other: Sequence[str], labels: Sequence[str]) -> Counts:
    """(k, k) how often the first said label i where the second said label j."""
    place = {label: at for at, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for first, second in zip(one, other, strict=True):
        table[place[first], place[second]] += 1
    return table


def quadratic_weights(positions: Sequence[float]) -> Floats:
    """(k, k) 1 for the same class, 0 for the two farthest, falling with the square of the distance between.

    Cohen, Psychological Bulletin 70 (1968) 213-220. `positions` are the classes' places on their scale.
    """
    at = np.asarray(positions, dtype=np.float64)
    distance = np.abs(at[:, None] - at[None, :])
    return 1 - (distance / distance.max()) ** 2


def cohen_kappa(table: Counts, *, weights: Floats | None = None, confidence: float = CONFIDENCE) -> Kappa | None:
    """Cohen's kappa of a confusion table (k, k); None where both always say the same one thing.

    Cohen, Educational and Psychological Measurement 20 (1960) 37-46; the interval is normal, by the large-sample
    standard error of Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969) 323-327, equation 13. `weights`
    say how much a pair of classes agrees, 1 on the diagonal; default: the diagonal only.
    """
    n = int(table.sum())
    agreeing = np.eye(len(table)) if weights is None else weights
    if not n:
        return None
    shares = table / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, expected = float((agreeing * shares).sum()), float(rows @ agreeing @ columns)
    if np.isclose(expected, 1.0):
        return None
    kappa = (observed - expected) / (1 - expected)
    margins = (agreeing @ columns)[:, None] + (rows @ agreeing)[None, :]
    spread = (shares * (agreeing * (1 - expected) - margins * (1 - observed)) ** 2).sum()
    variance = (spread - (observed * expected - 2 * expected + observed) ** 2) / (n * (1 - expected) ** 4)
    return _kappa(kappa, float(max(0.0, variance)), n, confidence)


def fleiss_kappa(ratings: Counts, *, confidence: float = CONFIDENCE) -> Kappa | None:
    """Fleiss' kappa of (n, k) counts: how many raters put thing i into class j; None where it is not defined.

    Fleiss, Psychological Bulletin 76 (1971) 378-382. Things with fewer than two ratings tell nothing and are left
    out; where numbers of ratings differ, every thing counts alike. The interval is normal, by the large-sample variance
    of Gwet, Educational and Psychological Measurement 81 (2021) 781-790.
    """
    ratings = ratings[ratings.sum(axis=1) > 1]
    n = len(ratings)
    if n < 2:
        return None
    raters = ratings.sum(axis=1)
    agreed = ((ratings**2).sum(axis=1) - raters) / (raters * (raters - 1))
    classes = (ratings / raters[:, None]).mean(axis=0)
    expected, observed = float((classes**2).sum()), float(agreed.mean())
    if np.isclose(expected, 1.0):
        return None
    kappa = (observed - expected) / (1 - expected)
    by_chance = (ratings / raters[:, None]) @ classes
    influence = (agreed - observed - 2 * (1 - kappa) * (by_chance - expected)) / (1 - expected)
    return _kappa(kappa, float((influence**2).sum() / (n * (n - 1))), n, confidence)


def _kappa(value: float, variance: float, n: int, confidence: float) -> Kappa:
    half = quantile_of_normal(confidence) * variance**0.5
    return Kappa(value=float(value), low=max(-1.0, float(value - half)), high=min(1.0, float(value + half)), n=n)
