"""The tables behind OpenAI's Evals API: what its evals, runs and files are called, and which of ours they are."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.database.tables import Base, created, project


class OpenAIEvalRow(Base):
    __tablename__ = "openai_evals"
    __table_args__ = (Index("openai_evals_of_project", "project_id", "eval_id"),)

    eval_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    name: Mapped[str]
    properties: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What the API calls metadata."""
    data_source_config: Mapped[dict[str, Any]]
    testing_criteria: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = created()
    updated_at: Mapped[datetime] = created()


class OpenAIEvalRunRow(Base):
    """A run of ours that is the run of an eval."""

    __tablename__ = "openai_eval_runs"
    __table_args__ = (Index("openai_eval_runs_of_eval", "eval_id", "run_id"),)

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True)
    eval_id: Mapped[str] = mapped_column(ForeignKey("openai_evals.eval_id", ondelete="CASCADE"))
    project_id: Mapped[str] = project()
    name: Mapped[str]
    properties: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    model: Mapped[str]
    data_source: Mapped[dict[str, Any]]


class OpenAIFileRow(Base):
    """A file that is a version of a dataset of ours."""

    __tablename__ = "openai_files"
    __table_args__ = (Index("openai_files_of_project", "project_id", "file_id"),)

    file_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = project()
    dataset_id: Mapped[str]
    filename: Mapped[str]
    purpose: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created()
