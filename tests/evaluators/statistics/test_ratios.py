"""Ratios keep their level, cancel what a case does to both sides, and say so where nothing bounds them."""

import math
from typing import Any, cast

import numpy as np
import pytest
from statsmodels.regression import linear_model  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.quantiles import percentile_interval, percentiles
from evaluators.statistics.ratios import Limits, ratio_of_figures, ratio_of_means

models = cast("Any", linear_model)


@pytest.mark.parametrize("seed", range(3))
def test_at_its_bounds_a_ratio_differs_by_just_what_t_allows(seed: int) -> None:
    """Of what Fieller's interval is made: top - bound * bottom has an interval of its own that ends at 0."""
    random = np.random.default_rng(seed)
    tops, bottoms, clusters = random.gamma(3, 1, 40), random.gamma(5, 1, 40), random.integers(0, 15, 40)
    found = ratio_of_means(tops, bottoms, clusters)
    assert found is not None
    assert found.value == pytest.approx(tops.mean() / bottoms.mean())
    for bound, end in ((found.low, 0), (found.high, 1)):
        assert bound is not None
        groups = {"groups": clusters}
        fitted = models.OLS(tops - bound * bottoms, np.ones(40)).fit(cov_type="cluster", cov_kwds=groups, use_t=True)
        assert fitted.conf_int()[0][end] == pytest.approx(0, abs=1e-9)


def test_what_a_case_does_to_both_sides_cancels() -> None:
    """Long questions take both agents long; a tenth more of it is a tenth more, however long they are."""
    sizes = np.random.default_rng(0).lognormal(0, 1, 50)
    found = ratio_of_means(1.1 * sizes, sizes, np.arange(50))
    assert found == pytest.approx((1.1, 1.1, 1.1))


@pytest.mark.parametrize("n", [20, 100])
def test_ratios_of_skewed_means_hold_the_truth_95_times_in_100(n: int) -> None:
    random, held = np.random.default_rng(n), 0
    for _ in range(1000):
        size = random.lognormal(0, 0.8, n)
        tops, bottoms = (size * random.lognormal(0, 0.5, n) for _ in range(2))
        found = ratio_of_means(tops, bottoms, np.arange(n))
        assert found is not None
        held += (found.low or math.inf) <= 1 <= (found.high or 0)
    assert held / 1000 >= 0.94


def test_to_nothing_there_is_no_ratio_and_to_almost_nothing_no_bound() -> None:
    assert ratio_of_means(np.ones(3), np.zeros(3), np.arange(3)) is None
    assert ratio_of_means(np.ones(3), np.array([0.0, 0.0, 1.0]), np.arange(3)) == (pytest.approx(3), None, None)
    assert ratio_of_figures(Limits(1.0, 0.5, 2.0), Limits(0.0, 0.0, 1.0)) is None


def test_a_ratio_of_figures_is_unbounded_where_one_of_them_is() -> None:
    low = 2 * math.exp(-math.hypot(math.log(2), math.log(2)))
    assert ratio_of_figures(Limits(2.0, 1.0, None), Limits(1.0, 0.5, 2.0)) == (2.0, pytest.approx(low), None)
    found = ratio_of_figures(Limits(2.0, 1.0, 4.0), Limits(1.0, None, None))
    assert found == (2.0, None, None)
    assert ratio_of_figures(Limits(0.0, 0.0, 0.2), Limits(0.5, 0.4, 0.6)) == (0.0, 0.0, pytest.approx(0.5))


def test_ratios_of_medians_hold_the_truth_95_times_in_100() -> None:
    random, held = np.random.default_rng(3), 0
    for _ in range(400):
        sides: list[Limits] = []
        for _ in range(2):
            values = np.sort(random.lognormal(0, 1, 60))
            low, high = percentile_interval(values, 50)
            sides.append(Limits(percentiles(values, (50,))[0], low, high))
        found = ratio_of_figures(*sides)
        assert found is not None
        held += (found.low or math.inf) <= 1 <= (found.high or 0)
    assert held / 400 >= 0.94
