"""Reads an agent's scores by case: PostgreSQL adds up the trials, so that what travels is one row a case."""

from collections.abc import Sequence

import asyncpg
import numpy as np
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, raw_connection
from core.columns import CaseColumns, CaseScores
from core.errors import ServiceUnavailable
from core.outcomes import Cause

CASES = """
select distinct on (case_index) case_index, case_id, category, cluster from results
where run_no = $1 and agent_no = $2 order by case_index
"""
SCORES = """
select case_index, sum(value) as total, count(*) as trials from (
  select case_index, value from scores
  where run_no = $1 and agent_no = $2 and evaluator = $3 and version = $4 and value is not null
  union all
  select case_index, 0.0 from results
  where run_no = $1 and agent_no = $2 and status = 'failed' and cause = any($5::text[])
) as counted group by case_index
"""


async def read_case_columns(
    engine: AsyncEngine, run_no: int, agent_no: int, evaluators: Sequence[tuple[str, str]], *, wrong: Sequence[Cause]
) -> CaseColumns:
    """The agent's cases with a settled question, and their scores by these (label, version) evaluators; failures of the
    causes `wrong` count as scores of 0.

    Raises ServiceUnavailable.
    """
    try:
        async with (
            raw_connection(engine) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            cases = await connection.fetch(CASES, run_no, agent_no)
            found = [
                await connection.fetch(SCORES, run_no, agent_no, *evaluator, list(wrong)) for evaluator in evaluators
            ]
    except LOST as error:
        raise ServiceUnavailable(f"PostgreSQL does not answer: {error}") from error
    places = {row["case_index"]: place for place, row in enumerate(cases)}
    categories = sorted({row["category"] for row in cases if row["category"] is not None})
    numbers = {name: number for number, name in enumerate(categories)}
    clusters: dict[str | None, int] = {None: -1}
    cluster = [clusters.setdefault(row["cluster"], len(clusters) - 1) for row in cases]
    return CaseColumns(
        case_index=np.fromiter(places, dtype=np.int64, count=len(places)),
        case_id=tuple(row["case_id"] for row in cases),
        category=np.array([numbers.get(row["category"], -1) for row in cases], dtype=np.int64),
        categories=tuple(categories),
        evaluators=tuple(
            _placed(label, version, rows, places) for (label, version), rows in zip(evaluators, found, strict=True)
        ),
        cluster=np.array(cluster, dtype=np.int64) if len(clusters) > 1 else None,
    )


def _placed(label: str, version: str, rows: Sequence[asyncpg.Record], places: dict[int, int]) -> CaseScores:
    """The scores in the order of the cases."""
    at = np.array([places[row["case_index"]] for row in rows], dtype=np.int64)
    means, trials = np.full(len(places), np.nan), np.zeros(len(places), dtype=np.int64)
    counts = np.array([row["trials"] for row in rows], dtype=np.int64)
    means[at] = np.array([row["total"] for row in rows], dtype=np.float64) / counts
    trials[at] = counts
    return CaseScores(label=label, version=version, means=means, trials=trials)
