"""Reads an agent's results as columns, streaming, so that a million rows need no million objects at once."""

from array import array
from collections.abc import Sequence
from typing import get_args

import asyncpg
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from core.columns import Columns, EvaluatorColumn
from core.outcomes import Cause

CAUSES: tuple[Cause, ...] = get_args(Cause)
NUMBERS = ("case_index", "trial", "latency_s", "queue_s", "input_tokens", "output_tokens", "cost_usd", "calls")
RESULTS = f"""
select {", ".join(NUMBERS)}, category, cause from results
where run_no = $1 and agent_no = $2 order by trial, case_index
"""
SCORES = """
select value from results r left join scores s
  on s.run_no = $1 and s.agent_no = $2 and s.evaluator = $3 and s.version = $4
  and s.trial = r.trial and s.case_index = r.case_index
where r.run_no = $1 and r.agent_no = $2 order by r.trial, r.case_index
"""
NAN = float("nan")


async def read_columns(
    engine: AsyncEngine, run_no: int, agent_no: int, evaluators: Sequence[tuple[str, str]]
) -> Columns:
    """The settled questions of one agent with the verdicts of these (label, version) evaluators."""
    async with raw_connection(engine) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        numbers = {name: array("d") for name in NUMBERS}
        category, cause = array("i"), array("b")
        categories: dict[str, int] = {}
        async for row in connection.cursor(RESULTS, run_no, agent_no, prefetch=5000):
            for name in NUMBERS:
                numbers[name].append(_number(row[name]))
            category.append(-1 if row["category"] is None else categories.setdefault(row["category"], len(categories)))
            cause.append(-1 if row["cause"] is None else CAUSES.index(row["cause"]))
        verdicts = [await _verdicts(connection, run_no, agent_no, label, version) for label, version in evaluators]
    column = {name: np.frombuffer(values, dtype=np.float64) for name, values in numbers.items()}
    return Columns(
        case_index=column["case_index"].astype(np.int32),
        trial=column["trial"].astype(np.int32),
        category=np.frombuffer(category, dtype=np.int32),
        categories=tuple(categories),
        cause=np.frombuffer(cause, dtype=np.int8),
        causes=CAUSES,
        latency_s=column["latency_s"],
        queue_s=column["queue_s"],
        input_tokens=column["input_tokens"],
        output_tokens=column["output_tokens"],
        cost_usd=column["cost_usd"],
        calls=column["calls"].astype(np.int32),
        evaluators=tuple(verdicts),
    )


async def _verdicts(
    connection: "asyncpg.Connection[asyncpg.Record]", run_no: int, agent_no: int, label: str, version: str
) -> EvaluatorColumn:
    values = array("d")
    async for row in connection.cursor(SCORES, run_no, agent_no, label, version, prefetch=5000):
        values.append(_number(row["value"]))
    scores: NDArray[np.float64] = np.frombuffer(values, dtype=np.float64)
    return EvaluatorColumn(label=label, version=version, values=scores, scored=~np.isnan(scores))


def _number(value: float | int | None) -> float:
    return NAN if value is None else float(value)
