"""Webhooks over REST: what is made and changed, what goes out and how it is signed, and who hears nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import standardwebhooks
import svix
from sqlalchemy import text

from adapters.database.deliveries import DeliveryRepository
from adapters.database.delivery_watch import DeliveryWatchRepository
from adapters.database.engine import open_engine, sessions
from adapters.database.webhooks import WebhookRepository
from api import examples
from cli.embedded.temporal import TemporalServer
from core.errors import NotFound
from core.settings import Settings
from tests.api.conftest import problem, served
from tests.api.live import asking, knows_capitals, submitted, until, with_temporal, working
from tests.providers import Asked, Behaviour, Bomb, Provider, Resets, Sends, Status

TAKEN = Sends(b"thanks")


def wanted(receiver: Provider, **changes: Any) -> dict[str, Any]:
    return {"url": f"{receiver.root}/hooks", "events": ["run.completed"], **changes}


async def created(api: httpx2.AsyncClient, receiver: Provider, **changes: Any) -> dict[str, Any]:
    answer = await api.post("/v1/webhooks", json=wanted(receiver, **changes))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/webhooks/{answer.json()['webhook_id']}"
    return answer.json()


async def tried(api: httpx2.AsyncClient, hook: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(f"/v1/webhooks/{hook['webhook_id']}/test")
    assert answer.status_code == 200, answer.text
    return answer.json()


def signed(asked: Asked, secret: str) -> bool:
    """Whether both receivers' libraries take it."""
    try:
        standardwebhooks.Webhook(secret).verify(asked.content, asked.headers)
        svix.Webhook(secret).verify(asked.content, asked.headers)
    except (standardwebhooks.WebhookVerificationError, svix.WebhookVerificationError):
        return False
    return True


async def test_a_trial_is_signed_so_that_the_libraries_of_receivers_take_it(api: httpx2.AsyncClient) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        hook = await created(api, receiver)
        delivery = await tried(api, hook)
        (asked,) = receiver.log
    assert hook["secret"].startswith("whsec_")
    assert (delivery["status"], delivery["next_attempt_at"]) == ("delivered", None)
    (attempt,) = delivery["attempts"]
    assert (attempt["number"], attempt["http_status"], attempt["response"], attempt["error"]) == (
        1,
        200,
        "thanks",
        None,
    )
    assert (asked.method, asked.path, asked.headers["webhook-id"]) == ("POST", "/hooks", delivery["delivery_id"])
    assert signed(asked, hook["secret"])
    assert asked.body == delivery["event"]
    assert asked.body["type"] == "webhook.test"
    other = await created(api, receiver)
    assert not signed(asked, other["secret"])


async def test_what_is_made_is_told_with_its_secret_once_and_never_again(api: httpx2.AsyncClient) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        keyed = {"Idempotency-Key": "one"}
        first = await api.post("/v1/webhooks", json=wanted(receiver), headers=keyed)
        again = await api.post("/v1/webhooks", json=wanted(receiver), headers=keyed)
    hook = first.json()
    secret = hook.pop("secret")
    assert again.json() == {**hook, "secret": None}, "what is kept for repetitions holds no secret"
    shown = (await api.get(f"/v1/webhooks/{hook['webhook_id']}")).json()
    assert shown == hook
    assert (await api.get("/v1/webhooks")).json()["items"] == [hook]
    assert (hook["status"], hook["events"], hook["pending"], hook["failing_since"]) == (
        "active",
        ["run.completed"],
        0,
        None,
    )
    everything = [(await api.get(path)).text for path in ("/v1/webhooks", "/v1/audit-events", "/v1/events")]
    assert not [text for text in everything if secret in text]


async def test_no_secret_lies_in_the_database_in_the_clear(api: httpx2.AsyncClient, settings: Settings) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        hook = await created(api, receiver)
        rotated = await api.post(f"/v1/webhooks/{hook['webhook_id']}/rotate", headers={"Idempotency-Key": "two"})
        await tried(api, hook)
    planted = (hook["secret"], rotated.json()["secret"])
    async with open_engine(settings.database_url) as engine, engine.connect() as connection:
        rows = [
            str(tuple(row))
            for table in ("webhooks", "webhook_deliveries", "webhook_attempts", "audit_events")
            for row in await connection.execute(text(f"select * from {table}"))
        ]
        rows += [bytes(body).decode() for body in await connection.scalars(text("select body from idempotency_keys"))]
    assert len(rows) > 4
    assert not [row for row in rows for secret in planted if secret in row]


async def test_after_a_rotation_deliveries_bear_both_signatures_until_the_old_secret_ends(
    api: httpx2.AsyncClient,
) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        hook = await created(api, receiver)
        new = (await api.post(f"/v1/webhooks/{hook['webhook_id']}/rotate")).json()["secret"]
        await tried(api, hook)
        newest = await api.post(f"/v1/webhooks/{hook['webhook_id']}/rotate", json={"keep_s": 0})
        await tried(api, hook)
    both, last = receiver.log
    assert len(both.headers["webhook-signature"].split()) == 2
    assert [signed(both, secret) for secret in (hook["secret"], new)] == [True, True]
    assert [signed(last, secret) for secret in (hook["secret"], new)] == [False, False]
    assert signed(last, newest.json()["secret"])


