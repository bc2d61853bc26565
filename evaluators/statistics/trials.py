"""What asking a case several times tells: how often it succeeds at all, always, and how steadily."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers

Similarity = Callable[[str, str], float]
"""How alike two answers are, 0..1; symmetric."""


class Tallies(NamedTuple):
    """The cases, with how often each was tried and how often it succeeded."""

    trials: Integers
    successes: Integers


def tallies(successes: Floats, cases: Integers) -> Tallies:
    """Counts of each case that occurs, from one 0 or 1 for each trial."""
    _, places, sizes = np.unique(cases, return_inverse=True, return_counts=True)
    right = np.bincount(places, weights=successes, minlength=len(sizes))
    return Tallies(sizes.astype(np.int64), right.astype(np.int64))


def pass_at_k(trials: Integers, successes: Integers, k: int) -> float | None:
    """The chance that at least one of k tries succeeds, mean over cases: 1 - C(n - c, k) / C(n, k), unbiased.

    Chen et al., Evaluating Large Language Models Trained on Code, arXiv:2107.03374 (2021), equation 1.
    `trials` n and `successes` c of each case. Cases with fewer than k trials say nothing; None where all are such.
    """
    return _mean_over_cases(trials, successes, k, lambda n, c: 1 - _all_drawn(n, n - c, k))


def pass_hat_k(trials: Integers, successes: Integers, k: int) -> float | None:
    """The chance that all of k tries succeed, mean over cases: C(c, k) / C(n, k), unbiased.

    Yao et al., tau-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains, arXiv:2406.12045
    (2024), section 3. `trials` n and `successes` c of each case; cases with fewer than k trials say nothing.
    """
    return _mean_over_cases(trials, successes, k, lambda n, c: _all_drawn(n, c, k))


def _mean_over_cases(
    trials: Integers, successes: Integers, k: int, of: Callable[[Integers, Integers], Floats]
) -> float | None:
    enough = trials >= k
    if not enough.any():
        return None
    counted, times = np.unique(np.stack([trials[enough], successes[enough]]), axis=1, return_counts=True)
    return float(np.average(of(counted[0], counted[1]), weights=times))


def _all_drawn(n: Integers, c: Integers, k: int) -> Floats:
    """C(c, k) / C(n, k): the chance that k draws without replacement from n, of which c are marked, are all marked."""
    chance = np.ones(len(n))
    for drawn in range(k):
        chance *= np.maximum(c - drawn, 0) / (n - drawn)
    return chance


def flip_rate(values: Floats, cases: Integers) -> float | None:
    """The chance that two trials of one case get different scores, mean over cases with two trials or more.

    For each case 1 - sum of c (c - 1) / n (n - 1) over its scores: Simpson, Measurement of Diversity, Nature 163
    (1949) 688; unbiased, so it does not grow with the number of trials. None when no case holds two values.
    """
    repeats = _repeats(values, cases)
    return None if repeats is None else 1 - float((repeats.agreeing / (repeats.sizes * (repeats.sizes - 1))).mean())


def consistency(values: Floats, cases: Integers) -> float | None:
    """How far trials agree: the mean over cases with several trials of the share that the most frequent score takes.

    1.0 when every case repeats itself. None when no case holds two values.
    """
    repeats = _repeats(values, cases)
    return None if repeats is None else float((repeats.most / repeats.sizes).mean())


def semantic_consistency(answers: Sequence[Sequence[str]], similarity: Similarity) -> float | None:
    """How alike the answers to one case are: the mean similarity of its pairs, mean over cases with two answers.

    One sequence of answers for each case; what "alike" means is told by `similarity`.
    None when no case has two answers. Costs n (n - 1) / 2 calls for n answers to a case.
    """
    means = [np.mean([similarity(*pair) for pair in combinations(each, 2)]) for each in answers if len(each) > 1]
    return float(np.mean(means)) if means else None


class _Repeats(NamedTuple):
    """Of each case with two values or more."""

    sizes: Integers
    most: Integers
    """How often its most frequent value occurs."""
    agreeing: Integers
    """Ordered pairs of equal values."""


def _repeats(values: Floats, cases: Integers) -> _Repeats | None:
    if not len(values):
        return None
    order = np.lexsort((values, cases))
    values, cases = values[order], cases[order]
    new_case = np.r_[True, cases[1:] != cases[:-1]]
    starts = np.flatnonzero(new_case | np.r_[True, values[1:] != values[:-1]])
    runs = np.diff(np.r_[starts, len(values)])
    first_runs = np.flatnonzero(new_case[starts])
    sizes = np.diff(np.r_[np.flatnonzero(new_case), len(values)])
    several = sizes > 1
    if not several.any():
        return None
    most = np.maximum.reduceat(runs, first_runs)
    agreeing = np.add.reduceat(runs * (runs - 1), first_runs)
    return _Repeats(sizes[several], most[several], agreeing[several])
