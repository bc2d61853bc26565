"""The composition root: which adapter stands behind which port."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.admission import Limiter
from activities.aggregation import AggregationActivities
from activities.asking import AskingActivities
from activities.delivering import DeliveryActivities
from activities.evaluation import EvaluationActivities
from activities.likeness import Repetitions
from activities.preparation import PreparationActivities
from activities.recording import RecordingActivities
from activities.submission import SubmissionActivities
from adapters.agents.key_names import KeyNames
from adapters.database.adoption import StoredAdoptions
from adapters.database.answers import RecordedAnswers
from adapters.database.budgets import BudgetRepository
from adapters.database.credentials import CredentialRepository
from adapters.database.datasets import DatasetRepository
from adapters.database.deliveries import DeliveryRepository
from adapters.database.engine import sessions
from adapters.database.ledger import open_ledger
from adapters.database.limit_records import LimitRepository
from adapters.database.manifests import ManifestRepository
from adapters.database.prices import PriceRepository
from adapters.database.repetitions import StoredRepetitions
from adapters.database.runs import RunRepository
from adapters.database.shared_limits import PostgresLimits
from adapters.database.verdicts import PostgresVerdicts
from adapters.datasets.case_sets import StoredCaseSets
from adapters.datasets.source import DatasetContext
from adapters.network.download import HttpDownload
from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from adapters.prompts.prompts import JinjaPrompts
from adapters.secrets import Sealer, StoredSecrets
from adapters.storage.opening import open_storage
from adapters.webhooks.courier import Courier
from adapters.webhooks.senders import senders
from core.benchmarks import AgentSpec
from core.embeddings import EmbeddingSpec
from core.ids import DEFAULT_PROJECT
from core.ports import AgentContext, EvaluatorContext, ObjectStorage
from core.settings import Settings
from evaluators.corpus import Corpus
from evaluators.isolation.pool import SideProcesses
from evaluators.likeness import SemanticLikeness
from evaluators.registry import InstalledEvaluators
from evaluators.stopping import decided
from evaluators.summary import summarize
from evaluators.validity import judge_validity
from worker.agents import AgentPool
from worker.embedders import EmbedderPool
from worker.judging import PlacedAgents
from worker.limit_measures import measure_limits
from worker.polling import Activities
from worker.premises import scheduled_submissions
from worker.provider_keys import AgentKeys, ToldLimits


@asynccontextmanager
async def open_activities(settings: Settings, engine: AsyncEngine, *, owner: str) -> AsyncGenerator[Activities]:
    """Every activity, ready to work; `owner` names this process in the ledger."""
    runs = RunRepository(engine)
    storage = open_storage(settings.storage_url)
    told = ToldLimits()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(HttpPool(NetworkGuard(settings.network_allow)))
        ledger = await stack.enter_async_context(open_ledger(engine, owner, lease_s=settings.worker_lease_s))
        agents = await stack.enter_async_context(aclosing(_agents(settings, engine, http, told)))
        isolation = await stack.enter_async_context(_isolation(settings))
        limiter = await stack.enter_async_context(aclosing(_limiter(settings, engine, agents, told, owner=owner)))
        embedders = _embedders(settings, engine, http, limiter)
        evaluators = _evaluators(settings, PlacedAgents(agents, limiter), embedders, isolation)
        cases = _case_sets(settings, engine, storage, http)
        asking = AskingActivities(
            runs=runs,
            ledger=ledger,
            cases=cases,
            prompts=JinjaPrompts(),
            agents=agents,
            limiter=limiter,
            budgets=BudgetRepository(engine),
        )
        evaluation = _evaluation(engine, runs, cases, evaluators, isolation)
        manifests = ManifestRepository(engine, build=settings.temporal_worker_build_id)
        submission = SubmissionActivities(
            submissions=scheduled_submissions(settings, engine, cases.context, http, _secrets(settings, engine)),
            runs=runs,
        )
        yield Activities(
            steps=[
                PreparationActivities(runs=runs, cases=cases, adoptions=StoredAdoptions(engine)).prepare,
                evaluation.evaluate,
                _aggregation(runs, storage, evaluators, manifests, _repetitions(engine, runs, embedders)).aggregate,
                RecordingActivities(runs).note,
                submission.submit,
                submission.until_ended,
            ],
            asking=[asking.ask],
            delivering=[DeliveryActivities(_courier(settings, engine, http)).deliver],
        )


def _evaluation(
    engine: AsyncEngine,
    runs: RunRepository,
    cases: StoredCaseSets,
    evaluators: InstalledEvaluators,
    isolation: SideProcesses,
) -> EvaluationActivities:
    return EvaluationActivities(
        runs=runs,
        cases=cases,
        evaluators=evaluators,
        isolation=isolation,
        verdicts=PostgresVerdicts(engine),
        budgets=BudgetRepository(engine),
        decided=decided,
    )


def _aggregation(
    runs: RunRepository,
    storage: ObjectStorage,
    evaluators: InstalledEvaluators,
    manifests: ManifestRepository,
    repetitions: Repetitions,
) -> AggregationActivities:
    return AggregationActivities(
        runs=runs,
        storage=storage,
        evaluators=evaluators,
        summarize=summarize,
        corpus=Corpus,
        judge_validity=judge_validity,
        manifests=manifests,
        repetitions=repetitions,
    )


def _repetitions(engine: AsyncEngine, runs: RunRepository, embedders: EmbedderPool) -> Repetitions:
    return Repetitions(
        runs=runs,
        verdicts=PostgresVerdicts(engine),
        answers=StoredRepetitions(engine),
        likeness=SemanticLikeness(embedders),
    )


def _evaluators(
    settings: Settings, agents: PlacedAgents, embedders: EmbedderPool, isolation: SideProcesses
) -> InstalledEvaluators:
    context = EvaluatorContext(agents=agents, isolation=isolation, embedders=embedders)
    return InstalledEvaluators(context, code=settings.code_execution != "off")


def _case_sets(settings: Settings, engine: AsyncEngine, storage: ObjectStorage, http: HttpPool) -> StoredCaseSets:
    return StoredCaseSets(
        DatasetContext(
            project_id=DEFAULT_PROJECT,
            storage=storage,
            stored=DatasetRepository(sessions(engine)),
            answers=RecordedAnswers(engine),
            download=HttpDownload(http),
            local_folders=settings.local_folders,
            buckets=settings.dataset_buckets,
        )
    )


def _isolation(settings: Settings) -> SideProcesses:
    return SideProcesses(
        most=settings.evaluation_processes,
        time_limit_s=settings.evaluation_time_limit_s,
        memory_bytes=settings.evaluation_memory_mb * 1024**2,
        code_execution=settings.code_execution,
    )


def _agents(settings: Settings, engine: AsyncEngine, http: HttpPool, told: ToldLimits) -> AgentPool:
    secrets, prices = _secrets(settings, engine), PriceRepository(engine)

    def context_for(spec: AgentSpec) -> AgentContext:
        return AgentContext(
            http=http,
            secrets=secrets,
            timeout_s=spec.timeout_s,
            environ=os.environ,
            price=spec.price,
            prices=prices,
            allowed_callables=settings.local_callables,
            allowed_commands=settings.local_commands,
            told=partial(told.hear, spec),
        )

    return AgentPool(context_for)


def _limiter(settings: Settings, engine: AsyncEngine, agents: AgentPool, told: ToldLimits, *, owner: str) -> Limiter:
    keys = AgentKeys(agents, _key_names(settings, engine))
    limiter = Limiter(
        keys,
        PostgresLimits(engine),
        owner=owner,
        patience_s=settings.provider_patience_s,
        longest_wait_s=settings.longest_retry_after_s,
    )
    told.lead_to(keys, limiter)
    measure_limits(limiter)
    return limiter


def _key_names(settings: Settings, engine: AsyncEngine) -> KeyNames:
    return KeyNames(LimitRepository(sessions(engine)).salt, origins_as_one=settings.limits_over_models)


def _embedders(settings: Settings, engine: AsyncEngine, http: HttpPool, limiter: Limiter) -> EmbedderPool:
    secrets, prices = _secrets(settings, engine), PriceRepository(engine)

    def context_for(spec: EmbeddingSpec) -> AgentContext:
        return AgentContext(
            http=http,
            secrets=secrets,
            timeout_s=spec.timeout_s,
            environ=os.environ,
            price=spec.price,
            prices=prices,
        )

    return EmbedderPool(context_for, limiter, _key_names(settings, engine))


def _courier(settings: Settings, engine: AsyncEngine, http: HttpPool) -> Courier:
    return Courier(
        DeliveryRepository(sessions(engine)), Sealer(settings.secret_keys), senders(http, settings.network_allow)
    )


def _secrets(settings: Settings, engine: AsyncEngine) -> StoredSecrets:
    return StoredSecrets(CredentialRepository(sessions(engine)), Sealer(settings.secret_keys))
