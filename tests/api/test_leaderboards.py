"""Leaderboards over REST: agents by their newest comparable runs, ties told, and nobody left out in silence."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from core.settings import Settings
from tests.api.conftest import problem
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

COPIES = """
insert into runs (run_id, project_id, name, benchmark_type, status, config, case_count, case_set, created_at)
select run_id || n, project_id, name, benchmark_type, status, config, case_count, case_set,
  created_at + n * interval '1 s'
from runs, generate_series(1, 300) as n where case_set = 'new'
"""

DECIDED = "update run_agents set decision = 'It is better.', total = 120 where run_no = $1"


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    async with open_engine(settings.database_url) as engine:
        yield engine


async def board(api: httpx2.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await api.get("/v1/leaderboards", params={"benchmark": "sums", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def order(found: dict[str, Any]) -> list[tuple[str, int, int, int, list[str]]]:
    return [
        (row["agent_id"], row["rank"], row["rank_low"], row["rank_high"], row["tied_with"])
        for row in found["standings"]
    ]


async def test_agents_of_several_runs_are_ranked_with_their_ties(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    await record(engine, Recorded({"a": shares(180, 200), "b": shares(100, 200)}))
    await record(engine, Recorded({"c": shares(102, 200)}))
    found = await board(api)
    assert order(found) == [("a", 1, 1, 1, []), ("c", 2, 2, 3, ["b"]), ("b", 3, 2, 3, ["c"])]
    assert found["sentence"] == "a leads alone."
    assert found["standings"][0]["accuracy"]["value"] == 0.9
    assert (found["cases"], found["evaluator"], found["left_out"]) == (200, "exact", [])


async def test_questions_about_few_passages_leave_more_places_open(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    """One agent knows five of eight passages and the other four, with 25 questions about each."""
    known = {name: [float(case // 25 < count) for case in range(200)] for name, count in (("a", 5), ("b", 4))}
    await record(engine, Recorded(known))
    assert order(await board(api)) == [("a", 1, 1, 1, []), ("b", 2, 2, 2, [])], "as lone cases"
    passages: dict[str, Any] = {"dataset": {"source": {"kind": "inline", "rows": []}, "fields": {"cluster": "passage"}}}
    clusters = [f"passage {case // 25}" for case in range(200)]
    await record(engine, Recorded(known, changes=passages, clusters=clusters))
    found = await board(api)
    assert order(found) == [("a", 1, 1, 2, ["b"]), ("b", 2, 1, 2, ["a"])]
    assert found["sentence"] == "a and b may each be the best: chance explains what lies between them."


async def test_an_agent_stands_by_its_newest_run(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    await record(engine, Recorded({"a": shares(10, 100), "b": shares(50, 100)}))
    newest = await record(engine, Recorded({"a": shares(99, 100)}))
    found = await board(api)
    assert (found["standings"][0]["agent_id"], found["standings"][0]["run_id"]) == ("a", newest)


async def test_other_cases_are_another_leaderboard(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    await record(engine, Recorded({"a": shares(90, 100)}, case_set="old"))
    await record(engine, Recorded({"b": shares(5, 10)}, case_set="new"))
    newest = await board(api)
    assert [row["agent_id"] for row in newest["standings"]] == ["b"]
    assert newest["other_case_sets"] == [{"case_set": "old", "cases": 100, "runs": 1}]
    assert [row["agent_id"] for row in (await board(api, case_set="old"))["standings"]] == ["a"]


async def test_who_cannot_be_ranked_beside_the_others_is_told_with_the_reason(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    await record(engine, Recorded({"old": shares(90, 100)}, version="0"))
    await record(engine, Recorded({"broken": [1.0] * 10 + [None] * 90, "fine": shares(50, 100)}))
    await record(engine, Recorded({"unscored": [None] * 100, "best": shares(90, 100)}))
    found = await board(api, limit=1)
    assert [row["agent_id"] for row in found["standings"]] == ["best"]
    assert {left["agent_id"]: left["reason"].split(" ")[0:4] for left in found["left_out"]} == {
        "unscored": ["None", "of", "its", "answers"],
        "broken": ["Its", "figures", "are", "invalid:"],
        "fine": ["More", "than", "the", "1"],
        "old": ["It", "was", "judged", "by"],
    }


async def test_runs_that_stopped_early_or_count_failures_otherwise_are_told_apart_from_the_others(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    answers = [1.0] * 150 + [None] * 5 + [0.0] * 45
    await record(engine, Recorded({"strict": answers}, changes={"failed_counts_as": "wrong"}))
    await record(engine, Recorded({"lenient": answers}))
    early = await record(engine, Recorded({"early": shares(180, 200)}))
    async with raw_connection(engine) as connection:
        await connection.execute(DECIDED, await RunRepository(engine).number(early))
    found = await board(api)
    assert [row["agent_id"] for row in found["standings"]] == ["lenient"]
    assert {left["agent_id"]: left["reason"] for left in found["left_out"]} == {
        "early": "It was asked 120 of 200 questions only: its run stops at a decision.",
        "strict": "Its failures count as wrong, and those of the newest run as unscored.",
    }


async def test_agents_of_one_name_that_were_set_otherwise_stand_side_by_side(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    await record(engine, Recorded({"a": shares(180, 200)}))
    small = {"kind": "simulated", "accuracy": 0.5}
    await record(engine, Recorded({"a": shares(100, 200)}, changes={"agents": [{"name": "a", "agent": small}]}))
    prompted = [{"name": "a", "agent": small, "prompt": {"system": "Be brief."}}]
    await record(engine, Recorded({"a": shares(102, 200)}, changes={"agents": prompted}))
    found = (await board(api))["standings"]
    assert [(row["agent_id"], row["rank"]) for row in found] == [("a", 1), ("a", 2), ("a", 3)]
    best, brief, plain = [row["settings"] for row in found]
    assert len({best, brief, plain}) == 3
    assert [row["tied_with"] for row in found] == [[], [f"a ({plain})"], [f"a ({brief})"]]
    assert (await board(api))["sentence"] == f"a ({best}) leads alone."


async def test_how_fast_and_with_whose_key_an_agent_is_asked_makes_it_no_other(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    for concurrency, credential in ((1, "mine"), (64, "ours")):
        agent = {"kind": "openai", "model": "m", "credential": credential}
        spec = {"name": "a", "agent": agent, "concurrency": concurrency}
        newest = await record(engine, Recorded({"a": shares(9, 10)}, changes={"agents": [spec]}))
    assert [row["run_id"] for row in (await board(api))["standings"]] == [newest]


async def test_a_stored_agent_stands_with_its_version(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    specs = [{"name": "a", "agent": {"kind": "simulated", "accuracy": accuracy}} for accuracy in (0.1, 0.2)]
    for spec in specs:
        answer = await api.post("/v1/agents", json=spec)
        assert answer.status_code == 201, answer.text
        await record(engine, Recorded({"a": shares(5, 10)}, changes={"agents": [spec]}))
    await record(engine, Recorded({"a": shares(5, 10)}))
    assert {row["agent_version"] for row in (await board(api))["standings"]} == {1, 2, None}


async def test_cases_of_long_ago_are_found_behind_hundreds_of_newer_runs(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    old = await record(engine, Recorded({"a": shares(90, 100)}, case_set="old"))
    await record(engine, Recorded({"b": shares(5, 10)}, case_set="new"))
    async with raw_connection(engine) as connection:
        # As if the newest run had been run 300 times.
        await connection.execute(COPIES)
    assert [row["run_id"] for row in (await board(api, case_set="old"))["standings"]] == [old]
    assert (await board(api))["other_case_sets"] == [{"case_set": "old", "cases": 100, "runs": 1}]


async def test_a_benchmark_without_runs_has_none(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    said = problem(await api.get("/v1/leaderboards", params={"benchmark": "sums"}), 404, "not-found")
    assert said["detail"] == "There is no completed run of a benchmark 'sums'."
    await record(engine, Recorded({"a": shares(1, 2)}))
    problem(await api.get("/v1/leaderboards", params={"benchmark": "sums", "case_set": "x"}), 404, "not-found")
    problem(await api.get("/v1/leaderboards"), 422, "invalid-request")
