"""Quantiles are those of the textbooks."""

from typing import Any, cast

import numpy as np
import pytest
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.quantiles import percentiles, quantile_of_normal, quantile_of_student

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
