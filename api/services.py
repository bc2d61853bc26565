"""What the routes work with, opened once per process: the API's composition root."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Protocol, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.admission import Desks
from adapters.agents.key_names import KeyNames
from adapters.database.agents import AgentRepository
from adapters.database.amendments import Amendments
from adapters.database.answers import RecordedAnswers
from adapters.database.api_keys import ApiKeyRepository
from adapters.database.audit import AuditRepository
from adapters.database.audit_chain import AuditChain
from adapters.database.baselines import BaselineRepository
from adapters.database.benchmarks import BenchmarkRepository
from adapters.database.budgets import BudgetRepository
from adapters.database.calibrations import CalibrationRepository
from adapters.database.comparisons import ComparisonRepository
from adapters.database.credentials import CredentialRepository
from adapters.database.datasets import DatasetRepository
from adapters.database.deliveries import DeliveryRepository
from adapters.database.engine import open_engine, sessions
from adapters.database.event_feed import EventFeed
from adapters.database.gates import GateRepository
from adapters.database.idempotency import IdempotencyRepository
from adapters.database.items import ItemRepository
from adapters.database.limit_records import LimitRepository
from adapters.database.manifests import ManifestRepository
from adapters.database.openai_evals import OpenAIEvals, OpenAIFiles
from adapters.database.openai_results import OpenAIResults
from adapters.database.prices import PriceRepository
from adapters.database.runs import RunRepository
from adapters.database.schedules import ScheduleRepository
from adapters.database.shared_limits import PostgresLimits
from adapters.database.spending import SpendingRecords
from adapters.database.track_records import TrackRecords
from adapters.database.webhooks import WebhookRepository
from adapters.datasets.case_sets import StoredCaseSets
from adapters.datasets.source import DatasetContext
from adapters.network.download import HttpDownload
from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from adapters.secrets import Sealer, StoredSecrets
from adapters.storage.opening import open_storage
from adapters.temporal.client import connect
from adapters.webhooks.sender import Sender
from adapters.webhooks.senders import senders
from api.event_stream import written
from api.key_ring import KeyRing, open_key_ring
from api.readiness import Examination, checks_of
from api.security import Gate
from api.starting import Starter, open_starter
from core.benchmarks import AgentSpec, Evaluation
from core.embeddings import EmbeddingSpec
from core.errors import InvalidInput
from core.ids import DEFAULT_PROJECT
from core.ports import AgentContext, ObjectStorage
from core.settings import Settings
from evaluators.registry import mistakes_in

PROVIDERS: Final = ("OPENAI_", "ANTHROPIC_")
"""Prefixes of the environment variables that agents see."""


class Storage(ObjectStorage, Protocol):
    async def check(self) -> None:
        """Raises ServiceUnavailable when nothing can be stored."""
        ...


@dataclass(frozen=True)
class Services:
    settings: Settings
    gate: Gate
    key_ring: KeyRing
    examination: Examination
    engine: AsyncEngine
    temporal: Client
    storage: Storage
    dataset_sources: DatasetContext
    case_sets: StoredCaseSets
    http: HttpPool
    sealer: Sealer
    runs: RunRepository
    amendments: Amendments
    budgets: BudgetRepository
    items: ItemRepository
    datasets: DatasetRepository
    comparisons: ComparisonRepository
    calibrations: CalibrationRepository
    gates: GateRepository
    benchmarks: BenchmarkRepository
    agents: AgentRepository
    credentials: CredentialRepository
    limits: LimitRepository
    schedules: ScheduleRepository
    webhooks: WebhookRepository
    deliveries: DeliveryRepository
    senders: Mapping[str, Sender]
    baselines: BaselineRepository
    manifests: ManifestRepository
    prices: PriceRepository
    openai_evals: OpenAIEvals
    openai_files: OpenAIFiles
    openai_results: OpenAIResults
    track_records: TrackRecords
    spending: SpendingRecords
    key_names: KeyNames
    desks: Desks
    starter: Starter
    api_keys: ApiKeyRepository
    audit: AuditRepository
    audit_chain: AuditChain
    idempotency: IdempotencyRepository
    feed: EventFeed
    environ: Mapping[str, str]
    reporting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Reports that are computed at a time: each holds the columns of a whole run."""

    def mistakes_of_evaluators(self, evaluations: Sequence[Evaluation]) -> Sequence[InvalidInput]:
        return mistakes_in(evaluations, code=self.settings.code_execution != "off")

    def dataset_context(self, project_id: str) -> DatasetContext:
        return replace(self.dataset_sources, project_id=project_id)

    def agent_context(self, spec: AgentSpec | EmbeddingSpec, project_id: str) -> AgentContext:
        return AgentContext(
            http=self.http,
            secrets=StoredSecrets(self.credentials, self.sealer, project_id=project_id),
            timeout_s=spec.timeout_s,
            environ=self.environ,
            price=spec.price,
            prices=self.prices,
            allowed_callables=self.settings.local_callables,
            allowed_commands=self.settings.local_commands,
        )


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncGenerator[Services]:
    """Everything ready to use. Nothing is contacted yet, so the API starts while a part of it is away."""
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(
            open_engine(settings.database_url, pool_size=settings.database_pool_size)
        )
        http = await stack.enter_async_context(HttpPool(NetworkGuard(settings.network_allow)))
        temporal = await connect(address=settings.temporal_address, namespace=settings.temporal_namespace, lazy=True)
        desks = await stack.enter_async_context(aclosing(_desks(settings, engine)))
        starter = await stack.enter_async_context(open_starter(temporal, task_queue=settings.task_queue))
        ring = await stack.enter_async_context(open_key_ring(ApiKeyRepository(sessions(engine))))
        yield _joined(settings, engine, http=http, temporal=temporal, desks=desks, starter=starter, key_ring=ring)


