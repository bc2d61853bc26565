"""Runs that change after they were accepted: revisions, rounds that only judge, forks, decisions that end asking."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("runs", sa.Column("asks", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("runs", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("runs", sa.Column("forked_from", sa.String(), nullable=True))
    op.add_column("run_agents", sa.Column("decision", sa.String(), nullable=True))
