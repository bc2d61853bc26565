"""What the simulation of alarms says is what the watch over baselines would say; its promises, on a small scale."""

import numpy as np

from benchmarks.regressions import alarms, as_compared, is_worse
from core.baselines import LEAST_ERROR, LastGood, Rolling


def test_the_simulation_decides_as_comparisons_do() -> None:
    random = np.random.default_rng(5)
    for number in range(6):
        before = random.binomial(1, 0.8, 150).astype(np.float64)
        after = random.binomial(1, 0.8 - 0.04 * number, 150).astype(np.float64)
        assert is_worse(before, after, 0.05) == as_compared(before, after, 0.05)


def test_a_change_that_is_none_raises_an_alarm_no_more_often_than_promised() -> None:
    each = alarms(LastGood(), series=20, cases=150, seed=7)
    assert each.alarmed / each.runs <= 0.05
    months = alarms(Rolling(looks=30), series=40, cases=150, seed=8)
    assert months.series_alarmed / months.series <= 0.05


def test_an_error_is_shared_out_over_looks_and_agents() -> None:
    assert LastGood().error_of_agent(1) == 0.05
    assert LastGood(looks=10).error_of_agent(2) == 0.0025
    assert LastGood(error=0.001, looks=400).error_of_agent(50) == LEAST_ERROR
