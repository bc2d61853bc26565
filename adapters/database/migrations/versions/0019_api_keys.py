"""API keys, by their digests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("api_key_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), server_default="default", nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("secrets", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("nextval('revisions')"), nullable=False),
        sa.PrimaryKeyConstraint("api_key_id"),
    )
    held = sa.text("revoked_at is null")
    op.create_index("api_keys_by_name", "api_keys", ["project_id", "name"], unique=True, postgresql_where=held)
    op.create_index("api_keys_newest", "api_keys", ["project_id", "api_key_id"])
