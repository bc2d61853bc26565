"""Rank ranges: as narrow as what can be told, and holding the true order together."""

import numpy as np

from evaluators.statistics.arrays import Floats
from evaluators.statistics.ranks import better_than, rank_ranges, ranks


def answers(shares: list[float], n: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    return (random.random((len(shares), n)) < np.array(shares)[:, None]).astype(np.float64)


def test_clear_differences_leave_one_rank_each() -> None:
    found = rank_ranges(better_than(answers([0.5, 0.9, 0.1], 500, seed=0)))
    assert found == ((2, 2), (1, 1), (3, 3))


def test_agents_that_cannot_be_told_apart_share_their_ranks() -> None:
    found = rank_ranges(better_than(answers([0.7, 0.7, 0.1], 300, seed=0)))
    assert found == ((1, 2), (1, 2), (3, 3))


def test_few_cases_leave_every_rank_open() -> None:
    assert rank_ranges(better_than(answers([0.9, 0.5, 0.1], 4, seed=0))) == ((1, 3),) * 3
    assert not better_than(np.array([[0.9, 0.9], [0.4, 0.4]])).any(), "two cases that differ alike"


def test_cases_without_a_score_are_left_out_of_their_pairs() -> None:
    means = answers([0.9, 0.2], 200, seed=0)
    means[1, 100:] = np.nan
    assert rank_ranges(better_than(means)) == ((1, 1), (2, 2))
    means[1, 1:] = np.nan
    assert rank_ranges(better_than(means)) == ((1, 2), (1, 2))


def test_equal_figures_share_the_better_rank() -> None:
    assert ranks(np.array([0.5, 0.7, 0.7, 0.1])).tolist() == [3, 1, 1, 4]


def test_all_ranges_hold_the_true_order_together_in_95_of_100() -> None:
    shares, rounds, missed = [0.8, 0.75, 0.7, 0.7, 0.5], 300, 0
    truth = [{1}, {2}, {3, 4}, {3, 4}, {5}]
    for seed in range(rounds):
        found = rank_ranges(better_than(answers(shares, 200, seed)))
        missed += any(not true & set(range(low, high + 1)) for (low, high), true in zip(found, truth, strict=True))
    assert missed / rounds <= 0.05
