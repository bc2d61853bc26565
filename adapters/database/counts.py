"""Reads what evaluators counted of an agent's answers, streaming, so that a million scores cost no memory."""

from collections.abc import AsyncGenerator, Sequence

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, raw_connection
from core.errors import ServiceUnavailable
from core.verdicts import COUNTS, CaseCounts

BLOCK = 2_000
"""Scores that come at once."""
QUERY = f"""
select case_index, (details->'{COUNTS}')::text as counts from scores
where run_no = $1 and agent_no = $2 and evaluator = $3 and version = $4 and value is not null
  and jsonb_typeof(details->'{COUNTS}') = 'object'
order by case_index, trial
"""


async def read_counts(
    engine: AsyncEngine, run_no: int, agent_no: int, evaluator: tuple[str, str]
) -> AsyncGenerator[Sequence[CaseCounts]]:
    """In the order of the cases. Raises ServiceUnavailable."""
    try:
        async with (
            raw_connection(engine) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            cursor = await connection.cursor(QUERY, run_no, agent_no, *evaluator)
            while rows := await cursor.fetch(BLOCK):
                yield [CaseCounts(row["case_index"], orjson.loads(row["counts"])) for row in rows]
    except LOST as error:
        raise ServiceUnavailable(f"PostgreSQL does not answer: {error}") from error
