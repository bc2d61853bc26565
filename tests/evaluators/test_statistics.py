"""Estimates agree with scipy and with sums done by hand, and keep their promises for any data."""

import math
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics import (
    clustered_mean,
    consistency,
    effective_size,
    percentiles,
    quantile_of_normal,
    wilson,
)

stats = cast("Any", scipy_stats)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_wilson_interval_holds_its_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    share = wilson(*counts)
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert share.value == counts[0] / counts[1]


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 20), (20, 20), (286, 1319), (372, 700), (1, 10**6)])
def test_a_wilson_interval_is_scipys(successes: int, n: int) -> None:
    expected = stats.binomtest(successes, n).proportion_ci(confidence_level=0.95, method="wilson")
    ours = wilson(successes, n)
    assert ours.low == pytest.approx(expected.low, abs=1e-12)
    assert ours.high == pytest.approx(expected.high, abs=1e-12)


def test_the_normal_quantile_is_the_textbooks() -> None:
    assert quantile_of_normal(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert quantile_of_normal(0.99) == pytest.approx(2.5758293035489, abs=1e-10)


def test_without_repeats_the_clustered_error_is_the_usual_one() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.5])
    estimate = clustered_mean(values, np.arange(6))
    assert estimate.mean == pytest.approx(values.mean())
    assert estimate.standard_error == pytest.approx(float(stats.sem(values)), abs=1e-12)


def test_a_clustered_error_is_the_one_worked_out_by_hand() -> None:
    """Two clusters (1, 1) and (0, 1): mean 3/4, residual sums 1/2 and -1/2, so se^2 = (1/4 + 1/4) / 4^2 * 2 / 1."""
    estimate = clustered_mean(np.array([1.0, 1.0, 0.0, 1.0]), np.array([7, 7, 3, 3]))
    assert estimate.mean == 0.75
    assert estimate.standard_error == pytest.approx(math.sqrt(0.5 / 16 * 2), abs=1e-15)


def test_repeating_every_answer_does_not_shrink_the_error() -> None:
    values, cases = np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.arange(5)
    once = clustered_mean(values, cases)
    ten_times = clustered_mean(np.tile(values, 10), np.tile(cases, 10))
    assert once.standard_error is not None
    assert ten_times.standard_error == pytest.approx(once.standard_error)
    assert effective_size(np.tile(values, 10), np.tile(cases, 10)) == pytest.approx(5)


def test_one_cluster_has_a_mean_and_no_error() -> None:
    estimate = clustered_mean(np.array([1.0, 0.0]), np.array([4, 4]))
    assert (estimate.mean, estimate.standard_error, estimate.interval()) == (0.5, None, None)


def test_trials_that_all_agree_count_as_one_per_case() -> None:
    assert effective_size(np.ones(30), np.repeat(np.arange(10), 3)) == 10
    assert effective_size(np.ones(30), np.arange(30)) == 30


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0.0, 0.25, 1.0])), min_size=1, max_size=60))
def test_an_effective_size_lies_between_one_and_the_size(rows: list[tuple[int, float]]) -> None:
    cases, values = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    assert 1 <= effective_size(values, cases) <= len(rows)


def test_percentiles_interpolate() -> None:
    assert percentiles(np.array([1.0, 2.0, 3.0, 4.0]), (0, 50, 90, 100)) == pytest.approx((1, 2.5, 3.7, 4))


def test_consistency_is_the_mean_share_of_the_most_frequent_score() -> None:
    """(1, 1, 0) agrees by 2/3, (0, 0) by 1, and a single trial says nothing."""
    values, cases = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0]), np.array([0, 0, 0, 1, 1, 2])
    assert consistency(values, cases) == pytest.approx((2 / 3 + 1) / 2)
    assert consistency(values[5:], cases[5:]) is None
    assert consistency(values[:0], cases[:0]) is None
