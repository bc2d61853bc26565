"""Comparisons over REST: made, kept, listed, and refused where they would mislead."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import open_engine
from api import examples
from core.settings import Settings
from tests.api.conftest import problem
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    async with open_engine(settings.database_url) as engine:
        yield engine


async def comparing(api: httpx2.AsyncClient, baseline: str, candidate: str, **more: Any) -> httpx2.Response:
    body = {"baseline": {"run_id": baseline}, "candidate": {"run_id": candidate}} | more
    return await api.post("/v1/comparisons", json=body)


async def test_an_improvement_is_found_kept_and_listed(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    before = await record(engine, Recorded({"small": shares(60, 120)}, categories=("even", "odd")))
    after = await record(engine, Recorded({"small": shares(90, 120)}, categories=("even", "odd")))
    answer = await comparing(api, before, after)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["finding"] == "improved"
    assert made["sentence"].startswith("Improved: 75.0% against 50.0% over 120 cases")
    assert made["mismatches"] == []
    assert [(each["category"], each["cases"]) for each in made["categories"]] == [("even", 60), ("odd", 60)]
    assert (await api.get(answer.headers["location"])).json() == made
    assert (await api.get("/v1/comparisons", params={"run_id": after})).json()["items"] == [made]
    assert (await api.get("/v1/comparisons", params={"run_id": "run_x"})).json()["items"] == []


async def test_flips_are_paged_and_lead_to_both_answers(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    before = await record(engine, Recorded({"small": [1.0, 1.0, 0.0, 0.0, 1.0]}))
    after = await record(engine, Recorded({"small": [0.0, 1.0, 1.0, 1.0, None]}))
    made = (await comparing(api, before, after)).json()
    first = (await api.get(made["links"]["flips"], params={"limit": 2})).json()
    rest = (await api.get(made["links"]["flips"], params={"limit": 2, "cursor": first["next_cursor"]})).json()
    flips = [*first["items"], *rest["items"]]
    assert [(flip["case_id"], flip["direction"]) for flip in flips] == [
        ("case-0", "worse"),
        ("case-2", "better"),
        ("case-3", "better"),
    ]
    [item] = (await api.get(flips[1]["candidate_items"])).json()["items"]
    assert (item["case_id"], item["scores"][0]["value"]) == ("case-2", 1.0)
    worse = (await api.get(made["links"]["flips"], params={"direction": "worse"})).json()["items"]
    assert [flip["case_id"] for flip in worse] == ["case-0"]
    assert [each["kind"] for each in made["mismatches"]] == ["coverage"]


async def test_two_agents_of_one_run_are_compared(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    run = await record(engine, Recorded({"small": shares(10, 60), "large": shares(50, 60)}))
    sides = {
        "baseline": {"run_id": run, "agent_id": "small"},
        "candidate": {"run_id": run, "agent_id": "large"},
    }
    assert (await api.post("/v1/comparisons", json=sides)).json()["finding"] == "improved"
    said = problem(await comparing(api, run, run), 422, "invalid-request")
    assert said["errors"][0]["pointer"] == "/baseline/agent_id"
    assert "its agents are large, small" in said["detail"]
    gone = {**sides, "candidate": {"run_id": run, "agent_id": "huge"}}
    said = problem(await api.post("/v1/comparisons", json=gone), 422, "invalid-request")
    assert said["errors"][0]["pointer"] == "/candidate/agent_id"


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"case_set": "other"}, "dataset", "different sets of cases"),
        ({"version": "2"}, "evaluators", "has versions 1 and 2"),
        ({"changes": {"evaluators": [{"kind": "exact", "ignore_case": False}]}}, "evaluators", "other settings"),
    ],
    ids=["dataset", "version", "settings"],
)
async def test_other_questions_or_another_yardstick_are_refused_unless_allowed(
    api: httpx2.AsyncClient, engine: AsyncEngine, change: dict[str, Any], kind: str, says: str
) -> None:
    before = await record(engine, Recorded({"small": shares(10, 20)}))
    after = await record(engine, Recorded({"small": shares(12, 20)}, **change))
    said = problem(await comparing(api, before, after), 422, "invalid-request")
    assert said["errors"][0]["pointer"] == "/allow"
    assert says in said["detail"]
    assert f'put "{kind}" into `allow`' in said["detail"]
    allowed = await comparing(api, before, after, allow=[kind])
    assert allowed.status_code == 201
    assert [each["kind"] for each in allowed.json()["mismatches"]] == [kind]
    assert allowed.json()["coverage"]["both"] == 20


async def test_another_prompt_and_other_trials_are_told_and_not_refused(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    before = await record(engine, Recorded({"small": shares(10, 20)}))
    changes = {"prompt": {"template": "Think first. {{ input }}"}}
    after = await record(engine, Recorded({"small": shares(20, 40)}, trials=2, changes=changes))
    answer = await comparing(api, before, after)
    assert answer.status_code == 201, answer.text
    assert [each["kind"] for each in answer.json()["mismatches"]] == ["prompt", "trials"]


async def test_a_run_without_figures_cannot_be_compared_yet(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    done = await record(engine, Recorded({"small": shares(10, 20)}))
    queued = (await api.post("/v1/runs", json=examples.INLINE)).json()["run_id"]
    said = problem(await comparing(api, done, queued), 409, "conflict")
    assert said["detail"] == "The candidate has no figures that stay: its run is queued."
    problem(await comparing(api, done, "run_x"), 404, "not-found")
    problem(await api.get("/v1/comparisons/cmp_x"), 404, "not-found")
    problem(await api.get("/v1/comparisons/cmp_x/flips"), 404, "not-found")


async def test_the_example_of_the_documentation_works(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    runs = [await record(engine, Recorded({"small-model": shares(n, 20)})) for n in (10, 12)]
    body = examples.COMPARISON | {
        side: {**examples.COMPARISON[side], "run_id": run}
        for side, run in zip(("baseline", "candidate"), runs, strict=True)
    }
    assert (await api.post("/v1/comparisons", json=body)).status_code == 201


async def test_fifty_thousand_cases_are_compared_within_seconds(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    random, n = np.random.default_rng(0), 50_000
    categories = [f"c{number}" for number in range(20)]
    runs = [
        await record(
            engine, Recorded({"small": (random.random(n) < share).astype(float).tolist()}, categories=categories)
        )
        for share in (0.6, 0.65)
    ]
    started = time.monotonic()
    answer = await comparing(api, *runs)
    took = time.monotonic() - started
    assert answer.json()["finding"] == "improved"
    assert answer.json()["coverage"]["both"] == n
    assert took < 20, f"{took:.1f} s"
