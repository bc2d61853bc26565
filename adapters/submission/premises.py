"""What a definition is held against before it is accepted: what is stored, what is installed, what is allowed."""

from collections.abc import Sequence
from typing import Protocol

from adapters.database.agents import AgentRepository
from adapters.database.benchmarks import BenchmarkRepository
from adapters.database.datasets import DatasetRepository
from adapters.datasets.source import DatasetContext
from core.benchmarks import AgentSpec, Evaluation
from core.errors import InvalidInput
from core.ports import AgentContext
from core.settings import Settings


class Premises(Protocol):
    """Whoever accepts runs has these: the API for those that are posted, workers for those that are scheduled."""

    @property
    def settings(self) -> Settings: ...

    @property
    def benchmarks(self) -> BenchmarkRepository: ...

    @property
    def agents(self) -> AgentRepository: ...

    @property
    def datasets(self) -> DatasetRepository: ...

    def dataset_context(self, project_id: str) -> DatasetContext: ...

    def agent_context(self, spec: AgentSpec, project_id: str) -> AgentContext: ...

    def mistakes_of_evaluators(self, evaluations: Sequence[Evaluation]) -> Sequence[InvalidInput]: ...
