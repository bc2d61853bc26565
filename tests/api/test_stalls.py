"""Runs that stand still: what keeps them is named on the run and as an event, by whichever process keeps watch."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from cli.embedded.temporal import TemporalServer
from core.runs import ENDED
from core.settings import Settings
from tests.api.conftest import served
from tests.api.live import asking, submitted, until, with_temporal, working
from tests.providers import Hangs, Provider
from tests.proxies import Proxy
from worker.pulse import pulsing

DEADLINE_S = 6.0


@pytest.fixture
def settings(settings: Settings, temporal_server: TemporalServer) -> Settings:
    watching = {"api_watches": True, "stall_deadline_s": DEADLINE_S}
    return with_temporal(settings, temporal_server).model_copy(update=watching)


async def stalled(api: httpx2.AsyncClient, run_id: str, cause: str) -> dict[str, Any]:
    """The run's stall once it is of this cause, which an event must have told within twice the deadline."""
    async with asyncio.timeout(30):
        while True:
            stall = (await api.get(f"/v1/runs/{run_id}/waiting")).json()["stalled"]
            if stall is not None and stall["cause"] == cause:
                break
            await asyncio.sleep(0.2)
    told = (await api.get(f"/v1/runs/{run_id}/events", params={"type": "run.stalled"})).json()["items"]
    # On a busy machine a call may get through in between, and the stall be told anew.
    *_, at = [event["time"] for event in told if event["data"]["cause"] == cause]
    after = datetime.fromisoformat(at) - datetime.fromisoformat(stall["since"])
    assert timedelta(seconds=DEADLINE_S) <= after <= 2 * timedelta(seconds=DEADLINE_S)
    return stall


async def test_a_run_without_a_worker_says_so_and_goes_on_with_one(settings: Settings) -> None:
    async with served(settings) as api, working(settings) as worker, Provider("Paris") as provider:
        run_id = await submitted(api, asking(provider))
        stall = await stalled(api, run_id, "no_worker")
        assert stall["reason"] == (
            f"No worker is there for the task queue '{settings.task_queue}'; none was there lately."
        )
        assert (await api.get(f"/v1/runs/{run_id}")).json()["stalled"] == stall
        async with pulsing(settings.database_url, "a test", task_queue=settings.task_queue):
            await worker.start()
            run = await until(api, run_id, *ENDED)
        assert (run["status"], run["stalled"]) == ("completed", None)


async def test_dead_providers_and_stuck_judges_are_told_apart(settings: Settings) -> None:
    rows = [{"input": f"{number}", "expected": "x"} for number in range(400)]
    many = {"dataset": {"source": {"kind": "inline", "rows": rows}}}
    async with (
        served(settings) as api,
        pulsing(settings.database_url, "a test", task_queue=settings.task_queue),
        working(settings) as worker,
        Provider("x", latency_s=0.05) as dying,
        Provider("Paris") as lively,
        Provider(lambda _: Hangs()) as hanging,
    ):
        await worker.start()
        judge = {"name": "judge", "agent": {"kind": "openai", "model": "j", "base_url": hanging.url}}
        judged = {"kind": "judge", "mode": "pointwise", "rubric": "Right?", "judges": [judge]}
        runs = {
            "provider": await submitted(api, asking(dying, **many)),
            "agent": await submitted(api, asking(hanging)),
            "judge": await submitted(api, asking(lively, evaluators=[judged])),
        }
        await dying.asked(3)
        await dying.__aexit__(None, None, None)
        found = {cause: await stalled(api, run_id, cause) for cause, run_id in runs.items()}
        assert "does not accept connections" in found["provider"]["reason"]
        assert found["agent"]["reason"].endswith(" of 'lab' without an answer; one may take 120 s.")
        assert found["judge"]["reason"].startswith("Everything is asked; 2 answers are still to be judged")
        for run_id in runs.values():
            await api.post(f"/v1/runs/{run_id}/cancel")


async def test_limits_and_slow_datasets_are_told_apart(settings: Settings) -> None:
    async with (
        served(settings) as api,
        pulsing(settings.database_url, "a test", task_queue=settings.task_queue),
        working(settings) as worker,
        Provider("Paris") as limited,
        Provider(lambda _: Hangs()) as silent,
    ):
        rule = {"origin": limited.url, "requests_per_minute": 1}
        assert (await api.post("/v1/limits", json=rule)).status_code == 201
        await worker.start()
        rows = [{"input": f"{number}", "expected": "x"} for number in range(20)]
        many = {"dataset": {"source": {"kind": "inline", "rows": rows}}}
        far = {"dataset": {"source": {"kind": "url", "url": f"{silent.root}/rows.jsonl"}}}
        runs = {
            "limits": await submitted(api, asking(limited, **many)),
            "preparation": await submitted(api, asking(limited, **far)),
        }
        found = {cause: await stalled(api, run_id, cause) for cause, run_id in runs.items()}
        assert "They wait for their turn, within the limits of the key." in found["limits"]["reason"]
        assert found["preparation"]["reason"].startswith("Its questions are being prepared.")
        for run_id in runs.values():
            await api.post(f"/v1/runs/{run_id}/cancel")


async def test_temporal_that_does_not_answer_is_named(settings: Settings) -> None:
    async with (
        Proxy(settings.temporal_address) as link,
        served(settings.model_copy(update={"temporal_address": link.address})) as api,
        pulsing(settings.database_url, "a test", task_queue=settings.task_queue),
        working(settings) as worker,
        Provider(lambda _: Hangs()) as hanging,
    ):
        await worker.start()
        run_id = await submitted(api, asking(hanging))
        await hanging.asked(1)
        link.cut()
        assert (await stalled(api, run_id, "temporal"))["reason"] == (
            "Temporal does not answer, so no step of it can begin."
        )
        link.mend()
        await api.post(f"/v1/runs/{run_id}/cancel")
