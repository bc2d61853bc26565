"""What the agents of a run wait for, read from the ledger."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.calls import Waiting

NEWEST: Final = 6000
"""Questions looked at, from the last one on: a window of batches is smaller, and a long run must not cost more."""

WAITING: Final = text("""
with newest as (
  select distinct on (trial, case_index) status, detail, claimed_at, finished_at
  from attempts where run_no = :run_no and agent_no = :agent_no
  order by trial desc, case_index desc, number desc limit :newest
)
select
  count(*) filter (where status = 'open') as unanswered,
  greatest(extract(epoch from now() - min(claimed_at) filter (where status = 'open')), 0)::float8 as oldest_s,
  count(*) filter (where status = 'retried') as repeated,
  (array_agg(detail order by finished_at desc) filter (where status = 'retried'))[1] as last_error
from newest
""")


async def waiting(session: AsyncSession, run_no: int, agent_no: int, agent_id: str) -> Waiting:
    """By the newest call of each question."""
    values = {"run_no": run_no, "agent_no": agent_no, "newest": NEWEST}
    row = (await session.execute(WAITING, values)).one()
    oldest = row.oldest_s if row.unanswered else None
    return Waiting(
        agent_id=agent_id, unanswered=row.unanswered, oldest_s=oldest, repeated=row.repeated, last_error=row.last_error
    )
