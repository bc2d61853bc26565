"""The figures of one agent, from its results as columns. A failed question is never a wrong answer: accuracy and
scores are over what was scored, and the counts beside them say how much that is."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.benchmarks import FailedCountsAs
from core.causes import FAULTS
from core.columns import Columns, EvaluatorColumn
from core.metrics import AgentMetrics, Bounds, Category, Mean, Proportion, ScoreSummary
from core.outcomes import Cause
from core.verdicts import Spent
from evaluators.efficiency import efficiency
from evaluators.intervals import share_intervals
from evaluators.repetition import case_clusters, repetition, within_bounds
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import cluster_sizes, clustered_mean, clusters_of, effective_size
from evaluators.statistics.proportions import wilson
from evaluators.statistics.trials import consistency, known_mean

Mask = NDArray[np.bool_]
T = TypeVar("T")


def summarize(columns: Columns, *, failed_counts_as: FailedCountsAs = "unscored") -> AgentMetrics:
    """The first evaluator decides what counts as correct. None stands for what nobody knows, never 0 and never nan.

    With `failed_counts_as="wrong"` a failure that is the agent's fault has a score of 0 by every evaluator.
    """
    answered = columns.cause < 0
    wrong = _blamed(columns) & (failed_counts_as == "wrong")
    judged = answered | wrong
    columns = counted(columns, failed_counts_as)
    scores = tuple(_score(columns, judged, evaluator) for evaluator in columns.evaluators)
    first = scores[0] if scores else None
    spent = efficiency(columns, answered)
    return AgentMetrics(
        accuracy=first.accuracy if first else None,
        score=first.mean if first else None,
        scores=scores,
        category_scores=_categories(columns, judged),
        **spent._asdict(),
        clusters=_clusters(columns),
        **_agreement(columns, judged),
        trials=_of_first(columns, judged, repetition),
        errors=_errors(columns),
        counted_wrong=int(wrong.sum()),
        bounds=_of_first(columns, judged, partial(_bounds, unknown=_errors(columns).get("unknown", 0))),
        answered=int(answered.sum()),
        failed=int((~answered).sum()),
        unscored=first.unscored if first else int(answered.sum()),
        retried_calls=int(np.maximum(columns.calls - 1, 0).sum()),
        judging=_judging(columns),
    )


def _blamed(columns: Columns) -> Mask:
    """The failures that are the agent's fault."""
    return np.isin(columns.cause, [place for place, cause in enumerate(columns.causes) if cause in FAULTS])


def counted(columns: Columns, failed_counts_as: FailedCountsAs) -> Columns:
    """With a score of 0 for each failure that counts as a wrong answer."""
    wrong = _blamed(columns) & (failed_counts_as == "wrong")
    return replace(columns, evaluators=tuple(_with_zeros(each, wrong) for each in columns.evaluators))


def _with_zeros(evaluator: EvaluatorColumn, wrong: Mask) -> EvaluatorColumn:
    values = np.where(wrong, 0.0, evaluator.values)
    return replace(evaluator, values=values, scored=evaluator.scored | wrong)


def _agreement(columns: Columns, judged: Mask) -> dict[str, Any]:
    """How steadily cases that were tried several times are scored."""

    def told(values: Floats, cases: Integers, cluster: Integers | None) -> dict[str, Any] | None:
        shares = consistency(values, cases)
        if (mean := known_mean(shares)) is None:
            return None
        interval = share_intervals([shares], case_clusters(cases, cluster))[0]
        return {"consistency": mean, "consistency_interval": interval}

    return _of_first(columns, judged, told) or {}


def _clusters(columns: Columns) -> int | None:
    if columns.cluster is None:
        return None
    return len(cluster_sizes(clusters_of(columns.case_index.astype(np.int64), columns.cluster)))


def _bounds(values: Floats, cases: Integers, _: Integers | None, *, unknown: int) -> Bounds | None:
    if not unknown:
        return None
    total, n = float(values.sum()), len(values) + unknown
    return Bounds(low=total / n, high=(total + unknown) / n, unknown=unknown)


