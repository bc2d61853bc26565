"""Webhooks over REST: what is made and changed, what goes out and how it is signed, and who hears nothing."""

from typing import Any

import httpx2
import standardwebhooks
import svix

from tests.providers import Asked, Provider, Sends


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
    async with Provider(lambda _: Sends(b"thanks")) as receiver:
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
