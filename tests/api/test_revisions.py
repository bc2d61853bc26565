"""`If-Match` over REST: nobody undoes what somebody else changed, and no request is refused for what it did itself."""

import httpx2
import pytest
from sqlalchemy import text

from adapters.database.engine import open_engine, sessions
from adapters.database.revisions import Expected
from adapters.database.webhooks import WebhookRepository
from core.errors import StaleRevision
from core.ids import new_id
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem, served

RARELY = {"intervals": [{"every_s": 86400}]}
NOTE = {"note": "for the night"}


def following(tag: str, key: str) -> dict[str, str]:
    return {"If-Match": tag, "Idempotency-Key": key}


async def schedule_of(api: httpx2.AsyncClient) -> tuple[str, str]:
    """Its path and its tag."""
    made = await api.post("/v1/schedules", json={"name": "nightly", "run": definition(), "when": RARELY})
    assert made.status_code == 201, made.text
    return f"/v1/schedules/{made.json()['schedule_id']}", made.headers["etag"]


async def test_a_change_that_broke_halfway_goes_on_when_it_is_repeated_instead_of_meeting_itself(
    settings: Settings, scheduling: Settings
) -> None:
    async with served(scheduling) as api, served(settings) as without_temporal:
        path, tag = await schedule_of(api)
        for key, step, body in (("a", "/pause", NOTE), ("b", "/resume", NOTE)):
            headers = following(tag, key)
            problem(await without_temporal.post(path + step, json=body, headers=headers), 503, "service-unavailable")
            done = await api.post(path + step, json=body, headers=headers)
            assert done.status_code == 202, done.text
            again = await api.post(path + step, json=body, headers=headers)
            assert (again.status_code, again.json()) == (202, done.json())
            assert again.headers["idempotency-replayed"] == "true"
            tag = done.headers["etag"]
        assert done.json()["state"] == "active"
        changed = await api.patch(path, json={"when": {"cron": ["0 3 * * *"]}}, headers=following(tag, "c"))
        assert changed.status_code == 200, changed.text
        assert (await api.delete(path, headers={"If-Match": changed.headers["etag"]})).status_code == 204


async def test_a_change_that_broke_halfway_gives_way_to_what_somebody_else_changed_meanwhile(
    settings: Settings, scheduling: Settings
) -> None:
    async with served(scheduling) as api, served(settings) as without_temporal:
        path, tag = await schedule_of(api)
        headers = following(tag, "mine")
        problem(await without_temporal.post(f"{path}/pause", headers=headers), 503, "service-unavailable")
        assert (await api.patch(path, json={"note": "theirs"})).status_code == 200
        problem(await api.post(f"{path}/pause", headers=headers), 412, "stale-revision")
        assert (await api.get(path)).json()["state"] == "active"
        assert (await api.delete(path)).status_code == 204


async def test_a_run_may_be_retuned_again_and_again_until_temporal_hears_of_it(api: httpx2.AsyncClient) -> None:
    run = (await api.post("/v1/runs", json=definition())).json()
    path, headers = f"/v1/runs/{run['run_id']}", following(f'"{run["revision"]}"', "tuned")
    for _ in range(3):
        problem(await api.patch(path, json={"concurrency": 3}, headers=headers), 503, "service-unavailable")
    problem(await api.patch(path, json={"concurrency": 4}, headers=following('"1"', "other")), 412, "stale-revision")


async def test_a_webhook_is_changed_only_as_it_was_seen(api: httpx2.AsyncClient) -> None:
    made = await api.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/hooks"})
    path, tag = f"/v1/webhooks/{made.json()['webhook_id']}", made.headers["etag"]
    assert tag.startswith(f'"{made.json()["revision"]}')
    renamed = await api.patch(path, json={"description": "ours"}, headers={"If-Match": tag})
    assert renamed.status_code == 200, renamed.text
    stale = {"If-Match": tag}
    problem(await api.patch(path, json={"description": "theirs"}, headers=stale), 412, "stale-revision")
    problem(await api.post(f"{path}/rotate", headers=stale), 412, "stale-revision")
    problem(await api.delete(path, headers=stale), 412, "stale-revision")
    found = await api.get(path)
    assert (found.json()["description"], found.json()["revision"]) == ("ours", renamed.json()["revision"])
    rotated = await api.post(f"{path}/rotate", headers={"If-Match": found.headers["etag"]})
    assert rotated.status_code == 200
    assert (await api.delete(path, headers={"If-Match": rotated.headers["etag"]})).status_code == 204


async def test_a_deletion_that_is_repeated_ends_well_and_meets_neither_itself_nor_what_it_removed(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    made = await api.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/hooks"})
    path = f"/v1/webhooks/{made.json()['webhook_id']}"
    headers = following(made.headers["etag"], "away")
    assert (await api.delete(path, headers=headers)).status_code == 204
    again = await api.delete(path, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (204, "true")
    problem(await api.delete(path, headers=following(made.headers["etag"], "other")), 412, "stale-revision")
    async with open_engine(settings.database_url) as engine, engine.begin() as connection:
        # As if the process had died before it could keep its answer.
        await connection.execute(
            text("update idempotency_keys set status = null, leased_until = now() - '1 s'::interval")
        )
    problem(await api.delete(path, headers=headers), 404, "not-found")


async def test_a_webhook_of_another_project_tells_nothing_of_its_revision(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    webhook_id = (await api.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/hooks"})).json()["webhook_id"]
    told: set[str] = set()
    async with open_engine(settings.database_url) as engine:
        webhooks = WebhookRepository(sessions(engine))
        for unknown in (webhook_id, new_id("hook")):
            for change in (
                webhooks.remove("other", unknown, expected=Expected(1)),
                webhooks.change("other", unknown, {}, expected=Expected(1)),
                webhooks.rotate("other", unknown, "sealed", keep_s=0, expected=Expected(1)),
            ):
                with pytest.raises(StaleRevision) as refused:
                    await change
                told.add(str(refused.value))
    assert told == {"It was at revision 1 and is there no more; look for it again."}
