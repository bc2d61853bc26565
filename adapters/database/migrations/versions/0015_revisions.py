"""A revision for everything that is changed in its place, so that nobody changes what somebody else has just changed.

One sequence numbers them all: what is removed and made anew never bears a number it had before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateSequence, Sequence

revision = "0015"
down_revision = "0014"

CHANGED_IN_PLACE = (
    "schedules",
    "project_budgets",
    "limit_rules",
    "benchmark_baselines",
    "prices",
    "credentials",
)


def upgrade() -> None:
    op.execute(CreateSequence(Sequence("revisions")))
    for table in CHANGED_IN_PLACE:
        column = sa.Column("revision", sa.BigInteger, nullable=False, server_default=sa.text("nextval('revisions')"))
        op.add_column(table, column)
