"""What a case shares with others: the cluster that intervals count as one draw."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("results", sa.Column("cluster", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("results", "cluster")
