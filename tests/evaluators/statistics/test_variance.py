"""The variance split is that of the analysis of variance, and finds what was put in."""

from typing import Any, cast

import numpy as np
import pytest
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]
from statsmodels.stats import oneway  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.variance import variance_split

stats, one_way = cast("Any", scipy_stats), cast("Any", oneway)


def test_the_split_follows_from_scipys_and_statsmodels_analysis_of_variance() -> None:
    """With m trials each, F = MSB / MSW, so items = trials * (F - 1) / m."""
    random = np.random.default_rng(3)
    cases = np.repeat(np.arange(30), 4)
    values = random.random(30)[cases] + 0.3 * random.random(120)
    groups = values.reshape(30, 4)
    split = variance_split(values, cases)
    assert split is not None
    assert split.trials == pytest.approx(float(groups.var(axis=1, ddof=1).mean()), abs=1e-9)
    for f in (stats.f_oneway(*groups).statistic, one_way.anova_oneway(values, cases, use_var="equal").statistic):
        assert split.items == pytest.approx(split.trials * (float(f) - 1) / 4, abs=1e-9)


def test_unequal_numbers_of_trials_find_the_variances_that_were_put_in() -> None:
    random = np.random.default_rng(4)
    cases = random.integers(0, 5000, 20_000)
    split = variance_split(random.normal(0, 2, 5000)[cases] + random.normal(0, 1, 20_000), cases)
    assert split is not None
    assert split.items == pytest.approx(4, rel=0.06)
    assert split.trials == pytest.approx(1, rel=0.05)


def test_cases_that_only_differ_by_chance_have_no_variance_of_their_own() -> None:
    split = variance_split(np.tile([0.0, 1.0], 50), np.repeat(np.arange(10), 10))
    assert split is not None
    assert split.items == 0


def test_what_cannot_be_split_is_not() -> None:
    assert variance_split(np.array([0.0, 1.0]), np.array([0, 1])) is None, "one trial each"
    assert variance_split(np.array([0.0, 1.0]), np.array([0, 0])) is None, "one case"
