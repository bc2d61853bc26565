"""The service without its edges: real PostgreSQL and Temporal, whose agents and cases are fakes."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from activities.admission import Limiter
from activities.aggregation import AggregationActivities
from activities.asking import AskingActivities
from activities.delivering import DeliveryActivities
from activities.evaluation import EvaluationActivities
from activities.preparation import PreparationActivities
from activities.recording import RecordingActivities
from activities.submission import SubmissionActivities
from adapters.database.adoption import StoredAdoptions
from adapters.database.budgets import BudgetRepository
from adapters.database.engine import open_engine
from adapters.database.ledger import open_ledger
from adapters.database.runs import RunRepository
from adapters.database.schema import upgrade
from adapters.database.shared_limits import PostgresLimits
from adapters.database.verdicts import PostgresVerdicts
from adapters.temporal.client import connect
from core.benchmarks import AgentSpec, BenchmarkDefinition, DatasetSpec, Evaluation
from core.ids import DEFAULT_PROJECT, new_id
from core.plugins import PluginSpec
from core.ports import Agent
from core.runs import Run, RunStatus
from core.settings import Settings
from core.webhooks import Tried
from evaluators.corpus import Corpus
from evaluators.stopping import decided
from evaluators.summary import summarize
from evaluators.validity import judge_validity
from tests.fakes import CountingCases, EqualityEvaluators, InPlace, Lending, MemoryStorage, NoKeys, PlainPrompts
from worker.polling import Activities, polling
from worker.releases import release_of
from workflows.start import start_run


@dataclass
class Service:
    """What a test needs to run benchmarks and to look at what came of them."""

    client: Client
    engine: AsyncEngine
    runs: RunRepository
    task_queue: str
    storage: MemoryStorage = field(default_factory=MemoryStorage)
    failing: int = 0
    """Attempts of each delivery that fail, before one succeeds."""

    @asynccontextmanager
    async def worker(
        self, agents: dict[str, Agent], *, cases: int, poisoned: frozenset[str] = frozenset(), batches: int = 50
    ) -> AsyncGenerator[None]:
        """A worker whose agents are these; shut down gracefully at the end."""
        case_sets, evaluators = CountingCases(cases), EqualityEvaluators()
        async with open_ledger(self.engine, new_id("wrk")) as ledger:
            asking = AskingActivities(
                runs=self.runs,
                ledger=ledger,
                cases=case_sets,
                prompts=PlainPrompts(poisoned),
                agents=Lending(agents),
                limiter=Limiter(
                    NoKeys(), PostgresLimits(self.engine), owner="a test", patience_s=60, longest_wait_s=900
                ),
                budgets=BudgetRepository(self.engine),
            )
            verdicts = PostgresVerdicts(self.engine)
            evaluation = EvaluationActivities(
                runs=self.runs,
                cases=case_sets,
                evaluators=evaluators,
                isolation=InPlace(),
                verdicts=verdicts,
                budgets=BudgetRepository(self.engine),
                decided=decided,
            )
            aggregation = AggregationActivities(
                runs=self.runs,
                storage=self.storage,
                evaluators=evaluators,
                summarize=summarize,
                corpus=Corpus,
                judge_validity=judge_validity,
            )
            activities = Activities(
                steps=[
                    PreparationActivities(
                        runs=self.runs, cases=case_sets, adoptions=StoredAdoptions(self.engine)
                    ).prepare,
                    evaluation.evaluate,
                    aggregation.aggregate,
                    RecordingActivities(self.runs).note,
                    SubmissionActivities(submissions=Accepting(self), runs=self.runs).submit,
                ],
                asking=[asking.ask],
                delivering=[DeliveryActivities(Delivering(self.failing)).deliver],
            )
            async with polling(
                self.client,
                activities,
                task_queue=self.task_queue,
                release=release_of(Settings()),
                batches=batches,
                fail_broken=True,
            ):
                yield

    async def submit(self, *names: str, concurrency: int = 8, trials: int = 1, max_attempts: int = 3) -> str:
        """Accepts and starts a run of agents with these names."""
        run_id = await self.accept(*names, concurrency=concurrency, trials=trials, max_attempts=max_attempts)
        await start_run(self.client, run_id, task_queue=self.task_queue)
        return run_id

    async def accept(self, *names: str, concurrency: int = 8, trials: int = 1, max_attempts: int = 3) -> str:
        """Records a run of agents with these names, and leaves its start to others."""
        config = BenchmarkDefinition(
            name="sums",
            dataset=DatasetSpec(source=PluginSpec(kind="inline")),
            agents=tuple(
                AgentSpec(
                    name=name,
                    agent=PluginSpec(kind="simulated"),
                    concurrency=concurrency,
                    max_attempts=max_attempts,
                )
                for name in names
            ),
            evaluators=(Evaluation(kind="exact"),),
            trials=trials,
        )
        run_id = new_id("run")
        await self.runs.create(run_id, config, project_id=DEFAULT_PROJECT)
        return run_id

    async def ended(self, run_id: str) -> Run:
        """The record once the workflow has ended, well or badly."""
        handle = self.client.get_workflow_handle(run_id)
        await asyncio.gather(handle.result(), return_exceptions=True)
        return await self.runs.get(run_id)

    async def reset(self, run_id: str) -> None:
        """Resets the run's workflow to its first step, as the Temporal UI does."""
        handle = self.client.get_workflow_handle(run_id)
        history = await handle.fetch_history()
        first = next(
            event.event_id for event in history.events if event.HasField("workflow_task_completed_event_attributes")
        )
        await self.client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=run_id),
                reason="a test",
                workflow_task_finish_event_id=first,
                request_id=new_id("req"),
            )
        )

    async def until(self, run_id: str, *, settled: int = 0, status: RunStatus | None = None) -> None:
        """Returns once that many questions are settled and the record has this status."""
        while True:
            run = await self.runs.get(run_id)
            if run.counts.answered + run.counts.failed >= settled and status in (None, run.status):
                return
            await asyncio.sleep(0.02)


@dataclass
class Accepting:
    """Implements `core.ports.Submissions`: every time of a schedule gets a run of one agent."""

    service: Service

    async def submit(self, schedule_id: str, at: datetime) -> tuple[str | None, str | None]:
        return await self.service.accept("agent"), None


@dataclass
class Delivering:
    """Implements `core.ports.Couriers`: every delivery is refused so many times at first."""

    refused: int
    tries: Counter[str] = field(default_factory=Counter[str])

    async def deliver(self, delivery_id: str, *, pause_s: float | None) -> Tried:
        self.tries[delivery_id] += 1
        if self.tries[delivery_id] > self.refused:
            return Tried(status="delivered", said="delivered")
        return Tried(status="pending", wait_s=0.2, said="HTTP 503.")


@asynccontextmanager
async def opened(database_url: str, *, temporal_address: str, temporal_namespace: str) -> AsyncGenerator[Service]:
    """The service on this database and this Temporal, on a task queue of its own."""
    client = await connect(address=temporal_address, namespace=temporal_namespace)
    async with open_engine(database_url) as engine:
        await upgrade(engine)
        yield Service(client=client, engine=engine, runs=RunRepository(engine), task_queue=new_id("wrk"))
