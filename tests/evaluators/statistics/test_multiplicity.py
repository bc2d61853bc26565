"""Adjusted p-values are those of statsmodels and scipy."""

from typing import Any, cast

import numpy as np
import pytest
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]
from statsmodels.stats import multitest  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.multiplicity import benjamini_hochberg, holm

stats, multiple = cast("Any", scipy_stats), cast("Any", multitest)


@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_adjusted_p_values_are_those_of_statsmodels(n: int) -> None:
    given_p = np.round(np.random.default_rng(n).random(n) ** 3, 2)
    assert holm(given_p) == pytest.approx(multiple.multipletests(given_p, method="holm")[1], abs=1e-9)
    assert benjamini_hochberg(given_p) == pytest.approx(multiple.multipletests(given_p, method="fdr_bh")[1], abs=1e-9)
    assert benjamini_hochberg(given_p) == pytest.approx(stats.false_discovery_control(given_p), abs=1e-9)


def test_no_p_values_stay_none() -> None:
    assert len(holm(np.array([]))) == len(benjamini_hochberg(np.array([]))) == 0
