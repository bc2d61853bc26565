"""One question to one agent, until it has an outcome: the only place where a call is repeated."""

import asyncio
import time
from dataclasses import dataclass

from activities.lanes import Turn
from core.benchmarks import AgentSpec
from core.cases import Case, Question, Reply
from core.errors import (
    AgentRefused,
    AgentUnusable,
    BadAnswer,
    BenchmarkError,
    InvalidInput,
    TargetRefused,
    Throttled,
    TimedOut,
    TransientError,
)
from core.outcomes import Answered, Cause, Failed, Item, ItemKey, Outcome
from core.patience import OVERTIME_S, pause_s
from core.ports import Agent, Ledger, Prompter
from core.work import Share

NO_CALL = 0
"""The fence of an outcome that no call led to: fences count from 1."""
MOST_RAW = 4096
"""Characters kept of an answer that cannot be stored."""


UNSENT = "The batch was stopped before the call was sent."


class Stopped(Exception):
    """The batch was told to stop before this question was asked, or asked again; it stays unsettled."""


@dataclass(frozen=True)
class Questioner:
    """Asks for one (run, agent) and records every call and outcome."""

    agent: Agent
    prompter: Prompter
    ledger: Ledger
    share: Share
    spec: AgentSpec
    reveal_expected: bool
    stop: asyncio.Event

    async def ask(self, key: ItemKey, case: Case, turn: Turn) -> Outcome:
        """Asks until there is an outcome, ends the turn, and records the outcome.

        Raises Stopped, and AgentUnusable: that ends the batch, and the question stays unsettled.
        """
        try:
            question = self.prompter.question(case, trial=key.trial, reveal_expected=self.reveal_expected)
        except InvalidInput as error:
            return await self._refuse(key, case, f"The question could not be made: {error}")
        for call in range(1, self.spec.max_attempts + 1):
            fence = await self.ledger.claim(self.share, key)
            await self._begin(turn, key, fence)
            try:
                outcome: Outcome = Answered(reply=await self._call(question))
            except TransientError as error:
                if call < self.spec.max_attempts:
                    await self.ledger.release(self.share, key, fence, str(error))
                    await self._pause(call, error.retry_after)
                    continue
                outcome = Failed(cause=cause_of(error), detail=str(error))
            except AgentUnusable as error:
                await self.ledger.release(self.share, key, fence, str(error))
                raise
            except (TargetRefused, InvalidInput) as error:
                # A policy of ours or the agent's settings stand in the way, and will for every question.
                await self.ledger.release(self.share, key, fence, str(error))
                raise AgentUnusable(str(error)) from error
            except BadAnswer as error:
                outcome = Failed(cause="agent", detail=str(error), raw=error.raw or None)
            except AgentRefused as error:
                outcome = Failed(cause="refused", detail=str(error))
            # The next call's claim can share a commit with this outcome: no lane waits for what is only written down.
            turn.end()
            item = Item(key=key, case_id=case.id, category=case.category, outcome=outcome, calls=call)
            return await self._settle(fence, item.model_copy(update={"queue_s": turn.waited_s}))
        raise AssertionError("max_attempts is at least 1")

    async def _begin(self, turn: Turn, key: ItemKey, fence: int) -> None:
        await turn.begin()
        if self.stop.is_set():
            await self.ledger.release(self.share, key, fence, UNSENT)
            raise Stopped

    async def _settle(self, fence: int, item: Item) -> Outcome:
        try:
            await self.ledger.settle(self.share, fence, item)
        except BadAnswer as error:
            item = item.model_copy(
                update={"outcome": Failed(cause="agent", detail=str(error), raw=_text(item.outcome))}
            )
            await self.ledger.settle(self.share, fence, item)
        return item.outcome

    async def _refuse(self, key: ItemKey, case: Case, detail: str) -> Outcome:
        """The question's outcome without a call."""
        outcome = Failed(cause="refused", detail=detail)
        item = Item(key=key, case_id=case.id, category=case.category, outcome=outcome, calls=0)
        await self.ledger.settle(self.share, NO_CALL, item)
        return outcome

    async def _call(self, question: Question) -> Reply:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.spec.timeout_s + OVERTIME_S):
                reply = await self.agent.ask(question)
        except TimeoutError as error:
            raise TimedOut(f"No complete answer within {self.spec.timeout_s:g} s.") from error
        except BenchmarkError:
            raise
        except Exception as error:
            # Somebody else's agent may raise anything; only its question fails.
            raise BadAnswer(f"The agent broke: {type(error).__name__}: {error}") from error
        return reply if reply.latency_s else reply.model_copy(update={"latency_s": time.perf_counter() - started})

    async def _pause(self, call: int, retry_after: float | None) -> None:
        try:
            async with asyncio.timeout(pause_s(call, retry_after)):
                await self.stop.wait()
        except TimeoutError:
            return
        raise Stopped


def _text(outcome: Outcome) -> str | None:
    return ascii(outcome.reply.text)[:MOST_RAW] if isinstance(outcome, Answered) else outcome.raw


def cause_of(error: TransientError) -> Cause:
    if isinstance(error, Throttled):
        return "throttled"
    return "timeout" if isinstance(error, TimedOut) else "infrastructure"
