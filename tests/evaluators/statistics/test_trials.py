"""What repeated trials tell: against counting by hand, the published figures of tau-bench, and plain combinatorics."""

import json
from collections import defaultdict
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.repetition import repetition
from evaluators.statistics.trials import (
    consistency,
    flip_rate,
    known_mean,
    pass_at_k,
    pass_hat_k,
    tallies,
)

RUNS = st.lists(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=12)


@given(RUNS, st.integers(1, 6))
def test_pass_at_k_and_pass_hat_k_are_their_formulas(cases: list[tuple[int, int]], k: int) -> None:
    trials, right = np.array([n for n, _ in cases]), np.array([c for _, c in cases])
    any_of_k = [1 - comb(n - c, k) / comb(n, k) if n >= k else np.nan for n, c in cases]
    all_of_k = [comb(c, k) / comb(n, k) if n >= k else np.nan for n, c in cases]
    assert pass_at_k(trials, right, k) == pytest.approx(any_of_k, abs=1e-9, nan_ok=True)
    assert pass_hat_k(trials, right, k) == pytest.approx(all_of_k, abs=1e-9, nan_ok=True)


def test_they_are_unbiased() -> None:
    """Over every way that 2 of 5 trials could have come out right, drawing 3 of the 5."""
    draws = list(combinations([1, 1, 0, 0, 0], 3))
    assert pass_at_k(np.array([5]), np.array([2]), 3) == pytest.approx(np.mean([max(draw) for draw in draws]))
    assert pass_hat_k(np.array([5]), np.array([2]), 2) == pytest.approx(1 / 10)


def test_pass_hat_k_of_tau_benchs_recorded_rewards_is_as_published(shared_folder: Path) -> None:
    manifest = json.loads((shared_folder / "oracles" / "MANIFEST.json").read_text())
    entry = next(each for each in manifest if each["file"].startswith("taubench/"))
    rewards: dict[object, list[float]] = defaultdict(list)
    for line in (shared_folder / "oracles" / entry["file"]).read_text().splitlines():
        row = json.loads(line)
        rewards[row["task_id"]].append(float(row["reward"]))
    values = np.concatenate([np.array(each) for each in rewards.values()])
    cases = np.repeat(np.arange(len(rewards)), [len(each) for each in rewards.values()])
    found = repetition(values, cases)
    assert found is not None
    published = {int(name.removeprefix("pass^")): value for name, value in entry["official"].items()}
    assert {k: round(value, 3) for k, value in found.pass_hat_k.items()} == published
    assert found.pass_at_k[1] == pytest.approx(found.pass_hat_k[1])


def test_tallies_count_each_case_that_occurs() -> None:
    counted = tallies(np.array([1.0, 0.0, 1.0, 1.0]), np.array([7, 3, 7, 3]))
    assert (counted.trials.tolist(), counted.successes.tolist()) == ([2, 2], [1, 2])


def test_a_flip_rate_is_the_share_of_pairs_of_trials_that_differ() -> None:
    values, cases = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 1.0]), np.array([0, 0, 0, 1, 1, 2])
    wanted = [2 / 3, 0, np.nan]
    assert flip_rate(values, cases) == pytest.approx(wanted, nan_ok=True), "(1, 1, 0) differs in 2 of 3 pairs"
    assert known_mean(flip_rate(values, cases)) == pytest.approx(1 / 3)
    assert known_mean(flip_rate(values[5:], cases[5:])) is None


def test_a_flip_rate_does_not_grow_with_the_number_of_trials() -> None:
    """An agent that is right every other time flips half of the time, asked twice or twenty times."""
    random = np.random.default_rng(1)
    for trials in (2, 5, 20):
        values = (random.random(4000 * trials) < 0.5).astype(np.float64)
        assert flip_rate(values, np.repeat(np.arange(4000), trials)).mean() == pytest.approx(0.5, abs=0.03)


def test_consistency_is_the_mean_share_of_the_most_frequent_score() -> None:
    """(1, 1, 0) agrees by 2/3, (0, 0) by 1, and a single trial says nothing."""
    values, cases = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0]), np.array([0, 0, 0, 1, 1, 2])
    assert consistency(values, cases) == pytest.approx([2 / 3, 1, np.nan], nan_ok=True)
    assert consistency(values[5:], cases[5:]) == pytest.approx([np.nan], nan_ok=True)
    assert len(consistency(values[:0], cases[:0])) == 0


def test_single_trials_have_no_figures_of_repetition() -> None:
    assert repetition(np.array([1.0, 0.0]), np.array([0, 1])) is None
    assert repetition(np.array([]), np.array([], dtype=np.int64)) is None


def test_the_mean_of_means_lets_every_case_count_alike() -> None:
    """Nine right trials of an easy case do not outweigh the one of a hard case that could be scored."""
    found = repetition(np.array([1.0] * 9 + [0.0]), np.array([0] * 9 + [1]))
    assert found is not None
    assert found.mean_of_means.value == 0.5
    assert list(found.pass_at_k) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert found.flip_rate == 0


def test_many_trials_are_told_at_doublings() -> None:
    found = repetition(np.ones(100), np.repeat([0, 1], 50))
    assert found is not None
    assert list(found.pass_hat_k) == [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 50]
