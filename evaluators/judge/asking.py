"""One judge at work: asked, and waited for while it is throttled or away."""

import asyncio
from typing import NamedTuple

from core.benchmarks import AgentSpec
from core.cases import Question, Reply
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
from core.ports import Agents
from core.verdicts import Spent

HOPELESS_AFTER = 10
"""Questions in a row that a judge left without a reply, and it never replied: it is not asked again."""


class Heard(NamedTuple):
    """What came of asking: a reply, or why there is none."""

    reply: Reply | None
    spent: Spent
    trouble: str | None = None
    away: bool = False
    """The judge could not be had: another time it may be."""


class Judge:
    """Asks one agent. Calls in flight are bounded by the leases, over all answers that are judged in this process."""

    def __init__(self, spec: AgentSpec, agents: Agents) -> None:
        self._spec = spec
        self._agents = agents
        self._given_up: str | None = None
        self._failures_in_a_row = 0
        self._replied = False

    @property
    def name(self) -> str:
        return self._spec.name

    async def ask(self, question: Question) -> Heard:
        """Repeats calls that fail for a time, as often and as slowly as the agent's settings say."""
        for call in range(1, self._spec.max_attempts + 1):
            if self._given_up is not None:
                return Heard(None, Spent(calls=call - 1), self._given_up, away=True)
            try:
                reply = await self._call(question)
            except TransientError as error:
                if call == self._spec.max_attempts:
                    return Heard(None, Spent(calls=call), self._failed(str(error)), away=True)
                await asyncio.sleep(pause_s(call, error.retry_after))
            except (AgentUnusable, TargetRefused, InvalidInput) as error:
                self._given_up = f"The judge {self.name!r} cannot be asked: {error}"
                return Heard(None, Spent(calls=call), self._given_up, away=True)
            except (AgentRefused, BadAnswer) as error:
                return Heard(None, Spent(calls=call), f"The judge {self.name!r} did not answer: {error}")
            else:
                self._replied = True
                return Heard(reply, _spent(reply, call))
        raise AssertionError("max_attempts is at least 1")

    async def _call(self, question: Question) -> Reply:
        async with self._agents.lease(self._spec) as agent:
            try:
                async with asyncio.timeout(self._spec.timeout_s + OVERTIME_S):
                    return await agent.ask(question)
            except TimeoutError as error:
                raise TimedOut(f"No complete answer within {self._spec.timeout_s:g} s.") from error
            except BenchmarkError:
                raise
            except Exception as error:
                # Somebody else's agent may raise anything; only this vote is lost.
                raise BadAnswer(f"The agent broke: {type(error).__name__}: {error}") from error

    def _failed(self, reason: str) -> str:
        trouble = f"The judge {self.name!r} is away: {reason}"
        self._failures_in_a_row = 0 if self._replied else self._failures_in_a_row + 1
        if self._failures_in_a_row >= HOPELESS_AFTER:
            self._given_up = trouble
        return trouble


def _spent(reply: Reply, calls: int) -> Spent:
    return Spent(
        calls=calls,
        input_tokens=reply.usage.input_tokens,
        output_tokens=reply.usage.output_tokens,
        cost_usd=reply.cost_usd,
    )
