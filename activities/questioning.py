"""One question to one agent, until it has an outcome: the only place where a call is repeated."""

import asyncio
import time
from dataclasses import dataclass

from activities.admission import Admission, Withdrawn
from activities.budgeting import BudgetGate
from activities.lanes import Turn
from activities.ticket import Ticket
from core.benchmarks import AgentSpec
from core.cases import Case, Question, Reply
from core.causes import MEANINGS, cause_of
from core.claims import NO_CALL, Delivery, Done, Granted, Held, Lost
from core.errors import (
    AgentRefused,
    AgentUnusable,
    BadAnswer,
    BenchmarkError,
    InvalidInput,
    KeyRefused,
    OverBudget,
    TargetRefused,
    TimedOut,
    TransientError,
    Unavailable,
)
from core.outcomes import Answered, Cause, Failed, Item, ItemKey, Outcome
from core.patience import OVERTIME_S, pause_s
from core.ports import Agent, Ledger, Prompter
from core.work import Share

MOST_RAW = 4096
"""Characters kept of an answer that cannot be stored."""
UNSENT = "The batch was stopped before the call was sent."
FENCED = "The worker was out of touch with the database before the call was sent."


class Again(Exception):
    """The question needs another call."""

    def __init__(self, error: TransientError | KeyRefused, *, excused: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.excused = excused
        """The call does not count against the question."""


class Stopped(Exception):
    """The batch was told to stop before this question was asked, or asked again; it stays unsettled."""


class Elsewhere(Exception):
    """Somebody else has a call out for this question: another attempt of the batch, here or on another worker."""


@dataclass
class Trouble:
    """What a question has been through."""

    tries: int = 0
    """Calls that count against it."""
    error: TransientError | KeyRefused | None = None
    """Why the last call failed."""
    excused: bool = False
    since: float | None = None

    @property
    def lasted_s(self) -> float:
        return 0.0 if self.since is None else time.perf_counter() - self.since

    def note(self, error: TransientError | KeyRefused, *, excused: bool) -> None:
        self.error, self.excused = error, excused
        self.tries += not excused
        self.since = time.perf_counter() if self.since is None else self.since


@dataclass(frozen=True)
class Questioner:
    """Asks for one (run, agent) and records every call and outcome."""

    agent: Agent
    prompter: Prompter
    ledger: Ledger
    share: Share
    spec: AgentSpec
    admission: Admission
    budget: BudgetGate
    delivery: Delivery
    reveal_expected: bool
    stop: asyncio.Event

    async def ask(self, key: ItemKey, case: Case, turn: Turn) -> Outcome | Done:
        """Asks until there is an outcome, ends the turn, and records the outcome.

        Raises Stopped, Elsewhere, and AgentUnusable: that ends the batch. With each the question stays unsettled.
        """
        try:
            question = self.prompter.question(case, trial=key.trial, reveal_expected=self.reveal_expected)
        except InvalidInput as error:
            return await self._without_call(key, case, "refused", f"The question could not be made: {error}")
        trouble = Trouble()
        while True:
            try:
                ticket = await self._admitted(trouble, turn)
            except Unavailable as error:
                if isinstance(trouble.error, KeyRefused):
                    raise trouble.error from error
                last = trouble.error or error
                return await self._without_call(key, case, cause_of(last), str(last))
            try:
                with ticket:
                    claim = await self._claimed(key, turn)
                    if isinstance(claim, Done):
                        return claim
                    if isinstance(claim, Lost):
                        return await self._without_call(key, case, "unknown", _lost(claim.calls))
                    outcome = await self._tried(question, key, claim.fence, ticket, trouble)
            except Again as again:
                trouble.note(again.error, excused=again.excused)
                continue
            if not self.budget.limited:
                # The next call's claim can share a commit with this outcome: no lane waits for it.
                turn.end()
            item = _item(key, case, outcome, queue_s=turn.waited_s)
            return await self._settle(claim.fence, item)

    async def ever_answered(self) -> bool:
        """Whether the agent answered any question of the run."""
        return await self.ledger.ever_answered(self.share)

    async def _admitted(self, trouble: Trouble, turn: Turn) -> Ticket:
        """The right to send a call, once pauses are over. Raises Stopped, QuotaExhausted, and Unavailable when the
        provider's trouble has lasted too long."""
        error, pause = trouble.error, 0.0
        if error is not None:
            pause = pause_s(max(trouble.tries, 1), error.retry_after if isinstance(error, TransientError) else None)
            if not trouble.excused:
                await self._pause(pause)
                pause = 0.0
            turn.step_aside()
        try:
            return await self.admission.admit(trouble_s=trouble.lasted_s, pause_s=pause)
        except Withdrawn as stopped:
            raise Stopped from stopped

    async def _claimed(self, key: ItemKey, turn: Turn) -> Granted | Done | Lost:
        """The right to send a call, and a lane for it; or why there is none. Raises Stopped, Elsewhere, OverBudget."""
        if self.delivery == "at_most_once":
            # A claim that waits in line would be taken for a call that was lost, if the worker died.
            await turn.begin()
        while True:
            claim = await self.ledger.claim(self.share, key, delivery=self.delivery)
            if isinstance(claim, Held):
                raise Elsewhere
            if not isinstance(claim, Granted):
                return claim
            try:
                await turn.begin()
                refusal = await self.budget.refusal()
            except BaseException:
                self.ledger.abandon(claim.fence)
                raise
            if self.stop.is_set() or refusal is not None:
                await self.ledger.release(self.share, key, claim.fence, UNSENT, sent=False)
                raise Stopped if refusal is None else OverBudget(refusal)
            if not self.ledger.fenced:
                return claim
            await self.ledger.release(self.share, key, claim.fence, FENCED, sent=False)

    async def _tried(self, question: Question, key: ItemKey, fence: int, ticket: Ticket, trouble: Trouble) -> Outcome:
        """How one call ended. Raises Again if another one may help, and is due, and AgentUnusable."""
        try:
            reply = await self._called(question, ticket)
        except (TransientError, KeyRefused) as error:
            excused = self.admission.excuses(error, ticket, trouble_s=trouble.lasted_s)
            last = trouble.tries + 1 >= self.spec.max_attempts
            if isinstance(error, TransientError) and not excused and (last or not MEANINGS[cause_of(error)].retried):
                return Failed(cause=cause_of(error), detail=str(error))
            await self.ledger.release(self.share, key, fence, str(error))
            if isinstance(error, KeyRefused) and not excused:
                raise
            raise Again(error, excused=excused) from error
        except AgentUnusable as error:
            await self.ledger.release(self.share, key, fence, str(error))
            raise
        except (TargetRefused, InvalidInput) as error:
            # A policy of ours or the agent's settings stand in the way, and will for every question.
            await self.ledger.release(self.share, key, fence, str(error))
            raise AgentUnusable(str(error)) from error
        except BadAnswer as error:
            return Failed(cause="agent", detail=str(error), raw=error.raw or None)
        except AgentRefused as error:
            return Failed(cause="refused", detail=str(error))
        except Exception:
            # Ours, not the agent's: the batch is tried again, and must not wait for a claim that nobody will settle.
            self.ledger.abandon(fence)
            raise
        return Answered(reply=reply)

    async def _settle(self, fence: int, item: Item) -> Outcome:
        """Raises Elsewhere for an outcome that came too late to count."""
        try:
            counts = await self.ledger.settle(self.share, fence, item)
        except BadAnswer as error:
            item = item.model_copy(
                update={"outcome": Failed(cause="agent", detail=str(error), raw=_text(item.outcome))}
            )
            counts = await self.ledger.settle(self.share, fence, item)
        if not counts:
            raise Elsewhere
        return item.outcome

    async def _without_call(self, key: ItemKey, case: Case, cause: Cause, detail: str) -> Outcome:
        item = _item(key, case, Failed(cause=cause, detail=detail))
        await self.ledger.settle(self.share, NO_CALL, item)
        return item.outcome

    async def _called(self, question: Question, ticket: Ticket) -> Reply:
        """The call; what becomes of it is told to the desk as well."""
        try:
            reply = await self._call(question)
        except BenchmarkError as error:
            error = self.admission.weighed(error)
            ticket.failed(error)
            raise error from error.__cause__
        ticket.answered(reply.usage)
        return reply

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

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return
        raise Stopped


def _item(key: ItemKey, case: Case, outcome: Outcome, *, queue_s: float = 0.0) -> Item:
    return Item(
        key=key, case_id=case.id, category=case.category, cluster=case.cluster, outcome=outcome, queue_s=queue_s
    )


def _text(outcome: Outcome) -> str | None:
    return ascii(outcome.reply.text)[:MOST_RAW] if isinstance(outcome, Answered) else outcome.raw


def _lost(calls: int) -> str:
    many = "A call was" if calls == 1 else f"{calls} calls were"
    return f"{many} lost with the worker that sent it; nobody knows what was answered."
