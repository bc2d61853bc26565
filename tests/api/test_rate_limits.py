"""How many requests are taken of one sender: by key wherever it sends from, else by address, refused ones included."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from api.bounds import LARGEST_HEADERS, LONGEST_ADDRESS
from api.key_text import new_key
from api.rate_limits import Buckets, Policy
from core.ids import new_id
from core.settings import Settings
from tests.api.conftest import problem, served

OPERATORS = {"Authorization": "Bearer operators-own"}
WRONG = {"Authorization": "Bearer wrong"}
QUOTA = 6


@pytest.fixture
def settings(settings: Settings) -> Settings:
    changes = {
        "api_key": SecretStr("operators-own"),
        "requests_per_minute_per_key": QUOTA,
        "requests_per_minute_per_address": QUOTA,
        "max_body_bytes": 1000,
    }
    return settings.model_copy(update=changes)


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(settings) as client:
        yield client


def remaining(answer: httpx2.Response) -> int:
    return int(answer.headers["ratelimit"].partition("r=")[2].partition(";")[0])


async def test_one_too_many_is_told_when_to_come_back(api: httpx2.AsyncClient) -> None:
    taken = [await api.get("/v1/evaluators", headers=OPERATORS) for _ in range(QUOTA)]
    assert {answer.status_code for answer in taken} == {200}
    assert [remaining(answer) for answer in taken] == [5, 4, 3, 2, 1, 0]
    assert taken[0].headers["ratelimit-policy"] == f'"key";q={QUOTA};w=60'
    refused = await api.get("/v1/evaluators", headers=OPERATORS)
    said = problem(refused, 429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 10, "one of six a minute comes back in ten seconds"
    assert said["detail"].startswith("More than 6 requests a minute came by one key")
    assert refused.headers["ratelimit"].startswith('"key";r=0;t=')
    for path in ("/health", "/metrics"):
        answer = await api.get(path, headers=OPERATORS)
        assert (answer.status_code, "ratelimit" in answer.headers) == (200, False), "who watches is always let in"


async def test_keys_and_addresses_have_quotas_of_their_own(api: httpx2.AsyncClient) -> None:
    body = {"name": "dashboard", "scopes": ["benchmark:read"]}
    key = (await api.post("/v1/api-keys", json=body, headers=OPERATORS)).json()["key"]
    for _ in range(QUOTA):
        problem(await api.get("/v1/runs", headers=WRONG), 401, "unauthenticated")
    refused = await api.get("/v1/runs", headers=WRONG)
    problem(refused, 429, "too-many-requests")
    assert refused.headers["ratelimit-policy"].startswith('"address"')
    answer = await api.get("/v1/runs", headers=OPERATORS)
    assert (answer.status_code, remaining(answer)) == (200, 4)
    # A key that nobody has seen costs a look at the database: not for an address that guesses.
    problem(await api.get("/v1/runs", headers={"Authorization": f"Bearer {key}"}), 429, "too-many-requests")


async def test_a_stored_key_is_counted_by_itself(api: httpx2.AsyncClient) -> None:
    body = {"name": "dashboard", "scopes": ["benchmark:read"]}
    key = (await api.post("/v1/api-keys", json=body, headers=OPERATORS)).json()["key"]
    mine = {"Authorization": f"Bearer {key}"}
    assert [remaining(await api.get("/v1/runs", headers=mine)) for _ in range(3)] == [5, 4, 3]
    assert remaining(await api.get("/v1/runs", headers=OPERATORS)) == 4
    # The first look for it was the address's.
    assert remaining(await api.get("/v1/runs", headers=WRONG)) == 4


async def test_keys_that_are_made_up_are_counted_once_each(api: httpx2.AsyncClient) -> None:
    guesses = [{"Authorization": f"Bearer {new_key(new_id('apikey'))}"} for _ in range(QUOTA)]
    answers = await asyncio.gather(*(api.get("/v1/runs", headers=each) for each in guesses))
    assert {answer.status_code for answer in answers} == {401}
    assert sorted(remaining(answer) for answer in answers) == [0, 1, 2, 3, 4, 5]


REFUSED_EARLY: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "an address that is too long": (414, "GET", f"/v1/runs?cursor={'a' * LONGEST_ADDRESS}", {}),
    "headers that are too large": (431, "GET", "/v1/runs", {"headers": {f"x-{n}": "a" * 9000 for n in range(8)}}),
    "an address that is no text": (400, "GET", "/v1/runs/%ff", {}),
    "a body that is too large": (413, "POST", "/v1/runs", {"content": b"x" * 1001}),
}


async def test_what_is_refused_early_is_counted_as_everything_else(api: httpx2.AsyncClient) -> None:
    assert LARGEST_HEADERS < 8 * 9000
    told: list[int] = []
    for status, method, path, sent in REFUSED_EARLY.values():
        answer = await api.request(method, path, **sent)
        assert answer.status_code == status, answer.text
        told.append(remaining(answer))
    assert told == [5, 4, 3, 2]


def test_what_was_used_comes_back_evenly() -> None:
    buckets = Buckets(Policy("key", 60, 60.0), most=2)
    assert [buckets.take("a", 0.0).allowed for _ in range(61)] == [True] * 60 + [False]
    assert buckets.take("a", 0.5).next_in_s == pytest.approx(0.5)
    assert buckets.take("a", 1.0).allowed
    for other in ("b", "c"):
        assert buckets.take(other, 1.0).remaining == 59
    assert len(buckets) == 2, "the one that was used longest ago is forgotten"
