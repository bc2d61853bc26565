"""Schedules, what came of their times, what finished runs are held against, and what runs were made of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

MOMENT = postgresql.TIMESTAMP(timezone=True)


def moment() -> sa.Column[sa.DateTime]:
    return sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), server_default="default", nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("run", postgresql.JSONB(), nullable=False),
        sa.Column("timing", postgresql.JSONB(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("baseline", postgresql.JSONB(), nullable=True),
        sa.Column("baseline_since", MOMENT, nullable=True),
        sa.Column("echo", postgresql.JSONB(), nullable=True),
        sa.Column("gone", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("expected_at", MOMENT, nullable=True),
        sa.Column("told_late_at", MOMENT, nullable=True),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        moment(),
        sa.Column("updated_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id"),
        sa.UniqueConstraint("project_id", "name"),
    )
    op.create_table(
        "schedule_ticks",
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("scheduled_at", MOMENT, nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("settled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("recorded_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.schedule_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("schedule_id", "scheduled_at"),
    )
    op.create_index("schedule_ticks_of_run", "schedule_ticks", ["run_id"], unique=True)
    op.create_index("schedule_ticks_open", "schedule_ticks", ["schedule_id"], postgresql_where=sa.text("not settled"))
    op.create_table(
        "benchmark_baselines",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("benchmark", sa.String(), nullable=False),
        sa.Column("baseline", postgresql.JSONB(), nullable=False),
        sa.Column("since", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "benchmark"),
    )
    op.create_table(
        "baseline_checks",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("completed_at", MOMENT, nullable=False),
        sa.Column("project_id", sa.String(), server_default="default", nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("checked_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "completed_at"),
    )
    op.create_index("baseline_checks_of_watch", "baseline_checks", ["watch", "checked_at"])
    op.create_index("runs_completed", "runs", ["completed_at"], postgresql_where=sa.text("status = 'completed'"))
    op.create_table(
        "run_manifests",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        moment(),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "round"),
    )
