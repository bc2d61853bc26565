"""`/v1/limits`: rules in, what is known out, and everything that changes something leaves a trace."""

from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import open_engine
from adapters.database.shared_limits import PostgresLimits
from core.limits import Asker, Demand, ProviderKey, Report, Trouble

KEY = ProviderKey(key_id="key_1", origin="https://models.example.com:443", credential="lab-key", model="small")
RULE: dict[str, Any] = {"origin": "https://models.example.com/v1", "model": "small", "in_flight": 5}


async def exchanged(database_url: str, **seen: Any) -> None:
    """One report of a worker that asks by the key."""
    engine: AsyncEngine
    async with open_engine(database_url) as engine:
        demand = Demand(asker=Asker(run_id="run_a", project_id="default"), waiting=3, in_flight=2, waited_s=1.0)
        report = Report.model_validate({"owner": "p1", "demands": (demand,)} | seen)
        await PostgresLimits(engine).exchange(KEY, report)


async def test_a_rule_is_set_seen_replaced_and_removed(api: httpx2.AsyncClient, migrated_database_url: str) -> None:
    stored = (await api.post("/v1/limits", json=RULE)).json()
    assert stored["origin"] == "https://models.example.com:443"
    again = (await api.post("/v1/limits", json=RULE | {"in_flight": 6})).json()
    assert again["rule_id"] == stored["rule_id"]
    [rule] = (await api.get("/v1/limits/rules")).json()["items"]
    assert rule["limits"]["in_flight"] == 6
    await exchanged(migrated_database_url)
    [key] = (await api.get("/v1/limits")).json()["items"]
    assert (key["key_id"], key["credential"], key["limits"]["in_flight"]) == ("key_1", "lab-key", 6)
    assert (await api.delete(f"/v1/limits/rules/{stored['rule_id']}")).status_code == 204
    assert (await api.delete(f"/v1/limits/rules/{stored['rule_id']}")).status_code == 404
    [key] = (await api.get("/v1/limits")).json()["items"]
    assert key["limits"]["in_flight"] is None
    told = {event["action"] for event in (await api.get("/v1/audit-events")).json()["items"]}
    assert {"limit.set", "limit.remove"} <= told


@pytest.mark.parametrize(
    "body",
    [{"origin": "https://a.example.com"}, RULE | {"in_flight": 0}, RULE | {"origin": "nowhere"}, RULE | {"calls": 1}],
    ids=["nothing is limited", "nothing is allowed", "no origin", "unknown field"],
)
async def test_a_rule_that_means_nothing_is_refused(api: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    answer = await api.post("/v1/limits", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_an_open_breaker_is_seen_with_its_reason_and_can_be_closed(
    api: httpx2.AsyncClient, migrated_database_url: str
) -> None:
    refused = "The connection was refused."
    await exchanged(migrated_database_url, trouble=Trouble(kind="unavailable", count=12, detail=refused))
    [key] = (await api.get("/v1/limits")).json()["items"]
    assert (key["breaker"], key["failures_in_a_row"], key["last_failure"]) == ("open", 12, refused)
    assert key["tried_again_at"] is not None
    assert key["runs"] == [
        {
            "run_id": "run_a",
            "waiting": 3,
            "in_flight": 2,
            "workers": 1,
            "waiting_since": key["runs"][0]["waiting_since"],
        }
    ]
    assert (await api.post("/v1/limits/key_1/reset")).status_code == 204
    [key] = (await api.get("/v1/limits")).json()["items"]
    assert (key["breaker"], key["last_failure"]) == ("closed", None)
    assert (await api.post("/v1/limits/key_9/reset")).status_code == 404
