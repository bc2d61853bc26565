"""A revision for webhooks, and what a repeatable request has changed already.

So a request that broke after its change carries on when it is repeated, instead of being refused for its own change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    number = sa.Column("revision", sa.BigInteger, nullable=False, server_default=sa.text("nextval('revisions')"))
    op.add_column("webhooks", number)
    op.add_column("idempotency_keys", sa.Column("changed_to", sa.BigInteger, nullable=True))
