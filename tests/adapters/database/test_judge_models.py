"""Which models served a judge is read from the ballots beside its verdicts, wherever the judge stands."""

import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.judge_models import judge_models
from adapters.database.runs import RunRepository
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

LEAVE = "update scores set details = $2::jsonb where run_no = $1 and case_index = $3"


def ballots(*models: str | None) -> dict[str, Any]:
    return {"ballots": [{"judge": "large", "verdict": "correct", "model": model} for model in models]}


def inside(judge: str, details: dict[str, Any]) -> dict[str, Any]:
    return {"members": {"exact": {"status": "scored", "value": 0}, judge: {"status": "scored", "details": details}}}


async def served(engine: AsyncEngine, judge: str, *details: dict[str, Any]) -> frozenset[str]:
    """With these details beside the verdicts of an evaluator `judge`."""
    changes = {"evaluators": [{"kind": "exact", "name": "judge"}]}
    run_id = await record(engine, Recorded({"agent": shares(1, len(details) + 1)}, changes=changes))
    number = await RunRepository(engine).number(run_id)
    async with raw_connection(engine) as connection:
        for case, each in enumerate(details):
            await connection.execute(LEAVE, number, json.dumps(each), case)
    return await judge_models(engine, run_id, ("judge", "1"), judge)


async def test_every_model_that_served_is_named_once(engine: AsyncEngine) -> None:
    found = await served(engine, "judge", ballots("m-1", "m-2"), ballots("m-2", None), {}, {"ballots": []})
    assert found == {"m-1", "m-2"}


async def test_judges_inside_other_evaluators_are_told_apart(engine: AsyncEngine) -> None:
    details = [
        inside("strict", ballots("m-1")),
        inside("kind", ballots("m-2")),
        inside("deep", inside("strict", ballots("m-3"))),
    ]
    assert await served(engine, "strict", *details) == {"m-1", "m-3"}
    assert await served(engine, "kind", *details) == {"m-2"}


async def test_where_no_provider_said_nobody_is_named(engine: AsyncEngine) -> None:
    assert await served(engine, "judge", ballots(None)) == frozenset()
