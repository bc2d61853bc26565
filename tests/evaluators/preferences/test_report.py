"""What is told of agents head to head is what the pairs say."""

import math

import numpy as np
import pytest

from evaluators.preferences.matches import win_rate
from evaluators.statistics.bootstrap import bootstrap_mean
from evaluators.statistics.proportions import wilson
from tests.evaluators.preferences.contests import left_out, pair, report

RESULTS = ["answer"] * 14 + ["tie"] * 4 + ["other"] * 2


def test_a_win_rate_counts_ties_half_and_comes_with_its_interval_and_test() -> None:
    [match] = report(*(pair(case, verdict) for case, verdict in enumerate(RESULTS))).matches
    assert (match.pairs, match.wins, match.ties, match.losses) == (20, 14, 4, 2)
    # Bonett and Price: of 12 more wins than losses, two cases added, one each way.
    centre, half = 12 / 22, 1.959964 * math.sqrt((18 / 22 - (12 / 22) ** 2) / 22)
    assert match.win_rate is not None
    assert (match.win_rate.value, match.win_rate.n) == (0.8, 20)
    assert match.win_rate.low == pytest.approx((1 + centre - half) / 2, abs=1e-6)
    assert match.win_rate.high == pytest.approx((1 + centre + half) / 2, abs=1e-6)
    # Of 16 cases that somebody won, 2 went the other way: 2 * (1 + 16 + 120) / 2^16.
    assert match.sign_p == match.adjusted_p == pytest.approx(2 * 137 / 2**16)
    assert match.bootstrap is not None
    assert match.bootstrap[0] < 0.8 < match.bootstrap[1]
    assert match.finding == "first"
    assert match.sentence.startswith("'a' is preferred to 'b': 'a' wins 80.0% over 20 cases, ties half")


def test_the_loser_may_stand_first() -> None:
    turned = {"answer": "other", "other": "answer", "tie": "tie"}
    [match] = report(*(pair(case, turned[verdict]) for case, verdict in enumerate(RESULTS))).matches
    assert match.finding == "second"
    assert match.sentence.startswith("'b' is preferred to 'a': 'b' wins 80.0% over 20 cases")


def test_ties_make_a_few_wins_no_less_sure() -> None:
    """Thirteen wins, no loss, 47 ties: the test finds it, and the interval says the same."""
    [match] = report(*(pair(case, "answer" if case < 13 else "tie") for case in range(60))).matches
    assert match.win_rate is not None
    assert match.win_rate.value == pytest.approx(36.5 / 60)
    assert match.finding == "first"


def test_a_single_case_has_a_win_rate_and_no_interval() -> None:
    [match] = report(pair(0, "answer")).matches
    assert match.win_rate is not None
    assert (match.win_rate.value, match.win_rate.low) == (1, None)
    assert match.sentence == "Nobody can tell whether 'a' or 'b' is preferred: 'a' wins 100.0% over 1 case, ties half."


@pytest.mark.parametrize("cases", [2, 12])
def test_equal_win_rates_of_a_few_cases_are_not_certain(cases: int) -> None:
    """Of two trials one was won and one tied, each time."""
    found = win_rate(np.full(cases, 0.75), np.arange(cases))
    share = wilson(0.75 * cases, cases)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.75, share.low, share.high))


def test_few_pairs_prefer_nobody() -> None:
    [match] = report(*(pair(case, "answer") for case in range(5))).matches
    assert match.win_rate is not None
    assert (match.win_rate.low or 0) > 0.5
    assert match.sign_p == pytest.approx(2 / 2**5)
    assert match.finding == "cannot_tell"
    assert match.sentence.startswith("Nobody can tell whether 'a' or 'b' is preferred")


def test_trials_of_a_case_do_not_make_it_surer() -> None:
    once = report(*(pair(case, verdict) for case, verdict in enumerate(RESULTS))).matches[0]
    often = report(*(pair(case, verdict) for _ in range(3) for case, verdict in enumerate(RESULTS)))
    match = often.matches[0]
    assert (match.pairs, often.cases) == (60, 20)
    assert match.sign_p == once.sign_p
    assert match.win_rate == once.win_rate
    assert match.bootstrap == once.bootstrap


def test_a_case_with_more_pairs_weighs_no_more() -> None:
    """Two of three pairs are won, one of two cases."""
    [match] = report(pair(0, "answer"), pair(0, "answer"), pair(1, "other")).matches
    assert (match.pairs, match.wins) == (3, 2)
    assert "'a' wins 50.0% over 2 cases, ties half" in match.sentence


