"""What asking a case several times tells: how often it succeeds at all, always, and how steadily."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import cluster_sizes, cluster_sums


class Tallies(NamedTuple):
    """The cases, with how often each was tried and how often it succeeded."""

    trials: Integers
    successes: Integers


def tallies(successes: Floats, cases: Integers) -> Tallies:
    """Counts of each case that occurs, from one 0 or 1 for each trial."""
    return Tallies(cluster_sizes(cases), cluster_sums(successes, cases).astype(np.int64))


def pass_at_k(trials: Integers, successes: Integers, k: int) -> Floats:
    """For each case the chance that at least one of k tries succeeds: 1 - C(n - c, k) / C(n, k), unbiased.

    Chen et al., Evaluating Large Language Models Trained on Code, arXiv:2107.03374 (2021), equation 1; published is the
    mean over cases. `trials` n and `successes` c of each case; nan for cases with fewer than k trials.
    """
    return _by_case(trials, successes, k, lambda n, c: 1 - _all_drawn(n, n - c, k))


def pass_hat_k(trials: Integers, successes: Integers, k: int) -> Floats:
    """For each case the chance that all of k tries succeed: C(c, k) / C(n, k), unbiased.

    Yao et al., tau-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains, arXiv:2406.12045
    (2024), section 3; published is the mean over cases. Arguments and nan as for `pass_at_k`.
    """
    return _by_case(trials, successes, k, lambda n, c: _all_drawn(n, c, k))


def known_mean(values: Floats) -> float | None:
    """The mean of those that are not nan; None where all are."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _by_case(trials: Integers, successes: Integers, k: int, of: Callable[[Integers, Integers], Floats]) -> Floats:
    # Many cases have the same counts: each pair of them is worked out once.
    step = int(successes.max(initial=0)) + 1
    pairs, places = np.unique(trials * step + successes, return_inverse=True)
    counted, right = pairs // step, pairs % step
    chances = np.full(len(pairs), np.nan)
    enough = counted >= k
    chances[enough] = of(counted[enough], right[enough])
    return chances[places]


def _all_drawn(n: Integers, c: Integers, k: int) -> Floats:
    """C(c, k) / C(n, k): the chance that k draws without replacement from n, of which c are marked, are all marked."""
    chance = np.ones(len(n))
    for drawn in range(k):
        chance *= np.maximum(c - drawn, 0) / (n - drawn)
    return chance


def flip_rate(values: Floats, cases: Integers) -> Floats:
    """For each case the chance that two of its trials get different scores; nan for a case with one value.

    1 - sum of c (c - 1) / n (n - 1) over its scores: Simpson, Measurement of Diversity, Nature 163 (1949) 688;
    unbiased, so it does not grow with the number of trials.
    """
    repeats = _repeats(values, cases)
    with np.errstate(invalid="ignore"):
        return 1 - repeats.agreeing / (repeats.sizes * (repeats.sizes - 1))


def consistency(values: Floats, cases: Integers) -> Floats:
    """For each case the share of its trials that the most frequent score takes; nan for a case with one value.

    1.0 when the case repeats itself.
    """
    repeats = _repeats(values, cases)
    return np.where(repeats.sizes > 1, repeats.most / repeats.sizes, np.nan)


class _Repeats(NamedTuple):
    """Of each case."""

    sizes: Integers
    most: Integers
    """How often its most frequent value occurs."""
    agreeing: Integers
    """Ordered pairs of equal values."""


def _repeats(values: Floats, cases: Integers) -> _Repeats:
    order = np.lexsort((values, cases))
    values, cases = values[order], cases[order]
    new_case = np.r_[True, cases[1:] != cases[:-1]][: len(cases)]
    starts = np.flatnonzero(new_case | np.r_[True, values[1:] != values[:-1]][: len(cases)])
    runs = np.diff(np.r_[starts, len(values)])
    first_runs = np.flatnonzero(new_case[starts])
    sizes = np.diff(np.r_[np.flatnonzero(new_case), len(values)])
    if not len(values):
        return _Repeats(sizes, sizes, sizes)
    most = np.maximum.reduceat(runs, first_runs)
    return _Repeats(sizes, most, np.add.reduceat(runs * (runs - 1), first_runs))