async def test_a_secret_signs_for_as_long_as_was_said_however_often_another_is_made(api: httpx2.AsyncClient) -> None:
    made = (await api.post("/v1/webhooks", json={"url": "http://127.0.0.1:1/"})).json()
    path = f"/v1/webhooks/{made['webhook_id']}"
    assert made["former_until"] is None
    rotated = [(await api.post(f"{path}/rotate", json={"keep_s": 3600})).json() for _ in range(4)]
    assert datetime.fromisoformat(rotated[-1]["former_until"]) > datetime.now(UTC) + timedelta(minutes=50)
    full = problem(await api.post(f"{path}/rotate", json={"keep_s": 60}), 409, "conflict")["detail"]
    assert "5 secrets hold at this moment" in full
    ended = (await api.post(f"{path}/rotate", json={"keep_s": 0})).json()
    assert ended["former_until"] is None


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"url": "http://10.0.0.7/hooks"}, "/url", "BENCHMARK_NETWORK_ALLOW"),
        ({"url": "http://169.254.169.254/latest"}, "/url", "BENCHMARK_NETWORK_ALLOW"),
        ({"url": "ftp://hooks.example.com"}, "/url", "starts with http"),
        ({"url": "https://me:secret@hooks.example.com"}, "/url", "no user and no password"),
        ({"events": ["run.exploded"]}, "/events/0", "run.completed"),
        ({"after": 99}, "/after", "the newest is 0"),
        ({"kind": "notify", "url": "nonsense://here"}, "/url", "apprise"),
    ],
)
async def test_what_cannot_work_is_refused_with_its_place(
    api: httpx2.AsyncClient, changes: dict[str, Any], pointer: str, said: str
) -> None:
    answer = await api.post("/v1/webhooks", json={"url": "http://127.0.0.1:1/", **changes})
    (error,) = problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"] == pointer
    assert said in error["detail"]


async def test_an_address_that_turns_private_is_not_posted_to(settings: Settings) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        async with served(settings) as lenient:
            hook = await created(lenient, receiver)
        async with served(settings.model_copy(update={"network_allow": ()})) as strict:
            delivery = await tried(strict, hook)
    assert receiver.log == []
    assert delivery["status"] == "failed"
    assert "is not a public address" in delivery["reason"]


@pytest.mark.parametrize(
    ("behaviour", "status", "said"),
    [
        (Status(500, body=b"x" * 5000), 500, "HTTP 500."),
        (Status(307, headers={"Location": "/elsewhere"}), 307, "It redirects"),
        (Resets(), None, "The connection to 127.0.0.1 broke"),
    ],
    ids=["error", "redirect", "reset"],
)
async def test_how_a_delivery_failed_is_told_in_bounds(
    api: httpx2.AsyncClient, behaviour: Behaviour, status: int | None, said: str
) -> None:
    async with Provider(lambda _: behaviour) as receiver:
        delivery = await tried(api, await created(api, receiver))
    assert len(receiver.log) == 1
    (attempt,) = delivery["attempts"]
    assert (delivery["status"], attempt["http_status"]) == ("failed", status)
    assert attempt["error"].startswith(said)
    assert len(attempt["response"] or "") <= 1000


async def test_an_answer_without_end_counts_by_its_status(api: httpx2.AsyncClient) -> None:
    async with Provider(lambda _: Bomb(20_000_000)) as receiver:
        delivery = await tried(api, await created(api, receiver))
    assert (delivery["status"], len(delivery["attempts"][0]["response"])) == ("delivered", 1000)


async def test_a_trial_that_fails_is_no_reason_to_send_less(api: httpx2.AsyncClient) -> None:
    async with Provider(lambda _: Status(500)) as receiver:
        hook = await created(api, receiver)
        await tried(api, hook)
    assert (await api.get(f"/v1/webhooks/{hook['webhook_id']}")).json() == {
        k: v for k, v in hook.items() if k != "secret"
    }


async def test_only_what_is_said_changes(api: httpx2.AsyncClient) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        hook = await created(api, receiver)
        path = f"/v1/webhooks/{hook['webhook_id']}"
        changed = (await api.patch(path, json={"description": "mine", "events": []})).json()
        assert (changed["description"], changed["events"], changed["url"]) == ("mine", [], hook["url"])
        off = (await api.patch(path, json={"enabled": False})).json()
        assert (off["status"], off["disabled_reason"]) == ("disabled", None)
        delivery = await tried(api, hook)
        again = await api.post(f"{path}/deliveries/{delivery['delivery_id']}/redeliver")
        problem(again, 409, "conflict")
        assert (await api.patch(path, json={"enabled": True})).json()["status"] == "active"
        told = (await api.post(f"{path}/deliveries/{delivery['delivery_id']}/redeliver")).json()
        assert (told["status"], len(told["attempts"])) == ("pending", 1)
        assert (await api.get(f"{path}/deliveries?status=pending")).json()["items"] == [told]
        assert (await api.get(f"{path}/deliveries/{delivery['delivery_id']}")).json() == told
        assert (await api.delete(path)).status_code == 204
        problem(await api.get(path), 404, "not-found")
        problem(await api.get(f"{path}/deliveries"), 404, "not-found")


