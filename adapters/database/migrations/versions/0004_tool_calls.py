"""The calls of tools that an agent made, beside the text of its answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("results", sa.Column("tool_calls", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("results", "tool_calls")
