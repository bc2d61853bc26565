"""The tables of schedules, of what came of their times, and of what finished runs are held against."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project, revised


class ScheduleRow(Base):
    __tablename__ = "schedules"
    __table_args__ = (
        Index("schedules_by_name", "project_id", "name", unique=True, postgresql_where="deleted_at is null"),
    )

    schedule_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    principal: Mapped[str]
    run: Mapped[dict[str, Any]]
    timing: Mapped[dict[str, Any]]
    rules: Mapped[dict[str, Any]]
    baseline: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    baseline_since: Mapped[datetime | None]
    echo: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The timing as Temporal gave it back; null until Temporal knows the schedule."""
    gone: Mapped[bool] = mapped_column(server_default="false")
    """Temporal has it no more; of a deleted one, the watch has made sure of that."""
    expected_at: Mapped[datetime | None]
    """The next time, as Temporal said when the watch looked last."""
    told_late_at: Mapped[datetime | None]
    """The time that was last told to be late."""
    missed: Mapped[int] = mapped_column(server_default="0")
    """What Temporal counted when the watch looked last, as the next."""
    skipped: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    """How many times in a row came to nothing."""
    created_at: Mapped[datetime] = created()
    updated_at: Mapped[datetime] = created()
    revision: Mapped[int] = revised()
    """Raised by every change asked for, not by what the watch sees."""
    deleted_at: Mapped[datetime | None]
    """It is kept for its runs: those that go on are still held against its baseline when they complete."""


class TickRow(Base):
    """One time of a schedule: exactly one row, and at most one run."""

    __tablename__ = "schedule_ticks"
    __table_args__ = (
        Index("schedule_ticks_of_run", "run_id", unique=True),
        Index("schedule_ticks_open", "schedule_id", postgresql_where="not settled"),
    )

    schedule_id: Mapped[str] = mapped_column(ForeignKey("schedules.schedule_id", ondelete="CASCADE"), primary_key=True)
    scheduled_at: Mapped[datetime] = mapped_column(primary_key=True)
    run_id: Mapped[str | None]
    refusal: Mapped[str | None]
    settled: Mapped[bool] = mapped_column(server_default="false")
    """Whether the watch has seen how it ended."""
    recorded_at: Mapped[datetime] = created()


class BenchmarkBaselineRow(Base):
    """What the runs of a benchmark, by name, are held against when they have ended."""

    __tablename__ = "benchmark_baselines"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    benchmark: Mapped[str] = mapped_column(primary_key=True)
    baseline: Mapped[dict[str, Any]]
    since: Mapped[datetime] = created()
    revision: Mapped[int] = revised()


class BaselineCheckRow(Base):
    """A finished run held against its baseline; a run that went on and ended again is held against it again."""

    __tablename__ = "baseline_checks"
    __table_args__ = (Index("baseline_checks_of_watch", "watch", "checked_at"),)

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True)
    completed_at: Mapped[datetime] = mapped_column(primary_key=True)
    """When the run ended, as it was then."""
    project_id: Mapped[str] = project()
    watch: Mapped[str]
    """The schedule's id, or `benchmark/` and its name: whose baseline it was."""
    outcome: Mapped[str]
    content: Mapped[dict[str, Any]]
    """All of it but what the other columns say."""
    checked_at: Mapped[datetime] = created()


class ManifestRow(Base):
    """What a run was made of, each time it ended: only ever added to."""

    __tablename__ = "run_manifests"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str]
    content: Mapped[dict[str, Any]]
    seal: Mapped[bytes]
    """sha256 of the content as PostgreSQL writes it, so that an accidental change of it is found."""
    created_at: Mapped[datetime] = created()
