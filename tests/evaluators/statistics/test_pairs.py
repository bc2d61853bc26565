"""Paired differences and their tests agree with scipy and statsmodels, and hold their level."""

import math
import time
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]
from statsmodels.stats import contingency_tables, power  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.arrays import Floats
from evaluators.statistics.pairs import (
    mcnemar_exact,
    minimal_detectable_effect,
    paired_difference,
    permutation_p,
)

stats, tables, powers = cast("Any", scipy_stats), cast("Any", contingency_tables), cast("Any", power)


def changes(better: int, worse: int, same: int) -> Floats:
    return np.r_[np.ones(better), -np.ones(worse), np.zeros(same)]


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemars_exact_test_is_that_of_statsmodels_and_scipy(better: int, worse: int) -> None:
    expected = tables.mcnemar([[5, better], [worse, 7]], exact=True).pvalue
    assert mcnemar_exact(better, worse) == pytest.approx(float(expected), abs=1e-9)
    if better + worse:
        assert mcnemar_exact(better, worse) == pytest.approx(stats.binomtest(better, better + worse).pvalue, abs=1e-9)


def test_graded_differences_have_the_interval_of_the_paired_t_test() -> None:
    random = np.random.default_rng(0)
    baseline, candidate = random.random(60), random.random(60)
    found = paired_difference(candidate - baseline)
    expected = stats.ttest_rel(candidate, baseline).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_right_and_wrong_have_the_interval_of_bonett_and_price() -> None:
    """From the formula: shares (b + 1) / (n + 2) and (c + 1) / (n + 2) of cases that got better and worse."""
    better, worse, n = 12, 5, 60
    p, q = (better + 1) / (n + 2), (worse + 1) / (n + 2)
    half = 1.959963984540054 * math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    found = paired_difference(changes(better, worse, n - better - worse))
    assert (found.low, found.high) == pytest.approx((p - q - half, p - q + half), abs=1e-12)
    assert found.mean == pytest.approx((better - worse) / n)


@pytest.mark.parametrize("cases", [2, 3, 5])
def test_changes_that_are_equal_in_a_few_cases_are_no_proof_of_a_change(cases: int) -> None:
    """Of means over two trials every fourth changes by -0.5, by chance alone."""
    found = paired_difference(np.full(cases, -0.5))
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.5 < 0 < found.high
    many = paired_difference(np.full(40, -0.5))
    assert cast("float", many.low) < -0.5 < cast("float", many.high) < 0, "still of some width"


def test_few_trials_of_a_few_cases_are_called_worse_as_seldom_as_promised() -> None:
    random, rounds = np.random.default_rng(2), 600
    for cases, trials in ((2, 2), (3, 5), (6, 2), (7, 3)):
        worse = 0
        for _ in range(rounds):
            ease = random.beta(2, 2, cases)
            before, after = (random.binomial(trials, ease) / trials for _ in range(2))
            worse += cast("float", paired_difference(after - before).high) < 0
        assert worse / rounds <= 0.05


def test_nothing_changed_is_no_proof_of_equality() -> None:
    found = paired_difference(np.zeros(20))
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.05 < 0.05 < found.high
    assert mcnemar_exact(0, 0) == permutation_p(np.zeros(20)) == 1.0


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), min_size=2, max_size=40))
def test_an_interval_holds_its_difference(values: list[float]) -> None:
    found = paired_difference(np.array(values))
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= found.mean <= found.high <= 1


def test_one_pair_has_no_interval() -> None:
    assert paired_difference(np.array([1.0])) == (1.0, None, None, None, 1)


@pytest.mark.parametrize("seed", range(4))
def test_few_changes_are_enumerated_as_scipy_does(seed: int) -> None:
    values = np.round(np.random.default_rng(seed).normal(0.3, 1, 9), 3)
    expected = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert permutation_p(values) == pytest.approx(float(expected.pvalue), abs=1e-9)


def test_changes_of_one_size_make_the_permutation_test_mcnemars() -> None:
    assert permutation_p(changes(30, 14, 500)) == mcnemar_exact(30, 14)
    assert permutation_p(changes(30, 14, 500) / 4) == mcnemar_exact(30, 14)


@pytest.mark.parametrize("decimals", [1, 6], ids=["a few sizes", "every case its own size"])
def test_many_changes_are_drawn_near_what_the_t_test_says(decimals: int) -> None:
    random = np.random.default_rng(7)
    for shift in (0.0, 0.02, 0.04):
        values = np.round(random.normal(shift, 0.3, 700), decimals)
        assert permutation_p(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.02)
    assert permutation_p(values, seed=3) == permutation_p(values, seed=3)


def test_fifty_thousand_graded_pairs_take_seconds() -> None:
    values = np.random.default_rng(0).normal(0.001, 0.3, 50_000)
    started = time.process_time()
    permutation_p(values)
    assert time.process_time() - started < 15


def test_a_minimal_detectable_effect_is_found_with_its_power() -> None:
    """statsmodels' power of a z test at just that difference."""
    error = 0.013
    effect = minimal_detectable_effect(error)
    assert effect == pytest.approx((1.959963984540054 + 0.8416212335729143) * error, abs=1e-9)
    found = powers.normal_power(effect, nobs=1, alpha=0.05, sigma=error)
    assert float(found) == pytest.approx(0.8, abs=1e-3)


def test_agents_that_are_equal_are_called_different_at_most_as_often_as_allowed() -> None:
    random, found, misses, rounds = np.random.default_rng(1), 0, 0, 1500
    for _ in range(rounds):
        hard = random.beta(2, 1, 120)
        values = (random.random(120) < hard).astype(np.float64) - (random.random(120) < hard)
        interval = paired_difference(values)
        misses += not cast("float", interval.low) <= 0 <= cast("float", interval.high)
        found += permutation_p(values) <= 0.05
    assert found / rounds <= 0.05
    assert misses / rounds <= 0.06
