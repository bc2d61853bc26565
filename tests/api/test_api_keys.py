"""API keys: made once, told once, held by a hash; what they may do, and until when, in every process of the API."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
import structlog
from pydantic import SecretStr

from api import examples
from api.key_text import new_key
from benchmark_client.models.administration import ApiKeyWithSecret as ToldToClients
from core.api_keys import ApiKeyWithSecret
from core.ids import new_id
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem, served
from tests.api.keys import READER, bearing, made

OPERATORS = {"Authorization": "Bearer operators-own"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_key": SecretStr("operators-own")})


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """As the operator."""
    async with served(settings) as client:
        client.headers.update(OPERATORS)
        yield client


async def asked(api: httpx2.AsyncClient, key: str, path: str = "/v1/runs") -> httpx2.Response:
    return await api.get(path, headers=bearing(key))


async def test_a_key_is_told_once_and_does_what_its_scopes_say(api: httpx2.AsyncClient) -> None:
    key = await made(api)
    assert re.fullmatch(r"abk_[0-9a-z]{26}_[0-9a-f]{72}", key["key"])
    assert key["key"].startswith(key["prefix"])
    assert (await asked(api, key["key"])).status_code == 200
    refused = await api.post("/v1/runs", json=definition(), headers=bearing(key["key"]))
    said = problem(refused, 403, "forbidden")
    assert said["detail"] == "This needs the scope benchmark:write; the key 'dashboard' has benchmark:read."
    assert 'error="insufficient_scope", scope="benchmark:write"' in refused.headers["www-authenticate"]
    for path in ("/v1/api-keys", f"/v1/api-keys/{key['api_key_id']}", "/v1/audit-events"):
        problem(await asked(api, key["key"], path), 403, "forbidden")
        assert key["key"] not in (await api.get(path)).text


async def test_only_a_hash_of_a_key_is_stored(api: httpx2.AsyncClient, settings: Settings) -> None:
    secret = (await made(api))["key"].rpartition("_")[2]
    connection = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    try:
        for table in ("api_keys", "audit_events", "idempotency_keys"):
            assert secret not in str(await connection.fetch(f"select * from {table}"))
    finally:
        await connection.close()


async def test_a_repeated_request_makes_one_key_and_is_told_no_secret(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    once = {"Idempotency-Key": "a-key-for-ci"}
    first = (await api.post("/v1/api-keys", json=READER, headers=once)).json()
    again = (await api.post("/v1/api-keys", json=READER, headers=once)).json()
    assert again == first | {"key": None}
    assert len((await api.get("/v1/api-keys")).json()["items"]) == 1
    assert (await asked(api, first["key"])).status_code == 200


async def test_what_holds_no_more_is_told_to_who_has_it_and_to_nobody_else(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    key = await made(api)
    path = f"/v1/api-keys/{key['api_key_id']}"
    soon = (datetime.now(UTC) + timedelta(milliseconds=300)).isoformat()
    assert (await api.patch(path, json={"expires_at": soon})).json()["status"] == "active"
    expired = await refused(api, key["key"])
    assert "This API key expired at" in problem(expired, 401, "unauthenticated")["detail"]
    assert 'error="invalid_token"' in expired.headers["www-authenticate"]
    assert (await api.patch(path, json={"expires_at": None})).json()["expires_at"] is None
    assert (await asked(api, key["key"])).status_code == 200
    revoked = (await api.post(f"{path}/revoke")).json()
    assert revoked["status"] == "revoked"
    assert "This API key was revoked at" in problem(await asked(api, key["key"]), 401, "unauthenticated")["detail"]
    # The same id with another secret, and an id that never was, look alike.
    details = {
        problem(await asked(api, new_key(api_key_id)), 401, "unauthenticated")["detail"]
        for api_key_id in (key["api_key_id"], new_id("apikey"))
    }
    assert details == {"This API key is not known here, or is no more; ask whoever runs the service for another one."}
    cut = problem(await asked(api, key["key"][:-1]), 401, "unauthenticated")["detail"]
    assert "its checksum does not fit" in cut


async def refused(api: httpx2.AsyncClient, key: str) -> httpx2.Response:
    """The answer to the key as soon as it holds no more."""
    async with asyncio.timeout(20):
        while True:
            answer = await asked(api, key)
            if answer.status_code != 200:
                return answer
            await asyncio.sleep(0.05)


async def test_a_revocation_holds_in_every_process_of_the_api(api: httpx2.AsyncClient, settings: Settings) -> None:
    async with served(settings) as other:
        key = await made(api)
        assert {(await asked(each, key["key"])).status_code for each in (api, other)} == {200}
        await api.post(f"/v1/api-keys/{key['api_key_id']}/revoke")
        revoked = began = let_in = time.monotonic()
        assert (await asked(api, key["key"])).status_code == 401, "at once, where it was done"
        async with asyncio.timeout(20):
            while (answer := await asked(other, key["key"])).status_code == 200:
                # Of the request that was let in last, only the beginning counts: its answer may take its time.
                let_in = began
                await asyncio.sleep(0.02)
                began = time.monotonic()
    assert "was revoked at" in problem(answer, 401, "unauthenticated")["detail"]
    assert let_in < revoked + 1


async def test_a_stream_of_events_ends_with_the_key_it_was_opened_by(api: httpx2.AsyncClient) -> None:
    key = await made(api)
    headers = bearing(key["key"]) | {"Accept": "text/event-stream"}
    async with asyncio.timeout(20), api.stream("GET", "/v1/events", headers=headers) as stream:
        lines = stream.aiter_lines()
        assert stream.status_code == 200
        run = (await api.post("/v1/runs", json=definition())).json()
        while run["run_id"] not in await anext(lines):
            pass
        await api.post(f"/v1/api-keys/{key['api_key_id']}/revoke")
        after = (await api.post("/v1/runs", json=definition())).json()
        assert not [line async for line in lines if after["run_id"] in line], "and it has an end"


async def test_after_a_rotation_both_secrets_hold_for_a_while(api: httpx2.AsyncClient) -> None:
    key = await made(api)
    path = f"/v1/api-keys/{key['api_key_id']}"
    rotated = (await api.post(f"{path}/rotate", json={"keep_s": 3600})).json()
    assert rotated["former_until"]
    assert {(await asked(api, each["key"])).status_code for each in (key, rotated)} == {200}
    last = (await api.post(f"{path}/rotate", json={"keep_s": 0})).json()
    assert last["former_until"] is None
    for former in (key, rotated):
        assert "was replaced" in problem(await asked(api, former["key"]), 401, "unauthenticated")["detail"]
    assert (await asked(api, last["key"])).status_code == 200
    for _ in range(4):
        assert (await api.post(f"{path}/rotate")).status_code == 200
    full = problem(await api.post(f"{path}/rotate", json={"keep_s": 7200}), 409, "conflict")["detail"]
    assert "rotate after 20" in full
    assert (await asked(api, last["key"])).status_code == 200, "it holds for as long as was said"
    assert (await api.post(f"{path}/rotate", json={"keep_s": 0})).status_code == 200
    await api.post(f"{path}/revoke")
    problem(await api.post(f"{path}/rotate"), 409, "conflict")
    problem(await api.patch(path, json={"name": "x"}), 409, "conflict")


async def test_names_are_told_apart_and_free_again_when_their_key_is_revoked(api: httpx2.AsyncClient) -> None:
    key = await made(api)
    problem(await api.post("/v1/api-keys", json=READER), 409, "conflict")
    other = await made(api, name="other")
    problem(await api.patch(f"/v1/api-keys/{other['api_key_id']}", json={"name": READER["name"]}), 409, "conflict")
    await api.post(f"/v1/api-keys/{key['api_key_id']}/revoke")
    assert (await api.post("/v1/api-keys", json=READER)).status_code == 201
    wrongs: list[tuple[dict[str, Any], str]] = [
        *(({"name": name}, "/name") for name in ("operator", "Operator", "operator ")),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
    ]
    for wrong, pointer in wrongs:
        said = problem(await api.post("/v1/api-keys", json=READER | wrong), 422, "invalid-request")
        assert said["errors"][0]["pointer"] == pointer


async def test_a_change_follows_the_revision_it_names(api: httpx2.AsyncClient) -> None:
    key = await made(api)
    path = f"/v1/api-keys/{key['api_key_id']}"
    first = await api.get(path)
    assert (await api.get(path, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    named = {"If-Match": first.headers["etag"]}
    assert (await api.patch(path, json={"name": "wall"}, headers=named)).status_code == 200
    for verb, body in (("rotate", {"keep_s": 0}), ("revoke", None)):
        problem(await api.post(f"{path}/{verb}", json=body, headers=named), 412, "stale-revision")
    problem(await api.patch(path, json={"name": "hall"}, headers=named), 412, "stale-revision")
    assert (await asked(api, key["key"])).status_code == 200


async def test_whoever_has_a_key_may_ask_what_it_may_do(api: httpx2.AsyncClient) -> None:
    key = await made(api, expires_at=examples.API_KEY["expires_at"])
    told = (await asked(api, key["key"], "/v1/whoami")).json()
    assert told == {
        "name": "dashboard",
        "through": "api_key",
        "project_id": "default",
        "scopes": ["benchmark:read"],
        "api_key_id": key["api_key_id"],
        "expires_at": examples.API_KEY["expires_at"],
    }
    told = (await api.get("/v1/whoami")).json()
    assert (told["name"], told["through"], told["scopes"]) == ("operator", "operator_key", ["admin:full"])


async def test_without_an_operators_key_this_machine_is_the_operator_unless_it_sends_a_key(settings: Settings) -> None:
    async with served(settings.model_copy(update={"api_key": None})) as api:
        assert (await api.get("/v1/whoami")).json()["through"] == "this_machine"
        assert (await asked(api, "what-clients-of-openai-send", "/v1/whoami")).json()["through"] == "this_machine"
        key = await made(api)
        assert (await asked(api, key["key"], "/v1/whoami")).json()["through"] == "api_key"
        problem(await asked(api, key["key"], "/v1/api-keys"), 403, "forbidden")
        problem(await asked(api, new_key(new_id("apikey"))), 401, "unauthenticated")
        strange = {"Host": "evil.example"}
        problem(await api.get("/v1/runs", headers=strange), 401, "unauthenticated")
        # Who sends a key is no page that a browser was lured to.
        assert (await api.get("/v1/runs", headers=strange | bearing(key["key"]))).status_code == 200


async def test_while_the_database_is_away_nobody_is_taken_for_a_stranger(settings: Settings) -> None:
    key = new_key(new_id("apikey"))
    away = settings.model_copy(update={"database_url": "postgresql+asyncpg://x@127.0.0.1:1/x"})
    async with served(away) as api:
        answer = await asked(api, key)
        assert "cannot be looked up" in problem(answer, 503, "service-unavailable")["detail"]
        assert int(answer.headers["retry-after"]) >= 1
        assert (await asked(api, key, "/version")).status_code == 200, "a public page needs no key"
        assert (await api.get("/v1/whoami", headers=OPERATORS)).status_code == 200


async def test_the_time_of_last_use_is_written_beside_the_requests(api: httpx2.AsyncClient) -> None:
    key = await made(api)
    path = f"/v1/api-keys/{key['api_key_id']}"
    assert (await api.get(path)).json()["last_used_at"] is None
    await asked(api, key["key"])
    async with asyncio.timeout(20):
        while True:
            found = (await api.get(path)).json()
            if found["last_used_at"] is not None:
                break
            await asyncio.sleep(0.05)
    assert found["revision"] == key["revision"], "using a key is no change of it"


async def test_no_key_is_logged_nor_told_in_a_problem_nor_shown(
    api: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as logged:
        key = await made(api)
        secret = key["key"].rpartition("_")[2]
        answers = [
            await asked(api, key["key"]),
            await asked(api, f"{key['key']}0"),
            await asked(api, key["key"], "/v1/api-keys"),
            await api.post(f"/v1/api-keys/{key['api_key_id']}/revoke"),
            await asked(api, key["key"]),
        ]
    assert [each.status_code for each in answers] == [200, 401, 403, 200, 401]
    assert {each["principal"] for each in logged if each["event"] == "request"} >= {"operator", "dashboard"}
    printed = capsys.readouterr()
    told = str([each.text for each in answers]) + str(logged) + printed.out + printed.err
    for shown in (ApiKeyWithSecret.model_validate(key), ToldToClients.model_validate(key)):
        told += f"{shown!r} {shown}"
    assert secret not in told
