"""The tables. Every row of user data bears its project; results, attempts and scores are partitioned by run."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Sequence,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.ids import DEFAULT_PROJECT

PARTITIONS = 8
"""Hash partitions of each of the large tables; a run lives in one of them."""


FENCES = Sequence("fences")
"""Numbers every claim of the service, so that a later claim always has the greater number."""
REVISIONS = Sequence("revisions")
"""Numbers every change of what is changed in its place: what is made anew never bears a number it had before."""


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(String),
    }


def created() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


def project() -> Mapped[str]:
    return mapped_column(server_default=DEFAULT_PROJECT)


def revised() -> Mapped[int]:
    return mapped_column(BigInteger, server_default=REVISIONS.next_value())


class DatasetRow(Base):
    """One stored version of a named dataset."""

    __tablename__ = "dataset_versions"
    __table_args__ = (
        UniqueConstraint("project_id", "name", "version"),
        UniqueConstraint("project_id", "name", "digest"),
    )

    dataset_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    version: Mapped[int]
    digest: Mapped[str]
    format: Mapped[str]
    row_count: Mapped[int]
    fields: Mapped[list[str]]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    object_key: Mapped[str]
    created_at: Mapped[datetime] = created()


class BenchmarkRow(Base):
    """One version of a named benchmark definition."""

    __tablename__ = "benchmark_versions"
    __table_args__ = (UniqueConstraint("project_id", "name", "version"),)

    benchmark_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    version: Mapped[int]
    definition: Mapped[dict[str, Any]]
    digest: Mapped[str]
    created_at: Mapped[datetime] = created()


class AgentRow(Base):
    """One version of a named agent, for use by name in runs."""

    __tablename__ = "agent_versions"
    __table_args__ = (UniqueConstraint("project_id", "name", "version"),)

    agent_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    version: Mapped[int]
    spec: Mapped[dict[str, Any]]
    digest: Mapped[str]
    created_at: Mapped[datetime] = created()


class CredentialRow(Base):
    """A secret by name: encrypted, bound to the origin it may be sent to, never read back over the API."""

    __tablename__ = "credentials"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    credential_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    origin: Mapped[str]
    ciphertext: Mapped[str]
    created_at: Mapped[datetime] = created()
    updated_at: Mapped[datetime] = created()
    revision: Mapped[int] = revised()


class RunRow(Base):
    __tablename__ = "runs"
    __table_args__ = (
        Index("runs_newest", "project_id", "created_at", "run_id"),
        Index("runs_open", "status", postgresql_where="status in ('queued', 'processing', 'paused')"),
    )

    run_no: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    """A small number that stands for the run in the large tables."""
    run_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    benchmark_type: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="queued")
    config: Mapped[dict[str, Any]]
    error: Mapped[str | None]
    stalled: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Why it does not move: a `core.stalls.Stall`."""
    validity: Mapped[str | None]
    case_count: Mapped[int | None]
    case_set: Mapped[str | None]
    round: Mapped[int] = mapped_column(server_default="1")
    asks: Mapped[bool] = mapped_column(server_default="true")
    """False while the round only judges stored answers anew."""
    revision: Mapped[int] = mapped_column(server_default="1")
    forked_from: Mapped[str | None]
    reproduces: Mapped[str | None]
    schedule_id: Mapped[str | None]
    report_key: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = created()


