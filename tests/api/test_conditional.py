"""What a caller has already is not sent again (304), and no change undoes another (412), whatever is changed."""

from typing import Any

import httpx2

from tests.api.conftest import problem

PRICE = {"base_url": "https://models.example.com", "input": 1, "output": 2}
LIMIT = {"origin": "https://models.example.com", "requests_per_minute": 500}
AGENT = {"name": "lab", "agent": {"kind": "openai", "model": "small", "base_url": "http://127.0.0.1:9/v1"}}
CREDENTIAL = {"name": "lab-key", "origin": "https://models.example.com", "secret": "canary"}
CHANGES: dict[str, tuple[tuple[str, str, dict[str, Any]], str, dict[str, Any]]] = {
    # How it is made, where it is, and how it is changed.
    "a budget": (("PUT", "/v1/budget", {"max_usd": 5}), "/v1/budget", {"max_usd": 6}),
    "a price": (
        ("PUT", "/v1/prices/small", PRICE),
        "/v1/prices/small?base_url=https://models.example.com",
        PRICE | {"input": 3},
    ),
    "a baseline": (
        ("PUT", "/v1/benchmarks/capitals/baseline", {"kind": "last_good"}),
        "/v1/benchmarks/capitals/baseline",
        {"kind": "rolling", "runs": 5},
    ),
    "a limit": (("POST", "/v1/limits", LIMIT), "", LIMIT | {"requests_per_minute": 600}),
    "a credential": (("POST", "/v1/credentials", CREDENTIAL), "/v1/credentials/lab-key", CREDENTIAL),
}


async def test_whoever_changes_what_was_changed_meanwhile_is_refused(api: httpx2.AsyncClient) -> None:
    for (method, path, body), place, change in CHANGES.values():
        made = await api.request(method, path, json=body)
        assert made.is_success, made.text
        place = place or made.headers["location"]
        read = await api.get(place)
        tag = read.headers["etag"]
        unchanged = await api.get(place, headers={"If-None-Match": tag})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)

        changed = await api.request(method, path, json=change, headers={"If-Match": tag})
        assert changed.is_success, changed.text
        refused = await api.request(method, path, json=body, headers={"If-Match": tag})
        said = problem(refused, 412, "stale-revision")
        assert "look at it again" in said["detail"]
        again = await api.get(place, headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["etag"] != tag) == (200, True)
        problem(await api.delete(place, headers={"If-Match": tag}), 412, "stale-revision")
        assert (await api.delete(place, headers={"If-Match": again.headers["etag"]})).status_code == 204


async def test_what_is_read_and_has_not_changed_is_not_sent_again(api: httpx2.AsyncClient) -> None:
    for path in ("/v1/runs", "/v1/evaluators", "/v1/audit-events", "/v1/agents/kinds", "/version"):
        tag = (await api.get(path)).headers["etag"]
        for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await api.get(path, headers={"If-None-Match": named})
            assert (again.status_code, again.content) == (304, b""), (path, named)
        assert (await api.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_list_has_another_tag_once_there_is_more_in_it(api: httpx2.AsyncClient) -> None:
    tag = (await api.get("/v1/agents")).headers["etag"]
    assert (await api.post("/v1/agents", json=AGENT)).status_code == 201
    assert (await api.get("/v1/agents", headers={"If-None-Match": tag})).status_code == 200


async def test_a_revision_is_read_in_every_spelling_and_nothing_else_is(api: httpx2.AsyncClient) -> None:
    await api.put("/v1/budget", json={"max_usd": 5})
    for named in ("7", '"7"', 'W/"7"', '"7.0af3"'):
        refused = await api.put("/v1/budget", json={"max_usd": 6}, headers={"If-Match": named})
        problem(refused, 412, "stale-revision")
    for named in ("latest", '"a"', '"7", "8"', '"-1"'):
        refused = await api.put("/v1/budget", json={"max_usd": 6}, headers={"If-Match": named})
        assert [each["pointer"] for each in problem(refused, 422, "invalid-request")["errors"]] == ["If-Match"]
