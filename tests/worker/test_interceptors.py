"""How our errors become Temporal's."""

from datetime import timedelta

import pytest

from core.errors import (
    AgentUnusable,
    BenchmarkError,
    CannotJudge,
    InvalidDataset,
    NotFound,
    ServiceUnavailable,
    Throttled,
    Unavailable,
)
from worker.interceptors import translated


@pytest.mark.parametrize("error", [Throttled("x"), Unavailable("x"), ServiceUnavailable("x")], ids=repr)
def test_transient_errors_are_tried_again(error: BenchmarkError) -> None:
    assert not translated(error).non_retryable


@pytest.mark.parametrize("error", [AgentUnusable("x"), CannotJudge("x"), InvalidDataset("x"), NotFound("x")], ids=repr)
def test_what_a_retry_cannot_mend_is_final(error: BenchmarkError) -> None:
    assert translated(error).non_retryable


def test_the_next_try_waits_as_long_as_the_other_side_asked() -> None:
    assert translated(Throttled("x", retry_after=7)).next_retry_delay == timedelta(seconds=7)
    assert translated(Throttled("x")).next_retry_delay is None


def test_the_message_and_the_kind_survive() -> None:
    failure = translated(InvalidDataset("This is no JSON.", line=17))
    assert failure.message == "Line 17: This is no JSON."
    assert failure.type == "InvalidDataset"
