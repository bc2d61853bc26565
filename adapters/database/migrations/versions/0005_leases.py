"""Leases of the processes that claim calls, and what the ledger tells of calls that were lost."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

COUNTS = ("unknown_calls", "resent_calls", "recovered_cases", "late_answers")
SPENT = ("input_tokens", "output_tokens", "cost_usd")


def upgrade() -> None:
    op.create_table(
        "owners",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("leased_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )
    op.add_column("attempts", sa.Column("number", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("round", sa.Integer(), server_default="1", nullable=False))
    op.add_column("attempts", sa.Column("input_tokens", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("output_tokens", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("cost_usd", sa.Double(), nullable=True))
    op.execute(
        """
        update attempts set number = numbered.number from (
          select run_no, agent_no, trial, case_index, fence,
            row_number() over (partition by run_no, agent_no, trial, case_index order by fence) as number
          from attempts
        ) as numbered
        where attempts.run_no = numbered.run_no and attempts.agent_no = numbered.agent_no
          and attempts.trial = numbered.trial and attempts.case_index = numbered.case_index
          and attempts.fence = numbered.fence
        """
    )
    op.alter_column("attempts", "number", nullable=False)
    op.drop_constraint("attempts_pkey", "attempts", type_="primary")
    op.create_primary_key("attempts_pkey", "attempts", ["run_no", "agent_no", "trial", "case_index", "number"])
    for name in COUNTS:
        op.add_column("run_agents", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("run_agents", sa.Column("wasted_tokens", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("run_agents", sa.Column("wasted_usd", sa.Double(), server_default="0", nullable=False))


def downgrade() -> None:
    for name in ("wasted_usd", "wasted_tokens", *COUNTS):
        op.drop_column("run_agents", name)
    op.drop_constraint("attempts_pkey", "attempts", type_="primary")
    op.create_primary_key("attempts_pkey", "attempts", ["run_no", "agent_no", "trial", "case_index", "fence"])
    for name in (*reversed(SPENT), "round", "number"):
        op.drop_column("attempts", name)
    op.drop_table("owners")
