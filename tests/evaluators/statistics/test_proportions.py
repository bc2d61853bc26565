"""Wilson's interval is scipy's, keeps its promises for any counts, and holds its level when cases are repeated."""

from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.clusters import effective_size
from evaluators.statistics.proportions import wilson

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


@pytest.mark.parametrize("cases", [3, 5, 10, 40])
def test_fifty_trials_of_few_cases_keep_their_95_percent(cases: int) -> None:
    """Cases differ in how hard they are (Beta(1, 1): the true mean is one half); the interval is about the mean over
    all cases that could have been asked."""
    random, trials, rounds = np.random.default_rng(cases), 50, 1500
    numbers = np.repeat(np.arange(cases), trials)
    held = 0
    for _ in range(rounds):
        right = (random.random(cases * trials) < np.repeat(random.random(cases), trials)).astype(np.float64)
        share = wilson(float(right.sum()), len(right), effective_n=effective_size(right, numbers))
        held += share.low <= 0.5 <= share.high
    assert held / rounds >= 0.945
