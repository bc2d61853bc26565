"""Rows of runs and of their agents, read as the record that people see."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.tables import RunAgentRow, RunRow
from core.budgets import Spent
from core.metrics import AgentMetrics
from core.runs import Counts, LedgerTotals, Run, RunAgent

AGENTS = (
    select(RunAgentRow)
    .where(RunAgentRow.run_no == any_(bindparam("numbers", type_=ARRAY(BigInteger))))
    .order_by(RunAgentRow.agent_no)
)
"""The agents of some runs."""


async def read_runs(session: AsyncSession, query: Select[RunRow]) -> list[Run]:
    """In the order of the query."""
    rows = (await session.scalars(query)).all()
    agents: dict[int, list[RunAgentRow]] = {row.run_no: [] for row in rows}
    for agent in await session.scalars(AGENTS, {"numbers": list(agents)}):
        agents[agent.run_no].append(agent)
    return [_run(row, agents[row.run_no]) for row in rows]


async def read_run(session: AsyncSession, row: RunRow) -> Run:
    return _run(row, (await session.scalars(AGENTS, {"numbers": [row.run_no]})).all())


def _run(row: RunRow, agents: Sequence[RunAgentRow]) -> Run:
    return Run.model_validate(
        {name: getattr(row, name) for name in Run.model_fields if name not in ("agents", "live")}
        | {"agents": [_agent(agent) for agent in agents]}
    )


def _agent(row: RunAgentRow) -> RunAgent:
    return RunAgent.model_validate(
        {
            "agent_id": row.name,
            "status": row.status,
            "counts": Counts(total=row.total, answered=row.answered, failed=row.failed, evaluated=row.evaluated),
            "ledger": {name: getattr(row, name) for name in LedgerTotals.model_fields},
            "judging": {name: getattr(row, f"judging_{name}") for name in Spent.model_fields},
            "error": row.error,
            "decision": row.decision,
            "metrics": None if row.metrics is None else AgentMetrics.model_validate(row.metrics),
            "validity": row.validity,
            "coverage": row.coverage,
        }
    )
