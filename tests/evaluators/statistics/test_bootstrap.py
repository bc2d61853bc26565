"""The bootstrap over cases: repeatable, near the t interval where that is right, skewed where the data are."""

from typing import Any, cast

import numpy as np
import pytest
from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.arrays import Floats
from evaluators.statistics.bootstrap import MOST, RESAMPLES, bootstrap_mean, bootstrap_ratios
from evaluators.statistics.clusters import clustered_mean


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(40)
    assert bootstrap_mean(values, np.arange(40), seed=1) == bootstrap_mean(values, np.arange(40), seed=1)


def test_for_symmetric_data_it_is_near_the_interval_of_t() -> None:
    values = np.random.default_rng(0).normal(0.5, 0.1, 400)
    expected = clustered_mean(values, np.arange(400)).interval()
    assert bootstrap_mean(values, np.arange(400)) == pytest.approx(expected, abs=1e-3)


def test_whole_cases_are_drawn() -> None:
    values, cases = np.random.default_rng(0).random(30), np.arange(30)
    assert bootstrap_mean(np.tile(values, 9), np.tile(cases, 9)) == pytest.approx(bootstrap_mean(values, cases))


def test_rare_large_scores_reach_further_up_than_down() -> None:
    values = np.r_[np.zeros(45), np.ones(5)]
    found = bootstrap_mean(values, np.arange(50))
    assert found is not None
    low, high = found
    assert 0 <= low < 0.1 < high
    assert high - 0.1 > 0.1 - low


def test_there_is_none_of_equal_values_of_one_case_and_of_very_many() -> None:
    assert bootstrap_mean(np.ones(9), np.arange(9)) is None
    assert bootstrap_mean(np.array([0.0, 1.0]), np.array([3, 3])) is None
    assert bootstrap_mean(np.arange(MOST + 1.0), np.arange(MOST + 1)) is None


def test_several_ratios_get_the_bounds_that_scipy_gives_each_of_them_for_the_same_draws() -> None:
    random = np.random.default_rng(4)
    tops, bottoms = random.gamma(2.0, 1.0, (31, 3)), random.integers(1, 9, (31, 3)).astype(np.float64)
    for at, found in enumerate(bootstrap_ratios(tops, bottoms, seed=7)):

        def ratio(top: Floats, bottom: Floats, axis: int) -> Any:
            return top.sum(axis=axis) / bottom.sum(axis=axis)

        expected = cast("Any", stats).bootstrap(
            (tops[:, at], bottoms[:, at]),
            ratio,
            paired=True,
            n_resamples=RESAMPLES,
            method="BCa",
            rng=np.random.default_rng(7),
        )
        assert found == pytest.approx(tuple(expected.confidence_interval), abs=1e-9)


def test_values_of_unequal_clusters_count_alike() -> None:
    """The mean is over values, so its interval surrounds it also where large clusters score differently."""
    values, clusters = np.r_[np.ones(90), np.zeros(10)], np.r_[np.repeat(np.arange(9), 10), np.arange(9, 19)]
    found = bootstrap_mean(values, clusters)
    assert found is not None
    assert found[0] < 0.9 < found[1]


def test_a_ratio_whose_bottom_may_come_to_nothing_has_none() -> None:
    assert bootstrap_ratios(np.ones((9, 1)), np.eye(9)[:, :1]) == [None]
