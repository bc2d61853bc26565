"""Limits of provider keys, shared by all workers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "provider_keys",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("state", postgresql.JSONB(), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "provider_stakes",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("stake", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["provider_keys.key_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key_id", "owner", "run_id"),
    )
    op.create_index("provider_stakes_of_run", "provider_stakes", ["run_id"], unique=False)
    op.create_table(
        "limit_rules",
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("rule_id"),
        sa.UniqueConstraint("origin", "credential", "model", postgresql_nulls_not_distinct=True),
    )
    op.create_table("provider_salts", sa.Column("salt", sa.String(), nullable=False), sa.PrimaryKeyConstraint("salt"))
    op.execute("insert into provider_salts select gen_random_uuid()::text || gen_random_uuid()::text")


def downgrade() -> None:
    for table in ("provider_salts", "limit_rules", "provider_stakes", "provider_keys"):
        op.drop_table(table)
