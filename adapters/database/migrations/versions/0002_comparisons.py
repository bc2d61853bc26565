"""Comparisons with the cases that changed, and the verdicts of gates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("comparison_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), server_default="default", nullable=False),
        sa.Column("baseline_run", sa.String(), nullable=False),
        sa.Column("candidate_run", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id"),
    )
    op.create_index("comparisons_newest", "comparisons", ["project_id", "created_at", "comparison_id"], unique=False)
    op.create_table(
        "comparison_flips",
        sa.Column("comparison_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("baseline", sa.Double(), nullable=False),
        sa.Column("candidate", sa.Double(), nullable=False),
        sa.Column("baseline_index", sa.Integer(), nullable=False),
        sa.Column("candidate_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["comparison_id"], ["comparisons.comparison_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comparison_id", "place"),
    )
    op.create_table(
        "gates",
        sa.Column("gate_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), server_default="default", nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("gate_id"),
    )
    op.create_index("gates_of_run", "gates", ["run_id", "created_at", "gate_id"], unique=False)


def downgrade() -> None:
    for table in ("gates", "comparison_flips", "comparisons"):
        op.drop_table(table)
