"""How our errors become Temporal's."""

import dataclasses
import errno
from datetime import timedelta

import asyncpg
import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

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
from worker.interceptors import BROKEN_AFTER, ErrorTranslation, translated


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


async def raised(error: Exception, attempt: int) -> Exception:
    """What Temporal gets of an activity that raises this at this attempt."""

    async def breaks() -> None:
        raise error

    class Innermost(ActivityInboundInterceptor):
        def __init__(self) -> None:
            pass

        async def execute_activity(self, input: ExecuteActivityInput) -> None:
            await input.fn()

    async def run() -> None:
        translating = ErrorTranslation().intercept_activity(Innermost())
        await translating.execute_activity(ExecuteActivityInput(breaks, (), None, {}))

    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=attempt)
    with pytest.raises((type(error), ApplicationError)) as caught:
        await environment.run(activity.defn(run))
    return caught.value


async def test_an_error_that_nobody_foresaw_is_final_in_the_end() -> None:
    assert isinstance(await raised(ZeroDivisionError("oh"), BROKEN_AFTER - 1), ZeroDivisionError)
    final = await raised(ZeroDivisionError("oh"), BROKEN_AFTER)
    assert isinstance(final, ApplicationError)
    assert (final.non_retryable, final.type, final.message) == (True, "ZeroDivisionError", "oh")


async def test_a_database_that_is_away_is_waited_for_however_long_the_policy_allows() -> None:
    told = await raised(asyncpg.ConnectionDoesNotExistError("gone"), 5 * BROKEN_AFTER)
    assert isinstance(told, ApplicationError)
    assert (told.non_retryable, told.type, told.message) == (False, "ServiceUnavailable", "PostgreSQL does not answer.")


async def test_what_the_system_says_is_told_as_it_is() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert await raised(full, 5 * BROKEN_AFTER) is full
