"""Reads what evaluators counted of an agent's answers, streaming, so that a million scores cost no memory."""

from collections.abc import AsyncGenerator, Sequence

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, raw_connection
from core.errors import ServiceUnavailable
from core.verdicts import COUNTS, UnitCounts

BLOCK = 2_000
"""Scores that come at once."""
QUERY = f"""
select case_index, cluster, (details->'{COUNTS}')::text as counts
from scores join results using (run_no, agent_no, trial, case_index)
where run_no = $1 and agent_no = $2 and evaluator = $3 and version = $4 and value is not null
  and jsonb_typeof(details->'{COUNTS}') = 'object'
order by cluster, case_index, trial
"""
PLAN = "set local enable_nestloop = off"
"""PostgreSQL knows nothing yet of rows written seconds ago, and would look up each of them."""


async def read_counts(
    engine: AsyncEngine, run_no: int, agent_no: int, evaluator: tuple[str, str]
) -> AsyncGenerator[Sequence[UnitCounts]]:
    """In the order of the cases, or of the clusters they come in. Raises ServiceUnavailable."""
    try:
        async with (
            raw_connection(engine) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(PLAN)
            cursor = await connection.cursor(QUERY, run_no, agent_no, *evaluator)
            unit, last = -1, None
            while rows := await cursor.fetch(BLOCK):
                counted: list[UnitCounts] = []
                for row in rows:
                    own = row["cluster"] if row["cluster"] is not None else row["case_index"]
                    unit, last = (unit if own == last else unit + 1), own
                    counted.append(UnitCounts(unit, orjson.loads(row["counts"])))
                yield counted
    except LOST as error:
        raise ServiceUnavailable(f"PostgreSQL does not answer: {error}") from error
