"""Who stands on a leaderboard: the newest completed part of every agent, as it was set, over the same cases."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.leaderboards import CaseSetRuns

CASE_SETS = text("""
select case_set, case_count as cases, count(*) as runs from runs
where project_id = :project and name = :benchmark and status = 'completed' and case_set is not null
group by case_set, case_count order by max(created_at) desc, case_set
""")
ENTRANTS = text("""
select run_id, agent_no from (
  select distinct on (name, agent, prompt) run_id, agent_no, created_at from (
    select run_id, agent_no, created_at, entrant.name, (spec -> 'agent') - 'credential' as agent,
      case when jsonb_typeof(spec -> 'prompt') = 'object' then spec -> 'prompt' else config -> 'prompt' end as prompt
    from runs
      join run_agents as entrant using (run_no)
      cross join lateral (select config -> 'agents' -> agent_no as spec) as named
    where project_id = :project and runs.name = :benchmark and runs.status = 'completed' and case_set = :case_set
  ) as asked order by name, agent, prompt, created_at desc, run_id desc
) as newest order by created_at desc, run_id desc, agent_no limit :limit
""")
"""An agent is who answers and how it is asked; which key pays for it, and how fast it is asked, changes no answer."""
VERSIONS = text("""
select name, digest, max(version) as version from agent_versions
where project_id = :project and name = any(:names) group by name, digest
""")


class Entrant(NamedTuple):
    run_id: str
    agent_no: int


async def case_sets(engine: AsyncEngine, project_id: str, benchmark: str) -> list[CaseSetRuns]:
    """What completed runs of the benchmark asked, those of the newest run first."""
    async with engine.connect() as connection:
        found = await connection.execute(CASE_SETS, {"project": project_id, "benchmark": benchmark})
        return [CaseSetRuns.model_validate(row) for row in found.mappings()]


async def entrants(engine: AsyncEngine, project_id: str, benchmark: str, case_set: str, *, limit: int) -> list[Entrant]:
    """The newest first."""
    where = {"project": project_id, "benchmark": benchmark, "case_set": case_set, "limit": limit}
    async with engine.connect() as connection:
        return [Entrant(*row) for row in await connection.execute(ENTRANTS, where)]


async def stored_versions(engine: AsyncEngine, project_id: str, names: Sequence[str]) -> dict[tuple[str, str], int]:
    """The newest version of the stored agents of these names, by name and digest."""
    async with engine.connect() as connection:
        found = await connection.execute(VERSIONS, {"project": project_id, "names": list(names)})
        return {(row.name, row.digest): row.version for row in found}
