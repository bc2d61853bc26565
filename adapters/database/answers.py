"""Recorded answers, read to be shown beside others."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, raw_connection
from adapters.database.engine import sessions
from adapters.database.items import ItemRepository
from adapters.datasets.source import AnswersOf
from core.errors import NotFound, ServiceUnavailable

TEXTS = """
select trial, case_index, text from results
where run_no = $1 and agent_no = $2 and trial = any($3::int[]) and case_index = any($4::int[]) and status = 'answered'
"""


class RecordedAnswers:
    """Implements `adapters.datasets.source.StoredAnswers`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._items = ItemRepository(sessions(engine))

    async def given_by(self, project_id: str, run_id: str, agent_id: str) -> AnswersOf:
        key = await self._items.key(project_id, run_id)
        if key.case_set is None:
            raise NotFound(f"The run {run_id!r} has no answers: it was never prepared.")
        return AnswersOf(key.run_no, key.agent_no(agent_id), key.case_set)

    async def texts(self, of: AnswersOf, case_indexes: Sequence[int], *, trials: int) -> Mapping[tuple[int, int], str]:
        where = (of.run_no, of.agent_no, list(range(trials)), list(case_indexes))
        try:
            async with raw_connection(self._engine) as connection:
                rows = await connection.fetch(TEXTS, *where)
        except LOST as error:
            raise ServiceUnavailable(f"PostgreSQL does not answer: {error}") from error
        return {(row["trial"], row["case_index"]): row["text"] for row in rows}