def _score(columns: Columns, answered: Mask, evaluator: EvaluatorColumn) -> ScoreSummary:
    scored = answered & evaluator.scored
    accuracy, mean = _estimates(columns, evaluator, np.flatnonzero(scored), graded=_graded(evaluator, scored))
    return ScoreSummary(
        evaluator=evaluator.label,
        version=evaluator.version,
        mean=mean,
        accuracy=accuracy,
        scored=int(scored.sum()),
        unscored=int((answered & ~scored).sum()),
        unscored_causes=evaluator.unscored_causes,
        judging=evaluator.spent,
    )


def _judging(columns: Columns) -> Spent | None:
    spent = [evaluator.spent for evaluator in columns.evaluators if evaluator.spent is not None]
    return reduce(Spent.plus, spent) if spent else None


def _graded(evaluator: EvaluatorColumn, scored: Mask) -> bool:
    """Whether any score lies between wrong and right: then a share of right answers would mislead."""
    values = evaluator.values[scored]
    return bool(((values > 0) & (values < 1)).any())


def _estimates(
    columns: Columns, evaluator: EvaluatorColumn, rows: NDArray[np.intp], *, graded: bool
) -> tuple[Proportion | None, Mean | None]:
    """The accuracy (None where scores are graded) and the mean of the scores in these rows; None of nothing."""
    if not len(rows):
        return None, None
    values, cases = evaluator.values[rows], columns.case_index[rows].astype(np.int64)
    clusters = clusters_of(cases, None if columns.cluster is None else columns.cluster[rows])
    mean = within_bounds(clustered_mean(values, clusters), clustered=columns.cluster is not None)
    if graded:
        return None, mean
    size = effective_size(values, clusters, cases=len(cluster_sizes(cases)))
    share = wilson(float(values.sum()), len(values), effective_n=size)
    if mean.low is not None:
        # Of right and wrong the mean is the share, and known as well.
        mean = mean.model_copy(update={"low": share.low, "high": share.high})
    return share.model_copy(update={"clusters": mean.clusters}), mean


def _categories(columns: Columns, answered: Mask) -> dict[str, Category]:
    """By the first evaluator; cases without a category are in none. Sorted once, so that many categories stay cheap."""
    evaluator = columns.evaluators[0] if columns.evaluators else None
    order = np.argsort(columns.category, kind="stable")
    bounds = np.searchsorted(columns.category[order], np.arange(len(columns.categories) + 1))
    graded = evaluator is not None and _graded(evaluator, answered & evaluator.scored)
    rows = {name: order[bounds[at] : bounds[at + 1]] for at, name in enumerate(columns.categories)}
    return {name: _category(columns, answered, evaluator, rows[name], graded) for name in sorted(rows)}


def _category(
    columns: Columns, answered: Mask, evaluator: EvaluatorColumn | None, rows: NDArray[np.intp], graded: bool
) -> Category:
    replied = rows[answered[rows]]
    scored = replied[evaluator.scored[replied]] if evaluator else replied[:0]
    accuracy, mean = _estimates(columns, evaluator, scored, graded=graded) if evaluator else (None, None)
    return Category(
        accuracy=accuracy,
        mean=mean,
        scored=len(scored),
        unscored=len(replied) - len(scored),
        failed=int((columns.cause[rows] >= 0).sum()),
    )


def _of_first(
    columns: Columns, answered: Mask, tell: Callable[[Floats, Integers, Integers | None], T | None]
) -> T | None:
    """What this tells of the first evaluator's scores, their cases and the clusters of those."""
    if not columns.evaluators:
        return None
    first = columns.evaluators[0]
    scored = answered & first.scored
    cluster = None if columns.cluster is None else columns.cluster[scored]
    return tell(first.values[scored], columns.case_index[scored].astype(np.int64), cluster)


def _errors(columns: Columns) -> dict[Cause, int]:
    counts = np.bincount(columns.cause[columns.cause >= 0].astype(np.int64), minlength=len(columns.causes))
    return {cause: int(count) for cause, count in zip(columns.causes, counts, strict=False) if count}
