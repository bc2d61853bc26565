"""What commands print with `--json` where it is no value of the service's vocabulary."""

from typing import Any

from core.definitions import BenchmarkVersion
from core.metrics import AgentMetrics, Category
from core.model import Model
from core.prices import KnownPrice
from core.runs import Counts, RunStatus, Validity


class Version(Model):
    version: str


class Kind(Model):
    """What a plugin brings."""

    kind: str
    summary: str
    version: str
    settings: dict[str, Any]
    """Their JSON Schema."""


class ReadyMade(Model):
    name: str
    description: str


class ReadyAndStored(Model):
    ready_made: tuple[ReadyMade, ...]
    stored: tuple[BenchmarkVersion, ...] | None
    """None where no API answers."""


class Price(Model):
    model: str
    origin: str
    price: KnownPrice


class AgentResult(Model):
    agent_id: str
    status: RunStatus
    error: str | None
    metrics: AgentMetrics | None
    """None until the run is aggregated."""
    category_scores: dict[str, Category]
    counts: Counts
    validity: Validity | None
    coverage: float | None


class Results(Model):
    run_id: str
    name: str
    status: RunStatus
    validity: Validity | None
    error: str | None
    case_count: int | None
    agents: tuple[AgentResult, ...]