async def test_the_ids_of_another_project_are_unknown(api: httpx2.AsyncClient, settings: Settings) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        hook = await created(api, receiver)
    async with open_engine(settings.database_url) as engine:
        webhooks, deliveries = WebhookRepository(sessions(engine)), DeliveryRepository(sessions(engine))
        webhook_id = hook["webhook_id"]
        trial = await deliveries.add_trial("default", webhook_id, "webhook.test", {})
        for look in (
            lambda: webhooks.get("other", webhook_id),
            lambda: webhooks.change("other", webhook_id, {}, enabled=False),
            lambda: webhooks.rotate("other", webhook_id, "sealed", keep_s=0),
            lambda: webhooks.remove("other", webhook_id),
            lambda: deliveries.get("other", webhook_id, trial),
            lambda: deliveries.redeliver("other", webhook_id, trial),
        ):
            with pytest.raises(NotFound):
                await look()
        assert (await deliveries.page("other", webhook_id, limit=5)).items == ()
        assert (await webhooks.page("other", limit=5)).items == ()


async def test_watches_that_look_at_once_make_one_delivery_of_an_event(
    api: httpx2.AsyncClient, settings: Settings
) -> None:
    async with Provider("Paris") as receiver:
        hook = await created(api, receiver, events=["run.queued"], after=0)
    for _ in range(7):
        await api.post("/v1/runs", json=examples.INLINE)
    async with open_engine(settings.database_url) as engine:
        watches = [DeliveryWatchRepository(sessions(engine)) for _ in range(5)]
        assert await watches[0].behind() == [hook["webhook_id"]]
        taken = await asyncio.gather(*(watch.take(hook["webhook_id"]) for watch in watches))
        assert sorted(taken) == [0, 0, 0, 0, 7]
        assert await watches[0].behind() == []
    log = (await api.get(f"/v1/webhooks/{hook['webhook_id']}/deliveries")).json()["items"]
    assert sorted(int(each["event"]["id"]) for each in log) == list(range(1, 8))
    back = (await api.patch(f"/v1/webhooks/{hook['webhook_id']}", json={"after": 0})).json()
    assert (back["after"], back["pending"]) == (0, 7)
    async with open_engine(settings.database_url) as engine:
        await DeliveryWatchRepository(sessions(engine)).take(hook["webhook_id"])
    assert (await api.get(f"/v1/webhooks/{hook['webhook_id']}")).json()["pending"] == 7, (
        "what was tried is not sent again"
    )


async def test_people_are_told_by_apprise_and_the_address_stays_secret(api: httpx2.AsyncClient) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        url = receiver.root.replace("http://", "json://") + "/s3cr3t-place"
        body = {"kind": "notify", "url": url, "events": ["gate.failed"]}
        hook = (await api.post("/v1/webhooks", json=body)).json()
        taken = await tried(api, hook)
        (asked,) = receiver.log
        receiver.next(Status(500))
        refused = await tried(api, hook)
    assert (hook["url"], hook["secret"]) == ("json://...", None)
    assert (taken["status"], asked.path) == ("delivered", "/s3cr3t-place")
    assert asked.body["title"] == f"webhook.test: {hook['webhook_id']}"
    assert refused["status"] == "failed"
    assert "s3cr3t" not in str(refused)
    answer = await api.post(f"/v1/webhooks/{hook['webhook_id']}/rotate")
    problem(answer, 409, "conflict")


async def test_a_notification_reaches_no_private_address(settings: Settings) -> None:
    async with Provider(lambda _: TAKEN) as receiver:
        url = receiver.root.replace("http://", "json://")
        async with served(settings.model_copy(update={"network_allow": ()})) as strict:
            hook = (await strict.post("/v1/webhooks", json={"kind": "notify", "url": url})).json()
            delivery = await tried(strict, hook)
    assert receiver.log == []
    assert delivery["status"] == "failed"


@pytest.mark.timeout(60)
async def test_what_happens_to_a_run_comes_signed(settings: Settings, temporal_server: TemporalServer) -> None:
    settings = with_temporal(settings, temporal_server).model_copy(update={"api_watches": True})
    async with (
        served(settings) as api,
        working(settings) as worker,
        Provider(knows_capitals) as provider,
        Provider(lambda _: TAKEN) as receiver,
    ):
        await worker.start()
        hook = await created(api, receiver, events=["run.queued", "run.completed"])
        run_id = await submitted(api, asking(provider))
        await receiver.asked(2)
        await until(api, run_id, "completed")
        log = (await api.get(f"/v1/webhooks/{hook['webhook_id']}/deliveries")).json()["items"]
    assert all(signed(asked, hook["secret"]) for asked in receiver.log)
    told = {asked.body["type"]: asked.body["subject"] for asked in receiver.log}
    assert told == {"run.queued": run_id, "run.completed": run_id}
    assert {each["delivery_id"] for each in log} == {asked.headers["webhook-id"] for asked in receiver.log}
