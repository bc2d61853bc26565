"""Until when a receiver asked to be left alone, and when a delivery was last asked for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    now = sa.text("now()")
    op.add_column("webhook_deliveries", sa.Column("asked_at", MOMENT, server_default=now, nullable=False))
    op.add_column("webhook_deliveries", sa.Column("not_before", MOMENT, nullable=True))
