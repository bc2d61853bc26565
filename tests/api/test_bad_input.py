"""Whatever is sent, the answer is a problem that says what is wrong with it: never a 500, never an echo of a secret."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem, served

JSON = {"Content-Type": "application/json"}


def with_name(raw: bytes) -> bytes:
    """A working body whose description is these raw bytes of JSON."""
    return json.dumps(definition()).encode()[:-1] + b', "description": ' + raw + b"}"


MALFORMED = {
    "nothing but a brace": b"{",
    "not JSON": b"name: x",
    "trailing comma": b'{"name": "x",}',
    "two documents": b"{} {}",
    "bad UTF-8": with_name(b'"\xff\xfe"'),
    "UTF-16": json.dumps(definition()).encode("utf-16"),
    "a NUL in a text": with_name(b'"a\\u0000b"'),
    "a NUL in a key": b'{"a\\u0000": 1}',
    "a bare NUL": with_name(b'"a\x00b"'),
    "half a surrogate pair": with_name(b'"\\ud800"'),
    "NaN": with_name(b"NaN"),
    "infinity": with_name(b"-Infinity"),
    "a float too large": with_name(b"1e999"),
    "5,000 digits": with_name(b"9" * 5000),
    "65 bits": with_name(b"36893488147419103232"),
    "100,000 levels of lists": b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "1,000 levels": with_name(b"[" * 1000 + b"]" * 1000),
    "levels inside a plugin": json.dumps(definition(agents=[{"name": "a", "agent": {"kind": "x", "y": 0}}]))
    .replace('"y": 0', '"y": ' + "[" * 70 + "]" * 70)
    .encode(),
}
INVALID: dict[str, Any] = {
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "a text": b'"run"',
    "an empty object": b"{}",
    "a name of another type": json.dumps(definition(name=7)).encode(),
    "an agent that is a list": json.dumps(definition(agents=[[]])).encode(),
    "too many agents": json.dumps(definition(agents=["a"] * 51)).encode(),
    "too many trials": json.dumps(definition(trials=10**9)).encode(),
    "an unknown field": json.dumps(definition(agnets=[])).encode(),
    "a huge seed": json.dumps(definition(dataset={"source": {"kind": "inline"}, "seed": 2**62 + 0.5})).encode(),
    "a named benchmark with a definition": json.dumps(definition(benchmark="x")).encode(),
    "a benchmark that is a number": b'{"benchmark": 7}',
    "a benchmark with a huge version": b'{"benchmark": "x@99999999999999999999"}',
}
POSTS = ("/v1/runs", "/benchmark/run", "/v1/benchmarks", "/v1/agents", "/v1/agents/test", "/v1/credentials")


@pytest.mark.parametrize("path", POSTS)
async def test_what_is_no_json_is_refused_with_its_place(api: httpx2.AsyncClient, path: str) -> None:
    for body in MALFORMED.values():
        said = problem(await api.post(path, content=body, headers=JSON), 400, "malformed-request")
        assert len(said["detail"]) < 300


@pytest.mark.parametrize("path", POSTS)
async def test_json_of_the_wrong_shape_is_refused_with_a_pointer(api: httpx2.AsyncClient, path: str) -> None:
    for body in INVALID.values():
        said = problem(await api.post(path, content=body, headers=JSON), 422, "invalid-request")
        assert said["errors"]


async def test_a_body_needs_a_type_that_is_taken(api: httpx2.AsyncClient) -> None:
    for sent in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        answer = await api.post("/v1/runs", content=b"{}", headers=sent)
        problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "text",
    [
        "a: *b",
        "a: [",
        "a: !!python/object:os.system x",
        "a: " + "9" * 5000,
        "a: .nan",
        "\x00",
        "? [a]\n: b",
        "a: &x [*x]",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + "d: [" + "*c, " * 60_000 + "*c]",
        "- " * 5000,
    ],
)
async def test_yaml_is_read_as_strictly(api: httpx2.AsyncClient, text: str) -> None:
    answer = await api.post("/v1/runs", content=text.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def endless() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b" " * 1000


async def test_a_body_over_the_limit_is_refused_whether_it_says_its_size_or_not(settings: Settings) -> None:
    async with served(settings.model_copy(update={"max_body_bytes": 10_000})) as api:
        for path in ("/v1/runs", "/v1/datasets?filename=a.jsonl"):
            for headers in (JSON, JSON | {"Idempotency-Key": "k"}):
                sized = await api.post(path, content=b" " * 10_001, headers=headers)
                problem(sized, 413, "content-too-large")
                problem(await api.post(path, content=endless(), headers=headers), 413, "content-too-large")


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/v1/runs/", 404, "not-found"),
        ("GET", "/v1/agents/nobody", 404, "not-found"),
        ("DELETE", "/v1/runs", 405, "method-not-allowed"),
        ("PUT", "/health", 405, "method-not-allowed"),
        ("GET", "/v1/runs?limit=0", 422, "invalid-request"),
        ("GET", "/v1/runs?limit=many", 422, "invalid-request"),
        ("GET", "/v1/runs?limit=99999999999999999999999", 422, "invalid-request"),
        ("GET", "/v1/runs?name=a%00b", 400, "malformed-request"),
        ("GET", "/v1/runs?name=%ff", 400, "malformed-request"),
        ("GET", "/v1/agents/a%00b", 400, "malformed-request"),
        ("GET", "/v1/agents/%c3%28", 400, "malformed-request"),
        ("GET", "/v1/agents/%F0%9F%A6%86", 422, "invalid-request"),
        ("GET", "/v1/agents/a?version=0", 422, "invalid-request"),
        ("GET", "/v1/agents/a?version=4294967296", 422, "invalid-request"),
        ("GET", "/v1/agents/a@999999999", 404, "not-found"),
        ("GET", "/v1/runs/" + "x" * 5000, 422, "invalid-request"),
        ("POST", "/v1/runs/run_01k9rjw1qye8xs5vt1m4ywk0a4/explode", 404, "not-found"),
    ],
)
async def test_addresses_that_lead_nowhere_are_problems_too(
    api: httpx2.AsyncClient, method: str, path: str, status: int, slug: str
) -> None:
    answer = await api.request(method, path)
    problem(answer, status, slug)


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/v1/agents", "GET, HEAD, OPTIONS, POST"),
        ("/v1/limits/key_1/reset", "OPTIONS, POST"),
        ("/v1/credentials/lab", "DELETE, GET, HEAD, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_method_that_is_not_allowed_is_told_all_that_are(
    api: httpx2.AsyncClient, path: str, takes: str
) -> None:
    answer = await api.request("PATCH", path)
    said = problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == takes
    assert said["detail"] == f"PATCH is not allowed at {path!r}; it takes {takes}."
    for method in ("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS"):
        assert ((await api.request(method, path)).status_code == 405) == (method not in takes)


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/v1/agents/test", {"agent": "a", "qestion": "?"}, "no field 'qestion' here; did you mean 'question'?"),
        ("/v1/credentials", {"nmae": "x", "origin": "https://x.example", "secret": "s"}, "did you mean 'name'?"),
        ("/v1/runs", {"benchmark": "x", "overrides": {"trails": 2}}, "did you mean 'trials'?"),
        ("/v1/runs", {"benchmark": "x", "overrides": {"trials": "two"}}, "'trials' must be a whole number"),
        ("/v1/agents", {"name": "a", "agent": {"kind": "openai"}, "concurency": 2}, "did you mean 'concurrency'?"),
    ],
)
async def test_a_mistyped_field_of_any_body_is_told_what_was_meant(
    api: httpx2.AsyncClient, path: str, body: dict[str, Any], says: str
) -> None:
    problems = problem(await api.post(path, json=body), 422, "invalid-request")["errors"]
    assert any(says in one["detail"] for one in problems), problems


async def test_no_wording_of_the_library_that_validates_reaches_anybody(api: httpx2.AsyncClient) -> None:
    for path in POSTS:
        for body in INVALID.values():
            said = (await api.post(path, content=body, headers=JSON)).text
            for word in ("Input should", "valid dictionary", "unable to parse", "Field required", "Extra inputs"):
                assert word not in said


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("listing", ["/v1/runs", "/v1/agents", "/v1/datasets", "/v1/benchmarks", "/v1/credentials"])
async def test_cursors_of_somewhere_else_are_refused(api: httpx2.AsyncClient, listing: str) -> None:
    for bad in (
        "x",
        "!!!",
        cursor(None),
        cursor(["runs"]),
        cursor(["runs", "yesterday", 1]),
        cursor(["runs", "9999-12-31T23:59:59Z", "a\x00"]),
        cursor(["names", 1]),
        cursor(["names", "a\x00"]),
        "A" * 2000,
    ):
        problem(await api.get(listing, params={"cursor": bad}), 422, "invalid-request")


async def test_an_extreme_but_well_formed_cursor_is_only_an_empty_page(api: httpx2.AsyncClient) -> None:
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999-23:59", "2026-11-23T10:00:00"):
        answer = await api.get("/v1/runs", params={"cursor": cursor(["runs", moment, "run_x"])})
        assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize("key", ["", "a b", "\u00e4", "x" * 256])
async def test_an_idempotency_key_is_plain_text(api: httpx2.AsyncClient, key: str) -> None:
    headers = [(b"idempotency-key", key.encode("latin-1"))]
    problem(await api.post("/v1/runs", json=definition(), headers=headers), 422, "invalid-request")


async def test_a_problem_never_repeats_what_was_sent(api: httpx2.AsyncClient) -> None:
    canary = "sk-canary-7f3a"
    for body in (
        {"name": "n", "origin": "https://x.example", "secret": [canary]},
        {"name": "n", "origin": f"https://user:{canary}@x.example", "secret": "s"},
    ):
        answer = await api.post("/v1/credentials", json=body)
        problem(answer, 422, "invalid-request")
        assert canary not in answer.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(place=st.sampled_from(sorted([*definition(), "prompt", "tags", "trials"])), value=json_values)
async def test_any_value_in_any_place_is_taken_or_refused(api: httpx2.AsyncClient, place: str, value: object) -> None:
    answer = await api.post("/v1/runs", content=json.dumps(definition() | {place: value}), headers=JSON)
    assert answer.status_code in (202, 400, 422), answer.text


async def test_kinds_that_do_not_exist_are_told_with_what_else_is_wrong(api: httpx2.AsyncClient) -> None:
    body = definition() | {"trials": 0, "evaluators": [{"kind": "exakt"}, {"kind": "exact", "ignore_case": 7}, "exact"]}
    body["agents"] = [{"name": "a", "agent": {"kind": "nobody"}}, {"name": "b", "agent": {"kind": 1}}, {"name": "c"}]
    said = problem(await api.post("/v1/runs", json=body), 422, "invalid-request")
    places = [each["pointer"] for each in said["errors"]]
    assert {"/trials", "/agents/0/agent/kind", "/evaluators/0/kind", "/evaluators/1/ignore_case"} <= set(places)
    assert len([each for each in places if each.startswith("/agents/1")]) == 1, "no place is told twice"
    assert any("There is no kind 'nobody' in agents; installed: " in each["detail"] for each in said["errors"])


async def test_bytes_that_are_no_http_are_answered_with_a_problem_and_hung_up_on(api: httpx2.AsyncClient) -> None:
    for nonsense in (
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"EHLO example.com\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ):
        reading, writing = await asyncio.open_connection(api.base_url.host, api.base_url.port)
        writing.write(nonsense)
        head, _, body = (await reading.read()).partition(b"\r\n\r\n")
        writing.close()
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"\r\ncontent-type: application/problem+json" in head
        assert f"\r\ncontent-length: {len(body)}".encode() in head
        said = json.loads(body)
        assert (said["type"], said["detail"]) == ("/problems/malformed-request", "These bytes are no HTTP/1.1 request.")
