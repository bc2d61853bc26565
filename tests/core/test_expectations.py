"""Estimates in numbers: what is expected of somebody known and of a stranger, and when a budget warns."""

import pytest

from core.budgets import Account, Budget, Spent
from core.estimates import Part, Range, TrackRecord, priced
from core.expectations import assumed, expected_input, expected_output, warned
from core.prices import KnownPrice

PRICE = KnownPrice(input=2.0, output=10.0, source="agent", detail="")
SEEN = TrackRecord(runs=1, answers=100, input_tokens=80, output_tokens=40, output_low=20, output_most=90)


def part(price: KnownPrice | None = PRICE, *, most: float | None = 500, low_calls: float = 1000) -> Part:
    """A thousand calls of 100 tokens in and 50 out."""
    calls = Range(low=low_calls, expected=1000, high=1000)
    taken = Range(low=80, expected=100, high=130).times(calls)
    given = Range(low=1, expected=50, high=most).times(calls)
    return Part(
        name="writer",
        role="agent",
        calls=calls,
        input_tokens=taken,
        output_tokens=given,
        price=price,
        usd=priced(price, taken, given),
        seconds=None,
    )


def of_run(**budget: object) -> list[Account]:
    return [Account(whose="run", budget=Budget.model_validate(budget), spent=Spent())]


def test_a_stranger_is_bounded_by_its_settings_alone() -> None:
    assert expected_output("agent", 120, None) == Range(low=1, expected=120, high=120)
    assert expected_output("agent", None, None) == Range(low=1, expected=300, high=None)
    assert expected_output("embeddings", None, None) == Range(low=0, expected=0, high=0)


def test_somebody_known_is_expected_to_do_as_before_within_its_bound() -> None:
    assert expected_output("agent", 500, SEEN) == Range(low=20, expected=40, high=500)
    assert expected_output("agent", None, SEEN) == Range(low=20, expected=40, high=90)
    assert expected_output("agent", 30, SEEN) == Range(low=20, expected=30, high=30)


def test_only_the_same_questions_tell_what_questions_take() -> None:
    same = SEEN.model_copy(update={"same_questions": True})
    assert expected_input(100, same) == Range(low=80, expected=80, high=80)
    assert expected_input(100, SEEN) == expected_input(100, None) == Range(low=80, expected=100, high=130)


def test_dollars_are_tokens_times_prices() -> None:
    usd = part().usd
    assert usd is not None
    assert (usd.low, usd.expected, usd.high) == pytest.approx((0.17, 0.7, 5.26))
    unbounded = part(most=None).usd
    assert unbounded is not None
    assert unbounded.high is None
    assert part(price=None).usd is None


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({"max_usd": 0.5}, "does not reach, so the run would pause: $0.5000 left, $0.7000 expected, at most $5.2600"),
        ({"max_usd": 1.0}, "may be reached"),
        ({"max_tokens": 140_000}, "does not reach, so the run would pause: 140,000 tokens left, 150,000 tokens"),
        ({"max_calls": 999}, "does not reach"),
    ],
)
def test_a_budget_that_is_too_small_is_told(budget: dict[str, float], said: str) -> None:
    [warning] = warned([part()], of_run(**budget))
    assert warning.startswith(f"The budget of the run {said}")


def test_a_budget_that_reaches_says_nothing_and_what_was_spent_of_it_counts() -> None:
    assert list(warned([part()], of_run(max_usd=6.0, max_tokens=10**6, max_calls=1000))) == []
    [account] = of_run(max_usd=6.0)
    used = account.model_copy(update={"whose": "project", "spent": Spent(usd=5.5)})
    [warning] = warned([part()], [used])
    assert warning.startswith("The budget of the project does not reach")


def test_an_unknown_price_warns_where_dollars_are_limited_and_is_never_free() -> None:
    strangers = [part(price=None)]
    [warning] = warned(strangers, of_run(max_usd=5.0))
    assert warning.startswith("Nobody knows the price of writer")
    assert list(warned(strangers, of_run(max_usd=5.0, unknown_price="ignore"))) == []
    assert any("not the same as free" in said for said in assumed(strangers, cases=10, counted=10))


def test_everything_that_was_assumed_is_said() -> None:
    said = " ".join(assumed([part(most=None, low_calls=0)], cases=10_000, counted=500))
    for words in (
        "500 of 10,000 cases",
        "a guess; a run of some twenty cases (`limit: 20`) would let the next estimate know",
        "nothing bounds its output",
        "may be asked less",
        "not in the duration",
    ):
        assert words in said


def test_what_is_assumed_of_several_is_said_once() -> None:
    parts = [part(most=None).model_copy(update={"name": name}) for name in ("first", "second")]
    said = list(assumed(parts, cases=10, counted=10))
    assert "The agents 'first', 'second' have no `max_tokens`, so nothing bounds their output." in said
    assert len(said) == len(list(assumed(parts[:1], cases=10, counted=10)))
