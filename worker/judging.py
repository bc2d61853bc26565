"""Who judges ask: the agents of this process, with a place for each call."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from activities.admission import Admission, Limiter
from core.benchmarks import AgentSpec
from core.cases import Question, Reply
from core.errors import BenchmarkError
from core.limits import JUDGED_FOR
from core.ports import Agent, Agents


class Admitted:
    """An agent whose calls wait for admission by its provider key, as those of the runs do."""

    def __init__(self, agent: Agent, admission: Admission) -> None:
        self._agent = agent
        self._admission = admission

    async def ask(self, question: Question) -> Reply:
        with await self._admission.admit() as ticket:
            try:
                reply = await self._agent.ask(question)
            except BenchmarkError as error:
                ticket.failed(error)
                raise
            ticket.answered(reply.usage)
            return reply


class PlacedAgents:
    """Implements `core.ports.Agents`: a lease waits for one of the spec's `concurrency` places.

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
            self._limiter.joined(spec, asker, asyncio.Event()) as admission,
        ):
            yield Admitted(agent, admission)

    def simulated(self, spec: AgentSpec) -> bool:
        return self._agents.simulated(spec)
