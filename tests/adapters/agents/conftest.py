"""What the tests of agents share: a provider on loopback, a pool that may reach it, stored credentials."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from core.ports import AgentContext
from tests.adapters.agents.asking import CANARY, ContextMaker, StoredSecrets
from tests.providers import Provider


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        yield provider


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    async with HttpPool(NetworkGuard(["loopback"])) as pool:
        yield pool


@pytest.fixture
def context(pool: HttpPool, provider: Provider) -> ContextMaker:
    """Makes contexts; the credential `lab` is stored for the provider's origin."""

    def make(**changes: Any) -> AgentContext:
        secrets = StoredSecrets({("lab", provider.root): CANARY})
        return replace(AgentContext(http=pool, secrets=secrets, timeout_s=5.0), **changes)

    return make
