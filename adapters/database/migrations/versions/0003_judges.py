"""Why an answer is unscored and what judging it cost; how judges agree with people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("scores", sa.Column("cause", sa.String(), nullable=True))
    op.add_column("scores", sa.Column("spent", postgresql.JSONB(), nullable=True))
    op.add_column("scores", sa.Column("judgings", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "judge_calibrations",
        sa.Column("calibration_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), server_default="default", nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("judge", sa.String(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("calibration_id"),
    )
    op.create_index(
        "judge_calibrations_newest", "judge_calibrations", ["project_id", "judge", "created_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("judge_calibrations")
    for column in ("judgings", "spent", "cause"):
        op.drop_column("scores", column)
