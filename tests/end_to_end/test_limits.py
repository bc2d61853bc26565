"""Runs that share a provider key, on several workers, against limits they are not told."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from core.fairness import jain
from core.limits import Limits
from tests.end_to_end.machine import Machine
from tests.providers import Asked, Behaviour, Provider, Status
from tests.token_bucket import Refusing, TokenBucket

pytestmark = pytest.mark.timeout(150)
PER_S = 25.0


def doubled(asked: Asked) -> str:
    return str(2 * int(asked.prompt.split("+")[0]))


def sums(url: str, questions: int, *, name: str = "sums", **agent: Any) -> dict[str, Any]:
    """The run's name travels in the system message, so that the provider's log tells whose call it was."""
    rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(questions)]
    spec = {"kind": "openai", "model": "sums", "base_url": url}
    return {
        "name": name,
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "prompt": {"system": name},
        "agents": [{"name": "sums", "agent": spec, "concurrency": 30, "max_attempts": 1} | agent],
        "evaluators": [{"kind": "exact"}],
    }


async def test_three_runs_share_a_hidden_limit_evenly_and_lose_no_case(machine: Machine) -> None:
    """Scaled down to half a minute. How much of the allowed rate is used, and that at most 3 % of the calls are refused
    then, is measured by `benchmarks/limits.py`, where nothing else runs; here, among tests that make answers late, only
    that nobody starves and that the limit is not run against again and again."""
    questions, settled_s, measured_s = 320, 18.0, 35.0
    refusing = Refusing(TokenBucket(PER_S, capacity=10), doubled)
    async with Provider(refusing, latency_s=0.2) as provider:
        for _ in range(3):
            machine.start_worker()
        await machine.polled_by(3)
        names = ("one", "two", "three")
        runs = [await machine.submit(sums(provider.url, questions, name=name)) for name in names]
        ended = await asyncio.gather(*(machine.ended(run_id) for run_id in runs))
    let_in, refused = refusing.during(settled_s, measured_s)
    assert [(run.status, run.counts.answered, run.counts.failed) for run in ended] == [("completed", questions, 0)] * 3
    assert let_in.total() >= 0.5 * PER_S * (measured_s - settled_s)
    assert refused <= 0.06 * (let_in.total() + refused)
    assert jain([let_in[name] for name in names]) > 0.95


async def test_a_limit_of_the_operator_is_kept_over_all_workers(machine: Machine) -> None:
    async with Provider(doubled, latency_s=0.3) as provider:
        for _ in range(2):
            machine.start_worker()
        await machine.polled_by(2)
        limits = Limits(in_flight=3).model_dump(exclude_none=True)
        run_id = await machine.submit(sums(provider.url, 60, limits=limits))
        run = await machine.ended(run_id)
    assert run.counts.answered == 60
    assert provider.most_in_flight == 3


async def test_an_exhausted_account_pauses_the_run_and_is_left_alone_until_somebody_resumes(machine: Machine) -> None:
    paid = asyncio.Event()

    def answer(asked: Asked) -> str | Behaviour:
        if paid.is_set() or len(provider.log) <= 20:
            return doubled(asked)
        return Status(429, "You exceeded your current quota.", code="insufficient_quota")

    async with Provider(answer, latency_s=0.05) as provider:
        machine.start_worker()
        run_id = await machine.submit(sums(provider.url, 100, concurrency=5))
        run = await machine.until(run_id, "paused", "failed", "completed")
        asked = len(provider.log)
        await asyncio.sleep(2)
        assert len(provider.log) == asked <= 20 + 10
        assert run.status == "paused"
        assert run.error is not None
        assert "no credit or quota left" in run.error
        paid.set()
        await asyncio.sleep(9)
        await machine.client.get_workflow_handle(run_id).signal("resume")
        run = await machine.ended(run_id)
    assert (run.status, run.counts.answered) == ("completed", 100)


async def test_a_provider_that_breaks_down_costs_no_case_and_is_tried_by_single_calls(machine: Machine) -> None:
    down = asyncio.Event()

    def answer(asked: Asked) -> str | Behaviour:
        return Status(503, "Down for maintenance.") if down.is_set() else doubled(asked)

    async with Provider(answer, latency_s=0.05) as provider:
        machine.start_worker()
        run_id = await machine.submit(sums(provider.url, 300, concurrency=5, max_attempts=5))
        await machine.settled(run_id, 50)
        down.set()
        before = len(provider.log)
        await asyncio.sleep(8)
        tried = len(provider.log) - before
        [(state, reason)] = await machine.rows(
            "select state -> 'circuit' ->> 'opened_at', reason from provider_keys join provider_stakes using (key_id)"
        )
        down.clear()
        run = await machine.ended(run_id)
    assert (run.status, run.counts.answered, run.counts.failed) == ("completed", 300, 0)
    assert state is not None
    assert "Down for maintenance" in reason
    # Ten in a row open the breaker, with what was in flight; then one call after 1, 2 and 4 seconds.
    assert tried <= 10 + 2 * 5 + 4
    assert Counter(asked.prompt for asked in provider.log).most_common(1)[0][1] <= 12
