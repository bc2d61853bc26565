"""What answers take is compared case by case, in clusters where there are some, and apart from the scores."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats as scipy_stats  # pyright: ignore[reportMissingTypeStubs]

from core.columns import CaseColumns
from core.comparisons import ResourceDifference, Terms
from evaluators.comparison import compare
from evaluators.resources import Taken, resource_differences
from tests.evaluators.cases import columns, scores, shares
from tests.evaluators.test_summary import NAN, Row, columns_of

stats = cast("Any", scipy_stats)
SIZES = np.random.default_rng(0).lognormal(0, 1, 80)
NOISE = np.random.default_rng(1).lognormal(0, 0.1, 80)


def cases(n: int) -> CaseColumns:
    return columns(scores(shares(n // 2, n)))


def taken(rows: Sequence[Row], n: int = 80) -> Taken:
    return Taken(cases(n), columns_of(rows))


def found(before: Taken, after: Taken, **terms: float) -> dict[str, ResourceDifference]:
    given = Terms.model_validate(terms)
    told, _ = compare(before.cases, after.cases, given, resource_differences(before, after, given))
    assert told.finding == "cannot_tell", "the scores are the same, whatever the answers take"
    return {each.resource: each for each in told.resources}


def test_less_of_a_resource_is_an_improvement_and_more_is_worse() -> None:
    before = taken([Row(case, latency=size, cost=size) for case, size in enumerate(SIZES)])
    after = taken(
        [Row(case, latency=0.8 * size * NOISE[case], cost=1.2 * size * NOISE[case]) for case, size in enumerate(SIZES)]
    )
    told = found(before, after)
    assert set(told) == {"latency_s", "cost_usd"}, "of tokens nothing is known"
    latency, cost = told["latency_s"], told["cost_usd"]
    assert (latency.finding, cost.finding) == ("improved", "worse")
    assert latency.ratio is not None
    assert latency.ratio_low is not None
    assert latency.ratio_high is not None
    assert latency.ratio_low < 0.8 < latency.ratio_high < 0.9, "cases differ much more than their ratios do"
    assert latency.difference == pytest.approx(latency.candidate - latency.baseline)
    assert latency.p < latency.adjusted_p < 0.001


def test_what_differs_by_chance_is_no_finding() -> None:
    before = taken([Row(case, latency=size) for case, size in enumerate(SIZES)])
    after = taken([Row(case, latency=size) for case, size in enumerate(SIZES[::-1])])
    told = found(before, after)["latency_s"]
    assert told.finding == "cannot_tell"
    assert told.low is not None
    assert told.high is not None
    assert told.low < 0 < told.high


def test_a_case_counts_by_the_mean_of_its_answers_and_only_where_both_sides_know_it() -> None:
    before = taken([Row(0, latency=1), Row(0, latency=3, trial=1), Row(1, latency=4), Row(2, latency=9)], 3)
    failed = Row(2, cause="timeout")
    after = taken([Row(0, latency=3), Row(0, latency=5, trial=1), Row(1, latency=8), failed], 3)
    told = found(before, after)["latency_s"]
    assert (told.cases, told.baseline, told.candidate) == (2, 3.0, 6.0)
    assert not found(taken([Row(0)], 1), taken([Row(0, latency=NAN)], 1))


def test_passages_that_take_long_as_a_whole_count_once() -> None:
    passages = np.arange(80) // 10
    slower = [Row(case, latency=1 + (passages[case] < 5)) for case in range(80)]
    before, after = taken([Row(case) for case in range(80)]), taken(slower)
    assert found(before, after)["latency_s"].finding == "worse"
    clustered = before._replace(cases=replace(before.cases, cluster=passages))
    told = found(clustered, after)["latency_s"]
    assert (told.finding, told.clusters) == ("cannot_tell", 8)
    assert told.p == pytest.approx(2 / 2**5)


def test_scores_of_clustered_cases_are_compared_by_clusters() -> None:
    before, after = shares(0, 60), [*shares(40, 40), *shares(0, 20)]
    passages = np.arange(60) // 10
    alone, _ = compare(columns(scores(before)), columns(scores(after)), Terms())
    baseline = replace(columns(scores(before)), cluster=passages)
    told, flips = compare(baseline, columns(scores(after)), Terms())
    assert (alone.finding, alone.scores[0].clusters) == ("improved", None)
    assert (told.finding, told.scores[0].clusters) == ("cannot_tell", 6)
    assert told.scores[0].mcnemar_p == told.scores[0].permutation_p == pytest.approx(2 / 2**4)
    assert (told.scores[0].better, len(flips)) == (40, 40)
    assert told.scores[0].bootstrap is not None


def test_of_thousands_of_cases_the_test_is_students() -> None:
    random = np.random.default_rng(5)
    before, after = random.lognormal(0, 1, 3000), random.lognormal(0.03, 1, 3000)
    sides = [taken([Row(case, latency=size) for case, size in enumerate(each)], 3000) for each in (before, after)]
    expected = stats.ttest_rel(after, before)
    assert found(*sides)["latency_s"].p == pytest.approx(float(expected.pvalue), abs=1e-9)
