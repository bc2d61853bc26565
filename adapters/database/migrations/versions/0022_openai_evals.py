"""Evals, eval runs and files of OpenAI's Evals API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False)


def project() -> sa.Column[str]:
    return sa.Column("project_id", sa.String(), server_default="default", nullable=False)


def upgrade() -> None:
    op.create_table(
        "openai_evals",
        sa.Column("eval_id", sa.String(), nullable=False),
        project(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("properties", postgresql.JSONB(), nullable=True),
        sa.Column("data_source_config", postgresql.JSONB(), nullable=False),
        sa.Column("testing_criteria", postgresql.JSONB(), nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.PrimaryKeyConstraint("eval_id"),
    )
    op.create_index("openai_evals_of_project", "openai_evals", ["project_id", "eval_id"])
    op.create_table(
        "openai_eval_runs",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("eval_id", sa.String(), nullable=False),
        project(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("properties", postgresql.JSONB(), nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("data_source", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["eval_id"], ["openai_evals.eval_id"], ondelete="CASCADE"),
    )
    op.create_index("openai_eval_runs_of_eval", "openai_eval_runs", ["eval_id", "run_id"])
    op.create_table(
        "openai_files",
        sa.Column("file_id", sa.String(), nullable=False),
        project(),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        moment("created_at"),
        sa.PrimaryKeyConstraint("file_id"),
    )
    op.create_index("openai_files_of_project", "openai_files", ["project_id", "file_id"])
