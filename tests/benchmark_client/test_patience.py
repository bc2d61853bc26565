"""Pauses grow, differ, obey, and add up to no more than they may."""

import pytest

from benchmark_client.patience import Patience

STEADY = Patience(first_s=1, longest_s=4, chance=lambda: 0.0)
LATE = Patience(first_s=1, longest_s=4, chance=lambda: 1.0)


def test_pauses_double_up_to_the_longest_and_are_halved_at_most_by_chance() -> None:
    assert [STEADY.pause(tries, 0) for tries in range(1, 6)] == [0.5, 1, 2, 2, 2]
    assert [LATE.pause(tries, 0) for tries in range(1, 6)] == [1, 2, 4, 4, 4]


def test_a_pause_is_never_shorter_than_was_asked_for_and_not_the_same_for_everybody() -> None:
    assert STEADY.pause(1, 0, 7) == 7
    assert LATE.pause(1, 0, 7) == 7.5


@pytest.mark.parametrize(("tries", "waited", "asked"), [(10, 0.0, None), (1, 59.9, None), (1, 0.0, 61.0)])
def test_patience_ends_with_the_tries_or_the_time(tries: int, waited: float, asked: float | None) -> None:
    assert STEADY.pause(tries, waited, asked) is None
