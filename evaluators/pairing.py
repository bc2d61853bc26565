"""Two agents case by case: which cases both know, what changed in them, and which of them belong together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.columns import CaseColumns, CaseScores
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import clusters_of
from evaluators.statistics.pairs import changes


class Pairs(NamedTuple):
    """Cases that both sides know, by id: their rows on either side."""

    baseline: Integers
    candidate: Integers

    def only(self, chosen: NDArray[np.bool_]) -> "Pairs":
        return Pairs(self.baseline[chosen], self.candidate[chosen])


def pairs_of(baseline: CaseColumns, candidate: CaseColumns) -> Pairs:
    """In the order of the baseline's cases."""
    rows = {case_id: row for row, case_id in enumerate(candidate.case_id)}
    found = [(row, rows[case_id]) for row, case_id in enumerate(baseline.case_id) if case_id in rows]
    both = np.array(found, dtype=np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1])


def scored_pairs(pairs: Pairs, baseline: CaseScores, candidate: CaseScores) -> Pairs:
    """Those with a score on both sides."""
    return pairs.only((baseline.trials[pairs.baseline] > 0) & (candidate.trials[pairs.candidate] > 0))


def changes_of(pairs: Pairs, baseline: CaseScores, candidate: CaseScores) -> Floats:
    """Candidate minus baseline for each pair; all are scored."""
    return changes(baseline.means[pairs.baseline], candidate.means[pairs.candidate])


def clusters_of_pairs(pairs: Pairs, baseline: CaseColumns) -> Integers | None:
    """What each pair's case is in, by the baseline's dataset; None where every case stands alone."""
    if baseline.cluster is None:
        return None
    return clusters_of(baseline.case_index[pairs.baseline], baseline.cluster[pairs.baseline])
