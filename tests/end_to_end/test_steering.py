"""Runs steered over HTTP: by whom it may be, whatever process is away at the moment."""

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.end_to_end.machine import Machine
from tests.end_to_end.user import User, visiting
from tests.providers import Asked, Behaviour, Provider, Status
from tests.shapes import Says

pytestmark = pytest.mark.timeout(120)
QUESTIONS = 300
ANSWERED_S = 3.5
"""A look at a run: two seconds for workflows that do not answer, and what a loaded machine adds."""


def sums(url: str, *, name: str = "sums") -> dict[str, Any]:
    rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(QUESTIONS)]
    agent = {"kind": "openai", "model": "sums", "base_url": url}
    return {
        "name": name,
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [{"name": "sums", "agent": agent, "concurrency": 10, "max_attempts": 1}],
        "evaluators": [{"kind": "exact"}],
    }


def doubled(asked: Asked) -> str:
    return str(2 * int(asked.prompt.split("+")[0]))


async def steered(user: User, run_id: str, action: str) -> dict[str, Any]:
    answer = await user.http.post(f"/v1/runs/{run_id}/{action}")
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/runs/{run_id}"
    return answer.json()


async def still(provider: Provider, *, for_s: float = 1.0) -> int:
    """How many calls came in all, once no more come for a while."""
    while True:
        before = len(provider.log)
        await asyncio.sleep(for_s)
        if len(provider.log) == before:
            return before


async def test_a_paused_run_asks_nothing_until_it_is_resumed(user: User) -> None:
    async with Provider(doubled, latency_s=0.05) as provider:
        run_id = await user.submit(sums(provider.url))
        await provider.asked(20)
        await steered(user, run_id, "pause")
        run = await user.until(run_id, "paused", within_s=10)
        assert run["live"] is True
        assert 20 <= await still(provider) < QUESTIONS
        again = await user.http.post(f"/v1/runs/{run_id}/pause")
        assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
        assert again.json()["detail"] == "The run is paused; pause is possible while a run is processing, queued."
        await steered(user, run_id, "resume")
        run = await user.ended(run_id)
    assert (run["status"], run["counts"]["answered"], len(provider.log)) == ("completed", QUESTIONS, QUESTIONS)


async def test_a_cancelled_run_stops_within_seconds_and_keeps_its_figures(user: User) -> None:
    async with Provider(doubled, latency_s=0.05) as provider:
        run_id = await user.submit(sums(provider.url))
        await provider.asked(20)
        await steered(user, run_id, "cancel")
        run = await user.until(run_id, "cancelled", within_s=10)
        asked = await still(provider)
    assert 20 <= asked == run["counts"]["answered"] < QUESTIONS
    figures = await user.results(run_id)
    assert figures["metrics"]["accuracy"] == pytest.approx(figures["metrics"]["accuracy"] | {"value": 1.0, "n": asked})
    assert (await user.http.post(f"/v1/runs/{run_id}/resume")).status_code == 409


async def test_retry_asks_only_what_failed(user: User) -> None:
    broken = True

    def answer(asked: Asked) -> Behaviour:
        number = int(asked.prompt.split("+")[0])
        return Status(400, "Not today.") if broken and number % 10 == 3 else Says(str(2 * number))

    async with Provider(answer) as provider:
        run_id = await user.submit(sums(provider.url))
        run = await user.ended(run_id)
        assert (run["status"], run["counts"]["failed"], run["validity"]) == ("completed", 30, "partial")
        broken = False
        await steered(user, run_id, "retry")
        run = await user.until(run_id, "completed", within_s=30)
    assert (run["counts"]["answered"], run["counts"]["failed"], run["validity"]) == (QUESTIONS, 0, "valid")
    calls = Counter(asked.prompt for asked in provider.log)
    assert Counter(calls.values()) == {1: QUESTIONS - 30, 2: 30}


async def test_without_a_worker_the_record_answers_and_what_was_steered_is_done_later(machine: Machine) -> None:
    api = await machine.start_api()
    async with visiting(api.url) as user, Provider(doubled) as provider:
        paused, cancelled, plain = [await user.submit(sums(provider.url, name=name)) for name in ("a", "b", "c")]
        began = time.monotonic()
        run = await user.run(plain)
        assert time.monotonic() - began < ANSWERED_S
        assert (run["live"], run["status"], run["progress"]) == (False, "queued", 0.0)
        await steered(user, paused, "pause")
        await steered(user, cancelled, "cancel")
        machine.start_worker()
        assert (await user.ended(plain))["status"] == "completed"
        assert (await user.until(cancelled, "cancelled", within_s=20))["counts"]["answered"] == 0
        assert (await user.until(paused, "paused", within_s=20))["counts"]["answered"] == 0
        assert len(provider.log) == QUESTIONS


async def test_two_apis_serve_one_run_that_outlives_them_and_its_worker(machine: Machine) -> None:
    first, second = await asyncio.gather(machine.start_api(), machine.start_api())
    worker = machine.start_worker()
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(Provider(doubled, latency_s=0.1))
        users = [await stack.enter_async_context(visiting(api.url)) for api in (first, second)]
        run_id = await posted_everywhere(users, sums(provider.url))
        await provider.asked(20)
        machine.kill(first.process)
        machine.kill(worker)
        began = time.monotonic()
        run = await users[1].run(run_id)
        assert time.monotonic() - began < ANSWERED_S
        assert (run["live"], run["status"]) == (False, "processing")
        assert 0 < run["counts"]["answered"] < QUESTIONS
        machine.start_worker()
        third, _ = await asyncio.gather(machine.start_api(), steered(users[1], run_id, "pause"))
        user = await stack.enter_async_context(visiting(third.url))
        assert (await user.until(run_id, "paused", within_s=30))["counts"]["answered"] < QUESTIONS
        await steered(user, run_id, "resume")
        run = await user.ended(run_id)
        assert (run["status"], run["error"], run["counts"]["answered"]) == ("completed", None, QUESTIONS)
        assert [one["run_id"] for one in (await users[1].look("/v1/runs"))["items"]] == [run_id]
    calls = Counter(asked.prompt for asked in provider.log)
    assert len(calls) == QUESTIONS
    assert calls.total() - QUESTIONS <= 10


async def posted_everywhere(users: list[User], body: dict[str, Any]) -> str:
    """The one run that comes of posting it again and again, to every API at once, with one key."""
    headers = {"Idempotency-Key": "nightly"}
    answers = await asyncio.gather(
        *(user.http.post("/v1/runs", json=body, headers=headers) for user in users for _ in range(5))
    )
    assert {answer.status_code for answer in answers} <= {202, 409}
    accepted = {answer.json()["run_id"] for answer in answers if answer.status_code == 202}
    replayed = await users[-1].http.post("/v1/runs", json=body, headers=headers)
    assert replayed.headers["idempotency-replayed"] == "true"
    assert accepted == {replayed.json()["run_id"]}
    return accepted.pop()
