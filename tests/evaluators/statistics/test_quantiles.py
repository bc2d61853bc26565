"""Quantiles are those of the textbooks."""

from typing import Any, cast

import numpy as np
import pytest
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.quantiles import (
    percentile_interval,
    percentiles,
    quantile_of_normal,
    quantile_of_student,
)

stats = cast("Any", scipy_stats)


def test_the_normal_quantile_is_the_textbooks() -> None:
    assert quantile_of_normal(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert quantile_of_normal(0.99) == pytest.approx(2.5758293035489, abs=1e-10)


@pytest.mark.parametrize("freedom", [1, 2, 9, 30, 5000])
def test_students_quantile_is_scipys_and_wider_than_the_normal_one(freedom: int) -> None:
    assert quantile_of_student(0.95, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-12)
    assert quantile_of_student(0.95, freedom) > quantile_of_normal(0.95)


def test_percentiles_interpolate() -> None:
    assert percentiles(np.array([1.0, 2.0, 3.0, 4.0]), (0, 50, 90, 100)) == pytest.approx((1, 2.5, 3.7, 4))


@pytest.mark.parametrize("n", [5, 12, 40, 72, 73, 500])
@pytest.mark.parametrize("share", [50, 90, 95, 99])
def test_the_interval_of_a_percentile_is_scipys(n: int, share: int) -> None:
    values = np.sort(np.random.default_rng(n).lognormal(size=n))
    expected = stats.quantile_test(values, q=0, p=share / 100).confidence_interval(0.95)
    wanted = [None if np.isnan(bound) else bound for bound in expected]
    assert list(percentile_interval(values, share)) == pytest.approx(wanted, abs=1e-12)


def test_so_few_answers_do_not_bound_a_high_percentile() -> None:
    """The greatest of 72 lies above the 95th percentile with a chance of 97.5 %; that of 71 does not."""
    assert percentile_interval(np.arange(71.0), 95)[1] is None
    assert percentile_interval(np.arange(72.0), 95)[1] == 71
    assert percentile_interval(np.array([1.0]), 50) == (None, None)


def test_values_that_come_in_clusters_count_as_fewer() -> None:
    values = np.arange(1000.0)
    alone, alike = percentile_interval(values, 50), percentile_interval(values, 50, effective_n=100.9)
    shares = percentile_interval(np.arange(100.0), 50)
    assert alone == (468, 531)
    assert alike == pytest.approx((10 * (shares[0] or 0), 10 * (shares[1] or 0)), abs=10)
