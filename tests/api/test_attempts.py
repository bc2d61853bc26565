"""The calls of a run over REST: all of them, those that were lost and late included, and what they add up to."""

import httpx2
import pytest

from adapters.database.engine import open_engine
from adapters.database.ledger import open_ledger
from adapters.database.runs import RunRepository
from core.benchmarks import BenchmarkDefinition
from core.ids import DEFAULT_PROJECT, new_id
from core.outcomes import ItemKey
from core.settings import Settings
from core.work import Share
from tests.adapters.database.items import claimed, item, settle
from tests.api.bodies import definition
from tests.api.conftest import problem


@pytest.fixture
async def run_id(settings: Settings) -> str:
    """A run whose first call was lost, sent again, answered, and answered late; and whose second went well."""
    config = BenchmarkDefinition.model_validate(definition())
    async with open_engine(settings.database_url) as engine, open_ledger(engine, "living") as living:
        runs = RunRepository(engine)
        run = await runs.create(new_id("run"), config, project_id=DEFAULT_PROJECT)
        share = Share(run_id=run.run_id, run_no=await runs.number(run.run_id), agent_no=0, case_count=10)
        async with open_ledger(engine, "mortal") as mortal:
            fence = await claimed(mortal, share, ItemKey(0, 0))
        await settle(living, share, item(0))
        assert not await living.settle(share, fence, item(0))
        await settle(living, share, item(1))
    return run.run_id


async def test_every_call_is_listed_with_how_it_ended(api: httpx2.AsyncClient, run_id: str) -> None:
    first = (await api.get(f"/v1/runs/{run_id}/attempts", params={"limit": 2})).json()
    rest = (await api.get(f"/v1/runs/{run_id}/attempts", params={"cursor": first["next_cursor"]})).json()
    found = [*first["items"], *rest["items"]]
    assert [(each["item_id"], each["number"], each["status"]) for each in found] == [
        ("0-0-0", 1, "late"),
        ("0-0-0", 2, "answered"),
        ("0-1-0", 1, "answered"),
    ]
    assert found[0]["owner"].startswith("mortal#")
    assert (found[0]["detail"], found[0]["input_tokens"], found[0]["output_tokens"]) == ("4", 3, 1)
    assert rest["next_cursor"] is None


async def test_calls_are_filtered(api: httpx2.AsyncClient, run_id: str) -> None:
    agent = definition()["agents"][0]["name"]
    for wanted, count in (({"status": "late"}, 1), ({"case": 1}, 1), ({"agent": agent}, 3), ({"status": "open"}, 0)):
        items = (await api.get(f"/v1/runs/{run_id}/attempts", params=wanted)).json()["items"]
        assert len(items) == count, wanted
    problem(await api.get(f"/v1/runs/{run_id}/attempts", params={"agent": "nobody"}), 422, "invalid-request")
    problem(await api.get(f"/v1/runs/{run_id}/attempts", params={"status": "asleep"}), 422, "invalid-request")
    problem(await api.get(f"/v1/runs/{new_id('run')}/attempts"), 404, "not-found")


async def test_the_run_tells_what_faults_cost(api: httpx2.AsyncClient, run_id: str) -> None:
    run = (await api.get(f"/v1/runs/{run_id}")).json()
    told = {
        "unknown_calls": 1,
        "resent_calls": 1,
        "recovered_cases": 1,
        "late_answers": 1,
        "wasted_tokens": 4,
        "wasted_usd": 0.0,
    }
    assert run["ledger"] == told
    assert run["agents"][0]["ledger"] == told
