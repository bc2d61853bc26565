"""Who judges ask: the agents of this process, with a place for each call."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from core.benchmarks import AgentSpec
from core.ports import Agent, Agents


class PlacedAgents:
    """Implements `core.ports.Agents`: a lease waits for one of the spec's `concurrency` places.

    Batches are judged side by side, and each answer by several judges: without it they would all call at once.
    """

    def __init__(self, agents: Agents) -> None:
        self._agents = agents
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def lease(self, spec: AgentSpec) -> AsyncGenerator[Agent]:
        key = spec.model_dump_json(include={"agent", "concurrency", "timeout_s", "price"})
        places = self._places.get(key)
        if places is None:
            places = self._places[key] = asyncio.Semaphore(spec.concurrency)
        async with places, self._agents.lease(spec) as agent:
            yield agent

    def simulated(self, spec: AgentSpec) -> bool:
        return self._agents.simulated(spec)
