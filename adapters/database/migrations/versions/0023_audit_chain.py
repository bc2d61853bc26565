"""The audit log is only ever added to: a row holds the hash of the row before it, and none is changed or removed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"

HASH = """
create function audit_hash(event audit_events) returns bytea language sql stable as $$
  select sha256(convert_to(string_agg(octet_length(part) || ':' || part || ',', '' order by place), 'UTF8'))
  from unnest(array[
    event.project_id, event.link_no::text, encode(event.previous_hash, 'hex'), event.audit_no::text, event.principal,
    event.action, event.subject, event.data::text,
    to_char(event.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ]) with ordinality as each (part, place)
$$
"""
"""Of netstrings, so that nothing can move from one column into the next unseen."""
LINK = """
create function link_audit_event() returns trigger language plpgsql as $$
declare
  head audit_heads;
  event audit_events;
begin
  -- Transactions that tell events as well take both locks at their end: these come in one order, whichever of the two
  -- was written first.
  insert into event_positions (project_id, last) values (new.project_id, 0) on conflict do nothing;
  perform from event_positions where project_id = new.project_id for update;
  insert into audit_heads (project_id, link_no, hash) values (new.project_id, 0, '') on conflict do nothing;
  select * into head from audit_heads where project_id = new.project_id for update;
  event := new;
  event.link_no := head.link_no + 1;
  event.previous_hash := head.hash;
  event.hash := audit_hash(event);
  update audit_events set link_no = event.link_no, previous_hash = event.previous_hash, hash = event.hash
  where audit_no = new.audit_no;
  update audit_heads set link_no = event.link_no, hash = event.hash where project_id = new.project_id;
  return null;
end
$$
"""
AT_THE_END = """
create constraint trigger audit_events_linked after insert on audit_events
deferrable initially deferred for each row execute function link_audit_event()
"""
STAY = """
create function keep_audit_event() returns trigger language plpgsql as $$
begin
  -- Its place in the chain is all that a row gets later, once, from the trigger above.
  if tg_op = 'UPDATE' and old.link_no is null and new.link_no is not null then
    if (old.audit_no, old.project_id, old.principal, old.action, old.subject, old.data, old.created_at)
      is not distinct from
      (new.audit_no, new.project_id, new.principal, new.action, new.subject, new.data, new.created_at)
    then
      return new;
    end if;
  end if;
  raise exception 'The audit log is only ever added to: its rows are neither changed nor removed.';
end
$$
"""
EACH_STAYS = """
create trigger audit_events_stay before update or delete on audit_events
for each row execute function keep_audit_event()
"""
ALL_STAY = """
create trigger audit_events_all_stay before truncate on audit_events
for each statement execute function keep_audit_event()
"""
FORMER = """
do $$
declare
  event audit_events;
  head audit_heads;
begin
  for event in select * from audit_events order by project_id, audit_no loop
    if head.project_id is distinct from event.project_id then
      head := row(event.project_id, 0, ''::bytea);
    end if;
    event.link_no := head.link_no + 1;
    event.previous_hash := head.hash;
    event.hash := audit_hash(event);
    head.link_no := event.link_no;
    head.hash := event.hash;
    update audit_events set link_no = event.link_no, previous_hash = event.previous_hash, hash = event.hash
    where audit_no = event.audit_no;
  end loop;
  insert into audit_heads
  select distinct on (project_id) project_id, link_no, hash from audit_events order by project_id, link_no desc;
end
$$
"""
"""What was recorded before is linked in the order of its numbers."""


def upgrade() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("link_no", sa.BigInteger(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
        # Updated with every event: in place, without touching the index.
        postgresql_with={"fillfactor": "50"},
    )
    for column in (
        sa.Column("link_no", sa.BigInteger(), nullable=True),
        sa.Column("previous_hash", postgresql.BYTEA(), nullable=True),
        sa.Column("hash", postgresql.BYTEA(), nullable=True),
    ):
        op.add_column("audit_events", column)
    op.execute(HASH)
    op.execute(FORMER)
    op.create_index("audit_events_in_order", "audit_events", ["project_id", "link_no"], unique=True)
    for statement in (LINK, AT_THE_END, STAY, EACH_STAYS, ALL_STAY):
        op.execute(statement)
