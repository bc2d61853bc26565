"""Which provider key an agent's calls go by, told by the agent itself."""

import time
from contextlib import suppress

from activities.admission import Limiter
from adapters.agents.key_names import KeyNames
from core.benchmarks import AgentSpec
from core.errors import BenchmarkError
from core.limits import ProviderKey, Told
from core.ports import Agents

FRESH_S = 30.0
"""So long a key is taken for the same; a changed credential is another key soon after."""


class AgentKeys:
    """Implements `core.ports.ProviderKeys`."""

    def __init__(self, agents: Agents, names: KeyNames) -> None:
        self._agents = agents
        self._names = names
        self._known: dict[str, tuple[float, ProviderKey | None]] = {}

    async def key_of(self, spec: AgentSpec) -> ProviderKey | None:
        name = _name(spec)
        known = self._known.get(name)
        if known is None or time.monotonic() - known[0] > FRESH_S:
            known = self._known[name] = (time.monotonic(), await self._found(spec))
        return known[1]

    def last_known(self, spec: AgentSpec) -> ProviderKey | None:
        known = self._known.get(_name(spec))
        return None if known is None else known[1]

    async def _found(self, spec: AgentSpec) -> ProviderKey | None:
        with suppress(BenchmarkError):
            async with self._agents.lease(spec) as agent:
                return await self._names.of(agent)
        return None


class ToldLimits:
    """What agents hear of limits, on its way to the desks: agents are opened before there are any."""

    def __init__(self) -> None:
        self._keys: AgentKeys | None = None
        self._limiter: Limiter | None = None

    def lead_to(self, keys: AgentKeys, limiter: Limiter) -> None:
        self._keys, self._limiter = keys, limiter

    def hear(self, spec: AgentSpec, told: Told) -> None:
        key = None if self._keys is None else self._keys.last_known(spec)
        desk = None if key is None or self._limiter is None else self._limiter.desks.get(key.key_id)
        if desk is not None:
            desk.tally.heard(told)
            if told.empty_for_s:
                desk.nudge()


def _name(spec: AgentSpec) -> str:
    return spec.model_dump_json(include={"agent"})
