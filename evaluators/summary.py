"""The figures of one agent, from its results as columns. A failed question is never a wrong answer: accuracy and
scores are over what was scored, and the counts beside them say how much that is."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.benchmarks import FailedCountsAs
from core.causes import FAULTS
from core.columns import Columns, EvaluatorColumn
from core.metrics import AgentMetrics, Bounds, Category, Cost, Latency, Mean, Proportion, ScoreSummary, Tokens
from core.outcomes import Cause
from core.verdicts import Spent
from evaluators.repetition import repetition, within_bounds
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import clustered_mean, effective_size
from evaluators.statistics.proportions import wilson
from evaluators.statistics.quantiles import percentiles
from evaluators.statistics.trials import consistency

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
    return AgentMetrics(
        accuracy=first.accuracy if first else None,
        score=first.mean if first else None,
        scores=scores,
        category_scores=_categories(columns, judged),
        latency=_latency(columns.latency_s[answered]),
        queue=_latency(columns.queue_s[answered]),
        tokens=_tokens(columns, answered),
        cost=_cost(columns, answered),
        tokens_per_second=_tokens_per_second(columns, answered),
        consistency=_of_first(columns, judged, consistency),
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


def _bounds(values: Floats, cases: Integers, *, unknown: int) -> Bounds | None:
    if not unknown:
        return None
    total, n = float(values.sum()), len(values) + unknown
    return Bounds(low=total / n, high=(total + unknown) / n, unknown=unknown)


def _score(columns: Columns, answered: Mask, evaluator: EvaluatorColumn) -> ScoreSummary:
    scored = answered & evaluator.scored
    accuracy, mean = _estimates(evaluator.values[scored], columns.case_index[scored], graded=_graded(evaluator, scored))
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


def _estimates(values: Floats, cases: NDArray[np.int32], *, graded: bool) -> tuple[Proportion | None, Mean | None]:
    """The accuracy (None where scores are graded) and the mean of these scores; None of nothing."""
    if not len(values):
        return None, None
    clusters = cases.astype(np.int64)
    mean = within_bounds(clustered_mean(values, clusters))
    if graded:
        return None, mean
    return wilson(float(values.sum()), len(values), effective_n=effective_size(values, clusters)), mean


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
    values = evaluator.values[scored] if evaluator else columns.latency_s[:0]
    accuracy, mean = _estimates(values, columns.case_index[scored], graded=graded)
    return Category(
        accuracy=accuracy,
        mean=mean,
        scored=len(scored),
        unscored=len(replied) - len(scored),
        failed=int((columns.cause[rows] >= 0).sum()),
    )


def _latency(seconds: Floats) -> Latency | None:
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return None
    p50, p90, p95, p99 = percentiles(known, (50, 90, 95, 99))
    return Latency(mean=float(known.mean()), p50=p50, p90=p90, p95=p95, p99=p99, max=float(known.max()))


def _tokens(columns: Columns, answered: Mask) -> Tokens:
    sent, received = _known(columns.input_tokens[answered]), _known(columns.output_tokens[answered])
    return Tokens(
        input=int(sent.sum()) if len(sent) else None,
        output=int(received.sum()) if len(received) else None,
        per_answer=float(received.mean()) if len(received) else None,
    )


def _cost(columns: Columns, answered: Mask) -> Cost:
    """Over answers with a known price; the price of a right answer only where every price is known."""
    costs = _known(columns.cost_usd[answered])
    unknown = int(answered.sum()) - len(costs)
    if not len(costs):
        return Cost(total_usd=None, per_answer_usd=None, per_correct_usd=None, unknown=unknown)
    total = float(costs.sum())
    right = _right(columns, answered)
    per_correct = total / right if right and not unknown else None
    return Cost(total_usd=total, per_answer_usd=total / len(costs), per_correct_usd=per_correct, unknown=unknown)


def _right(columns: Columns, answered: Mask) -> int:
    if not columns.evaluators:
        return 0
    first = columns.evaluators[0]
    return int((first.values[answered & first.scored] >= 1).sum())


def _tokens_per_second(columns: Columns, answered: Mask) -> float | None:
    known = answered & ~np.isnan(columns.output_tokens) & (np.nan_to_num(columns.latency_s) > 0)
    seconds = float(columns.latency_s[known].sum())
    return float(columns.output_tokens[known].sum()) / seconds if seconds else None


def _of_first(columns: Columns, answered: Mask, tell: Callable[[Floats, Integers], T | None]) -> T | None:
    """What this tells of the first evaluator's scores and their cases."""
    if not columns.evaluators:
        return None
    first = columns.evaluators[0]
    scored = answered & first.scored
    return tell(first.values[scored], columns.case_index[scored].astype(np.int64))


def _errors(columns: Columns) -> dict[Cause, int]:
    counts = np.bincount(columns.cause[columns.cause >= 0].astype(np.int64), minlength=len(columns.causes))
    return {cause: int(count) for cause, count in zip(columns.causes, counts, strict=False) if count}


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]
