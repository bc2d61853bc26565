"""Where runs come from: the schedule that started one, or the run that it does again. Deleted schedules are kept for
their runs, manifests are kept from being changed, and progress is told at most so often.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("runs", sa.Column("reproduces", sa.String(), nullable=True))
    op.add_column("runs", sa.Column("schedule_id", sa.String(), nullable=True))
    op.execute(
        "update runs set schedule_id = schedule_ticks.schedule_id from schedule_ticks "
        "where schedule_ticks.run_id = runs.run_id"
    )
    op.create_index(
        "runs_of_schedule",
        "runs",
        ["schedule_id", "completed_at"],
        postgresql_where=sa.text("schedule_id is not null"),
    )
    op.add_column("schedules", sa.Column("deleted_at", MOMENT, nullable=True))
    op.drop_constraint("schedules_project_id_name_key", "schedules")
    op.create_index(
        "schedules_by_name",
        "schedules",
        ["project_id", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.add_column("run_watch", sa.Column("told_at", MOMENT, nullable=True))
    op.add_column("run_manifests", sa.Column("seal", postgresql.BYTEA(), nullable=True))
    op.execute("update run_manifests set seal = sha256(convert_to(content::text, 'UTF8'))")
    op.alter_column("run_manifests", "seal", nullable=False)
    op.execute("""
        create function refuse_change() returns trigger language plpgsql as $$
        begin
          raise exception 'What a run was made of is written once and never changed.';
        end $$
    """)
    op.execute(
        "create trigger run_manifests_stay before update on run_manifests for each row execute function refuse_change()"
    )
