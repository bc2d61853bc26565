"""Which models a run's judges were served by, as the ballots beside their verdicts tell."""

import json

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

ALONE = "$.ballots[*].model"
INSIDE = "$.**.members.keyvalue() ? (@.key == $judge).value.details.ballots[*].model"
"""Of a judge inside a composite, however deep."""
QUERY = text("""
select distinct jsonb_path_query(details, cast(:path as jsonpath), cast(:names as jsonb)) #>> '{}' as model
from scores join runs using (run_no)
where run_id = :run and evaluator = :evaluator and version = :version and details is not null
""")


async def judge_models(engine: AsyncEngine, run_id: str, evaluator: tuple[str, str], judge: str) -> frozenset[str]:
    """By the providers' own names, of the judge with this label, which is the (label, version) evaluator or inside it;
    empty where no provider said."""
    label, version = evaluator
    where = {
        "run": run_id,
        "evaluator": label,
        "version": version,
        "path": ALONE if judge == label else INSIDE,
        "names": json.dumps({"judge": judge}),
    }
    async with engine.connect() as connection:
        found = await connection.scalars(QUERY, where)
        return frozenset(model for model in found if model is not None)
