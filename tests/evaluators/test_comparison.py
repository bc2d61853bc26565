"""Two agents compared: paired by case, decided by test and interval together, told in plain words."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.comparisons import Correction, Differences, Terms
from core.errors import InvalidInput
from evaluators.comparison import compare
from evaluators.statistics.pairs import mcnemar_exact
from tests.evaluators.cases import columns, scores, shares

TERMS = Terms()


def test_a_clear_improvement_is_one_and_says_why() -> None:
    baseline = columns(scores(shares(100, 200)))
    candidate = columns(scores([*shares(95, 100), *shares(30, 100)]))
    found, flips = compare(baseline, candidate, TERMS)
    [overall] = found.scores
    assert (overall.better, overall.worse, overall.cases) == (30, 5, 200)
    assert overall.difference == pytest.approx(0.125)
    assert overall.permutation_p == overall.mcnemar_p == mcnemar_exact(30, 5)
    assert found.finding == "improved"
    assert found.sentence.startswith(
        "Improved: 62.5% against 50.0% over 200 cases, a difference of +12.5 points (95 % interval +"
    )
    assert "30 cases got better and 5 worse, p < 0.0001" in found.sentence
    assert [flip.direction for flip in flips].count("better") == 30
    assert len(flips) == 35


def test_the_other_way_round_it_is_worse() -> None:
    better, worse = columns(scores(shares(80, 100))), columns(scores(shares(50, 100)))
    assert compare(better, worse, TERMS)[0].finding == "worse"
    assert compare(better, worse, TERMS)[0].sentence.startswith("Worse: 50.0% against 80.0%")


def test_a_small_difference_cannot_be_told_and_says_what_could_have_been_seen() -> None:
    found, _ = compare(columns(scores(shares(50, 100))), columns(scores(shares(52, 100))), TERMS)
    assert found.finding == "cannot_tell"
    assert found.sentence.startswith("Cannot tell: 52.0% against 50.0%")
    assert "within what chance explains" in found.sentence
    assert "four times out of five" in found.sentence


def test_cases_are_paired_by_their_ids_whatever_their_order() -> None:
    baseline = columns(scores([1.0, 0.0, 1.0, None]), ids=["a", "b", "c", "d"])
    candidate = columns(scores([1.0, 1.0, 0.0, 1.0]), ids=["c", "b", "a", "e"])
    found, flips = compare(baseline, candidate, TERMS)
    assert [(flip.case_id, flip.direction, flip.candidate_index) for flip in flips] == [
        ("a", "worse", 2),
        ("b", "better", 1),
    ]
    assert found.coverage.model_dump() == {"both": 3, "baseline_only": 0, "candidate_only": 1}


def test_a_case_that_failed_on_one_side_is_left_out_and_never_wrong() -> None:
    baseline = columns(scores([1.0] * 20))
    candidate = columns(scores([1.0] * 10 + [None] * 10))
    found, flips = compare(baseline, candidate, TERMS)
    assert found.scores[0].difference == 0
    assert flips == ()
    assert found.coverage.baseline_only == 10


def test_without_a_common_case_nothing_is_claimed() -> None:
    found, flips = compare(columns(scores([1.0]), ids=["a"]), columns(scores([0.0]), ids=["b"]), TERMS)
    assert (found.finding, flips) == ("cannot_tell", ())
    assert found.scores[0].difference is found.scores[0].low is found.scores[0].baseline is None
    assert "no case that both sides have" in found.sentence
    assert "nan" not in found.model_dump_json().lower()


def test_trials_of_a_case_count_as_its_mean() -> None:
    """Ten trials each that move from 4/10 to 5/10 in half of the cases."""
    before, after = np.full(40, 0.4), np.where(np.arange(40) % 2, 0.5, 0.4)
    found, flips = compare(columns(scores(before, trials=10)), columns(scores(after, trials=10)), TERMS)
    assert found.scores[0].cases == 40
    assert found.scores[0].difference == pytest.approx(0.05)
    assert found.finding == "improved"
    assert flips[0].candidate == 0.5


def categorized(better: int) -> Differences:
    """Ten categories of 30 cases; in the first, so many cases became right, and elsewhere nothing changed."""
    ranges = {f"c{number}": range(number * 30, number * 30 + 30) for number in range(10)}
    before = columns(scores([0.0] * 300), categories=ranges)
    return compare(before, columns(scores(shares(better, 300)), categories=ranges), TERMS)[0]


def test_one_of_many_categories_must_convince_more() -> None:
    """7 of 7 changes are p = 0.016, which chance finds in one of ten categories often enough."""
    seven, twelve = categorized(7).categories[0], categorized(12).categories[0]
    assert seven.permutation_p == pytest.approx(2 / 2**7)
    assert seven.adjusted_p == pytest.approx(10 * 2 / 2**7)
    assert (seven.finding, twelve.finding) == ("cannot_tell", "improved")
    assert [each.category for each in categorized(7).categories] == [f"c{number}" for number in range(10)]
    assert categorized(7).finding == "improved", "over all cases only one question is asked"


def test_evaluators_besides_the_deciding_one_are_corrected_together() -> None:
    before = columns(*(scores([0.0] * 50, label=name) for name in "abc"))
    after = columns(*(scores(shares(6, 50), label=name) for name in "abc"))
    found, _ = compare(before, after, TERMS)
    assert [each.evaluator for each in found.scores] == ["a", "b", "c"]
    assert found.scores[0].adjusted_p == found.scores[0].permutation_p == pytest.approx(2 / 2**6)
    assert found.scores[1].adjusted_p == pytest.approx(3 * 2 / 2**6)
    raw, _ = compare(before, after, Terms(correction="none"))
    assert raw.scores[1].adjusted_p == raw.scores[1].permutation_p


def test_sides_that_share_no_deciding_evaluator_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"not judged by 'a'.*its evaluators are b"):
        compare(columns(scores([1.0], label="a")), columns(scores([1.0], label="b")), TERMS)


def test_a_comparison_can_be_repeated_exactly() -> None:
    random = np.random.default_rng(5)
    before, after = columns(scores(random.random(300))), columns(scores(random.random(300)))
    assert compare(before, after, TERMS) == compare(before, after, TERMS)


def test_fifty_thousand_cases_with_categories_take_seconds() -> None:
    random, n = np.random.default_rng(0), 50_000
    ranges = {f"c{number}": range(number * 1000, number * 1000 + 1000) for number in range(50)}
    before = columns(scores((random.random(n) < 0.7).astype(float)), categories=ranges)
    after = columns(scores((random.random(n) < 0.71).astype(float)), categories=ranges)
    started = time.process_time()
    found, flips = compare(before, after, TERMS)
    assert time.process_time() - started < 10
    assert len(found.categories) == 50
    assert len(flips) > 10_000


MEANS = st.lists(st.sampled_from([None, 0.0, 0.25, 1.0]), min_size=1, max_size=30)


@settings(max_examples=60)
@given(MEANS, MEANS, st.sampled_from(["holm", "benjamini_hochberg", "none"]))
def test_any_two_sides_can_be_compared_and_mirror_each_other(
    one: list[float | None], other: list[float | None], correction: Correction
) -> None:
    terms = Terms(correction=correction)
    sides = [columns(scores(means), categories={"all": range(len(means))}) for means in (one, other)]
    found, flips = compare(sides[0], sides[1], terms)
    mirrored, _ = compare(sides[1], sides[0], terms)
    assert "nan" not in found.model_dump_json().lower()
    [overall], [back] = found.scores, mirrored.scores
    assert (overall.better, overall.worse, overall.cases) == (back.worse, back.better, back.cases)
    assert overall.better + overall.worse == len(flips) <= overall.cases == found.coverage.both
    assert {"improved": "worse", "worse": "improved", "cannot_tell": "cannot_tell"}[found.finding] == mirrored.finding
    if overall.difference is not None and overall.low is not None and overall.high is not None:
        assert overall.low <= overall.difference <= overall.high
        assert back.difference == pytest.approx(-overall.difference)
