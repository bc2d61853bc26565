"""Reads the answers to cases that were asked several times."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection

TEXTS = """
select case_index, array_agg(text order by trial) as texts from results
where run_no = $1 and agent_no = $2 and case_index = any($3::int[]) and status = 'answered' and text is not null
group by case_index
"""


class StoredRepetitions:
    """Implements `core.repetitions.RepeatedAnswers`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def texts(self, run_no: int, agent_no: int, cases: Sequence[int]) -> Mapping[int, Sequence[str]]:
        async with raw_connection(self._engine) as connection:
            rows = await connection.fetch(TEXTS, run_no, agent_no, list(cases))
        return {row["case_index"]: row["texts"] for row in rows}
