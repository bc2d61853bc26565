"""Clustered means agree with statsmodels and with sums done by hand, and keep their promises for any data."""

import math
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]
from statsmodels.regression import linear_model  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.clusters import cluster_means, clustered_mean, effective_size

stats, models = cast("Any", scipy_stats), cast("Any", linear_model)


def test_without_repeats_the_clustered_error_is_the_usual_one() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.5])
    estimate = clustered_mean(values, np.arange(6))
    assert estimate.mean == pytest.approx(values.mean())
    assert estimate.standard_error == pytest.approx(float(stats.sem(values)), abs=1e-12)
    expected = stats.t.interval(0.95, 5, loc=values.mean(), scale=stats.sem(values))
    assert estimate.interval() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_clustered_error_and_interval_are_those_of_statsmodels(seed: int) -> None:
    """Of a regression on a constant with cluster-robust covariance: its own correction is G / (G - 1) * (n - 1) /
    (n - 1), for one coefficient."""
    random = np.random.default_rng(seed)
    cases = random.integers(0, 40, 300)
    values = (random.random(300) < random.random(40)[cases]).astype(np.float64)
    fitted = models.OLS(values, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": cases}, use_t=True)
    estimate = clustered_mean(values, cases)
    assert estimate.standard_error == pytest.approx(float(fitted.bse[0]), abs=1e-9)
    assert estimate.interval() == pytest.approx(tuple(fitted.conf_int()[0]), abs=1e-9)


def test_a_clustered_error_is_the_one_worked_out_by_hand() -> None:
    """Two clusters (1, 1) and (0, 1): mean 3/4, residual sums 1/2 and -1/2, so se^2 = (1/4 + 1/4) / 4^2 * 2 / 1."""
    estimate = clustered_mean(np.array([1.0, 1.0, 0.0, 1.0]), np.array([7, 7, 3, 3]))
    assert estimate.mean == 0.75
    assert estimate.standard_error == pytest.approx(math.sqrt(0.5 / 16 * 2), abs=1e-15)


def test_repeating_every_answer_shrinks_neither_the_error_nor_the_interval() -> None:
    values, cases = np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.arange(5)
    once = clustered_mean(values, cases)
    ten_times = clustered_mean(np.tile(values, 10), np.tile(cases, 10))
    assert once.standard_error is not None
    assert ten_times.standard_error == pytest.approx(once.standard_error)
    assert ten_times.interval() == pytest.approx(once.interval())
    assert effective_size(np.tile(values, 10), np.tile(cases, 10)) == pytest.approx(5)


def test_one_cluster_has_a_mean_and_no_error() -> None:
    estimate = clustered_mean(np.array([1.0, 0.0]), np.array([4, 4]))
    assert (estimate.mean, estimate.standard_error, estimate.interval()) == (0.5, None, None)


def test_trials_that_all_agree_count_as_one_per_case() -> None:
    assert effective_size(np.ones(30), np.repeat(np.arange(10), 3)) == 10
    assert effective_size(np.ones(30), np.arange(30)) == 30


def test_trials_that_happen_to_disagree_still_count_as_one_per_case() -> None:
    """Two cases with the same share of right trials look as if their 20 trials were independent."""
    assert effective_size(np.tile([0.0, 1.0], 10), np.repeat([0, 1], 10)) == 2


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0.0, 0.25, 1.0])), min_size=1, max_size=60))
def test_an_effective_size_lies_between_one_and_the_number_of_cases(rows: list[tuple[int, float]]) -> None:
    cases, values = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    assert 1 <= effective_size(values, cases) <= len(set(cases))


def test_cluster_means_come_in_the_order_of_the_clusters() -> None:
    assert cluster_means(np.array([1.0, 0.0, 0.5, 1.0]), np.array([9, 2, 9, 2])).tolist() == [0.5, 0.75]