def _desks(settings: Settings, engine: AsyncEngine) -> Desks:
    return Desks(
        PostgresLimits(engine),
        owner=f"api/{os.getpid()}@{socket.gethostname()}",
        patience_s=settings.provider_patience_s,
        longest_wait_s=settings.longest_retry_after_s,
    )


def _joined(
    settings: Settings,
    engine: AsyncEngine,
    *,
    http: HttpPool,
    temporal: Client,
    desks: Desks,
    starter: Starter,
    key_ring: KeyRing,
) -> Services:
    storage = open_storage(settings.storage_url)
    sources = DatasetContext(
        project_id=DEFAULT_PROJECT,
        storage=storage,
        stored=DatasetRepository(sessions(engine)),
        answers=RecordedAnswers(engine),
        download=HttpDownload(http),
        local_folders=settings.local_folders,
        buckets=settings.dataset_buckets,
    )
    return Services(
        **_repositories(engine),
        settings=settings,
        gate=Gate(settings, key_ring),
        key_ring=key_ring,
        examination=Examination(checks_of(engine, temporal, storage.check)),
        engine=engine,
        temporal=temporal,
        storage=storage,
        dataset_sources=sources,
        case_sets=StoredCaseSets(sources),
        http=http,
        senders=senders(http, settings.network_allow),
        sealer=Sealer(settings.secret_keys),
        key_names=KeyNames(LimitRepository(sessions(engine)).salt, origins_as_one=settings.limits_over_models),
        desks=desks,
        starter=starter,
        environ={name: value for name, value in os.environ.items() if name.startswith(PROVIDERS)},
    )


def _repositories(engine: AsyncEngine) -> dict[str, Any]:
    """By the names they have among the services."""
    made = sessions(engine)
    return {
        "runs": RunRepository(engine),
        "amendments": Amendments(made),
        "budgets": BudgetRepository(engine),
        "items": ItemRepository(made),
        "datasets": DatasetRepository(made),
        "comparisons": ComparisonRepository(made),
        "calibrations": CalibrationRepository(made),
        "gates": GateRepository(made),
        "benchmarks": BenchmarkRepository(made),
        "agents": AgentRepository(made),
        "credentials": CredentialRepository(made),
        "limits": LimitRepository(made),
        "schedules": ScheduleRepository(made),
        "webhooks": WebhookRepository(made),
        "deliveries": DeliveryRepository(made),
        "baselines": BaselineRepository(made),
        "manifests": ManifestRepository(engine),
        "prices": PriceRepository(engine),
        "openai_evals": OpenAIEvals(made),
        "openai_files": OpenAIFiles(made),
        "openai_results": OpenAIResults(engine),
        "track_records": TrackRecords(engine),
        "spending": SpendingRecords(engine),
        "api_keys": ApiKeyRepository(made),
        "audit": AuditRepository(made),
        "audit_chain": AuditChain(made),
        "idempotency": IdempotencyRepository(made),
        "feed": EventFeed(engine, written),
    }


def services_of(request: Request) -> Services:
    return cast("Services", request.scope["state"]["services"])


async def _services(request: Request) -> Services:
    # Dependencies that are no coroutines go through a thread, which costs a request more than all they do.
    return services_of(request)


ServicesDep = Annotated[Services, Depends(_services)]
