"""The tables of what was found in runs: comparisons, the cases that changed, verdicts of gates."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project


class ComparisonRow(Base):
    __tablename__ = "comparisons"
    __table_args__ = (Index("comparisons_newest", "project_id", "created_at", "comparison_id"),)

    comparison_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    baseline_run: Mapped[str]
    candidate_run: Mapped[str]
    content: Mapped[dict[str, Any]]
    """All of it but what the other columns say."""
    created_at: Mapped[datetime] = created()


class FlipRow(Base):
    """A case whose score changed."""

    __tablename__ = "comparison_flips"

    comparison_id: Mapped[str] = mapped_column(
        ForeignKey("comparisons.comparison_id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 0, the greatest change first."""
    direction: Mapped[str]
    case_id: Mapped[str]
    category: Mapped[str | None]
    baseline: Mapped[float]
    candidate: Mapped[float]
    baseline_index: Mapped[int]
    candidate_index: Mapped[int]


class GateRow(Base):
    """What a policy said of a run."""

    __tablename__ = "gates"
    __table_args__ = (Index("gates_of_run", "run_id", "created_at", "gate_id"),)

    gate_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"))
    verdict: Mapped[str]
    content: Mapped[dict[str, Any]]
    """All of it but what the other columns say."""
    created_at: Mapped[datetime] = created()
