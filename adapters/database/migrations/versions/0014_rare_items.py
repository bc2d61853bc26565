"""Ways to what is rare among a million items and looked for most: failures, and answers that are not right."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index(
        "results_failed",
        "results",
        ["run_no", "agent_no", "trial", "case_index"],
        postgresql_where=sa.text("status = 'failed'"),
    )
    op.create_index(
        "scores_wrong",
        "scores",
        ["run_no", "evaluator", "version", "agent_no", "trial", "case_index"],
        postgresql_where=sa.text("value < 1"),
    )
