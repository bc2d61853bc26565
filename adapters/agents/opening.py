"""Opening: an SDK is loaded, prices are read and a key is fetched when the first question comes, and only once."""

import asyncio
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from adapters.agents.endpoint import Endpoint
from adapters.agents.key import Vendor
from adapters.pricing import Pricing
from core.ports import AgentContext


@dataclass
class SdkEndpoint:
    """The endpoint at `path` of a vendor's API, as the vendor's own client has it."""

    vendor: Vendor
    sdk: str
    """The module whose `Client` knows URLs, headers and errors; loading it takes a second."""
    path: str
    credential: str | None
    base_url: str
    context: AgentContext
    pricing: Pricing
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _opened: Endpoint | None = None

    async def opened(self) -> Endpoint:
        """Raises AgentUnusable where a key is missing."""
        if self._opened is None:
            async with self._opening:
                if self._opened is None:
                    key = await self.vendor.key(self.credential, self.base_url, self.context)
                    await self.pricing.load()
                    self._opened = await asyncio.to_thread(self._prepare, key)
        return self._opened

    def _prepare(self, key: str | None) -> Endpoint:
        sdk: Any = import_module(self.sdk)
        client = sdk.Client(base_url=self.base_url, key=key, timeout_s=self.context.timeout_s)
        return replace(client.endpoint(self.path, self.context.http), told=self.context.told)
