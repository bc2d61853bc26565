"""Who evaluators ask: admitted by the provider key and by the budget, with a place for each call."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar
from weakref import WeakValueDictionary

from activities.admission import Admission, Limiter, Withdrawn
from activities.budgeting import PURSE
from activities.ticket import Ticket
from core.benchmarks import AgentSpec
from core.budgets import Spent
from core.cases import Question, Reply, Usage
from core.errors import BenchmarkError
from core.limits import JUDGED_FOR
from core.ports import Agent, Agents

T = TypeVar("T")


class Bill(NamedTuple):
    """What an answer took and cost; None is "nobody said"."""

    usage: Usage
    usd: float | None


class Call:
    """One call: what is to be told of it once it is over."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self.spent: Spent | None = None
        """None as long as it was not sent."""

    async def made(self, call: Awaitable[T], bill: Callable[[T], Bill]) -> T:
        self.spent = Spent(calls=1)
        try:
            answer = await call
        except BenchmarkError as error:
            self._ticket.failed(error)
            raise
        usage, usd = bill(answer)
        self._ticket.answered(usage)
        self.spent = Spent.of_call(usd=usd, tokens=(usage.input_tokens or 0) + (usage.output_tokens or 0))
        return answer


@asynccontextmanager
async def admitted(admission: Admission) -> AsyncGenerator[Call]:
    """A call for an evaluator: it waits for its provider key as those of the runs do, and for the budget of the run it
    is for; its price is written down as the block ends. Raises OverBudget, and Withdrawn once it is told to stop."""
    purse = PURSE.get()
    try:
        ticket = await admission.admit()
    except Withdrawn:
        if purse is not None:
            purse.withdrawn = True
        raise
    with ticket:
        if purse is not None:
            await purse.open()
        call = Call(ticket)
        try:
            yield call
        finally:
            if purse is not None and call.spent is not None:
                await purse.pay(call.spent)


def told_to_stop() -> asyncio.Event:
    """Set when whoever judges is to ask nobody any more."""
    purse = PURSE.get()
    return asyncio.Event() if purse is None else purse.stop


class Admitted:
    """An agent for one call."""

    def __init__(self, agent: Agent, call: Call) -> None:
        self._agent = agent
        self._call = call

    async def ask(self, question: Question) -> Reply:
        return await self._call.made(self._agent.ask(question), _bill)


def _bill(reply: Reply) -> Bill:
    return Bill(reply.usage, reply.cost_usd)


class PlacedAgents:
    """Implements `core.ports.Agents`: a lease is for one call, and waits for one of the spec's `concurrency` places.

    Batches are judged side by side, and each answer by several judges: without it they would all call at once.
    """

    def __init__(self, agents: Agents, limiter: Limiter) -> None:
        self._agents = agents
        self._limiter = limiter
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def lease(self, spec: AgentSpec) -> AsyncGenerator[Agent]:
        key = spec.model_dump_json(include={"agent", "concurrency", "timeout_s", "price"})
        places = self._places.get(key)
        if places is None:
            places = self._places[key] = asyncio.Semaphore(spec.concurrency)
        asker = JUDGED_FOR.get().model_copy(update={"limits": spec.limits})
        async with (
            places,
            self._agents.lease(spec) as agent,
            self._limiter.joined(spec, asker, told_to_stop()) as admission,
            admitted(admission) as call,
        ):
            yield Admitted(agent, call)

    def simulated(self, spec: AgentSpec) -> bool:
        return self._agents.simulated(spec)
