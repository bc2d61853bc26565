"""Bradley-Terry ratings: by hand, by scipy's optimizer, by statsmodels, and where there are none."""

from typing import Any, cast

import numpy as np
import pytest
from scipy import optimize as scipy_optimize  # pyright: ignore[reportMissingTypeStubs]
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]
from statsmodels.genmod import families, generalized_linear_model  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.bradley_terry import MEAN, POINTS, Games, bradley_terry, unbeaten

optimize, stats = cast("Any", scipy_optimize), cast("Any", scipy_stats)
models, kinds = cast("Any", generalized_linear_model), cast("Any", families)


def games(*rows: tuple[int, int, float]) -> Games:
    first, second, shares = zip(*rows, strict=True)
    return Games(np.array(first), np.array(second), np.array(shares, dtype=float), np.arange(len(rows)))


def drawn(seed: int, *, n: int = 300, k: int = 4) -> Games:
    random = np.random.default_rng(seed)
    first = random.integers(0, k, size=n)
    second = (first + random.integers(1, k, size=n)) % k
    return Games(first, second, random.choice([0.0, 0.5, 1.0], size=n), random.integers(0, 80, size=n))


def test_odds_of_two_to_one_twice_are_120_points_each() -> None:
    """Strengths 4, 2 and 1 fit exactly: the odds are 2 to 1, 2 to 1 and 4 to 1."""
    rated = bradley_terry(
        games(
            *[(0, 1, 1)] * 2, *[(0, 1, 0)] * 1, *[(1, 2, 1)] * 2, *[(1, 2, 0)] * 1, *[(0, 2, 1)] * 4, *[(2, 0, 1)] * 1
        ),
        3,
    )
    assert rated is not None
    step = 400 * np.log10(2)
    assert [each.rating for each in rated] == pytest.approx([MEAN + step, MEAN, MEAN - step], abs=1e-9)
    assert all(each.low < each.rating < each.high for each in rated)


@pytest.mark.parametrize("seed", range(3))
def test_the_ratings_are_where_the_likelihood_is_greatest(seed: int) -> None:
    played = drawn(seed)

    def loss(strengths: Any) -> float:
        logits = strengths[played.first] - strengths[played.second]
        return float((np.logaddexp(0, logits) - played.shares * logits).sum()) + float(strengths.mean() ** 2)

    best = optimize.minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-9}).x
    rated = bradley_terry(played, 4)
    assert rated is not None
    assert [each.rating for each in rated] == pytest.approx(list(MEAN + POINTS * (best - best.mean())), abs=1e-3)
    assert sum(each.rating for each in rated) == pytest.approx(4 * MEAN)


def test_the_intervals_are_the_clustered_ones_of_statsmodels() -> None:
    """Of the model without the last contestant, whose strength is fixed, then held against the mean of all."""
    played, k = drawn(7), 4
    n = len(played.shares)
    design = np.zeros((n, k))
    design[np.arange(n), played.first] = 1
    design[np.arange(n), played.second] = -1
    fit = models.GLM(played.shares, design[:, :-1], family=kinds.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": played.clusters}, tol=1e-12
    )
    centred = (np.eye(k) - 1 / k)[:, :-1]
    covariance = centred @ fit.cov_params() @ centred.T * (n - k + 1) / (n - 1)
    t = stats.t.ppf(0.975, len(np.unique(played.clusters)) - 1)
    half = POINTS * t * np.sqrt(np.diag(covariance))
    rated = bradley_terry(played, k)
    assert rated is not None
    assert [each.high - each.rating for each in rated] == pytest.approx(list(half), rel=1e-6)
    assert [each.rating - each.low for each in rated] == pytest.approx(list(half), rel=1e-6)


def test_the_same_verdicts_on_more_trials_of_a_case_make_nothing_surer() -> None:
    once = drawn(1, n=120)
    once = once._replace(clusters=np.arange(120))
    thrice = Games(np.tile(once.first, 3), np.tile(once.second, 3), np.tile(once.shares, 3), np.tile(once.clusters, 3))
    a, b = bradley_terry(once, 4), bradley_terry(thrice, 4)
    assert a is not None
    assert b is not None
    assert [each.high for each in a] == pytest.approx([each.high for each in b])


@pytest.mark.parametrize(
    ("rows", "ahead"),
    [
        ([(0, 1, 1.0), (1, 2, 0.5), (0, 2, 1.0)], (0,)),
        ([(0, 1, 0.5), (0, 2, 1.0), (1, 2, 1.0)], (0, 1)),
        ([(0, 1, 0.5)], (2,)),
    ],
    ids=["never lost", "two never lost to the third", "never met"],
)
def test_who_never_lost_has_no_finite_rating(rows: list[tuple[int, int, float]], ahead: tuple[int, ...]) -> None:
    played = games(*rows * 10)
    assert unbeaten(played, 3) == ahead
    assert bradley_terry(played, 3) is None
