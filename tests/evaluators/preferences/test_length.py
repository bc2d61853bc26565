"""The win rate at equal length: what is left when judges like whatever is longer."""

import numpy as np
import pytest

from evaluators.preferences.length import length_controlled
from evaluators.preferences.pairs import Judged
from evaluators.statistics.logistic import expit


def pairs(shares: list[float] | np.ndarray, longer: np.ndarray) -> Judged:
    alone = np.arange(len(longer))
    return Judged(np.asarray(shares, dtype=np.float64), alone, longer.astype(np.int64), alone)


def test_what_the_regression_is_made_of_it_finds() -> None:
    longer = np.random.default_rng(0).integers(-300, 500, size=200)
    shares = expit(0.7 + 1.5 * np.tanh(longer / longer.std()))
    found = length_controlled(pairs(shares, longer))
    assert found is not None
    assert (found.value, found.pull) == (pytest.approx(float(expit(np.array([0.7]))[0])), pytest.approx(1.5))


def test_a_judge_that_likes_length_alone_prefers_nobody_at_equal_length() -> None:
    """Equals, one of them wordier: it wins far more than half, and at equal length the interval has the half in it."""
    right = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        longer = random.normal(200, 200, size=300).astype(np.int64)
        wins = (random.random(300) < expit(2.0 * np.tanh(longer / longer.std()))).astype(np.float64)
        found = length_controlled(pairs(wins, longer))
        assert wins.mean() > 0.6
        assert found is not None
        right += found.low < 0.5 < found.high
    # 95 of 100 are expected; fewer than 89 would come by chance in 1 of 200 tries.
    assert right >= 89


def test_where_length_tells_nothing_the_win_rate_stays() -> None:
    random = np.random.default_rng(2)
    longer = np.repeat(random.integers(1, 400, size=150), 2) * np.tile([1, -1], 150)
    wins = np.repeat((random.random(150) < 0.6).astype(np.float64), 2)
    found = length_controlled(pairs(wins, longer))
    assert found is not None
    assert (found.value, found.pull) == (pytest.approx(wins.mean()), pytest.approx(0, abs=1e-9))


@pytest.mark.parametrize(
    ("shares", "longer"),
    [
        (np.tile([0.0, 1.0], 20), np.full(40, 7)),
        (np.ones(40), np.arange(40)),
        (np.repeat([0.0, 1.0], 20), np.repeat([-50, 50], 20)),
        (np.tile([0.0, 1.0], 5), np.arange(10)),
        (np.array([]), np.array([])),
    ],
    ids=["all as long", "one always wins", "the longer always wins", "too few", "none"],
)
def test_where_it_cannot_be_told_it_is_not(shares: np.ndarray, longer: np.ndarray) -> None:
    assert length_controlled(pairs(shares, longer)) is None
