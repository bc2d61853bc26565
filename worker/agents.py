"""Open agents, one for each way to reach one: shared by all batches that ask it, closed when long unused."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from core.benchmarks import AgentSpec
from core.collection import settle_down
from core.plugins import find, settings_of
from core.ports import Agent, AgentContext

MOST_IDLE = 32
"""Agents kept open without anybody asking them: their connections are worth keeping."""
FRESH_S = 2.0
"""An agent nobody asked for longer is opened anew: whoever mends a credential and retries is not met by the old one."""

ContextFor = Callable[[AgentSpec], AgentContext]


@dataclass
class Opened:
    agent: Agent
    leases: int = 0
    idle_since: float = 0.0

    def stale(self, fresh_s: float) -> bool:
        return not self.leases and time.monotonic() - self.idle_since > fresh_s


class AgentPool:
    """Implements `core.ports.Agents`."""

    def __init__(self, context_for: ContextFor, *, fresh_s: float = FRESH_S) -> None:
        self._context_for = context_for
        self._fresh_s = fresh_s
        self._opened: dict[str, Opened] = {}
        self._kinds: set[str] = set()
        """Whose libraries were loaded here."""

    @asynccontextmanager
    async def lease(self, spec: AgentSpec) -> AsyncGenerator[Agent]:
        key = spec.model_dump_json(include={"agent", "timeout_s", "price"})
        former = self._opened.pop(key, None)
        opened = Opened(self._build(spec)) if former is None or former.stale(self._fresh_s) else former
        self._opened[key] = opened
        opened.leases += 1
        try:
            if former is not None and former is not opened:
                await _close(former.agent)
            yield opened.agent
        finally:
            opened.leases -= 1
            opened.idle_since = time.monotonic()
            await self._close_surplus()

    def simulated(self, spec: AgentSpec) -> bool:
        return find("agents", spec.agent.kind).simulated

    def _build(self, spec: AgentSpec) -> Agent:
        plugin = find("agents", spec.agent.kind)
        agent: Agent = plugin.build(settings_of("agents", spec.agent), self._context_for(spec))
        if spec.agent.kind not in self._kinds:
            self._kinds.add(spec.agent.kind)
            settle_down()
        return agent

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
