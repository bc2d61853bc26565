"""What runs have spent, and what projects may spend."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("run_agents", sa.Column("spent_usd", sa.Double(), server_default="0", nullable=False))
    op.add_column("run_agents", sa.Column("spent_tokens", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("run_agents", sa.Column("spent_calls", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("run_agents", sa.Column("unpriced", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "project_budgets",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("budget", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
    )
