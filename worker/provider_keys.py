"""Which provider key an agent's calls go by, told by the agent itself, and named by a hash that tells no secret."""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from activities.admission import Limiter
from adapters.agents.provider import Provided, Provider
from adapters.network.target import origin
from core.benchmarks import AgentSpec
from core.errors import BenchmarkError
from core.limits import ProviderKey, Told
from core.ports import Agents

FRESH_S = 30.0
"""So long a key is taken for the same; a changed credential is another key soon after."""


class AgentKeys:
    """Implements `core.ports.ProviderKeys`.

    `salt` gives the key of the hash, the same for all processes. `origins_as_one` are those whose limits hold for all
    models of a key together.
    """

    def __init__(self, agents: Agents, salt: Callable[[], Awaitable[str]], *, origins_as_one: Sequence[str]) -> None:
        self._agents = agents
        self._salt = salt
        self._origins_as_one = frozenset(origin(each) for each in origins_as_one)
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
        # What stands in the way of a key stands in the way of a call, whose outcome says it better.
        with suppress(BenchmarkError):
            async with self._agents.lease(spec) as agent:
                if isinstance(agent, Provided):
                    return self._named(await agent.provider(), await self._salt())
        return None

    def _named(self, provider: Provider, salt: str) -> ProviderKey:
        model = None if provider.origin in self._origins_as_one else provider.model
        content = "\x00".join([provider.origin, provider.secret or "", model or ""])
        digest = hmac.new(salt.encode(), content.encode(), hashlib.sha256).hexdigest()[:32]
        return ProviderKey(key_id=f"key_{digest}", origin=provider.origin, credential=provider.credential, model=model)


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
