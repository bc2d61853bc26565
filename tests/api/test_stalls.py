"""Runs that stand still: what keeps them is named on the run and as an event, by whichever process keeps watch."""

import asyncio
from typing import Any

import httpx2
import pytest

from cli.embedded.temporal import TemporalServer
from core.runs import ENDED
from core.settings import Settings
from tests.api.conftest import served
from tests.api.live import asking, submitted, until, with_temporal, working
from tests.providers import Hangs, Provider
from worker.pulse import pulsing

DEADLINE_S = 2.0


@pytest.fixture
def settings(settings: Settings, temporal_server: TemporalServer) -> Settings:
    watching = {"api_watches": True, "stall_deadline_s": DEADLINE_S}
    return with_temporal(settings, temporal_server).model_copy(update=watching)


async def stalled(api: httpx2.AsyncClient, run_id: str, cause: str) -> dict[str, Any]:
    """The run's stall once it is of this cause, which an event must tell as well. Others may come first."""
    async with asyncio.timeout(30):
        while True:
            stall = (await api.get(f"/v1/runs/{run_id}/waiting")).json()["stalled"]
            if stall is not None and stall["cause"] == cause:
                break
            await asyncio.sleep(0.2)
    told = (await api.get(f"/v1/runs/{run_id}/events", params={"type": "run.stalled"})).json()["items"]
    assert cause in [event["data"]["cause"] for event in told]
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
