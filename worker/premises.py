"""What a worker holds the runs of schedules against before it accepts them; the API has the same for posted ones."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.agents import AgentRepository
from adapters.database.benchmarks import BenchmarkRepository
from adapters.database.datasets import DatasetRepository
from adapters.database.engine import sessions
from adapters.database.runs import RunRepository
from adapters.database.schedules import ScheduleRepository
from adapters.datasets.source import DatasetContext
from adapters.network.transport import HttpPool
from adapters.submission.scheduled import ScheduledSubmissions
from core.benchmarks import AgentSpec, Evaluation
from core.errors import InvalidInput
from core.ports import AgentContext, Secrets
from core.settings import Settings
from evaluators.registry import mistakes_in


@dataclass(frozen=True)
class WorkerPremises:
    """Implements `adapters.submission.premises.Premises`."""

    settings: Settings
    benchmarks: BenchmarkRepository
    agents: AgentRepository
    datasets: DatasetRepository
    sources: DatasetContext
    http: HttpPool
    secrets: Secrets

    def dataset_context(self, project_id: str) -> DatasetContext:
        return replace(self.sources, project_id=project_id)

    def agent_context(self, spec: AgentSpec, project_id: str) -> AgentContext:
        return AgentContext(
            http=self.http,
            secrets=self.secrets,
            timeout_s=spec.timeout_s,
            environ=os.environ,
            price=spec.price,
            allowed_callables=self.settings.local_callables,
            allowed_commands=self.settings.local_commands,
        )

    def mistakes_of_evaluators(self, evaluations: Sequence[Evaluation]) -> Sequence[InvalidInput]:
        return mistakes_in(evaluations, code=self.settings.code_execution != "off")


def scheduled_submissions(
    settings: Settings, engine: AsyncEngine, sources: DatasetContext, http: HttpPool, secrets: Secrets
) -> ScheduledSubmissions:
    """Accepts the runs of schedules in this worker."""
    made = sessions(engine)
    premises = WorkerPremises(
        settings=settings,
        benchmarks=BenchmarkRepository(made),
        agents=AgentRepository(made),
        datasets=DatasetRepository(made),
        sources=sources,
        http=http,
        secrets=secrets,
    )
    return ScheduledSubmissions(premises, ScheduleRepository(made), RunRepository(engine))
