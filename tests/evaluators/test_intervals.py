"""Seconds, dollars and shares of few cases are not said to be surer than so few cases make them."""

import numpy as np
import pytest

from evaluators.intervals import FEW, Fraction, intervals_of, share_intervals
from evaluators.statistics.clusters import clustered_mean


@pytest.mark.parametrize("cases", [2, 3, 5, FEW - 1])
def test_the_mean_of_a_few_values_is_known_no_better_than_students_t_has_it(cases: int) -> None:
    values = np.random.default_rng(cases).lognormal(0, 0.6, cases)
    [found] = intervals_of([Fraction(values, np.ones(cases))], np.arange(cases))
    student = clustered_mean(values, np.arange(cases)).interval()
    assert found is not None
    assert student is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= max(0.0, student[0]) + 1e-12
    assert found.high >= student[1] - 1e-12


@pytest.mark.parametrize("cases", [3, 5, 10])
def test_means_of_a_few_seconds_keep_their_95_percent(cases: int) -> None:
    random, held, rounds = np.random.default_rng(cases), 0, 300
    for _ in range(rounds):
        [found] = intervals_of([Fraction(random.normal(10, 2, cases), np.ones(cases))], np.arange(cases))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 10 <= found.high
    assert held / rounds >= 0.93


def test_many_values_are_told_by_the_bootstrap_alone() -> None:
    """Of skewed seconds it reaches farther up than down; Student's t does not."""
    values = np.random.default_rng(1).lognormal(0, 1, 60)
    [found] = intervals_of([Fraction(values, np.ones(60))], np.arange(60))
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.high - values.mean() > 1.2 * (values.mean() - found.low)


def test_shares_of_a_few_cases_stay_within_0_and_1() -> None:
    [found] = share_intervals([np.array([0.0, 0.5, 1.0])], np.arange(3))
    assert found is not None
    assert (found.low, found.high) == (0.0, 1.0)
