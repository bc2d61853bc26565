"""Open agents, one for each way to reach one: shared by all batches that ask it, closed when long unused."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from core.benchmarks import AgentSpec
from core.plugins import find, settings_of
from core.ports import Agent, AgentContext

MOST_IDLE = 32
"""Agents kept open without anybody asking them: their connections are worth keeping."""

ContextFor = Callable[[AgentSpec], AgentContext]


@dataclass
class Opened:
    agent: Agent
    leases: int = 0


class AgentPool:
    """Implements `core.ports.Agents`."""

    def __init__(self, context_for: ContextFor) -> None:
        self._context_for = context_for
        self._opened: dict[str, Opened] = {}

    @asynccontextmanager
    async def lease(self, spec: AgentSpec) -> AsyncGenerator[Agent]:
        key = spec.model_dump_json(include={"agent", "timeout_s", "price"})
        opened = self._opened.pop(key, None) or Opened(self._build(spec))
        self._opened[key] = opened
        opened.leases += 1
        try:
            yield opened.agent
        finally:
            opened.leases -= 1
            await self._close_surplus()

    def simulated(self, spec: AgentSpec) -> bool:
        return find("agents", spec.agent.kind).simulated

    def _build(self, spec: AgentSpec) -> Agent:
        plugin = find("agents", spec.agent.kind)
        return plugin.build(settings_of("agents", spec.agent), self._context_for(spec))

    async def _close_surplus(self) -> None:
        idle = [key for key, opened in self._opened.items() if not opened.leases]
        for key in idle[: max(0, len(idle) - MOST_IDLE)]:
            await _close(self._opened.pop(key).agent)

    async def aclose(self) -> None:
        """Closes every agent; those that still answer are cut off."""
        agents = [opened.agent for opened in self._opened.values()]
        self._opened.clear()
        await asyncio.gather(*(_close(agent) for agent in agents))


async def _close(agent: Agent) -> None:
    close: Any = getattr(agent, "aclose", None)
    if close is not None:
        await close()
