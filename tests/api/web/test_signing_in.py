"""Sessions of pages: an API key opens one, its scopes hold, its revocation ends it, and other sites can do nothing."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from api.sessions import COOKIE
from core.settings import Settings
from tests.api.conftest import served

OPERATOR = "an-operator-key-that-nobody-guesses"
BEARER = {"Authorization": f"Bearer {OPERATOR}"}
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def guarded(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A service whose pages ask for a key."""
    async with served(settings.model_copy(update={"api_key": SecretStr(OPERATOR)})) as client:
        yield client


async def key_with(client: httpx2.AsyncClient, *scopes: str) -> dict[str, Any]:
    answer = await client.post("/v1/api-keys", json={"name": "looker", "scopes": [*scopes]}, headers=BEARER)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def signed_in(client: httpx2.AsyncClient, key: str, **form: str) -> httpx2.Response:
    return await client.post("/ui/sign-in", data={"key": key, **form}, headers=HERE)


async def test_a_stranger_is_led_to_sign_in_and_back_to_the_page_that_was_wanted(guarded: httpx2.AsyncClient) -> None:
    sent = await guarded.get("/ui/runs?status=failed")
    assert (sent.status_code, sent.headers["location"]) == (303, "/ui/sign-in?next=%2Fui%2Fruns%3Fstatus%3Dfailed")
    asked = await guarded.get(sent.headers["location"])
    assert 'name="next" value="/ui/runs?status=failed"' in asked.text
    entered = await signed_in(guarded, OPERATOR, next="/ui/runs?status=failed")
    assert (entered.status_code, entered.headers["location"]) == (303, "/ui/runs?status=failed")
    cookie = entered.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/ui", "Max-Age=43200"))
    assert OPERATOR not in cookie
    assert (await guarded.get("/ui/runs")).status_code == 200


async def test_the_session_is_of_the_pages_and_not_of_the_api(guarded: httpx2.AsyncClient) -> None:
    await signed_in(guarded, OPERATOR)
    value = guarded.cookies[COOKIE]
    answer = await guarded.get("/v1/runs", headers={"Cookie": f"{COOKIE}={value}"})
    assert answer.status_code == 401


async def test_a_key_that_does_not_hold_or_a_made_up_cookie_opens_nothing(guarded: httpx2.AsyncClient) -> None:
    for key in ("", "wrong", "abk_0123", "x" * 400):
        refused = await signed_in(guarded, key)
        assert refused.status_code == 401
        assert 'role="alert"' in refused.text
        assert "set-cookie" not in refused.headers
    for value in ("gAAAAA", OPERATOR, '"', "a=b; c"):
        answer = await guarded.get("/ui", headers={"Cookie": f"{COOKIE}={value}"})
        assert answer.status_code == 303


async def test_a_revoked_key_ends_its_session(guarded: httpx2.AsyncClient) -> None:
    made = await key_with(guarded, "benchmark:read", "results:read")
    await signed_in(guarded, made["key"])
    assert "looker" in (await guarded.get("/ui")).text
    gone = await guarded.post(f"/v1/api-keys/{made['api_key_id']}/revoke", headers=BEARER)
    assert gone.status_code == 200, gone.text
    assert (await guarded.get("/ui")).status_code == 303


async def test_a_session_may_do_what_its_key_may(guarded: httpx2.AsyncClient) -> None:
    made = await key_with(guarded, "benchmark:read")
    await signed_in(guarded, made["key"])
    refused = await guarded.get("/ui/compare")
    assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "needs the scope results:read" in refused.text
    steered = await guarded.post("/ui/runs/run_1/cancel", headers=HERE)
    assert steered.status_code == 403


async def test_a_form_of_another_site_does_nothing(guarded: httpx2.AsyncClient) -> None:
    await signed_in(guarded, OPERATOR)
    elsewhere: list[dict[str, str]] = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://example.com"},
        {},
    ]
    for headers in elsewhere:
        for address in ("/ui/runs/run_1/cancel", "/ui/sign-out", "/ui/sign-in"):
            answer = await guarded.post(address, data={"key": OPERATOR}, headers=headers)
            assert answer.status_code == 403, (address, headers)
    assert (await guarded.get("/ui")).status_code == 200


async def test_nobody_is_sent_elsewhere_after_signing_in(guarded: httpx2.AsyncClient) -> None:
    for wanted in ("https://example.com/ui", "//example.com", "/ui/..\\x", "/v1/runs", "javascript:x()"):
        entered = await signed_in(guarded, OPERATOR, next=wanted)
        assert (entered.status_code, entered.headers["location"]) == (303, "/ui"), wanted


async def test_signing_out_takes_the_session_away(guarded: httpx2.AsyncClient) -> None:
    await signed_in(guarded, OPERATOR)
    out = await guarded.post("/ui/sign-out", headers=HERE)
    assert out.headers["location"] == "/ui/sign-in"
    assert COOKIE not in guarded.cookies
    assert (await guarded.get("/ui")).status_code == 303


async def test_without_an_operators_key_the_machines_people_need_no_session(api: httpx2.AsyncClient) -> None:
    assert (
        "This machine&#39;s <strong>" in (await api.get("/ui")).text or "This machine's" in (await api.get("/ui")).text
    )
    assert (await api.get("/ui/sign-in?next=/ui/runs")).headers["location"] == "/ui/runs"
    stranger = await api.get("/ui", headers={"Host": "example.com"})
    assert stranger.status_code == 401
    assert "Without BENCHMARK_API_KEY the API answers as" in stranger.text