class RunAgentRow(Base):
    __tablename__ = "run_agents"
    __table_args__ = (UniqueConstraint("run_no", "name"), {"postgresql_with": {"fillfactor": "50"}})

    run_no: Mapped[int] = mapped_column(ForeignKey("runs.run_no", ondelete="CASCADE"), primary_key=True)
    agent_no: Mapped[int] = mapped_column(primary_key=True)
    """The agent's place in the run's configuration, from 0."""
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="queued")
    total: Mapped[int] = mapped_column(server_default="0")
    answered: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    evaluated: Mapped[int] = mapped_column(server_default="0")
    unknown_calls: Mapped[int] = mapped_column(server_default="0")
    """As the following, see `core.runs.LedgerTotals`."""
    resent_calls: Mapped[int] = mapped_column(server_default="0")
    recovered_cases: Mapped[int] = mapped_column(server_default="0")
    late_answers: Mapped[int] = mapped_column(server_default="0")
    wasted_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    wasted_usd: Mapped[float] = mapped_column(server_default="0")
    spent_usd: Mapped[float] = mapped_column(server_default="0")
    spent_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    spent_calls: Mapped[int] = mapped_column(BigInteger, server_default="0")
    unpriced: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Answers whose price is not known."""
    judging_usd: Mapped[float] = mapped_column(server_default="0")
    """As the following: what went to judges and embedding models, and is no part of what the agent spent."""
    judging_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    judging_calls: Mapped[int] = mapped_column(BigInteger, server_default="0")
    judging_unpriced: Mapped[int] = mapped_column(BigInteger, server_default="0")
    error: Mapped[str | None]
    decision: Mapped[str | None]
    """Why it needed not be asked all."""
    metrics: Mapped[dict[str, Any] | None]
    validity: Mapped[str | None]
    coverage: Mapped[float | None]


class ProjectBudgetRow(Base):
    """What all runs of a project may spend."""

    __tablename__ = "project_budgets"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    budget: Mapped[dict[str, Any]]
    revision: Mapped[int] = revised()


class ResultRow(Base):
    """How one question to one agent ended: exactly one row each."""

    __tablename__ = "results"
    __table_args__ = (
        CheckConstraint("status in ('answered', 'failed')"),
        Index("results_failed", "run_no", "agent_no", "trial", "case_index", postgresql_where="status = 'failed'"),
        {"postgresql_partition_by": "HASH (run_no)"},
    )

    run_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    agent_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[str]
    category: Mapped[str | None]
    cluster: Mapped[str | None]
    """What the case shares with others, such as a passage."""
    status: Mapped[str]
    cause: Mapped[str | None]
    detail: Mapped[str | None]
    text: Mapped[str | None]
    tool_calls: Mapped[list[Any] | None] = mapped_column(JSONB)
    raw: Mapped[str | None]
    model: Mapped[str | None]
    finish_reason: Mapped[str | None]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    cached_input_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    latency_s: Mapped[float | None]
    queue_s: Mapped[float]
    cost_usd: Mapped[float | None]
    response_id: Mapped[str | None]
    fingerprint: Mapped[str | None]
    reply_metadata: Mapped[dict[str, Any] | None]
    calls: Mapped[int]
    round: Mapped[int]
    earlier_failures: Mapped[int] = mapped_column(server_default="0")
    """How many failed outcomes of earlier rounds this one replaced."""
    answered_at: Mapped[datetime] = created()


class AttemptRow(Base):
    """One call to an agent, claimed before it is sent."""

    __tablename__ = "attempts"
    __table_args__ = ({"postgresql_partition_by": "HASH (run_no)"},)

    run_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    agent_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counts the claims of the question from 1: of two at once, one gets the number."""
    fence: Mapped[int] = mapped_column(BigInteger)
    """Unique and growing over all claims of the service."""
    round: Mapped[int] = mapped_column(server_default="1")
    owner: Mapped[str]
    """The process, and a mark that no other process ever bears."""
    claimed_at: Mapped[datetime] = created()
    finished_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(server_default="open")
    """One of `core.items.AttemptStatus`."""
    detail: Mapped[str | None]
    """What went wrong; of a late answer its text."""
    input_tokens: Mapped[int | None]
    """Of a late answer, as the next two: what was bought in vain."""
    output_tokens: Mapped[int | None]
    cost_usd: Mapped[float | None]


class ScoreRow(Base):
    """One evaluator's verdict on one answer. `value` is null for unscored, which is not zero."""

    __tablename__ = "scores"
    __table_args__ = (
        Index(
            "scores_wrong",
            *("run_no", "evaluator", "version", "agent_no", "trial", "case_index"),
            postgresql_where="value < 1",
        ),
        {"postgresql_partition_by": "HASH (run_no)"},
    )

    run_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    agent_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    evaluator: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    trial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[float | None]
    answer: Mapped[str | None]
    reason: Mapped[str | None]
    cause: Mapped[str | None]
    """Why there is no value; an answer whose judge was away may be judged again."""
    details: Mapped[dict[str, Any] | None]
    spent: Mapped[dict[str, Any] | None]
    judgings: Mapped[int] = mapped_column(server_default="1")
    """How often it was judged: once, and again each time no judge could be had before."""
    scored_at: Mapped[datetime] = created()


class IdempotencyRow(Base):
    """What was answered to a request that bore an `Idempotency-Key`; no status yet means it is still in flight."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_oldest", "created_at"),)

    project_id: Mapped[str] = mapped_column(primary_key=True, server_default=DEFAULT_PROJECT)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    owner: Mapped[str]
    """Who works on it, one claim one owner: a later claim of an expired lease takes it over."""
    leased_until: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None]
    changed_to: Mapped[int | None] = mapped_column(BigInteger)
    """The revision that the request made of what it changes, if it named one to follow (`If-Match`)."""
    created_at: Mapped[datetime] = created()
