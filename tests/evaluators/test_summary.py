"""The summary says what is known of an agent, and None of what is not."""

import math
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple, cast, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import Columns, EvaluatorColumn
from core.metrics import AgentMetrics
from core.outcomes import Cause
from core.verdicts import Spent
from evaluators.repetition import within_bounds
from evaluators.statistics.clusters import clustered_mean
from evaluators.statistics.proportions import wilson
from evaluators.summary import summarize

CAUSES: tuple[Cause, ...] = get_args(Cause)
NAN = math.nan


class Row(NamedTuple):
    case: int
    score: float | None = 1.0
    """None: unscored."""
    cause: Cause | None = None
    category: str | None = None
    trial: int = 0
    latency: float = 1.0
    queue: float = 0.0
    sent: float = NAN
    received: float = NAN
    cost: float = NAN
    calls: int = 1
    second: float | None = None
    """What a second evaluator says."""


def columns_of(rows: Sequence[Row]) -> Columns:
    categories = tuple(dict.fromkeys(row.category for row in rows if row.category))

    def floats(values: Sequence[float | None]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.array([NAN if value is None else value for value in values], dtype=np.float64)

    def evaluator(label: str, scores: Sequence[float | None]) -> EvaluatorColumn:
        known = [None if row.cause else score for row, score in zip(rows, scores, strict=True)]
        values = floats(known)
        return EvaluatorColumn(label=label, version="1", values=values, scored=~np.isnan(values))

    return Columns(
        case_index=np.array([row.case for row in rows], dtype=np.int32),
        trial=np.array([row.trial for row in rows], dtype=np.int32),
        category=np.array([categories.index(row.category) if row.category else -1 for row in rows], dtype=np.int32),
        categories=categories,
        cause=np.array([CAUSES.index(row.cause) if row.cause else -1 for row in rows], dtype=np.int8),
        causes=CAUSES,
        latency_s=floats([None if row.cause else row.latency for row in rows]),
        queue_s=floats([row.queue for row in rows]),
        input_tokens=floats([row.sent for row in rows]),
        output_tokens=floats([row.received for row in rows]),
        cost_usd=floats([row.cost for row in rows]),
        calls=np.array([row.calls for row in rows], dtype=np.int32),
        evaluators=(evaluator("first", [row.score for row in rows]), evaluator("second", [row.second for row in rows])),
    )


def summary(*rows: Row) -> AgentMetrics:
    return summarize(columns_of(rows))


def test_a_failed_question_is_no_wrong_answer() -> None:
    metrics = summary(*(Row(case, 1.0) for case in range(83)), *(Row(case, 0.0) for case in range(83, 100)))
    with_failures = summary(
        *(Row(case, 1.0) for case in range(83)),
        *(Row(case, 0.0) for case in range(83, 100)),
        *(Row(case, cause="infrastructure") for case in range(100, 110)),
        *(Row(case, None) for case in range(110, 113)),
    )
    assert metrics.accuracy == with_failures.accuracy == wilson(83, 100)
    assert (with_failures.answered, with_failures.failed, with_failures.unscored) == (103, 10, 3)
    assert with_failures.errors == {"infrastructure": 10}


def test_nothing_at_all_has_no_figures() -> None:
    metrics = summary()
    assert metrics.accuracy is metrics.score is metrics.latency is metrics.queue is metrics.consistency is None
    assert not any(metrics.tokens.model_dump().values())
    assert not any(metrics.cost.model_dump().values())
    assert (metrics.answered, metrics.failed, metrics.unscored) == (0, 0, 0)
    assert "nan" not in metrics.model_dump_json().lower()


def test_an_agent_that_always_failed_has_causes_and_no_figures() -> None:
    metrics = summary(Row(0, cause="timeout", category="a", calls=3), Row(1, cause="refused", category="a"))
    assert metrics.accuracy is metrics.score is metrics.latency is metrics.tokens_per_second is None
    assert metrics.errors == {"refused": 1, "timeout": 1}
    assert metrics.category_scores["a"].accuracy is None
    assert metrics.category_scores["a"].failed == 2
    assert metrics.retried_calls == 2
    assert "nan" not in metrics.model_dump_json().lower()


def test_categories_are_counted_apart() -> None:
    metrics = summary(
        Row(0, 1.0, category="b"), Row(1, 0.0, category="a"), Row(2, 1.0, category="a"),
        Row(3, None, category="a"), Row(4, cause="agent", category="b"), Row(5, 1.0),
    )  # fmt: skip
    assert list(metrics.category_scores) == ["a", "b"]
    a, b = metrics.category_scores["a"], metrics.category_scores["b"]
    assert a.accuracy == wilson(1, 2)
    assert (a.scored, a.unscored, a.failed) == (2, 1, 0)
    assert (b.scored, b.unscored, b.failed) == (1, 0, 1)
    assert metrics.accuracy == wilson(3, 4)


def test_graded_scores_have_a_mean_and_no_accuracy() -> None:
    metrics = summary(Row(0, 0.5, category="a"), Row(1, 1.0, category="b"))
    assert metrics.accuracy is None
    assert metrics.category_scores["b"].accuracy is None
    assert metrics.score is not None
    assert metrics.score.value == 0.75


def test_every_evaluator_has_its_own_line() -> None:
    metrics = summary(Row(0, 1.0, second=0.25), Row(1, 0.0, second=None))
    first, second = metrics.scores
    assert (first.evaluator, first.scored, first.unscored, first.accuracy) == ("first", 2, 0, wilson(1, 2))
    assert (second.evaluator, second.scored, second.unscored, second.accuracy) == ("second", 1, 1, None)
    assert second.mean is not None
    assert (second.mean.value, second.mean.low, second.mean.high) == (0.25, None, None)


def test_an_interval_of_a_mean_score_stays_within_0_and_1() -> None:
    """Student's t would go on to 1.44."""
    metrics = summary(Row(0, 1.0), Row(1, 1.0), Row(2, 0.6))
    assert metrics.score is not None
    assert metrics.score.low is not None
    assert metrics.score.high is not None
    assert 0 < metrics.score.low < 0.3
    assert 0.98 < metrics.score.high <= 1.0


@pytest.mark.parametrize(("score", "cases"), [(1.0, 2), (0.75, 2), (0.1, 30), (0.0, 5)])
def test_a_mean_of_equal_scores_is_known_as_well_as_a_share_of_so_many_answers(score: float, cases: int) -> None:
    found = summary(*(Row(case, score) for case in range(cases))).score
    share = wilson(score * cases, cases)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((share.value, share.low, share.high))


def test_trials_that_agree_on_a_grade_make_their_case_no_surer() -> None:
    """Whatever they are, five cases are five."""
    trials = summary(*(Row(case, 0.75, trial=trial) for case in range(5) for trial in range(4))).trials
    share = wilson(0.75 * 5, 5)
    assert trials is not None
    assert (trials.mean_of_means.low, trials.mean_of_means.high) == pytest.approx((share.low, share.high))


@pytest.mark.parametrize("wrong", [0, 1, 5])
def test_the_mean_of_right_and_wrong_is_known_as_well_as_their_share(wrong: int) -> None:
    found = summary(*(Row(case, float(case >= wrong)) for case in range(10)))
    assert found.accuracy is not None
    assert found.score is not None
    assert (found.score.low, found.score.high) == (found.accuracy.low, found.accuracy.high)


@pytest.mark.parametrize(("cases", "full"), [(10, 0.9), (30, 0.95)])
def test_graded_scores_near_the_edge_are_seldom_said_to_be_better_than_they_are(cases: int, full: float) -> None:
    """Full marks so often, else half: Student's t puts its lower bound above the mean in 36 % and 21 % of such runs."""
    random, rounds, above = np.random.default_rng(cases), 500, 0
    for _ in range(rounds):
        scores = np.where(random.random(cases) < full, 1.0, 0.5)
        found = within_bounds(clustered_mean(scores, np.arange(cases)), clustered=False)
        assert found.low is not None
        above += found.low > (1 + full) / 2
    assert above / rounds <= 0.05


def test_latency_queue_tokens_and_speed_are_of_answers() -> None:
    metrics = summary(
        Row(0, latency=1.0, queue=0.5, sent=10, received=20),
        Row(1, latency=3.0, queue=1.5, sent=30, received=NAN),
        Row(2, cause="timeout", queue=99.0),
    )
    assert metrics.latency is not None
    assert (metrics.latency.mean, metrics.latency.p50, metrics.latency.max) == (2.0, 2.0, 3.0)
    assert metrics.queue is not None
    assert metrics.queue.max == 1.5
    assert (metrics.tokens.input, metrics.tokens.output, metrics.tokens.per_answer) == (40, 20, 20.0)
    assert metrics.tokens_per_second == 20.0


def test_an_unknown_price_is_not_free() -> None:
    metrics = summary(Row(0, 1.0, cost=0.25), Row(1, 0.0, cost=0.75), Row(2, 1.0))
    assert (metrics.cost.total_usd, metrics.cost.per_answer_usd, metrics.cost.unknown) == (1.0, 0.5, 1)
    assert metrics.cost.per_correct_usd is None
    assert summary(Row(0, 1.0, cost=0.25), Row(1, 0.0, cost=0.75)).cost.per_correct_usd == 1.0
    assert summary(Row(0, 0.0, cost=0.25)).cost.per_correct_usd is None


def test_trials_count_once_in_the_intervals() -> None:
    once = summary(*(Row(case, float(case < 6)) for case in range(10)))
    thrice = summary(*(Row(case, float(case < 6), trial=trial) for case in range(10) for trial in range(3)))
    assert once.accuracy is not None
    assert thrice.accuracy is not None
    assert once.consistency is None
    assert thrice.consistency == 1.0
    assert (thrice.accuracy.value, thrice.accuracy.n) == (once.accuracy.value, 30)
    assert thrice.accuracy.low == pytest.approx(once.accuracy.low)
    assert thrice.accuracy.high == pytest.approx(once.accuracy.high)


ROWS = st.lists(
    st.builds(
        Row,
        case=st.integers(0, 6),
        score=st.sampled_from([0.0, 1.0, 0.5, None]),
        cause=st.sampled_from([None, None, None, *CAUSES]),
        category=st.sampled_from([None, "a", "b"]),
        latency=st.sampled_from([0.0, 0.125, 2.0]),
        sent=st.sampled_from([NAN, 5.0]),
        received=st.sampled_from([NAN, 0.0, 7.0]),
        cost=st.sampled_from([NAN, 0.0, 0.5]),
        calls=st.integers(0, 3),
        trial=st.integers(0, 2),
        queue=st.just(0.5),
        second=st.sampled_from([None, 0.75]),
    ),
    max_size=40,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    columns = columns_of(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    rearranged = {
        field.name: getattr(columns, field.name)[order]
        for field in fields(columns)
        if isinstance(getattr(columns, field.name), np.ndarray)
    }
    evaluators = tuple(
        replace(each, values=each.values[order], scored=each.scored[order]) for each in columns.evaluators
    )
    there, here = summarize(columns), summarize(replace(columns, **rearranged, evaluators=evaluators))
    assert flat(here.model_dump()) == pytest.approx(flat(there.model_dump()), abs=1e-12)


@given(ROWS)
def test_no_figure_is_ever_nan_and_every_row_is_counted(rows: list[Row]) -> None:
    metrics = summary(*rows)
    assert not [
        value for value in flat(metrics.model_dump()).values() if isinstance(value, float) and math.isnan(value)
    ]
    assert metrics.answered + metrics.failed == len(rows)
    assert sum(metrics.errors.values()) == metrics.failed
    assert metrics.scores[0].scored + metrics.unscored == metrics.answered


def flat(value: Any, at: str = "") -> dict[str, Any]:
    """Every leaf by its path."""
    if isinstance(value, dict):
        parts = list(cast("dict[str, Any]", value).items())
    elif isinstance(value, tuple):
        parts = [(str(place), each) for place, each in enumerate(cast("tuple[Any, ...]", value))]
    else:
        return {at: value}
    return {path: leaf for name, each in parts for path, leaf in flat(each, f"{at}/{name}").items()}


def test_a_million_rows_are_summarized_in_seconds() -> None:
    n = 1_000_000
    random = np.random.default_rng(0)
    values = (random.random(n) < 0.6).astype(np.float64)
    columns = Columns(
        case_index=np.repeat(np.arange(n // 5, dtype=np.int32), 5),
        trial=np.tile(np.arange(5, dtype=np.int32), n // 5),
        category=random.integers(-1, 50, n).astype(np.int32),
        categories=tuple(f"category {at}" for at in range(50)),
        cause=np.where(random.random(n) < 0.02, 3, -1).astype(np.int8),
        causes=CAUSES,
        latency_s=random.random(n),
        queue_s=random.random(n),
        input_tokens=np.full(n, 10.0),
        output_tokens=np.full(n, 20.0),
        cost_usd=np.full(n, NAN),
        calls=np.ones(n, dtype=np.int32),
        evaluators=(EvaluatorColumn("first", "1", values, np.ones(n, dtype=np.bool_)),),
    )
    started = time.process_time()
    metrics = summarize(columns)
    assert time.process_time() - started < 5
    assert metrics.answered + metrics.failed == n


def test_what_judges_cost_stays_apart_from_what_the_agent_cost() -> None:
    columns = columns_of([Row(case=0, cost=0.5, sent=100), Row(case=1, score=None, cost=0.5, sent=100)])
    first, second = columns.evaluators
    judged = replace(
        columns,
        evaluators=(
            replace(first, spent=Spent(calls=4, input_tokens=900, cost_usd=2.0), unscored_causes={"judge": 1}),
            replace(second, spent=Spent(calls=1, output_tokens=7)),
        ),
    )
    metrics = summarize(judged)
    assert (metrics.cost.total_usd, metrics.tokens.input) == (1.0, 200)
    assert metrics.judging == Spent(calls=5, input_tokens=900, output_tokens=7, cost_usd=2.0)
    assert [score.judging for score in metrics.scores] == [judged.evaluators[0].spent, judged.evaluators[1].spent]
    assert metrics.scores[0].unscored_causes == {"judge": 1}
    assert summarize(columns).judging is None, "rules cost nothing, which is not 0 dollars of a judge"


def test_failures_of_the_agent_count_as_wrong_only_where_the_run_asks_for_it() -> None:
    causes: tuple[Cause, ...] = ("agent", "refused", "timeout", "infrastructure", "throttled", "unknown", "budget")
    rows = [*(Row(case) for case in range(6)), *(Row(6 + place, cause=cause) for place, cause in enumerate(causes))]
    plain = summarize(columns_of(rows))
    strict = summarize(columns_of(rows), failed_counts_as="wrong")
    assert plain.accuracy is not None
    assert strict.accuracy is not None
    assert (plain.accuracy.value, plain.accuracy.n, plain.counted_wrong) == (1.0, 6, 0)
    assert (strict.accuracy.value, strict.accuracy.n, strict.counted_wrong) == (6 / 9, 9, 3)
    assert (
        (strict.answered, strict.failed, strict.unscored) == (plain.answered, plain.failed, plain.unscored) == (6, 7, 0)
    )
    assert strict.latency == plain.latency


def test_unknown_outcomes_give_the_score_bounds() -> None:
    rows = [*(Row(case) for case in range(6)), *(Row(case, 0.0) for case in range(6, 8))]
    assert summary(*rows).bounds is None
    bounds = summary(*rows, *(Row(case, cause="unknown") for case in range(8, 10))).bounds
    assert bounds is not None
    assert (bounds.low, bounds.high, bounds.unknown) == (0.6, 0.8, 2)
