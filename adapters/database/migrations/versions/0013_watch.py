"""What the watch over runs sees: when each run last moved, why it does not, and which workers are there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("runs", sa.Column("stalled", postgresql.JSONB(), nullable=True))
    op.create_table(
        "run_watch",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("percent", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "workers",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("task_queue", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )
