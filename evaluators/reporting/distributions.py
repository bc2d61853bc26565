"""How an agent's seconds and scores are spread: what the curves and columns of a report are drawn from."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.columns import CaseScores, Columns
from core.reports import Curve, Histogram, Steadiness
from evaluators.statistics.clusters import cluster_sums

MOST_POINTS: Final = 200
BINS: Final = 20
MOST_TRIALS: Final = 100
"""Of more, a chart of every count would tell nothing."""


def latency_curve(agent_id: str, questions: Columns) -> Curve | None:
    """The empirical distribution of the seconds of answers; of many, points at equal shares. None of none."""
    timed = (questions.cause < 0) & ~np.isnan(questions.latency_s)
    seconds = np.sort(questions.latency_s[timed])
    n = len(seconds)
    if not n:
        return None
    ranks = np.unique(np.round(np.linspace(1, n, min(n, MOST_POINTS))).astype(np.int64))
    points = tuple((round(float(seconds[rank - 1]), 4), round(float(rank / n), 4)) for rank in ranks)
    return Curve(agent_id=agent_id, points=points, n=n)


def score_histogram(agent_id: str, questions: Columns) -> Histogram | None:
    """Of the evaluator that decides; None of no score."""
    first = questions.evaluators[0] if questions.evaluators else None
    if first is None or not first.scored.any():
        return None
    values = first.values[first.scored]
    counts, _ = np.histogram(values, bins=BINS, range=(0.0, 1.0))
    return Histogram(agent_id=agent_id, counts=tuple(int(count) for count in counts), n=len(values))


def is_graded(questions: Columns) -> bool:
    """Whether any score lies between wrong and right."""
    first = questions.evaluators[0] if questions.evaluators else None
    if first is None:
        return False
    values = first.values[first.scored]
    return bool(((values > 0) & (values < 1)).any())


def steadiness(agent_id: str, questions: Columns) -> Steadiness | None:
    """Of cases all of whose trials were scored; None where no case was tried twice."""
    first = questions.evaluators[0] if questions.evaluators else None
    if first is None or not first.scored.any():
        return None
    cases = questions.case_index[first.scored].astype(np.int64)
    tried = np.bincount(cases)
    most = int(tried.max())
    if not 2 <= most <= MOST_TRIALS:
        return None
    right = cluster_sums((first.values[first.scored] >= 1).astype(np.float64), cases)
    # `cluster_sums` has one for each case that occurs.
    full = tried[np.flatnonzero(tried)] == most
    counts = np.bincount(np.round(right[full]).astype(np.int64), minlength=most + 1)
    return Steadiness(agent_id=agent_id, trials=most, cases=tuple(int(count) for count in counts))


def all_right(scores: CaseScores) -> NDArray[np.bool_]:
    """(n,) whether all scored trials of the case were right."""
    return (scores.trials > 0) & (np.nan_to_num(scores.means) >= 1)
