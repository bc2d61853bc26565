"""Stopping early: wrong as seldom as promised however often one looks, and much sooner on clear differences."""

import numpy as np
import pytest

from benchmarks.early_stopping import Scene, simulate
from evaluators.statistics.sequential import Settled, settle


def test_a_clear_answer_is_settled_early_and_stays_so() -> None:
    values = (np.random.default_rng(0).random(2000) < 0.9).astype(np.float64)
    found = settle(values, 0.7)
    assert found is not None
    assert found.side == "above"
    assert found.after < 150
    assert settle(values[: found.after], 0.7) == found, "it was settled by just these"
    assert settle(values[: found.after - 1], 0.7) is None
    assert settle(1 - values, 0.3) == Settled("below", found.after)


def test_what_lies_on_the_bound_stays_open() -> None:
    assert settle(np.tile([1.0, 0.0], 5000), 0.5) is None
    assert settle(np.array([]), 0.5) is None


def test_of_a_whole_population_the_rest_may_not_matter_any_more() -> None:
    """60 of 100 are right: whatever the last 40 are, the mean is at least 0.6."""
    found = settle(np.ones(60), 0.595, population=100, error=1e-30)
    assert found == Settled("above", 60)
    assert settle(np.zeros(60), 0.405, population=100, error=1e-30) == Settled("below", 60)
    assert settle(np.tile([1.0, 0.0], 50), 0.5, population=100) is None, "the whole mean is the bound"
    assert settle(np.tile([1.0, 0.0, 1.0], 7), 0.6, population=21) == Settled("above", 19), "13 of 21 are over 0.6"


def test_differences_are_settled_between_minus_one_and_one() -> None:
    random = np.random.default_rng(0)
    differences = (random.random(3000) < 0.8).astype(np.float64) - (random.random(3000) < 0.6)
    found = settle(differences, 0.0, lowest=-1, highest=1)
    assert found is not None
    assert found.side == "above"


@pytest.mark.parametrize("whole", [False, True], ids=["of all that could be asked", "of the benchmark's cases"])
def test_a_wrong_side_is_named_in_at_most_5_of_100(whole: bool) -> None:
    """Agents that are equal, or nearly so, looked at after every single answer."""
    for gap in (0.0, 0.01):
        told = simulate(Scene(cases=500, gap=gap, whole=whole), rounds=600, seed=1)
        assert told.wrong <= 0.05


def test_a_clear_difference_takes_at_least_30_percent_fewer_calls() -> None:
    for gap in (0.1, 0.2):
        told = simulate(Scene(cases=1000, gap=gap, whole=True), rounds=200, seed=2)
        assert told.calls <= 0.7
        assert told.wrong <= 0.05
        assert told.settled >= 0.95
