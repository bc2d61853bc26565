"""Cases that share a passage: statsmodels' clustered errors, nominal coverage, and differences of whole clusters."""

from typing import Any, cast

import numpy as np
import pytest
from statsmodels.regression import linear_model  # pyright: ignore[reportMissingTypeStubs]

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import clusters_of, effective_size
from evaluators.statistics.pairs import mcnemar_exact, paired_difference, permutation_p
from evaluators.statistics.proportions import wilson
from evaluators.statistics.ranks import better_than

models = cast("Any", linear_model)


def passages(random: np.random.Generator, count: int, *, alike: float) -> tuple[Floats, Integers]:
    """Right or wrong answers to 1 to 9 questions about each passage; a passage is wholly easy or hard so often."""
    clusters = np.repeat(np.arange(count), random.integers(1, 10, count))
    shared = random.random(count) < 0.7
    own = random.random(len(clusters)) < 0.7
    return np.where(random.random(len(clusters)) < alike, shared[clusters], own).astype(np.float64), clusters


def test_a_case_without_a_cluster_is_one_of_its_own() -> None:
    found = clusters_of(np.array([0, 1, 2, 3]), np.array([1, -1, 1, -1]))
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3
    assert clusters_of(np.array([4, 2]), None).tolist() == [4, 2]


@pytest.mark.parametrize("seed", range(3))
def test_a_paired_difference_in_clusters_has_the_error_and_interval_of_statsmodels(seed: int) -> None:
    random = np.random.default_rng(seed)
    _, clusters = passages(random, 60, alike=0.5)
    changes = np.clip(random.normal(0.02, 0.1, 60)[clusters] + random.normal(0, 0.1, len(clusters)), -1, 1)
    fitted = models.OLS(changes, np.ones(len(changes))).fit(
        cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True
    )
    found = paired_difference(changes, clusters)
    assert found.standard_error == pytest.approx(float(fitted.bse[0]), abs=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(fitted.conf_int()[0]), abs=1e-9)


def test_of_many_clusters_the_intervals_of_right_and_wrong_are_nearly_statsmodels_too() -> None:
    """Wilson's and Bonett and Price's pull towards the middle by what two cases weigh."""
    random = np.random.default_rng(0)
    values, clusters = passages(random, 800, alike=0.6)
    other = np.where(random.random(len(values)) < 0.1, 1 - values, values)
    for data, found in (
        (values, wilson(values.sum(), len(values), effective_n=effective_size(values, clusters, cases=len(values)))),
        (other - values, paired_difference(other - values, clusters)),
    ):
        fitted = models.OLS(data, np.ones(len(data))).fit(cov_type="cluster", cov_kwds={"groups": clusters})
        assert (found.low, found.high) == pytest.approx(tuple(fitted.conf_int()[0]), abs=0.003)


@pytest.mark.parametrize(("count", "alike"), [(8, 0.9), (20, 0.5), (60, 0.0), (60, 0.9)])
def test_accuracies_of_clustered_cases_keep_their_95_percent(count: int, alike: float) -> None:
    random, held, rounds = np.random.default_rng(count), 0, 600
    naive = 0
    for _ in range(rounds):
        values, clusters = passages(random, count, alike=alike)
        size = effective_size(values, clusters, cases=len(values))
        share, alone = (wilson(values.sum(), len(values), effective_n=n) for n in (size, None))
        held += share.low <= 0.7 <= share.high
        naive += alone.low <= 0.7 <= alone.high
    assert held / rounds >= 0.93
    assert alike < 0.9 or naive / rounds < 0.9, "who takes the cases as independent promises too much"


def test_sides_are_swapped_for_a_whole_cluster_at_once() -> None:
    """Five passages that got better in each of ten questions are five changes, not fifty."""
    changes, clusters = np.ones(50), np.repeat(np.arange(5), 10)
    assert permutation_p(changes) < 1e-9
    assert permutation_p(changes, clusters) == pytest.approx(2 / 2**5) == mcnemar_exact(5, 0)


def test_one_cluster_tells_nothing_of_others() -> None:
    assert paired_difference(np.ones(50), np.zeros(50, dtype=np.int64)) == (1.0, None, None, None, 50)
    assert effective_size(np.array([1.0, 0.0, 1.0]), np.zeros(3, dtype=np.int64), cases=3) == 1


def test_a_lead_in_one_passage_is_no_rank() -> None:
    means = np.stack([np.r_[np.ones(40), np.tile([1.0, 0.0], 30)], np.r_[np.zeros(40), np.tile([0.0, 1.0], 30)]])
    clusters = np.r_[np.zeros(40, dtype=np.int64), np.arange(1, 61)]
    assert better_than(means)[0, 1]
    assert not better_than(means, clusters)[0, 1]
