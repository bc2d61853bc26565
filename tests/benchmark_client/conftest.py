"""Both clients, as tests of what they have in common use them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from inspect import isawaitable
from typing import Any, Protocol

import pytest

from benchmark_client.client import AsyncClient, Client
from benchmark_client.patience import Patience
from tests.providers import Provider

QUICK = Patience(first_s=0.001, longest_s=0.002)
Act = Callable[[Any], Any]


class Asks(Protocol):
    """Has either client do something at an address; gives its answer, or the list of its answers."""

    async def __call__(self, url: str, act: Act, *, patience: Patience = QUICK) -> Any: ...


async def awaited(url: str, act: Act, patience: Patience) -> Any:
    async with AsyncClient(url, patience=patience) as client:
        found = act(client)
        return await found if isawaitable(found) else [each async for each in found]


def blocked(url: str, act: Act, patience: Patience) -> Any:
    with Client(url, patience=patience) as client:
        found = act(client)
        return list(found) if hasattr(found, "__next__") else found


@pytest.fixture(params=["blocks", "is awaited"])
def ask(request: pytest.FixtureRequest) -> Asks:
    """The one client, then the other."""

    async def asked(url: str, act: Act, *, patience: Patience = QUICK) -> Any:
        if request.param == "blocks":
            return await asyncio.to_thread(blocked, url, act, patience)
        return await awaited(url, act, patience)

    return asked


@pytest.fixture
async def api() -> AsyncIterator[Provider]:
    """A server on loopback that answers as the test says with `next`."""
    async with Provider() as provider:
        yield provider
