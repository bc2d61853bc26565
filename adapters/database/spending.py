"""Sums over many runs: names that runs bear, and what runs of a period cost."""

from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.spending import DailySpending, RunsOfName, Spending

NAMES = text("""
select name, count(*) as runs, count(*) filter (where status = 'completed') as completed, max(created_at) as newest
from runs where project_id = :project group by name order by newest desc limit :limit
""")
BY_AGENT = text("""
select runs.name as benchmark, run_agents.name as agent_id, count(*) as runs, sum(spent_calls)::bigint as calls,
  sum(spent_tokens)::bigint as tokens, sum(spent_usd) as usd, sum(judging_usd) as judging_usd,
  sum(unpriced + judging_unpriced)::bigint as unpriced
from runs join run_agents using (run_no) where project_id = :project and created_at >= :since
group by runs.name, run_agents.name order by sum(spent_usd + judging_usd) desc, benchmark, agent_id limit :limit
""")
BY_DAY = text("""
select date_trunc('day', created_at at time zone 'UTC') at time zone 'UTC' as day,
  sum(spent_usd + judging_usd) as usd, count(distinct run_no) as runs
from runs join run_agents using (run_no) where project_id = :project and created_at >= :since
group by 1 order by 1
""")


class SpendingRecords:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def names(self, project_id: str, *, limit: int = 500) -> list[RunsOfName]:
        """Of all runs, the name with the newest run first."""
        return [RunsOfName.model_validate(row) for row in await self._rows(NAMES, project=project_id, limit=limit)]

    async def by_agent(self, project_id: str, *, since: datetime, limit: int = 200) -> list[Spending]:
        """The dearest first."""
        rows = await self._rows(BY_AGENT, project=project_id, since=since, limit=limit)
        return [Spending.model_validate(row) for row in rows]

    async def by_day(self, project_id: str, *, since: datetime) -> list[DailySpending]:
        """Days with runs, the first one first."""
        return [DailySpending.model_validate(row) for row in await self._rows(BY_DAY, project=project_id, since=since)]

    async def _rows(self, query: TextClause, **told: object) -> list[dict[str, object]]:
        async with self._engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query, told)).mappings()]
