"""Budgets in PostgreSQL: the limits of runs and projects, and what agents and judging cost them."""

from collections.abc import Sequence
from typing import Literal

import asyncpg
import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import patiently, raw_connection
from adapters.database.engine import sessions
from adapters.database.revisions import Expected, expect
from adapters.database.tables import ProjectBudgetRow
from core.budgets import Account, Budget, Spent
from core.errors import NotFound
from core.work import Share

SUMS = """coalesce(sum(spent_usd), 0)::float8 as usd,
  coalesce(sum(spent_tokens), 0)::bigint as tokens, coalesce(sum(spent_calls), 0)::bigint as calls,
  coalesce(sum(unpriced), 0)::bigint as unpriced, coalesce(sum(judging_usd), 0)::float8 as judging_usd,
  coalesce(sum(judging_tokens), 0)::bigint as judging_tokens, coalesce(sum(judging_calls), 0)::bigint as judging_calls,
  coalesce(sum(judging_unpriced), 0)::bigint as judging_unpriced"""
OF_RUN = f"""
select runs.project_id, (runs.config -> 'budget')::text as budget, {SUMS}
from runs join run_agents using (run_no) where run_id = $1
group by runs.run_id
"""
OF_PROJECT = f"""
select project_budgets.budget::text as budget, project_budgets.revision, {SUMS}
from project_budgets left join runs using (project_id) left join run_agents using (run_no)
where project_id = $1
group by project_budgets.project_id
"""
CHARGE = """
update run_agents set judging_usd = judging_usd + $3, judging_tokens = judging_tokens + $4,
  judging_calls = judging_calls + $5, judging_unpriced = judging_unpriced + $6
where run_no = $1 and agent_no = $2
"""


class BudgetRepository:
    """Implements `core.ports.Budgets`, and keeps the budgets of projects."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sessions = sessions(engine)

    async def accounts(self, run_id: str) -> tuple[Account, ...]:
        """Its own and its project's, if they have budgets. Waits for the database. Raises NotFound."""
        found = await self._fetch(OF_RUN, run_id)
        if not found:
            raise NotFound(f"There is no run {run_id!r}.")
        both = (_account("run", found[0]), await self.of_project(found[0]["project_id"]))
        return tuple(account for account in both if account is not None)

    async def spent(self, run_id: str) -> Spent:
        """On agents and on judging, whether or not anything limits it. Raises NotFound."""
        found = await self._fetch(OF_RUN, run_id)
        if not found:
            raise NotFound(f"There is no run {run_id!r}.")
        agents, judging = _spent(found[0])
        return agents.plus(judging)

    async def charge(self, share: Share, spent: Spent) -> None:
        await self._fetch(CHARGE, share.run_no, share.agent_no, spent.usd, spent.tokens, spent.calls, spent.unpriced)

    async def of_project(self, project_id: str) -> Account | None:
        """The project's budget and what its runs have spent; None when it has none."""
        found = await self._fetch(OF_PROJECT, project_id)
        return _account("project", found[0], found[0]["revision"]) if found else None

    async def limit_project(self, project_id: str, budget: Budget | None, *, expected: Expected | None = None) -> None:
        """Sets the project's budget, or takes it away. Raises StaleRevision unless it is at the expected revision."""
        known = select(ProjectBudgetRow.revision).where(ProjectBudgetRow.project_id == project_id)
        async with self._sessions.begin() as session:
            revision = await expect(session, known, expected)
            if budget is not None:
                content = {"budget": budget.model_dump(mode="json"), "revision": revision}
                row = insert(ProjectBudgetRow).values(project_id=project_id, **content)
                await session.execute(row.on_conflict_do_update(index_elements=["project_id"], set_=content))
            elif (kept := await session.get(ProjectBudgetRow, project_id)) is not None:
                await session.delete(kept)

    async def _fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        async def once() -> Sequence[asyncpg.Record]:
            async with raw_connection(self._engine) as connection:
                return await connection.fetch(sql, *arguments)

        return await patiently(once)


def _account(whose: Literal["run", "project"], row: asyncpg.Record, revision: int | None = None) -> Account | None:
    budget = None if row["budget"] is None else orjson.loads(row["budget"])
    if budget is None:
        return None
    agents, judging = _spent(row)
    known = Budget.model_validate(budget)
    return Account(whose=whose, budget=known, spent=agents.plus(judging), judging=judging, revision=revision)


def _spent(row: asyncpg.Record) -> tuple[Spent, Spent]:
    """On agents, and on whom evaluators asked."""
    agents = Spent(**{name: row[name] for name in Spent.model_fields})
    return agents, Spent(**{name: row[f"judging_{name}"] for name in Spent.model_fields})
