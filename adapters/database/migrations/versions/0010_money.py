"""What judging costs a run, apart from its agents, and prices that the operator sets."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("run_agents", sa.Column("judging_usd", sa.Double(), server_default="0", nullable=False))
    for name in ("judging_tokens", "judging_calls", "judging_unpriced"):
        op.add_column("run_agents", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "prices",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("input_usd", sa.Double(), nullable=False),
        sa.Column("output_usd", sa.Double(), nullable=False),
        sa.Column("set_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("origin", "model"),
    )
