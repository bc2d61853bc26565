"""Agents, datasets, benchmarks and credentials over the API."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem
from tests.providers import Provider, Status

ROWS = b'{"input": "1 + 1", "expected": "2"}\n{"input": "2 + 2", "expected": "4"}\n'


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider("Paris") as provider:
        yield provider


async def test_an_agent_is_stored_versioned_and_found(api: httpx2.AsyncClient) -> None:
    agent: dict[str, Any] = {"name": "team/gpt", "agent": {"kind": "openai", "model": "small"}}
    first = await api.post("/v1/agents", json=agent)
    assert (first.status_code, first.json()["version"]) == (201, 1)
    agent["agent"]["model"] = "large"
    assert (await api.post("/v1/agents", json=agent)).json()["version"] == 2
    assert (await api.get("/v1/agents/team/gpt")).json()["spec"]["agent"]["model"] == "large"
    for older in ("/v1/agents/team%2Fgpt?version=1", "/v1/agents/team/gpt@1", first.headers["location"]):
        assert (await api.get(older)).json()["spec"]["agent"]["model"] == "small"
    versions = (await api.get("/v1/agents/team/gpt/versions")).json()["items"]
    assert [one["version"] for one in versions] == [2, 1]
    [listed] = (await api.get("/v1/agents")).json()["items"]
    assert (listed["name"], listed["kind"], listed["version"]) == ("team/gpt", "openai", 2)


async def test_an_agent_that_cannot_work_is_not_stored(api: httpx2.AsyncClient) -> None:
    for agent, pointer in (
        ({"name": "a", "agent": {"kind": "psychic"}}, "/agent/kind"),
        ({"name": "a", "agent": {"kind": "openai"}}, "/agent/model"),
        ({"name": "a@2", "agent": {"kind": "simulated"}}, "/name"),
    ):
        said = problem(await api.post("/v1/agents", json=agent), 422, "invalid-request")
        assert said["errors"][0]["pointer"] == pointer


async def test_trying_an_agent_tells_its_reply(api: httpx2.AsyncClient, provider: Provider) -> None:
    spec = {"name": "lab", "agent": {"kind": "openai", "model": "small", "base_url": provider.url}}
    body = {"agent": spec, "question": "Capital of France?"}
    answer = await api.post("/v1/agents/test", json=body)
    assert answer.status_code == 200, answer.text
    reply = answer.json()
    assert (reply["text"], reply["usage"]["input_tokens"]) == ("Paris", 10)
    assert provider.log[-1].prompt == "Capital of France?"
    await api.post("/v1/agents", json=spec)
    assert (await api.post("/v1/agents/lab/test", json={"question": "Hm?"})).json()["text"] == "Paris"
    assert (await api.post("/v1/agents/test", json={"agent": "lab"})).json()["text"] == "Paris"


async def test_a_trial_waits_for_its_provider_key_as_runs_do(api: httpx2.AsyncClient, provider: Provider) -> None:
    rule = {"origin": provider.root, "model": "small", "in_flight": 1}
    assert (await api.post("/v1/limits", json=rule)).status_code == 201
    spec = {"name": "lab", "agent": {"kind": "openai", "model": "small", "base_url": provider.url}}
    trials = [api.post("/v1/agents/test", json={"agent": spec}) for _ in range(4)]
    assert [answer.status_code for answer in await asyncio.gather(*trials)] == [200] * 4
    assert provider.most_in_flight == 1
    [key] = (await api.get("/v1/limits")).json()["items"]
    assert (key["origin"], key["model"]) == (provider.root, "small")


async def test_trying_an_agent_tells_what_goes_wrong(api: httpx2.AsyncClient, provider: Provider) -> None:
    spec = {"name": "lab", "agent": {"kind": "openai", "model": "small", "base_url": provider.url}}
    for status, code, slug in (
        (401, 422, "agent-unusable"),
        (400, 502, "agent-failed"),
        (500, 502, "agent-failed"),
        (429, 503, "agent-failed"),
    ):
        provider.next(Status(status))
        problem(await api.post("/v1/agents/test", json={"agent": spec}), code, slug)
    spec["agent"] = {"kind": "openai", "model": "small", "base_url": "http://127.0.0.1:1/v1"}
    problem(await api.post("/v1/agents/test", json={"agent": spec}), 502, "agent-failed")
    problem(await api.post("/v1/agents/test", json={"agent": "nobody"}), 404, "not-found")


async def test_a_dataset_is_uploaded_as_a_form_or_as_bare_bytes(api: httpx2.AsyncClient) -> None:
    form = await api.post("/v1/datasets", files={"file": ("sums.v1.jsonl", ROWS)}, data={"name": "sums"})
    assert form.status_code == 201, form.text
    stored = form.json()
    assert (stored["name"], stored["version"], stored["row_count"]) == ("sums", 1, 2)
    assert stored["fields"] == ["input", "expected"]
    bare = await api.post("/v1/datasets?name=sums&filename=sums.jsonl", content=ROWS)
    assert bare.json() == stored, "the same bytes are the same version"
    csv = await api.post("/v1/datasets", files={"file": ("sums.csv", b"input,expected\n1,1\n")})
    assert (csv.json()["name"], csv.json()["version"], csv.json()["format"]) == ("sums", 2, "csv")
    versions = (await api.get("/v1/datasets/sums/versions")).json()["items"]
    assert [one["version"] for one in versions] == [2, 1]
    preview = (await api.get("/v1/datasets/sums/rows", params={"version": 1, "limit": 1})).json()
    assert preview["rows"] == [{"input": "1 + 1", "expected": "2"}]
    assert (await api.get(form.headers["location"])).json() == stored


async def test_an_uploaded_dataset_is_what_runs_ask(api: httpx2.AsyncClient) -> None:
    await api.post("/v1/datasets", files={"file": ("sums.jsonl", ROWS)})
    body = definition(dataset={"source": {"kind": "uploaded", "name": "sums"}})
    answer = await api.post("/v1/runs?dry_run=true", json=body)
    assert (answer.status_code, answer.json().get("cases")) == (200, 2), answer.text


@pytest.mark.parametrize(
    ("filename", "content", "says"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "Line 2"),
        ("a.jsonl", b'{"a": 1}\n[1]\n', "Line 2"),
        ("a.jsonl", b'{"a": "\\u0000"}\n', "Line 1"),
        ("a.jsonl", b"\xff\xfe", "UTF-8"),
        ("a.jsonl", b"", "no rows"),
        ("a.exe", b"MZ", "format"),
        ("a.csv", b"a,b\n1,2,3\n", "Line 2"),
        ("a.parquet", b"PAR1", ""),
        ("a.jsonl.gz", b"\x1f\x8bnonsense", ""),
    ],
)
async def test_a_broken_upload_is_refused_with_its_line(
    api: httpx2.AsyncClient, filename: str, content: bytes, says: str
) -> None:
    said = problem(await api.post("/v1/datasets", files={"file": (filename, content)}), 422, "invalid-request")
    assert says in said["detail"]
    assert (await api.get("/v1/datasets")).json()["items"] == []


async def test_forms_that_are_none_are_problems(api: httpx2.AsyncClient) -> None:
    problem(await api.post("/v1/datasets", data={"name": "x"}, files={"other": ("a", b"x")}), 422, "invalid-request")
    problem(await api.post("/v1/datasets", files={"file": ("---.jsonl", ROWS)}), 422, "invalid-request")
    problem(await api.post("/v1/datasets", content=ROWS), 422, "invalid-request")
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await api.post("/v1/datasets", content=b"--x\r\nnonsense", headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_repeated_upload_is_answered_once_although_its_boundary_changes(api: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    files = {"file": ("sums.jsonl", ROWS)}
    first = await api.post("/v1/datasets", files=files, headers=headers)
    again = await api.post("/v1/datasets", files=files, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    other = await api.post("/v1/datasets", files={"file": ("sums.jsonl", ROWS + ROWS)}, headers=headers)
    problem(other, 422, "idempotency-key-reused")


async def test_a_benchmark_is_stored_from_json_and_from_yaml(api: httpx2.AsyncClient) -> None:
    body = definition()
    first = await api.post("/v1/benchmarks", json=body)
    assert (first.status_code, first.json()["version"]) == (201, 1)
    text = json.dumps(body | {"trials": 2})
    second = await api.post("/v1/benchmarks", content=text, headers={"Content-Type": "text/yaml; charset=utf-8"})
    assert second.json()["version"] == 2, second.text
    assert (await api.get("/v1/benchmarks/capitals")).json()["definition"]["trials"] == 2
    assert (await api.get("/v1/benchmarks/capitals@1")).json()["definition"]["trials"] == 1
    assert [one["name"] for one in (await api.get("/v1/benchmarks")).json()["items"]] == ["capitals"]


async def test_ready_made_benchmarks_run_over_a_folder(api: httpx2.AsyncClient, tmp_path: Path) -> None:
    ready = {one["name"] for one in (await api.get("/v1/benchmarks/ready-made")).json()["items"]}
    assert "gsm8k" in ready
    agents = [{"name": "a", "agent": {"kind": "simulated"}}]
    said = problem(await api.post("/v1/runs", json={"benchmark": "gsm8k", "agents": agents}), 422, "invalid-request")
    assert said["errors"][0]["pointer"] == "/folder"
    answer = await api.post("/v1/runs", json={"benchmark": "gsm8k", "agents": agents, "folder": str(tmp_path)})
    assert answer.status_code in (202, 422), answer.text


async def test_what_is_installed_is_listed_with_its_settings(api: httpx2.AsyncClient) -> None:
    for path, kind in (("evaluators", "exact"), ("agents/kinds", "openai"), ("datasets/kinds", "uploaded")):
        items = {one["kind"]: one for one in (await api.get(f"/v1/{path}")).json()["items"]}
        assert items[kind]["settings"]["type"] == "object"
    schema = (await api.get("/v1/schemas/benchmark.json")).json()
    assert {"name", "dataset", "evaluators"} <= set(schema["required"])


async def test_a_credential_goes_in_and_never_comes_out(api: httpx2.AsyncClient, settings: Settings) -> None:
    canary = "sk-canary-7f3a"
    body = {"name": "lab", "origin": "https://Models.example.com/v1", "secret": canary}
    answers = [
        await api.post("/v1/credentials", json=body, headers={"Idempotency-Key": "k"}),
        await api.get("/v1/credentials"),
        await api.get("/v1/audit-events"),
    ]
    assert answers[0].json()["origin"] == "https://models.example.com:443"
    assert answers[1].json()["items"][0]["name"] == "lab"
    assert not any(canary in answer.text for answer in answers)
    connection = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    try:
        for table in ("credentials", "audit_events", "idempotency_keys"):
            rows = await connection.fetch(f"select {table}::text as row from {table}")
            assert rows
            assert not any(canary in row["row"] for row in rows)
    finally:
        await connection.close()
    assert (await api.delete("/v1/credentials/lab")).status_code == 204
    problem(await api.delete("/v1/credentials/lab"), 404, "not-found")


async def test_an_agent_gets_its_credential_and_only_at_its_origin(api: httpx2.AsyncClient, provider: Provider) -> None:
    body = {"name": "lab", "origin": provider.root, "secret": "sk-canary-7f3a"}
    assert (await api.post("/v1/credentials", json=body)).status_code == 201
    agent = {"kind": "openai", "model": "small", "base_url": provider.url, "credential": "lab"}
    spec = {"name": "lab", "agent": agent}
    answer = await api.post("/v1/agents/test", json={"agent": spec})
    assert answer.status_code == 200, answer.text
    assert provider.log[-1].headers["authorization"] == "Bearer sk-canary-7f3a"
    agent["base_url"] = provider.url.replace("127.0.0.1", "localhost")
    seen = len(provider.log)
    problem(await api.post("/v1/agents/test", json={"agent": spec}), 422, "agent-unusable")
    assert len(provider.log) == seen
