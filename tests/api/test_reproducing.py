"""Doing a run again: the same cases and settings, whatever has become of their names since."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import open_engine
from adapters.database.manifests import ManifestRepository
from adapters.database.runs import RunRepository
from core.benchmarks import Evaluation
from core.settings import Settings
from evaluators.registry import version_of
from tests.api.bodies import definition
from tests.api.conftest import problem
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

EXACT = version_of(Evaluation(kind="exact"))


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    async with open_engine(settings.database_url) as engine:
        yield engine


async def test_a_run_done_again_asks_the_very_cases_though_their_source_is_gone(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    gone = {"dataset": {"source": {"kind": "uploaded", "name": "gone", "version": 3}}}
    origin = await record(engine, Recorded({"small": shares(5, 10)}, case_set="kept", changes=gone))
    await ManifestRepository(engine).keep(await RunRepository(engine).get(origin), [("exact", EXACT)])
    answer = await api.post(f"/v1/runs/{origin}/reproduce", headers={"Idempotency-Key": "once"})
    assert answer.status_code == 202, answer.text
    again = answer.json()
    assert answer.headers["Location"] == f"/v1/runs/{again['run_id']}"
    assert (again["reproduces"], again["case_set"], again["forked_from"]) == (origin, "kept", None)
    assert again["config"] == (await api.get(f"/v1/runs/{origin}")).json()["config"]
    twice = await api.post(f"/v1/runs/{origin}/reproduce", headers={"Idempotency-Key": "once"})
    assert twice.json()["run_id"] == again["run_id"]
    (entry,) = [e for e in (await api.get("/v1/audit-events")).json()["items"] if e["action"] == "run.reproduce"]
    assert (entry["subject"], entry["data"]) == (again["run_id"], {"origin": origin})


async def test_a_run_whose_evaluator_judges_otherwise_by_now_is_done_again_only_if_that_is_allowed(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    origin = await record(engine, Recorded({"small": shares(5, 10)}))
    await ManifestRepository(engine).keep(await RunRepository(engine).get(origin), [("exact", "0")])
    refused = problem(await api.post(f"/v1/runs/{origin}/reproduce"), 409, "conflict")
    assert f"'exact' judged in version 0, and here it is {EXACT}" in refused["detail"]
    allowed = await api.post(f"/v1/runs/{origin}/reproduce", json={"allow": ["evaluator"]})
    assert allowed.status_code == 202, allowed.text


async def test_an_accepted_run_names_the_version_of_its_dataset_that_was_the_newest(api: httpx2.AsyncClient) -> None:
    body = definition(dataset={"source": {"kind": "uploaded", "name": "sums"}})
    versions: list[int] = []
    for number in (1, 2):
        rows = f'{{"input": "{number}", "expected": "{number}"}}'
        stored = await api.post("/v1/datasets", files={"file": ("sums.jsonl", rows)})
        assert stored.status_code == 201, stored.text
        run = (await api.post("/v1/runs", json=body)).json()
        versions.append(run["config"]["dataset"]["source"]["version"])
    assert versions == [1, 2]


async def test_runs_are_listed_by_the_schedule_that_started_them(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    by_hand = await record(engine, Recorded({"small": shares(5, 10)}))
    nightly = await record(engine, Recorded({"small": shares(5, 10)}, schedule_id="sched_nightly"))
    for schedule, expected in (("sched_nightly", [nightly]), ("none", [by_hand]), ("sched_other", [])):
        items = (await api.get("/v1/runs", params={"schedule": schedule})).json()["items"]
        assert [each["run_id"] for each in items] == expected
    assert (await api.get(f"/v1/runs/{nightly}")).json()["schedule_id"] == "sched_nightly"
