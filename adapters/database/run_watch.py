"""The record as the watch over runs reads and writes it: what moved, what stands still, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.engine import Sessions
from adapters.database.outbox import tell
from adapters.database.runs import locked
from adapters.database.tables import RunRow
from core.events import EventType
from core.runs import ENDED
from core.stalls import Stall

OPEN: Final = "('queued', 'processing', 'paused')"
"""As the index of open runs has it."""
LOOK: Final = text(f"""
with seen as (
  select runs.run_id, runs.updated_at,
    concat_ws('|', runs.status, round, case_set, string_agg(
      concat_ws(',', run_agents.status, total, answered, failed, evaluated), ';' order by agent_no
    )) as mark
  from runs join run_agents using (run_no) where runs.status in {OPEN} group by runs.run_id
)
insert into run_watch (run_id, mark, moved_at)
select run_id, mark, updated_at from seen
where not exists (select from run_watch as known where known.run_id = seen.run_id and known.mark = seen.mark)
on conflict (run_id) do update set mark = excluded.mark, moved_at = clock_timestamp()
""")
"""A run that was not watched before moved when its record was written last, as far as anybody knows."""
FORGET: Final = text(f"""
delete from run_watch where run_id not in (select run_id from runs where status in {OPEN})
""")
FURTHER: Final = text(f"""
with done as (
  select runs.run_id, sum(total) as total, sum(answered) as answered, sum(failed) as failed,
    sum(evaluated) as evaluated,
    (100 * sum(answered + 2 * failed + evaluated) / nullif(2 * sum(total), 0))::int as percent
  from runs join run_agents using (run_no) where runs.status in {OPEN} group by runs.run_id
)
update run_watch set percent = done.percent, told_at = now() from done
where done.run_id = run_watch.run_id and done.percent > 0 and done.percent <> run_watch.percent
  and (told_at is null or told_at <= now() - interval '2 seconds')
returning run_watch.run_id, done.percent, done.total, done.answered, done.failed, done.evaluated
""")
"""Whoever watches, and however many take turns at it: of a run nobody is told more often than every two seconds."""
RECOVERED: Final = text("""
select run_id from runs join run_watch using (run_id)
where stalled is not null and moved_at > (stalled ->> 'since')::timestamptz
""")
QUIET: Final = text("""
select run_id, moved_at
from runs join run_watch using (run_id)
where status in ('queued', 'processing') and moved_at <= clock_timestamp() - make_interval(secs => :deadline_s)
order by moved_at
""")
WORKERS: Final = text("""
select owner, extract(epoch from clock_timestamp() - seen_at)::float8 as unseen_s,
  extract(epoch from seen_at - moved_at)::float8 as blocked_s
from workers where task_queue = :task_queue order by seen_at desc limit 1000
""")


class QuietRun(NamedTuple):
    run_id: str
    moved_at: datetime


class WorkerSeen(NamedTuple):
    """A worker process that did not take its leave."""

    owner: str
    unseen_s: float
    """Since it last said that it runs."""
    blocked_s: float
    """For how long its event loop had done nothing by then."""


class RunWatch:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def look(self, *, deadline_s: float) -> Sequence[QuietRun]:
        """Notes which open runs moved, tells of progress and of those that move again, and returns those that have
        not moved for so many seconds."""
        async with self._sessions.begin() as session:
            await session.execute(LOOK)
            await session.execute(FORGET)
            for row in (await session.execute(FURTHER)).mappings().all():
                await _tell_progress(session, dict(row))
            for run_id in (await session.scalars(RECOVERED)).all():
                row = await locked(session, run_id)
                if row.status not in ENDED:
                    row.stalled = None
                    tell(session, row, EventType.RUN_RECOVERED)
            found = await session.execute(QUIET, {"deadline_s": deadline_s})
            return [QuietRun(*row) for row in found]

    async def stall(self, run_id: str, stall: Stall) -> bool:
        """Writes down why the run does not move; whether that is news. Nothing is written of one that moved or ended
        meanwhile."""
        async with self._sessions.begin() as session:
            row = await locked(session, run_id)
            if row.status in (*ENDED, "paused"):
                return False
            return told_stall(session, row, stall)

    async def workers(self, task_queue: str) -> Sequence[WorkerSeen]:
        """Those that were seen last come first."""
        async with self._sessions() as session:
            return [WorkerSeen(*row) for row in await session.execute(WORKERS, {"task_queue": task_queue})]


def told_stall(session: AsyncSession, row: RunRow, stall: Stall) -> bool:
    """Names the stall on the run, and tells of it if its cause is another than before."""
    news = row.stalled is None or row.stalled["cause"] != stall.cause
    row.stalled = stall.model_dump(mode="json")
    if news:
        tell(session, row, EventType.RUN_STALLED, row.stalled)
    return news


async def _tell_progress(session: AsyncSession, done: dict[str, Any]) -> None:
    row = await locked(session, done["run_id"])
    if row.status in ENDED:
        return
    counts = {name: int(done[name]) for name in ("total", "answered", "failed", "evaluated")}
    tell(session, row, EventType.RUN_PROGRESS, {"progress": int(done["percent"]) / 100, "counts": counts})