def test_cases_of_one_cluster_count_as_one() -> None:
    [match] = report(*(pair(case, "answer", unit=case // 10) for case in range(20))).matches
    assert match.sign_p == 0.5
    assert match.finding == "cannot_tell"


def test_what_was_not_judged_is_told_and_counts_for_nobody() -> None:
    pairs = [left_out(0, "unanswered"), left_out(1, "undecided"), left_out(2, "missing"), left_out(3, "missing")]
    found = report(*pairs, pair(4, "answer"))
    [match] = found.matches
    assert (match.pairs, match.unanswered, match.undecided, match.missing) == (1, 1, 1, 2)
    assert match.win_rate is not None
    assert match.win_rate.n == 1
    assert found.spent.calls == 2


def test_without_a_judged_pair_there_are_no_figures() -> None:
    found = report(left_out(0, "missing"))
    assert found.sentence == "No pair of 'a' and 'b' was judged."
    [match] = found.matches
    assert (match.win_rate, match.bootstrap, match.length_controlled, match.sign_p) == (None, None, None, 1)
    assert [standing.win_rate for standing in found.standings] == [None, None]


def test_a_judge_that_names_whoever_stands_first_is_found_out() -> None:
    found = report(*(pair(case, "first") for case in range(10)), *(pair(10 + case, "answer") for case in range(10)))
    assert found.position is not None
    assert (found.position.stable.successes, found.position.stable.n) == (10, 20)
    assert (found.position.first, found.position.second) == (10, 0)
    assert found.matches[0].position == found.position


def test_several_matches_are_tested_together() -> None:
    """Holm: the least p of three is tripled, the next doubled."""
    pairs = [pair(case, "answer", match=0) for case in range(10)]
    pairs += [pair(case, "answer" if case else "other", match=1) for case in range(10)]
    pairs += [pair(case, "answer" if case % 2 else "other", match=2) for case in range(10)]
    found = report(*pairs, names=("a", "b", "c"))
    p = [match.sign_p for match in found.matches]
    assert p == pytest.approx([2 / 2**10, 2 * 11 / 2**10, 1])
    assert [match.adjusted_p for match in found.matches] == pytest.approx([3 * p[0], 2 * p[1], 1])
    assert [match.finding for match in found.matches] == ["first", "first", "cannot_tell"]
    assert found.sentence.endswith("Of 1 of 3 matches nobody can tell.")


def test_three_contestants_stand_by_their_ratings() -> None:
    pairs = [
        pair(case, "answer" if case < won else "other", match=match)
        for match, won in enumerate((20, 24, 20))
        for case in range(30)
    ]
    found = report(*pairs, names=("a", "b", "c"))
    assert found.unrated is None
    assert [standing.contestant.name for standing in found.standings] == ["a", "b", "c"]
    ratings = [standing.rating or 0 for standing in found.standings]
    assert sum(ratings) == pytest.approx(3000)
    # 2 to 1, 4 to 1 and 2 to 1 fit together exactly.
    assert ratings[0] - ratings[1] == pytest.approx(120.41, abs=0.01)
    assert [standing.win_rate for standing in found.standings] == pytest.approx([44 / 60, 0.5, 16 / 60])


def test_a_contestant_that_never_won_leaves_the_others_without_ratings_and_the_report_says_why() -> None:
    pairs = [pair(case, "answer", match=match) for match in (1, 2) for case in range(10)]
    pairs += [pair(case, "answer" if case % 2 else "other", match=0) for case in range(10)]
    found = report(*pairs, names=("a", "b", "c"))
    assert found.unrated == "No ratings fit: c won nothing against a, b."
    assert [standing.rating for standing in found.standings] == [None] * 3
    assert found.standings[-1].contestant.name == "c"


def test_of_three_contestants_nobody_is_said_to_have_won_nothing_where_nothing_was_judged() -> None:
    found = report(*(left_out(0, "missing", match=match) for match in range(3)), names=("a", "b", "c"))
    assert found.sentence == "No pair was judged."
    assert found.unrated == "No ratings: no pair was judged."
    partly = report(
        pair(0, "answer"), *(left_out(0, "missing", match=match) for match in (1, 2)), names=("a", "b", "c")
    )
    assert partly.unrated == "No ratings fit: nothing of c was judged."


def test_the_bootstrap_is_over_cases() -> None:
    values = np.array([{"answer": 1.0, "tie": 0.5, "other": 0.0}[verdict] for verdict in RESULTS])
    [match] = report(*(pair(case, verdict) for case, verdict in enumerate(RESULTS))).matches
    assert match.bootstrap == bootstrap_mean(values, np.arange(20))
