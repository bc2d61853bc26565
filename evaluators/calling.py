"""Calls to somebody an evaluator asks: repeated while he is throttled or away, given up when he never answers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, NamedTuple, TypeVar

from core.errors import (
    AgentRefused,
    AgentUnusable,
    BadAnswer,
    BenchmarkError,
    InvalidInput,
    TargetRefused,
    TimedOut,
    TransientError,
)
from core.patience import OVERTIME_S, pause_s

HOPELESS_AFTER = 10
"""Questions in a row that were left without an answer, and there never was one: nobody asks again."""

A = TypeVar("A")
T = TypeVar("T")
Lease = Callable[[], AbstractAsyncContextManager[A]]


class Called(NamedTuple, Generic[T]):
    """What came of it: an answer, or why there is none."""

    answer: T | None
    calls: int
    trouble: str | None = None
    away: bool = False
    """Could not be had: another time it may be."""


class Calling:
    """`who` begins a sentence: "The judge 'x'". Deadlines are in seconds."""

    def __init__(self, who: str, *, max_attempts: int, timeout_s: float) -> None:
        self._who = who
        self._max_attempts = max_attempts
        self._timeout_s = timeout_s
        self._given_up: str | None = None
        self._failures_in_a_row = 0
        self._answered = False

    async def ask(self, lease: Lease[A], call: Callable[[A], Awaitable[T]]) -> Called[T]:
        """Repeats calls that fail for a time, as often and as slowly as the settings say. Waiting for a lease costs
        no call its time."""
        for number in range(1, self._max_attempts + 1):
            if self._given_up is not None:
                return Called(None, number - 1, self._given_up, away=True)
            try:
                answer = await self._leased(lease, call)
            except TransientError as error:
                if number == self._max_attempts:
                    return Called(None, number, self._failed(str(error)), away=True)
                await asyncio.sleep(pause_s(number, error.retry_after))
            except (AgentUnusable, TargetRefused, InvalidInput) as error:
                self._given_up = f"{self._who} cannot be asked: {error}"
                return Called(None, number, self._given_up, away=True)
            except (AgentRefused, BadAnswer) as error:
                return Called(None, number, f"{self._who} did not answer: {error}")
            else:
                self._answered = True
                return Called(answer, number)
        raise AssertionError("max_attempts is at least 1")

    async def _leased(self, lease: Lease[A], call: Callable[[A], Awaitable[T]]) -> T:
        async with lease() as leased:
            try:
                async with asyncio.timeout(self._timeout_s + OVERTIME_S):
                    return await call(leased)
            except TimeoutError as error:
                raise TimedOut(f"No complete answer within {self._timeout_s:g} s.") from error
            except BenchmarkError:
                raise
            except Exception as error:
                # Somebody else's code may raise anything; only this answer is lost.
                raise BadAnswer(f"It broke: {type(error).__name__}: {error}") from error

    def _failed(self, reason: str) -> str:
        trouble = f"{self._who} is away: {reason}"
        self._failures_in_a_row = 0 if self._answered else self._failures_in_a_row + 1
        if self._failures_in_a_row >= HOPELESS_AFTER:
            self._given_up = trouble
        return trouble
