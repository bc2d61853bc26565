"""What a report computes from items: which cases it shows, and how seconds, scores and trials are spread."""

from dataclasses import replace

import numpy as np
import pytest

from core.columns import CaseColumns, CaseScores, Columns, EvaluatorColumn
from evaluators.reporting.distributions import latency_curve, score_histogram, steadiness
from evaluators.reporting.telling import telling_cases


def cases(*means: float | None) -> CaseColumns:
    known = np.array([np.nan if mean is None else mean for mean in means])
    scores = CaseScores(label="exact", version="1", means=known, trials=(~np.isnan(known)).astype(np.int64))
    size = len(means)
    return CaseColumns(
        case_index=np.arange(size),
        case_id=tuple(f"case-{at}" for at in range(size)),
        category=np.full(size, -1),
        categories=(),
        evaluators=(scores,),
    )


def columns(values: list[float], *, trials: int = 1, seconds: list[float] | None = None) -> Columns:
    n = len(values)
    place = np.arange(n)
    nothing = np.full(n, np.nan)
    scored = EvaluatorColumn("exact", "1", np.array(values), ~np.isnan(np.array(values)))
    return Columns(
        case_index=(place // trials).astype(np.int32),
        trial=(place % trials).astype(np.int32),
        category=np.full(n, -1, dtype=np.int32),
        categories=(),
        cause=np.full(n, -1, dtype=np.int8),
        causes=("timeout",),
        latency_s=np.array(seconds) if seconds else nothing,
        queue_s=nothing,
        input_tokens=nothing,
        output_tokens=nothing,
        cost_usd=nothing,
        calls=np.ones(n, dtype=np.int32),
        evaluators=(scored,),
    )


def test_cases_that_agents_disagree_about_come_first_then_those_nobody_got_right() -> None:
    found = telling_cases([cases(1, 1, 0, 0.5, None), cases(1, 0, 0, 1, 1)])
    assert [(each.case_index, each.chosen) for each in found] == [
        (1, "disagreement"),
        (3, "disagreement"),
        (2, "all wrong"),
    ]
    assert found[0].means == (1.0, 0.0)


def test_equals_are_taken_at_equal_distances() -> None:
    found = telling_cases([cases(*[1] * 800), cases(*[0] * 800)])
    places = [each.case_index for each in found]
    assert (len(places), places[0], places[-1]) == (8, 0, 799)
    assert np.ptp(np.diff(places)) <= 1


def test_of_one_agent_the_worst_cases_are_shown() -> None:
    found = telling_cases([cases(1, 0.5, 0, None)])
    assert [(each.case_index, each.chosen) for each in found] == [(2, "wrong"), (1, "wrong")]
    assert telling_cases([cases(1, 1)]) == []


def test_the_curve_of_seconds_is_their_empirical_distribution() -> None:
    curve = latency_curve("a", columns([1, 1, 1, 1], seconds=[0.4, 0.1, 0.2, 0.2]))
    assert curve is not None
    assert curve.points == ((0.1, 0.25), (0.2, 0.5), (0.2, 0.75), (0.4, 1.0))
    many = latency_curve("a", columns([1.0] * 5000, seconds=list(np.linspace(1, 2, 5000))))
    assert many is not None
    assert len(many.points) == 200
    for seconds, share in many.points:
        assert share == pytest.approx(seconds - 1, abs=0.001)


def test_failed_questions_have_no_seconds() -> None:
    failed = replace(columns([0.0], seconds=[3.0]), cause=np.zeros(1, dtype=np.int8))
    assert latency_curve("a", failed) is None


def test_a_score_of_one_is_in_the_last_bin() -> None:
    histogram = score_histogram("a", columns([0, 0.05, 0.5, 1, 1, float("nan")]))
    assert histogram is not None
    assert histogram.n == 5
    assert (histogram.counts[0], histogram.counts[1], histogram.counts[10], histogram.counts[19]) == (1, 1, 1, 2)


def test_steadiness_counts_cases_by_how_often_they_were_right() -> None:
    found = steadiness("a", columns([1, 1, 1, 0, 0, 0, 1, float("nan")], trials=2))
    assert found is not None
    assert (found.trials, found.cases) == (2, (1, 1, 1)), "the case with one scored trial is left out"
    assert steadiness("a", columns([1, 0, 1])) is None
