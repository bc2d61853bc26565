"""Events get positions without gaps, in the order in which they became visible."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBERING = """
create function number_event() returns trigger language plpgsql as $$
declare
  next_position bigint;
begin
  -- The row of the project stays locked until this transaction has ended: the next number is given after that.
  insert into event_positions as known (project_id, last) values (new.project_id, 1)
  on conflict (project_id) do update set last = known.last + 1
  returning last into next_position;
  update run_events set position = next_position where event_no = new.event_no;
  perform pg_notify('run_events', new.project_id);
  return null;
end
$$
"""
AT_THE_END = """
create constraint trigger run_events_numbered after insert on run_events
deferrable initially deferred for each row execute function number_event()
"""
FORMER = """
update run_events set position = numbered.position, subject = run_id, source = '/v1/runs/' || run_id
from (
  select event_no, row_number() over (partition by project_id order by event_no) as position from run_events
) as numbered
where numbered.event_no = run_events.event_no
"""
COUNTED = """
insert into event_positions (project_id, last) select project_id, max(position) from run_events group by project_id
"""


def upgrade() -> None:
    op.create_table(
        "event_positions",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
        # Updated with every event: in place, without touching the index.
        postgresql_with={"fillfactor": "50"},
    )
    op.add_column("run_events", sa.Column("position", sa.BigInteger(), nullable=True))
    op.add_column("run_events", sa.Column("subject", sa.String(), nullable=True))
    op.add_column("run_events", sa.Column("source", sa.String(), nullable=True))
    op.execute(FORMER)
    op.execute(COUNTED)
    op.alter_column("run_events", "subject", nullable=False)
    op.alter_column("run_events", "source", nullable=False)
    op.alter_column("run_events", "run_id", nullable=True)
    op.drop_index("run_events_of_run", "run_events")
    op.create_index("run_events_of_run", "run_events", ["run_id", "position"])
    op.create_index("run_events_in_order", "run_events", ["project_id", "position"], unique=True)
    op.execute(NUMBERING)
    op.execute(AT_THE_END)
