"""Runs over the API while Temporal is away: accepted, validated, listed, never lost."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import open_engine
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem


async def started(api: httpx2.AsyncClient, **changes: Any) -> str:
    answer = await api.post("/v1/runs", json=definition(**changes))
    assert answer.status_code == 202, answer.text
    return answer.json()["run_id"]


async def test_a_run_is_accepted_while_temporal_is_away(api: httpx2.AsyncClient) -> None:
    answer = await api.post("/v1/runs", json=definition())
    run = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/runs/{run['run_id']}"
    assert int(answer.headers["retry-after"]) >= 1
    assert (run["status"], run["progress"], run["live"]) == ("queued", 0.0, False)
    assert run["results_url"] == f"/v1/runs/{run['run_id']}/results"
    assert (await api.get(answer.headers["location"])).json()["agents"][0]["agent_id"] == "simulated"


async def test_the_short_form_is_the_same(api: httpx2.AsyncClient) -> None:
    answer = await api.post("/benchmark/run", json=definition())
    assert answer.status_code == 202
    assert (await api.get(f"/v1/runs/{answer.json()['run_id']}")).status_code == 200


async def test_a_definition_may_come_as_yaml(api: httpx2.AsyncClient) -> None:
    text = """
    name: capitals
    dataset:
      source: {kind: inline, rows: [{input: "Capital of France?", expected: Paris}]}
    agents: [{name: simulated, agent: {kind: simulated}}]
    evaluators: [{kind: contains}]
    """
    answer = await api.post("/v1/runs", content=text, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 202, answer.text


async def test_a_dry_run_counts_and_starts_nothing(api: httpx2.AsyncClient) -> None:
    answer = await api.post("/v1/runs?dry_run=true", json=definition(trials=3))
    assert answer.status_code == 200
    told = answer.json()
    assert {name: told[name] for name in ("name", "cases", "agents", "trials", "calls", "dry_run")} == {
        "name": "capitals",
        "cases": 2,
        "agents": 1,
        "trials": 3,
        "calls": 6,
        "dry_run": True,
    }
    assert (await api.get("/v1/runs")).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        ({"agents": []}, "/agents", "at least one agent"),
        ({"agents": [{"name": "a", "agent": {"kind": "psychic"}}]}, "/agents/0/agent/kind", "installed: anthropic"),
        ({"agents": [{"name": "a", "agent": {"kind": "simulated", "skil": 1}}]}, "/agents/0/agent/skil", "settings"),
        ({"agents": [{"name": "a"}]}, "/agents/0/agent", "The field 'agent' is missing"),
        ({"agents": ["nobody"]}, "/agents/0", "no agent 'nobody'"),
        ({"evaluators": [{"kind": "vibes"}]}, "/evaluators/0/kind", ", choice, "),
        ({"evaluators": []}, "/evaluators", "'evaluators' must have at least one entry"),
        ({"evaluators": [{"kind": "exact"}, {"kind": "exact"}]}, "", "share the name 'exact'"),
        ({"evaluators": [{"kind": "regex", "patterns": ["("]}]}, "/evaluators/0/patterns/0", ""),
        ({"prompt": {"template": "{{ input"}}, "/prompt/template", "does not parse"),
        ({"prompt": {"template": 7}}, "/prompt/template", "'template' must be text"),
        ({"dataset": {"source": {"kind": "uploaded", "name": "gone"}}}, "/dataset/source/name", "no dataset 'gone'"),
        ({"dataset": {"source": {"kind": "inline"}}}, "/dataset/source/rows", "required"),
        (
            {"dataset": {"source": {"kind": "inline", "rows": [{"q": "x"}]}, "fields": {"input": "{{ q"}}},
            "/dataset/fields/input",
            "does not parse",
        ),
        ({"trails": 3}, "/trails", "did you mean 'trials'?"),
        ({"zzz": 3}, "/zzz", "There is no field 'zzz' here; there are: agents, benchmark"),
        ({"evaluators": {}}, "/evaluators", "'evaluators' must be a list"),
        ({"agents": [7]}, "/agents/0", "must be an object"),
        (
            {"agents": [{"name": "a", "agent": {"kind": "callable", "function": "os:system"}}]},
            "/agents/0/agent",
            "'os:system' is not on the operator's list of callables",
        ),
        (
            {"agents": [{"name": "a", "agent": {"kind": "subprocess", "command": ["sh"]}}]},
            "/agents/0/agent",
            "'sh' is not on the operator's list of commands",
        ),
        ({"evaluators": [{"kind": "code"}]}, "/evaluators/0/kind", "which is off on this service"),
        (
            {"dataset": {"source": {"kind": "file", "path": "/etc/passwd"}}},
            "/dataset/source/path",
            "not inside a folder that datasets may be read from",
        ),
        ({"trials": 0}, "/trials", "'trials' must be at least 1"),
        ({"trials": 1e300}, "", ""),
        ({"name": "a\nb"}, "/name", "A name starts with"),
    ],
)
async def test_a_mistake_is_told_with_its_place_before_anything_starts(
    api: httpx2.AsyncClient, changes: dict[str, Any], pointer: str, says: str
) -> None:
    answer = await api.post("/v1/runs", json=definition(**changes))
    if changes == {"trials": 1e300}:
        problem(answer, 400, "malformed-request")
        return
    said = problem(answer, 422, "invalid-request")
    assert said["errors"][0]["pointer"] == pointer
    assert says in said["errors"][0]["detail"]
    assert (await api.get("/v1/runs")).json()["items"] == []


async def test_every_mistake_is_told_at_once(api: httpx2.AsyncClient) -> None:
    wrong = definition(
        agents=[{"name": "a", "agent": {"kind": "psychic"}}],
        evaluators=[{"kind": "vibes"}],
        prompt={"template": "{{ input"},
    )
    said = problem(await api.post("/v1/runs", json=wrong), 422, "invalid-request")
    assert [error["pointer"] for error in said["errors"]] == [
        "/agents/0/agent/kind",
        "/prompt/template",
        "/evaluators/0/kind",
    ]


async def test_a_dry_run_names_the_row_a_mapping_does_not_fit(api: httpx2.AsyncClient) -> None:
    source = {"kind": "inline", "rows": [{"input": "a", "expected": "b"}, {"question": "c"}]}
    answer = await api.post("/v1/runs?dry_run=true", json=definition(dataset={"source": source}))
    said = problem(answer, 422, "invalid-request")
    assert "Item 2" in said["detail"]
    assert said["errors"][0]["pointer"] == "/dataset/fields/input"


async def test_a_stored_benchmark_runs_with_stored_agents_and_what_is_different(api: httpx2.AsyncClient) -> None:
    stored = definition()
    agent = stored.pop("agents")[0]
    assert (await api.post("/v1/benchmarks", json=stored)).status_code == 201
    assert (await api.post("/v1/agents", json=agent)).status_code == 201
    body = {
        "benchmark": "capitals@1",
        "agents": ["simulated"],
        "overrides": {"limit": 1, "trials": 2, "name": "capitals once"},
    }
    answer = await api.post("/v1/runs", json=body)
    assert answer.status_code == 202, answer.text
    config = answer.json()["config"]
    assert (config["name"], config["trials"], config["dataset"]["limit"]) == ("capitals once", 2, 1)
    assert config["agents"][0]["name"] == "simulated"
    said = problem(await api.post("/v1/runs", json={"benchmark": "capitals@2"}), 422, "invalid-request")
    assert said["errors"][0]["pointer"] == "/benchmark"


async def test_a_mistake_in_what_is_different_points_there(api: httpx2.AsyncClient) -> None:
    await api.post("/v1/benchmarks", json=definition())
    body = {"benchmark": "capitals", "overrides": {"evaluators": [{"kind": "vibes"}]}}
    said = problem(await api.post("/v1/runs", json=body), 422, "invalid-request")
    assert said["errors"][0]["pointer"] == "/overrides/evaluators/0/kind"


async def test_runs_are_listed_newest_first_and_pages_hold_still(api: httpx2.AsyncClient) -> None:
    ids = [await started(api, name=f"run-{number}") for number in range(5)]
    first = await api.get("/v1/runs", params={"limit": 2})
    await started(api)
    assert first.headers["link"].endswith('rel="next"')
    following = first.headers["link"].split(">")[0].removeprefix("<")
    second = (await api.get(following)).json()
    third = (await api.get("/v1/runs", params={"limit": 2, "cursor": second["next_cursor"]})).json()
    seen = [run["run_id"] for page in (first.json(), second, third) for run in page["items"]]
    assert seen == ids[::-1]
    assert third["next_cursor"] is None


async def test_a_listing_leaves_long_inline_data_out_and_the_run_itself_has_it(api: httpx2.AsyncClient) -> None:
    rows = [{"input": str(number), "expected": "x"} for number in range(1000)]
    run_id = await started(api, dataset={"source": {"kind": "inline", "rows": rows}})
    [listed] = (await api.get("/v1/runs")).json()["items"]
    assert listed["config"]["dataset"]["source"] == {"kind": "inline", "rows": [], "rows_left_out": 1000}
    assert (await api.get(f"/v1/runs/{run_id}")).json()["config"]["dataset"]["source"]["rows"] == rows


async def test_runs_are_filtered_by_name_and_status(api: httpx2.AsyncClient) -> None:
    await started(api)
    other = await started(api, name="other")
    for query in ({"name": "other"}, {"name": "other", "status": "queued"}):
        found = (await api.get("/v1/runs", params=query)).json()["items"]
        assert [run["run_id"] for run in found] == [other]
    assert (await api.get("/v1/runs", params={"status": "failed"})).json()["items"] == []
    problem(await api.get("/v1/runs", params={"status": "done"}), 422, "invalid-request")


async def test_an_unknown_run_is_a_problem(api: httpx2.AsyncClient) -> None:
    for path in ("", "/items", "/results", "/report", "/items/0-0-0"):
        problem(await api.get(f"/v1/runs/run_01k9rjw1qye8xs5vt1m4ywk0a4{path}"), 404, "not-found")
    problem(await api.get("/v1/runs/run_1"), 404, "not-found")


async def test_steering_needs_temporal_and_says_so(api: httpx2.AsyncClient) -> None:
    answer = await api.post(f"/v1/runs/{await started(api)}/cancel")
    problem(answer, 503, "service-unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_run_that_waits_cannot_be_resumed_and_says_what_can(api: httpx2.AsyncClient) -> None:
    said = problem(await api.post(f"/v1/runs/{await started(api)}/resume"), 409, "conflict")
    assert said["detail"] == "The run is queued; resume is possible while a run is paused."


async def test_parallel_posts_with_one_key_start_one_run(api: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "nightly-2026-11-23"}
    answers = await asyncio.gather(*(api.post("/v1/runs", json=definition(), headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert any(answer.status_code == 202 for answer in answers)
    again = await api.post("/v1/runs", json=definition(), headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert {a.json()["run_id"] for a in answers if a.status_code == 202} == {again.json()["run_id"]}
    assert len((await api.get("/v1/runs")).json()["items"]) == 1


async def test_a_repetition_is_answered_byte_for_byte_and_another_body_refused(api: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await api.post("/v1/runs", json=definition(), headers=headers)
    again = await api.post("/v1/runs", json=definition(), headers=headers)
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    other = await api.post("/v1/runs", json=definition(trials=2), headers=headers)
    problem(other, 422, "idempotency-key-reused")


async def test_who_repeats_a_request_and_would_rather_wait_is_told_how_its_run_stands(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await api.post("/v1/runs", json=definition(), headers=headers)
    waiting = asyncio.create_task(api.post("/v1/runs", json=definition(), headers=headers | {"Prefer": "wait=15"}))
    async with open_engine(settings.database_url) as engine:
        await changed(engine, "update runs set status = 'completed'")
        told = (
            "insert into run_events (run_id, subject, source, type, data) select run_id, '', '', 'run.completed', '{}'"
        )
        await changed(engine, f"{told} from runs")
    ended = await waiting
    assert (ended.status_code, ended.json()["status"]) == (200, "completed")
    assert (ended.headers["idempotency-replayed"], ended.headers["preference-applied"]) == ("true", "wait=15")
    assert (ended.json()["run_id"], ended.headers["location"]) == (first.json()["run_id"], first.headers["location"])
    plain = await api.post("/v1/runs", json=definition(), headers=headers)
    assert (plain.status_code, plain.content) == (202, first.content)


async def test_after_a_problem_the_key_is_free_for_the_corrected_body(api: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    problem(await api.post("/v1/runs", json=definition(trials=0), headers=headers), 422, "invalid-request")
    assert (await api.post("/v1/runs", json=definition(), headers=headers)).status_code == 202


async def test_a_request_that_broke_after_its_run_was_recorded_starts_no_second_one(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    headers = {"Idempotency-Key": "k"}
    async with open_engine(settings.database_url) as engine:
        # The answer cannot be kept: as if the process had died just before.
        rule = "check (status is null) not valid"
        await changed(engine, f"alter table idempotency_keys add constraint unfinished {rule}")
        assert (await api.post("/v1/runs", json=definition(), headers=headers)).status_code >= 400
        [run] = (await api.get("/v1/runs")).json()["items"]
        await changed(engine, "alter table idempotency_keys drop constraint unfinished")
        await changed(engine, "update idempotency_keys set leased_until = now() - interval '1 second'")
    again = await api.post("/v1/runs", json=definition(), headers=headers)
    assert (again.status_code, again.json()["run_id"]) == (202, run["run_id"])
    assert len((await api.get("/v1/runs")).json()["items"]) == 1


async def changed(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def test_what_was_done_is_in_the_audit_log(api: httpx2.AsyncClient) -> None:
    run_id = await started(api)
    [entry] = (await api.get("/v1/audit-events")).json()["items"]
    assert (entry["action"], entry["subject"]) == ("run.create", run_id)
