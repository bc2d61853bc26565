"""Forgetting old runs: what is recorded of them leaves the database. Their events stay, for those are counted without
gaps; so do cases in object storage, which other runs may share."""

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import sessions
from adapters.database.runs import locked
from adapters.database.tables import AttemptRow, ResultRow, RunRow, ScoreRow
from core.errors import Conflict
from core.runs import ENDED

LARGE: Final = (ScoreRow, AttemptRow, ResultRow)


class Retention:
    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = sessions(engine)

    async def ended_before(self, moment: datetime) -> list[str]:
        """Runs that ended before, of all projects, those that ended first first."""
        query = select(RunRow.run_id).where(RunRow.status.in_(ENDED), RunRow.completed_at < moment)
        async with self._sessions() as session:
            return list(await session.scalars(query.order_by(RunRow.completed_at)))

    async def forget(self, run_id: str) -> int:
        """Removes the run and returns how many rows of the large tables it had: all in one transaction, which nobody
        waits for but who changes this very run. Raises NotFound, and Conflict for a run that has not ended."""
        async with self._sessions.begin() as session:
            run = await locked(session, run_id)
            if run.status not in ENDED:
                raise Conflict(f"The run {run_id} is {run.status}; cancel it before it is forgotten.")
            removed = 0
            for table in LARGE:
                result = await session.execute(delete(table).where(table.run_no == run.run_no))
                removed += cast("CursorResult[Any]", result).rowcount
            for origin in ("forked_from", "reproduces"):
                await session.execute(update(RunRow).where(getattr(RunRow, origin) == run_id).values({origin: None}))
            await session.execute(delete(RunRow).where(RunRow.run_id == run_id))
        return removed
