"""Reads an agent's results as columns, streaming, so that a million rows need no million objects at once."""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, get_args

import asyncpg
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from core.columns import Columns, EvaluatorColumn
from core.outcomes import Cause
from core.verdicts import Spent, UnscoredCause

CAUSES: tuple[Cause, ...] = get_args(Cause)
NUMBERS = ("case_index", "trial", "latency_s", "queue_s", "input_tokens", "output_tokens", "cost_usd", "calls")
BLOCK = 20_000
"""Questions that come as one row of arrays: decoding a row for each takes ten times as long."""
RESULTS = f"""
select {", ".join(f"array_agg({name}) as {name}" for name in (*NUMBERS, "category", "cluster", "cause"))} from results
where run_no = $1 and agent_no = $2 group by trial, case_index / {BLOCK}
"""
SCORES = f"""
select array_agg(trial) as trial, array_agg(case_index) as case_index, array_agg(value) as value from scores
where run_no = $1 and agent_no = $2 and evaluator = $3 and version = $4 and value is not null
group by trial, case_index / {BLOCK}
"""
"""Joined to the results by us: PostgreSQL knows nothing yet of rows written seconds ago, and plans accordingly."""
UNSCORED = """
select cause, count(*) as answers from scores
where run_no = $1 and agent_no = $2 and evaluator = $3 and version = $4 and value is null group by cause
"""
SPENT = """
select sum((spent->>'calls')::bigint)::bigint as calls,
  sum((spent->>'input_tokens')::bigint)::bigint as input_tokens,
  sum((spent->>'output_tokens')::bigint)::bigint as output_tokens,
  sum((spent->>'cost_usd')::float8) as cost_usd
from scores
where run_no = $1 and agent_no = $2 and evaluator = $3 and version = $4 and spent is not null
"""
NAN = float("nan")
EMPTY = np.empty(0)


async def read_columns(
    engine: AsyncEngine, run_no: int, agent_no: int, evaluators: Sequence[tuple[str, str]]
) -> Columns:
    """The settled questions of one agent with the verdicts of these (label, version) evaluators."""
    async with raw_connection(engine) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        numbers: dict[str, list[NDArray[np.float64]]] = {name: [EMPTY] for name in NUMBERS}
        category, cluster, cause = array("i"), array("q"), array("b")
        categories: dict[str | None, int] = {None: -1}
        clusters: dict[str | None, int] = {None: -1}
        async for block in connection.cursor(RESULTS, run_no, agent_no, prefetch=1):
            for name in NUMBERS:
                numbers[name].append(np.array(block[name], dtype=np.float64))
            category.extend([categories.setdefault(name, len(categories) - 1) for name in block["category"]])
            cluster.extend([clusters.setdefault(name, len(clusters) - 1) for name in block["cluster"]])
            cause.extend([-1 if why is None else CAUSES.index(why) for why in block["cause"]])
        scores = [await _scores(connection, run_no, agent_no, label, version) for label, version in evaluators]
        notes = [await _notes(connection, run_no, agent_no, label, version) for label, version in evaluators]
    numbered = _question_numbers(np.concatenate(numbers["trial"]), np.concatenate(numbers["case_index"]))
    order = np.argsort(numbered, kind="stable")
    questions = numbered[order]
    # Each block is let go of as soon as its column is there: a million rows are held once, not three times.
    column = {name: np.concatenate(numbers.pop(name))[order] for name in NUMBERS}
    return Columns(
        case_index=column["case_index"].astype(np.int32),
        trial=column["trial"].astype(np.int32),
        category=np.frombuffer(category, dtype=np.int32)[order],
        categories=tuple(name for name in categories if name is not None),
        cause=np.frombuffer(cause, dtype=np.int8)[order],
        causes=CAUSES,
        latency_s=column["latency_s"],
        queue_s=column["queue_s"],
        input_tokens=column["input_tokens"],
        output_tokens=column["output_tokens"],
        cost_usd=column["cost_usd"],
        calls=column["calls"].astype(np.int32),
        evaluators=tuple(
            replace(_aligned(label, version, questions, *found), unscored_causes=noted.causes, spent=noted.spent)
            for (label, version), found, noted in zip(evaluators, scores, notes, strict=True)
        ),
        cluster=np.frombuffer(cluster, dtype=np.int64)[order] if len(clusters) > 1 else None,
    )


class _Notes(NamedTuple):
    causes: dict[UnscoredCause, int]
    spent: Spent | None


async def _notes(
    connection: "asyncpg.Connection[asyncpg.Record]", run_no: int, agent_no: int, label: str, version: str
) -> _Notes:
    unscored = await connection.fetch(UNSCORED, run_no, agent_no, label, version)
    spent = await connection.fetchrow(SPENT, run_no, agent_no, label, version)
    return _Notes(
        # Rows from before causes were recorded lacked something to judge by, as a rule.
        {row["cause"] or "case": row["answers"] for row in unscored},
        None if spent is None or spent["calls"] is None else Spent.model_validate(dict(spent)),
    )


async def _scores(
    connection: "asyncpg.Connection[asyncpg.Record]", run_no: int, agent_no: int, label: str, version: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The scored questions' numbers and their scores, in the order they come."""
    trials, cases, values = [EMPTY], [EMPTY], [EMPTY]
    async for block in connection.cursor(SCORES, run_no, agent_no, label, version, prefetch=1):
        trials.append(np.array(block["trial"], dtype=np.float64))
        cases.append(np.array(block["case_index"], dtype=np.float64))
        values.append(np.array(block["value"], dtype=np.float64))
    return _question_numbers(np.concatenate(trials), np.concatenate(cases)), np.concatenate(values)


def _question_numbers(trials: NDArray[np.float64], cases: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number for each (trial, case), in their order; exact, for both are far below 2**26."""
    return trials * 2**26 + cases


def _aligned(
    label: str,
    version: str,
    questions: NDArray[np.float64],
    scored_questions: NDArray[np.float64],
    scores: NDArray[np.float64],
) -> EvaluatorColumn:
    """The scores in the order of `questions`, which ascend; nan where there is none."""
    values = np.full(len(questions), NAN)
    places = np.searchsorted(questions, scored_questions)
    # A score whose question is not among them was written after they were read.
    known = (places < len(questions)) & (questions[np.minimum(places, len(questions) - 1)] == scored_questions)
    values[places[known]] = scores[known]
    return EvaluatorColumn(label=label, version=version, values=values, scored=~np.isnan(values))
