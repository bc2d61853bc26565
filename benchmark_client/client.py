"""The two clients: `Client` blocks, `AsyncClient` is awaited; nouns, verbs and answers are the same.

with Client() as client:
    run = client.runs.create(file="capitals.yaml").wait(check=True)
    for item in run.items(correct=False):
        ...
"""

import os
from typing import Generic

import httpx2

from benchmark_client.address import find_address
from benchmark_client.awaited import AwaitedPort
from benchmark_client.blocking import BlockingPort
from benchmark_client.modes import Async, M, Port, Sync
from benchmark_client.nouns.api_keys import ApiKeys
from benchmark_client.nouns.baselines import Baselines
from benchmark_client.nouns.datasets import Datasets
from benchmark_client.nouns.definitions import Agents, Benchmarks, Evaluators
from benchmark_client.nouns.gates import Gates
from benchmark_client.nouns.judging import Calibrations, Comparisons, Leaderboards, Preferences
from benchmark_client.nouns.manifests import Manifests
from benchmark_client.nouns.runs import Runs
from benchmark_client.nouns.schedules import Schedules
from benchmark_client.nouns.service import AuditEvents, Credentials, Events, Service
from benchmark_client.nouns.spending import Budgets, Estimates, Limits, Prices
from benchmark_client.nouns.webhooks import Webhooks
from benchmark_client.patience import Patience
from benchmark_client.transport import options

TIMEOUT_S = 30.0


class Nouns(Generic[M]):
    """Everything that can be talked about."""

    def __init__(self, port: Port) -> None:
        self.runs = Runs[M](port)
        self.estimates = Estimates[M](port)
        self.benchmarks = Benchmarks[M](port)
        self.datasets = Datasets[M](port)
        self.agents = Agents[M](port)
        self.evaluators = Evaluators[M](port)
        self.comparisons = Comparisons[M](port)
        self.gates = Gates[M](port)
        self.leaderboards = Leaderboards[M](port)
        self.calibrations = Calibrations[M](port)
        self.preferences = Preferences[M](port)
        self.schedules = Schedules[M](port)
        self.webhooks = Webhooks[M](port)
        self.baselines = Baselines[M](port)
        self.manifests = Manifests[M](port)
        self.budget = Budgets[M](port)
        self.prices = Prices[M](port)
        self.limits = Limits[M](port)
        self.credentials = Credentials[M](port)
        self.events = Events[M](port)
        self.api_keys = ApiKeys[M](port)
        self.audit_events = AuditEvents[M](port)
        self.service = Service[M](port)


class Client(Nouns[Sync]):
    """A context manager; threads may share it.

    `url` defaults to BENCHMARK_API_URL, else to where `benchmark dev` runs from this folder or one above it, else to
    http://127.0.0.1:8080; `key` to BENCHMARK_API_KEY.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        patience: Patience = Patience(),  # noqa: B008 (frozen)
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.url, told = _settings(url, key)
        self._http = httpx2.Client(**options(self.url, told, timeout_s))
        super().__init__(BlockingPort(self._http, patience))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()


class AsyncClient(Nouns[Async]):
    """An asynchronous context manager, of one event loop; made like `Client`."""

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        patience: Patience = Patience(),  # noqa: B008 (frozen)
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.url, told = _settings(url, key)
        self._http = httpx2.AsyncClient(**options(self.url, told, timeout_s))
        super().__init__(AwaitedPort(self._http, patience))

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()


def _settings(url: str | None, key: str | None) -> tuple[str, str | None]:
    return find_address(url or os.environ.get("BENCHMARK_API_URL")).url, key or os.environ.get("BENCHMARK_API_KEY")
