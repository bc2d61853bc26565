"""Pairs of answers as judges left them: what all figures of preferences are made of."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from core.verdicts import Spent
from evaluators.judge.ballots import Ballot
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import cluster_means

Ended = Literal["judged", "undecided", "missing", "unanswered"]
"""undecided: the judges abstained, did not agree or had nothing to judge by; missing: none could be had; unanswered: a
side has no answer."""


class Pair(NamedTuple):
    """Two answers to one case in one trial."""

    match: int
    """The place of the match in the run, from 0."""
    case: int
    """The case's place in the run's case set."""
    unit: int
    """A number for what is independent of other pairs: the case, or the cluster it belongs to."""
    ended: Ended
    value: float | None = None
    """The first side's: 1 won, 0.5 tied, 0 lost, means of several votes between them; None unless it was judged."""
    lengths: tuple[int, int] = (0, 0)
    """Characters of both answers."""
    ballots: tuple[Ballot, ...] = ()
    spent: Spent | None = None


class Judged(NamedTuple):
    """The judged pairs of a match as arrays of n."""

    values: Floats
    units: Integers
    longer: Integers
    """Characters by which the first one's answer is longer."""
    cases: Integers

    @property
    def by_case(self) -> tuple[Floats, Integers]:
        """Each case's mean value over its trials, and its unit."""
        _, first = np.unique(self.cases, return_index=True)
        return cluster_means(self.values, self.cases), self.units[first]


def judged(pairs: Sequence[Pair]) -> Judged:
    kept = [pair for pair in pairs if pair.value is not None]
    return Judged(
        values=np.array([pair.value for pair in kept], dtype=np.float64),
        units=np.array([pair.unit for pair in kept], dtype=np.int64),
        longer=np.array([pair.lengths[0] - pair.lengths[1] for pair in kept], dtype=np.int64),
        cases=np.array([pair.case for pair in kept], dtype=np.int64),
    )
