"""What providers tell of their limits, in each of the ways they do."""

from datetime import UTC, datetime

import pytest

from adapters.agents.told_limits import told_limits
from core.limits import Told

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OPENAI = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-tokens": "0",
    "x-ratelimit-reset-tokens": "6m0s",
}
ANTHROPIC = {
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "0",
    "anthropic-ratelimit-requests-reset": "2026-11-23T12:00:07Z",
    "anthropic-ratelimit-tokens-limit": "80000",
    "anthropic-ratelimit-tokens-remaining": "12",
    "anthropic-ratelimit-tokens-reset": "2026-11-23T12:00:30Z",
}


def test_openais_headers_tell_both_limits_and_for_how_long_one_is_used_up() -> None:
    assert told_limits(OPENAI, now=NOW) == Told(500, 200_000, 60.0)
    some = OPENAI | {"x-ratelimit-remaining-tokens": "7", "x-ratelimit-remaining-requests": "0"}
    assert told_limits(some, now=NOW) == Told(500, 200_000, 0.12)


def test_anthropics_headers_tell_a_moment() -> None:
    assert told_limits(ANTHROPIC, now=NOW) == Told(50, 80_000, 7.0)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("1s", 1.0),
        ("1m30s", 60.0),
        ("20ms", 0.02),
        ("1m5.5s", 60.0),
        ("3", 3.0),
        ("soon", None),
        ("", None),
        ("-4", None),
    ],
)
def test_a_reset_is_read_in_every_spelling_and_bounded(reset: str, seconds: float | None) -> None:
    headers = OPENAI | {"x-ratelimit-remaining-requests": "0", "x-ratelimit-remaining-tokens": "1"}
    told = told_limits(headers | {"x-ratelimit-reset-requests": reset}, now=NOW)
    assert told is not None
    assert told.empty_for_s == seconds


@pytest.mark.parametrize("nonsense", ["", "many", "nan", "inf", "-1", "0"])
def test_nonsense_limits_nothing(nonsense: str) -> None:
    told = told_limits({"x-ratelimit-limit-requests": nonsense}, now=NOW)
    assert told == Told()


def test_other_answers_cost_no_thought() -> None:
    assert told_limits({"content-type": "application/json"}) is None
