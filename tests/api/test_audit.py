"""Who did what: told by the name of the key, and found by actor, action, subject and time."""

from typing import Any

import asyncpg
import httpx2
import pytest

from core.settings import Settings
from tests.api.conftest import problem
from tests.api.keys import READER, bearing, made


async def test_who_did_what_is_told_by_the_name_of_the_key(api: httpx2.AsyncClient) -> None:
    admin = await made(api, name="the lab", scopes=["admin:full"])
    theirs = bearing(admin["key"])
    reader = (await api.post("/v1/api-keys", json=READER, headers=theirs)).json()
    assert reader["created_by"] == "the lab"
    await api.put("/v1/prices/small", json={"base_url": "https://x.example", "input": 1, "output": 2}, headers=theirs)
    path = f"/v1/api-keys/{reader['api_key_id']}"
    await api.post(f"{path}/rotate", headers=theirs)
    await api.patch(path, json={"name": "wall", "scopes": ["results:read"]}, headers=theirs)
    await api.post(f"{path}/revoke")
    events = (await api.get("/v1/audit-events")).json()["items"]
    assert [(each["principal"], each["action"]) for each in events] == [
        ("operator", "api_key.revoke"),
        ("the lab", "api_key.change"),
        ("the lab", "api_key.rotate"),
        ("the lab", "price.set"),
        ("the lab", "api_key.create"),
        ("operator", "api_key.create"),
    ]
    assert events[1]["data"] == {"name": "wall", "former_name": "dashboard", "scopes": "results:read"}
    assert {each["subject"] for each in events[:3]} == {reader["api_key_id"]}


async def test_the_audit_log_is_searched_by_actor_action_subject_and_time(api: httpx2.AsyncClient) -> None:
    key = await made(api, name="the lab", scopes=["admin:full"])
    await api.post("/v1/api-keys", json=READER, headers=bearing(key["key"]))

    async def found(**wanted: Any) -> list[int]:
        answer = await api.get("/v1/audit-events", params=wanted)
        assert answer.status_code == 200, answer.text
        return [each["audit_no"] for each in answer.json()["items"]]

    second, first = (await api.get("/v1/audit-events")).json()["items"]
    both = [second["audit_no"], first["audit_no"]]
    assert await found(principal="the lab") == both[:1]
    assert await found(action=["api_key.create", "run.cancel"]) == both
    assert await found(action="run.cancel") == []
    assert await found(subject=key["api_key_id"]) == both[1:]
    assert await found(since=second["created_at"]) == both[:1]
    assert await found(until=second["created_at"]) == both[1:]
    page = (await api.get("/v1/audit-events", params={"action": "api_key.create", "limit": 1})).json()
    assert await found(action="api_key.create", cursor=page["next_cursor"]) == both[1:]


async def test_the_log_tells_whether_it_is_whole(api: httpx2.AsyncClient, settings: Settings) -> None:
    path = "/v1/audit-events/verification"
    assert (await api.get(path)).json() == {"whole": True, "events": 0, "head": None, "broken": None}
    for name in ("one", "two"):
        await made(api, name=name)
    found = (await api.get(path)).json()
    assert (found["whole"], found["events"]) == (True, 2)
    assert (await api.get(path, params={"known": found["head"]})).json() == found
    problem(await api.get(path, params={"known": "x"}), 422, "invalid-request")
    connection = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    try:
        with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
            await connection.execute("update audit_events set principal = 'nobody'")
        await connection.execute("set session_replication_role = replica")
        await connection.execute("update audit_events set principal = 'nobody' where link_no = 2")
    finally:
        await connection.close()
    found = (await api.get(path)).json()
    assert (found["whole"], found["events"]) == (False, 1)
    assert found["broken"]["link_no"] == 2
    assert "not as it was recorded" in found["broken"]["reason"]
