"""What a run was made of stays as it was written, and whoever changes it all the same is found out."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.manifests import ManifestRepository
from adapters.database.runs import RunRepository
from core.errors import Conflict
from core.ids import DEFAULT_PROJECT
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

TAMPER = text("""
update run_manifests set content = jsonb_set(content, '{agents,small,served}', '[{"model": "large", "answers": 1}]')
""")


async def test_a_manifest_is_never_changed(engine: AsyncEngine) -> None:
    runs, manifests = RunRepository(engine), ManifestRepository(engine)
    run_id = await record(engine, Recorded({"small": shares(5, 10)}))
    await manifests.keep(await runs.get(run_id), [("exact", "1")])
    kept = await manifests.get(DEFAULT_PROJECT, run_id)
    await manifests.keep(await runs.get(run_id), [("exact", "2")])
    assert await manifests.get(DEFAULT_PROJECT, run_id) == kept
    with pytest.raises(DBAPIError, match="written once and never changed"):
        async with engine.begin() as connection:
            await connection.execute(TAMPER)
    assert await manifests.get(DEFAULT_PROJECT, run_id) == kept


async def test_a_manifest_that_somebody_changed_all_the_same_is_told(engine: AsyncEngine) -> None:
    runs, manifests = RunRepository(engine), ManifestRepository(engine)
    run_id, other = [await record(engine, Recorded({"small": shares(5, 10)})) for _ in range(2)]
    for each in (run_id, other):
        await manifests.keep(await runs.get(each), [("exact", "1")])
    async with engine.begin() as connection:
        await connection.execute(text("alter table run_manifests disable trigger run_manifests_stay"))
        await connection.execute(TAMPER)
    with pytest.raises(Conflict, match="was changed in the database after it was kept"):
        await manifests.get(DEFAULT_PROJECT, run_id)
    with pytest.raises(Conflict, match="was changed"):
        await manifests.differences(DEFAULT_PROJECT, run_id, other)
