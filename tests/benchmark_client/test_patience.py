"""Pauses grow, differ, obey, and add up to no more than they may."""

import logging

import pytest

from benchmark_client.errors import Problem, Unreachable
from benchmark_client.patience import Patience

AWAY = Unreachable("Nobody is there.", sent=False)
STEADY = Patience(first_s=1, longest_s=4, chance=lambda: 0.0)
LATE = Patience(first_s=1, longest_s=4, chance=lambda: 1.0)


def busy(seconds: float | None = None) -> Problem:
    return Problem(429, retry_after=seconds)


def test_pauses_double_up_to_the_longest_and_are_halved_at_most_by_chance() -> None:
    assert [STEADY.pause(AWAY, tries, 0) for tries in range(1, 6)] == [0.5, 1, 2, 2, 2]
    assert [LATE.pause(AWAY, tries, 0) for tries in range(1, 6)] == [1, 2, 4, 4, 4]


def test_a_pause_is_never_shorter_than_was_asked_for_and_not_the_same_for_everybody() -> None:
    assert STEADY.pause(busy(7), 1, 0) == 7
    assert LATE.pause(busy(7), 1, 0) == 7.5


@pytest.mark.parametrize(("tries", "waited", "asked"), [(10, 0.0, None), (1, 59.9, None), (1, 0.0, 61.0)])
def test_patience_ends_with_the_tries_or_the_time(tries: int, waited: float, asked: float | None) -> None:
    assert STEADY.pause(busy(asked), tries, waited) is None


def test_who_waits_for_nobody_that_is_away_still_comes_back_when_asked_to() -> None:
    hurried = Patience(for_absent=False, chance=lambda: 0.0)
    assert hurried.pause(AWAY, 1, 0) is None
    assert hurried.pause(busy(), 1, 0) is None
    assert hurried.pause(busy(7), 1, 0) == 7


def test_without_a_listener_the_first_pause_of_a_request_is_logged_with_how_long_it_may_take(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "benchmark_client")
    for tries in (1, 2, 3):
        STEADY.pause(AWAY, tries, 0)
    STEADY.lasting(None).pause(AWAY, 1, 0)
    STEADY.pause(busy(7), 1, 0)
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("WARNING", "Nobody is there. Trying again, for 60 s at most."),
        ("WARNING", "Nobody is there. Trying again, without end."),
        ("INFO", f"{busy(7)} Trying again, for 60 s at most."),
    ]


def test_patience_without_end_has_the_same_pauses_however_often_they_come() -> None:
    lasting = STEADY.lasting(None)
    assert [lasting.pause(AWAY, tries, 1e9) for tries in (1, 2, 1_000_000)] == [0.5, 1, 2]
    assert STEADY.lasting(90).pause(AWAY, 1_000_000, 89) is None


def test_every_pause_is_told_with_its_reason() -> None:
    heard: list[tuple[object, float]] = []
    patience = Patience(tries=2, told=lambda complaint, seconds: heard.append((complaint, seconds)))
    first = patience.pause(AWAY, 1, 0)
    assert patience.pause(AWAY, 2, 0) is None
    assert heard == [(AWAY, first)]
